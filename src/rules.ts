import type { Reach } from './contracts.js'
import type { Ttl } from './lifetime.js'
import { parseTtl, reachesTo } from './lifetime.js'

/** What a registry says of one key. */
export interface Rule {
  /** Over the storage's `ttl`, under that of a write. */
  ttl?: Ttl
  /** Tier names: the key's own chain, in its own order. It goes nowhere else. */
  tiers?: readonly string[]
  /** The stored name, after the namespace. Default: the key. Two keys may share one under different paths. */
  name?: string
  /** The Path of its cookie (RFC 6265 §5.2.4), over that of the cookie tier; other tiers have no paths. */
  path?: string
  /** Goes first where it is known, or may be found, to reach so far; anywhere narrower only where none of those takes it. */
  reach?: Reach
  /** Who must allow it: `'necessary'`, `'functional'`, `'analytics'`, `'marketing'` or a name of yours. */
  category?: string
  /** Why it exists, in words for the visitor. */
  purpose?: string
  /** Never stored in the clear anywhere but memory. */
  secret?: boolean
}

/** A rule that knows the type of its value. */
export interface Key<Value> extends Rule {
  /** Not there at run time: it carries the type. */
  readonly value?: Value
}

export type Rules = Readonly<Record<string, Key<unknown>>>

/** The values that a registry declares. */
export type ValuesOf<Declared extends Rules> = { [Name in keyof Declared]: Declared[Name] extends Key<infer Value> ? Value : never }

const FIELDS = ['ttl', 'tiers', 'name', 'path', 'reach', 'category', 'purpose', 'secret']

/**
 * One key's rule, with the type of its value.
 *
 * @example
 * import { key } from 'holdfast'
 * key<string>({ ttl: '1d', purpose: 'Keeps the conversation' }).ttl // => '1d'
 */
export const key = <Value>(rule: Rule = {}): Key<Value> => rule

/**
 * A registry: only its keys exist in a storage that is given it, each with its own rule. Checked at once;
 * throws a TypeError or RangeError that names the key and the field.
 *
 * @example
 * import { createStorage, defineKeys, key, memoryTier } from 'holdfast'
 * const keys = defineKeys({ token: key<string>({ ttl: '1d', tiers: ['memory'] }) })
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [memoryTier()], keys })
 * await storage.set('token', 'abc')
 * await storage.get('token') // => 'abc'
 */
export const defineKeys = <Declared extends Rules>(rules: Declared): Declared => {
  const stored = new Set<string>()
  for (const [name, rule] of Object.entries(rules)) {
    for (const field of Object.keys(rule))
      if (!FIELDS.includes(field)) throw new TypeError(`keys.${name}: unknown field ${field}`)
    if (rule.ttl !== undefined) parseTtl(rule.ttl, `keys.${name}.ttl`)
    if (rule.tiers && (!rule.tiers.length || new Set(rule.tiers).size < rule.tiers.length))
      throw new RangeError(`keys.${name}.tiers: expected one or more names, each once`)
    if (rule.reach && !reachesTo(rule.reach, 'page')) throw new RangeError(`keys.${name}.reach: not 'page', 'tab', 'origin' or 'site'`)
    if (rule.path && !/^\/[!-:<-~]*$/.test(rule.path)) throw new RangeError(`keys.${name}.path: not like '/chat'`)
    const place = (rule.name ?? name) + '\n' + (rule.path ?? '')
    if (rule.name === '' || stored.has(place)) throw new RangeError(`keys.${name}.name: empty, or another key's`)
    stored.add(place)
  }
  return rules
}
