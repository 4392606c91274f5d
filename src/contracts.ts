import type { StorageError } from './errors.js'

/** How long a place keeps what it is given: this page, this tab, until the browser closes, or the device. */
export type Lifetime = 'page' | 'tab' | 'session' | 'device'

/** Who else can read it: this page, this tab, the origin, or the site with its sibling subdomains. */
export type Reach = 'page' | 'tab' | 'origin' | 'site'

export type MaybePromise<T> = T | Promise<T>

/** What a tier keeps for one name. All times are ms since 1970. */
export interface Entry {
  /** The encoded value; `null` is a tombstone: removed, as of `stamp`. */
  text: string | null
  /** Orders the writes of one name across tiers and tabs. */
  stamp: number
  /** What was asked, not what the tier can do: a cookie tier drops Max-Age for `session`. */
  lifetime: Lifetime
  /** No read answers the text from then on. `undefined`: it does not expire. */
  expires?: number
  /** Until then the entry stands as a tombstone once its text has expired, because an older copy may come back. */
  retain?: number
  /** Set by a read where something of ours or foreign stands that cannot be read: `text` is `null`, `stamp` is 0. */
  corrupt?: true
}

export type Change =
  /** Kept unless the tier holds a later stamp. */
  | { name: string; entry: Entry }
  /**
   * Forgets what is stamped at or below; `0` forgets nothing and asks what stands there. With `bury` (ms since
   * 1970) a value that is forgotten leaves a tombstone of the drop's stamp until then; a tombstone stays as it is.
   */
  | { name: string; drop: number; bury?: number }

/** Done; or the later stamp that stands there (of a `drop: 0`, any stamp); or why not. */
export type Outcome = undefined | number | StorageError

/** What a tier promises; true after `open`. */
export interface Traits {
  /** The lifetimes that the tier can keep, shortest first. */
  lifetimes: readonly Lifetime[]
  /** Who else is known to read it. */
  reach: Reach
  /** Who else may read it, as far as is known: a wider reach that is neither proven nor disproved. */
  mayReach?: Reach
  /** Answers at once, never by a promise. */
  sync?: boolean
  /** The value travels to a server with each request. */
  onWire?: boolean
  /** The most bytes that one entry may take. */
  maxBytes?: number
  /** The longest time, in ms, that the browser lets an entry live here. */
  maxAge?: number
  /** The ms that an operation may take here; over the storage's own `deadline`. */
  deadline?: number
  /** Whether a frame on another domain has been granted its own cookies there (`document.hasStorageAccess`). */
  access?: boolean
}

/** What became of a name's last write, where that is less, or more, than the traits say. */
export interface Kept {
  lifetime?: Lifetime
  /** Further places that hold it on purpose. */
  also?: readonly string[]
}

/** What a tier takes up for the names it was asked about, in bytes, and what the browser would allow. */
export interface Usage {
  bytes?: number
  quota?: number
}

/**
 * One place that keeps entries. Each name is a register in which the later stamp wins, so late answers,
 * racing tabs and repeated writes are harmless. A tier knows names and entries only; there is no `clear`,
 * so it cannot wipe what is not ours.
 */
export interface Tier {
  readonly name: string
  readonly traits: Traits
  /** Of a tier that holds each value twice: the two. For the documents. */
  readonly parts?: readonly Tier[]
  /** Called before the first operation, and again after `close` or a loss. Writes nothing. */
  open(): MaybePromise<void>
  /** Creates nothing, not even an empty database. */
  read(names: readonly string[]): MaybePromise<readonly (Entry | undefined)[]>
  /** One outcome for each change, in order; what one change meets does not touch its neighbours. */
  write(changes: readonly Change[]): MaybePromise<readonly Outcome[]>
  /** The names that begin with `prefix` and hold something of ours, tombstones included. */
  names(prefix: string): MaybePromise<string[]>
  /** The names under `prefix` with an expiry at or before `now`, where the tier knows without reading each. */
  expired?(prefix: string, now: number): MaybePromise<string[]>
  usage?(prefix: string): MaybePromise<Usage>
  /** Before a write: makes the traits true, and where a key asks for a reach, finds out about that. May write. */
  prove?(reach: Reach | undefined): MaybePromise<void>
  /** After a write that was taken. */
  kept?(name: string): Kept | undefined
  /** The same place under another path, for keys whose rule names one; the same tier each time. */
  at?(path: string): Tier
  /** Gives back the place that kept `name` (its database), if nothing is left in it. */
  destroy?(name: string): MaybePromise<void>
  /** Hears of names that others changed; answers the undo. */
  watch?(heard: (name: string) => void): () => void
  close(): MaybePromise<void>
}

/** Encryption of one entry's text. `context` is authenticated, not stored. Rejects with `locked` where nothing can be sealed or opened now. */
export interface Seal {
  id: string
  seal(text: string, context: string): Promise<string>
  /** Rejects with `locked` where that cannot be told now; with any other error where the text is damaged or its key is gone. */
  open(sealed: string, context: string): Promise<string>
  /** From now on a new key seals; those before it still open. */
  rotate?: (() => Promise<void>) | undefined
  /** Once all was sealed anew after this page's last `rotate`: forgets the keys that nobody can have sealed with since. */
  retire?: (() => Promise<void>) | undefined
  /** Forgets every key, and leaves no trace. */
  destroy?: (() => Promise<void>) | undefined
  /** The same for one namespace, with keys of its own. */
  within?(namespace: string): Seal
}

/** Whether a category may be stored; `undefined`: not known yet. */
export interface Consent {
  allows(category: string): boolean | undefined
  watch(heard: () => void): () => void
}

/** Notices between tabs: names and stamps, never a value. */
export interface Bus {
  post(notice: { name: string; stamp: number }): void
  watch(heard: (notice: { name: string; stamp: number }) => void): () => void
  close(): void
}

/** Where globals are looked up, late: each may be absent, null, throwing or half there. Defaults to `globalThis`. */
export interface Env {
  readonly localStorage?: Storage | null | undefined
  readonly sessionStorage?: Storage | null | undefined
  readonly indexedDB?: IDBFactory | undefined
  readonly parent?: unknown
  readonly document?: (Pick<Document, 'cookie'> & Partial<Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>>) | undefined
  readonly location?: Pick<Location, 'hostname' | 'protocol' | 'pathname'> | undefined
  readonly navigator?: { readonly storage?: { estimate?(): Promise<{ usage?: number; quota?: number }> }; readonly locks?: LockManager; readonly vendor?: string } | undefined
  readonly BroadcastChannel?: typeof BroadcastChannel | undefined
  readonly cookieStore?: EventTarget | undefined
  /** A clock that nobody sets. */
  readonly performance?: { now(): number } | undefined
  readonly crypto?: { getRandomValues(array: Uint8Array<ArrayBuffer>): unknown } | undefined
  readonly setTimeout?: ((run: () => void, ms: number) => unknown) | undefined
  readonly clearTimeout?: ((timer: never) => void) | undefined
  readonly requestIdleCallback?: ((run: () => void) => unknown) | undefined
  readonly addEventListener?: ((type: string, heard: (event: unknown) => void, capture?: boolean) => void) | undefined
  readonly removeEventListener?: ((type: string, heard: (event: unknown) => void, capture?: boolean) => void) | undefined
}
