import type { Env, Tier } from './contracts.js'
import type { Codec } from './json.js'
import type { Term, Ttl } from './lifetime.js'
import { LONGEST, parseTtl } from './lifetime.js'
import type { Link } from './link.js'
import type { Route } from './route.js'
import type { Rule, Rules } from './rules.js'

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

const NAMES = ['namespace', 'tiers', 'keys', 'ttl', 'idle', 'codec', 'deadline', 'now', 'env']

/** Throws a TypeError or RangeError that names the argument, before anything is touched. */
export const checkOptions = ({ namespace, tiers, keys, ttl, idle, deadline = 1, ...rest }: StorageOptions): void => {
  // An option that this version does not know may be a promise that it could not keep.
  for (const name of Object.keys(rest)) if (!NAMES.includes(name)) throw new TypeError(`${name}: unknown option`)
  if (typeof namespace !== 'string') throw new TypeError('namespace: expected a string')
  if (/[.\p{Cs}]/u.test(namespace)) throw new RangeError("namespace: '.' ends it, and lone surrogates cannot be kept; use '-'")
  if (!namespace && (!keys || idle)) throw new TypeError("namespace: '' needs keys, and cannot be idle")
  if (!Array.isArray(tiers) || !tiers.length) throw new RangeError('tiers: expected one or more')
  const names = tiers.map(({ name }) => name)
  for (const name of names) if (names.indexOf(name) < names.lastIndexOf(name)) throw new RangeError(`tiers: ${name} stands there twice`)
  if (!(deadline > 0)) throw new RangeError('deadline: expected ms above 0')
  if (ttl !== undefined) parseTtl(ttl)
  if (idle !== undefined && !parseTtl(idle, 'idle').ms) throw new RangeError('idle: expected a span of time')
  for (const [key, rule] of Object.entries(keys ?? {}))
    for (const tier of rule.tiers ?? []) if (!names.includes(tier)) throw new RangeError(`keys.${key}.tiers: ${tier} is not among the storage's tiers`)
}

/** How a key finds its way: its own chain and lifetime, or the storage's. */
export const createWays = ({ namespace, keys, ttl = 'forever' }: StorageOptions, links: readonly Link[]) => {
  const rules = keys && new Map<string, Rule>(Object.entries(keys))
  const start = namespace && namespace + '.'
  /** `undefined`: the registry does not know it. */
  const wayOf = (key: string): Way | undefined => {
    if (typeof key !== 'string') throw new TypeError('key: expected a string')
    if (!key || /\p{Cs}/u.test(key)) throw new RangeError('key: must not be empty or hold a lone surrogate')
    const rule: Rule | undefined = rules ? rules.get(key) : {}
    if (!rule) return
    const term = parseTtl(rule.ttl ?? ttl, `keys.${key}.ttl`)
    const chain = rule.tiers?.map((name) => links.find(({ tier }) => tier.name === name)!) ?? links
    return { name: start + key, links: chain, life: term.ms ?? LONGEST, secret: !!rule.secret, term }
  }
  return { wayOf, start, declared: rules && [...rules.keys()] }
}
