import type { Ttl } from './lifetime.js'
import { parseTtl } from './lifetime.js'

/** What a registry says of one key. */
export interface Rule {
  /** Over the storage's `ttl`, under that of a write. */
  ttl?: Ttl
  /** Tier names: the key's own chain, in its own order. It goes nowhere else. */
  tiers?: readonly string[]
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

const FIELDS = ['ttl', 'tiers', 'category', 'purpose', 'secret']

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
  for (const [name, rule] of Object.entries(rules)) {
    for (const field of Object.keys(rule))
      if (!FIELDS.includes(field)) throw new TypeError(`keys.${name}: unknown field ${field}`)
    if (rule.ttl !== undefined) parseTtl(rule.ttl, `keys.${name}.ttl`)
    if (rule.tiers && (!rule.tiers.length || new Set(rule.tiers).size < rule.tiers.length))
      throw new RangeError(`keys.${name}.tiers: expected one or more names, each once`)
  }
  return rules
}
