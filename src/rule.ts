import type { MaybePromise, Reach } from './contracts.js'
import type { Ttl } from './lifetime.js'

/** Any validator of the Standard Schema: of zod, valibot, arktype and others (standardschema.dev). */
export interface Schema<Value = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => MaybePromise<{ readonly value: Value; readonly issues?: undefined } | { readonly issues: readonly { readonly message: string }[] }>
  }
}

/** What older code left under its own name and format; `legacy` makes one for the usual places. */
export interface Adoption<Value = unknown> {
  /** `undefined`: there is nothing, or nothing that can be read. */
  read(): MaybePromise<Value | undefined>
  remove(): MaybePromise<void>
  /** For the documents. */
  readonly tier?: string
  readonly name?: string
}

/** What the visitor is told; nothing of it changes what is stored but the category, where there is a consent. */
export interface Facts {
  /** Who must allow it: `'necessary'`, `'functional'`, `'analytics'`, `'marketing'` or a name of yours. */
  category?: string
  /** Why it exists, in words for the visitor. */
  purpose?: string
  /** The personal data in it, in words. `undefined`: none. */
  personalData?: string
  /** When it is set, in words. `undefined`: always. */
  condition?: string
  /** How long it is kept, in words, where `ttl` cannot tell: when a function decides, or something else ends it. */
  retention?: string
  /** The part of the software that sets it. */
  source?: string
}

/** What a registry says of one key. */
// A rule that does not know its value's type takes a rule of any.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface Rule<Value = any> extends Facts {
  /** Over the storage's `ttl`, under that of a write. A function decides anew at each write. */
  ttl?: Ttl | ((value: Value) => Ttl)
  /** Each read gives it its lifetime anew, once a tenth of that is over. */
  sliding?: boolean
  /** Removed when it is used: `get` is `take`. */
  once?: boolean
  /** Tier names: the key's own chain, in its own order. It goes nowhere else. */
  tiers?: readonly string[]
  /** The stored name, after the namespace. Default: the key. Two keys may share one under different paths. */
  name?: string
  /** The Path of its cookie (RFC 6265 §5.2.4), over that of the cookie tier; other tiers have no paths. */
  path?: string
  /** Goes first where it is known, or may be found, to reach so far; anywhere narrower only where none of those takes it. */
  reach?: Reach
  /** Never stored in the clear anywhere but memory. */
  secret?: boolean
  /** The version of the value's form, 1 or more. A value of another one is given to `migrate`, or reads as absent. */
  version?: number
  /** Makes a value of an earlier version one of this; `from` is 0 where it had none. What it throws makes it absent. */
  migrate?: (value: unknown, from: number) => MaybePromise<Value>
  /** What does not validate reads as absent and is reported, and is not written. */
  schema?: Schema<Value>
  /** Taken over once, where the key has no value yet, and then removed. */
  adopt?: Adoption<Value>
}

/** A rule that knows the type of its value. */
export interface Key<Value> extends Rule<Value> {
  /** Not there at run time: it carries the type. */
  readonly value?: Value
}

/** Something that a server or a third party sets: declared for the documents, and never written or read. */
export interface External extends Facts {
  readonly external: true
  /** Default: the key. `*` stands for any text. */
  name?: string
  /** Where it is kept. Default `'cookie'`. */
  tier?: string
  /** `undefined`: not known. */
  ttl?: Ttl
  /** Who sets it: the site that is visited, or somebody else. Default `'first'`. */
  party?: 'first' | 'third'
  /** The domain or the name of whoever sets it. */
  provider?: string
  path?: string
  /** No script can read it. */
  httpOnly?: boolean
}

// A key of one type is a key of any type to who only lists them.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Rules = Readonly<Record<string, Key<any> | External>>

/** The values that a registry declares. */
export type ValuesOf<Declared extends Rules> = {
  [Name in keyof Declared as Declared[Name] extends External ? never : Name]: Declared[Name] extends Key<infer Value> ? Value : never
}

/** Whether an entry of a registry is somebody else's. */
export const isExternal = (rule: Key<unknown> | External): rule is External => 'external' in rule

/**
 * One key's rule, with the type of its value.
 *
 * @example
 * import { key } from 'holdfast'
 * key<string>({ ttl: '1d', purpose: 'Keeps the conversation' }).ttl // => '1d'
 */
export const key = <Value>(rule: Rule<Value> = {}): Key<Value> => rule

/**
 * Declares what a server or a third party sets, so that the documents name it. It is no key of a storage.
 *
 * @example
 * import { external } from 'holdfast'
 * external({ name: '_gat_gtag_UA_*', ttl: '1m', party: 'third', category: 'analytics' }).external // => true
 */
export const external = (facts: Omit<External, 'external'> = {}): External => ({ ...facts, external: true })
