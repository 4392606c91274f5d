import type { Route } from './route.js'
import type { Consent, Env, Seal, Tier } from './contracts.js'
import type { Codec } from './json.js'
import type { Term, Ttl } from './lifetime.js'
import { LONGEST, parseTtl } from './lifetime.js'
import type { Link } from './link.js'
import type { Refinement } from './refinement.js'
import type { Adoption, Rules } from './rule.js'

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
  /** Who allows which category; it needs keys that name one each. Default: everything is allowed. */
  consent?: Consent
  /** For keys whose rule says `secret`. Without one they are kept in memory alone. */
  seal?: Seal
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
  term(value: unknown): Term
  sliding?: boolean | undefined
  once?: boolean | undefined
  category?: string | undefined
  refinement: Refinement
  adopt?: Adoption | undefined
  /** This one leads into the page's memory until there is consent; where it leads then. */
  held?: Way
  /** Every tier, as this key sees it: a release before this one may have kept it where its rule does not let it go now. */
  everywhere: readonly Link[]
}

/** With `u` a pair is one character, so that these stand for themselves. */
export const LONE = /[\ud800-\udfff]/u

export const expect = (fine: unknown, complaint: string): void => {
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
  const { namespace, tiers, keys, ttl = 1, idle, consent, seal, codec, deadline = 1, now, env, ...rest } = options
  for (const name in rest) throw new TypeError(name + ': unknown option')
  expectText(namespace, 'namespace')
  expect(!namespace.includes('.'), "namespace: a '.' ends it")
  expect(namespace || (keys && !idle), "namespace: '' needs keys, and no idle")
  const names = tiers?.map(({ name }) => name)
  expect(names?.length && new Set(names).size === names.length, 'tiers: one or more, no name twice')
  expect(deadline > 0, 'deadline: ms above 0')
  parseTtl(ttl)
  expect(!idle || parseTtl(idle, 'idle').ms, 'idle: a span of time')
  for (const [argument, part] of Object.entries({ consent, seal })) expect(!part || keys, argument + ': needs keys')
}

/** How a key finds its way: as its rule says, or as all do where there is no registry. */
export const createWays = ({ tiers, ttl = 'forever' }: StorageOptions, start: string, linkOf: (tier: Tier) => Link, declared?: readonly Way[]) => {
  const links = tiers.map(linkOf)
  const given = parseTtl(ttl)
  const life = given.ms ?? LONGEST
  const refinement = {}
  const term = (): Term => given
  /** Not spread from one: that takes a quarter of a `get` from memory. */
  const plainly = (key: string): Way => ({ key, name: start + key, links, everywhere: links, life, refinement, term })
  const named = new Map<string, Way[]>()
  declared?.forEach((way) => named.set(way.name, [...(named.get(way.name) ?? []), way]))
  const keyed = declared && new Map(declared.map((way) => [way.key, way]))
  return {
    declared,
    wayOf: (key: string): Way | undefined => (keyed ? keyed.get(key) : plainly(key)),
    /** The ways of a stored name: several keys may share it, and none may declare it. */
    waysNamed: (name: string): Way[] => named.get(name) ?? [plainly(name.slice(start.length))],
  }
}

export type Ways = ReturnType<typeof createWays>
