import type { Route } from './chain.js'
import type { Env, Tier } from './contracts.js'
import type { Codec } from './json.js'
import type { Term, Ttl } from './lifetime.js'
import { LONGEST, parseTtl } from './lifetime.js'
import type { Link } from './link.js'
import type { Rules } from './rules.js'

/** What `createStorage` takes; anything else is refused, because it may be a promise that this version cannot keep. */
export interface StorageOptions {
  /** Stored names are `namespace.key`. `''` stores the key's own name as it is, and then needs `keys`. No dots: one ends it. */
  namespace: string
  /** The chain: first choice first, no name twice. */
  tiers: readonly Tier[]
  /** A registry from `defineKeys`; then only its keys exist. */
  keys?: Rules
  /** How long a value lives where neither the write nor its rule says so. Default `'forever'`. */
  ttl?: Ttl
  /** Forgets the whole namespace once unused for this long. Default: never. */
  idle?: Ttl
  /** Default: JSON, strict. */
  codec?: Codec
  /** The ms that one operation of a tier may take. Default 1,500. */
  deadline?: number
  /** The clock, in ms since 1970. Default `Date.now`. */
  now?: () => number
  /** Where timers and page events are looked up. Each tier takes an `env` of its own. Default `globalThis`. */
  env?: Env
}

/** One key's rule, ready for use. */
export interface Way extends Route {
  term: Term
}

const LONE = /\p{Cs}/u

const expect = (fine: unknown, complaint: string): void => {
  if (!fine) throw new RangeError(complaint)
}

const expectText = (text: unknown, argument: string): void => {
  if (typeof text !== 'string') throw new TypeError(argument + ': not a string')
  expect(!LONE.test(text), argument + ': a lone surrogate')
}

/** What every verb asks of a key's name. */
export const checkKey = (key: string): void => {
  expectText(key, 'key')
  expect(key, 'key: empty')
}

/** Throws a TypeError or RangeError that names the argument, before anything is touched. */
export const checkOptions = (options: StorageOptions): void => {
  const { namespace, tiers, keys, ttl = 1, idle, codec, deadline = 1, now, env, ...rest } = options
  for (const name in rest) throw new TypeError(name + ': unknown option')
  expectText(namespace, 'namespace')
  expect(!namespace.includes('.'), "namespace: a '.' ends it")
  expect(namespace || (keys && !idle), "namespace: '' needs keys, and no idle")
  const names = tiers?.map(({ name }) => name)
  expect(names?.length && new Set(names).size === names.length, 'tiers: one or more, no name twice')
  expect(deadline > 0, 'deadline: ms above 0')
  parseTtl(ttl)
  expect(!idle || parseTtl(idle, 'idle').ms, 'idle: a span of time')
  for (const key in keys) {
    const { ttl = 1, tiers } = keys[key]!
    parseTtl(ttl, `keys.${key}.ttl`)
    for (const tier of tiers ?? []) expect(names.includes(tier), `keys.${key}.tiers: no tier ${tier}`)
  }
}

/** How a key finds its way: its own chain and lifetime, or the storage's. */
export const createWays = ({ keys, ttl = 'forever' }: StorageOptions, start: string, links: readonly Link[]) => {
  const rules = keys && new Map(Object.entries(keys))
  return {
    declared: rules && [...rules.keys()],
    wayOf: ((key, any) => {
      const rule = rules && !(any && !rules.has(key)) ? rules.get(key) : {}
      if (!rule) return
      const term = parseTtl(rule.ttl ?? ttl)
      return { name: start + key, links: rule.tiers?.map((name) => links.find(({ tier }) => tier.name === name)!) ?? links, life: term.ms ?? LONGEST, secret: !!rule.secret, term }
    }) as WayOf,
  }
}

/** Finds a key's way; `undefined`: the registry does not know it. `any` asks for one all the same. */
export type WayOf = (key: string, any?: boolean) => Way | undefined
