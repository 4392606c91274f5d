import type { Receipt } from './route.js'
import type { Lifetime, MaybePromise, Reach } from './contracts.js'
import type { Attempt, Code } from './errors.js'
import type { Ttl } from './lifetime.js'

/** What one tier is worth now. */
export interface TierStatus {
  name: string
  state: 'untried' | 'ready' | 'down'
  /** Why it is down, and in words. */
  reason?: Code
  message?: string
  lifetimes: readonly Lifetime[]
  /** Who else is known to read it. */
  reach: Reach
  /** A hub whose reach is neither proven nor disproved: who may read it. */
  mayReach?: Reach
  /** Of a hub: whether the browser gives its frame its own cookies (`document.hasStorageAccess`). */
  access?: boolean
  /** Bytes used, where the browser tells: of this namespace in text tiers, of the whole origin in IndexedDB. */
  bytes?: number
  quota?: number
}

/** What `status` answers, in the order of the chain. */
export interface Status {
  tiers: TierStatus[]
  /** Among whom `update`, `getOrSet` and `take` have one winner: all tabs (Web Locks, over a first tier that all see at once: IndexedDB, a hub), or this page alone. */
  exclusive: 'tabs' | 'page'
}

/** One tier's copy of a key. */
export interface CopyReport {
  tier: string
  stamp: number
  /** In ms since 1970; `undefined`: it does not expire. */
  expires?: number
  /** The length of its text in UTF-16 units; 0: a tombstone. */
  bytes: number
  /** Whether a read answers this copy. A tombstone wins by answering nothing. */
  wins: boolean
}

/** What `inspect` answers. */
export interface Inspection {
  copies: CopyReport[]
}

/** What `destroy` answers. */
export interface Destroyed {
  /** The tiers that did not answer, or `'seal'`: what they hold is still there. */
  unreached: Attempt[]
}

/** What `on` tells: keys and tiers, never a value. */
export interface Events {
  /** A value went past tiers that should have taken it. */
  fallback: { key: string; tier: string; passed: Receipt['passed'] }
  /** A tier that was down answers again. */
  recovered: { tier: string }
  /** A read or a sweep found this key's value past its expiry. */
  expired: { key: string; tier: string }
  /** Something stands under this key that cannot be read: truncated, foreign, of a newer version. */
  corrupt: { key: string; tier: string }
  /** A value waits in memory for consent. */
  held: { key: string }
  /** A value that waited went to its place. */
  released: { key: string }
  /** A value was removed because its consent was withdrawn. */
  purged: { key: string }
}

/** A lifetime for this write alone, over the rule's and the storage's. */
export interface WriteOptions {
  ttl?: Ttl
}

/** What `getOrSet` takes beside the value's maker. */
export interface MakeOptions extends WriteOptions {
  /** Made anew ahead of its expiry, in one tab, while everybody goes on with the old value. A span of time. */
  refreshBefore?: Ttl
  /** The ms that a tab waits for another one that makes it, before it makes it itself. Default 30,000. */
  patience?: number
}

/** A change that `watch` tells of. */
export interface News {
  key: string
  /** Of the newest copy, in ms since 1970; 0: none is left, and nobody said when it went. */
  stamp: number
  /** This page by this storage, or anything else. */
  from: 'here' | 'elsewhere'
}

/** A storage. `Values` says which keys there are and what they hold. */
export interface Holdfast<Values> {
  /** The newest value that can be read; `undefined`: absent. Rejects with `no-tier` where no tier could be read. */
  get<Name extends keyof Values & string>(key: Name): Promise<Values[Name] | undefined>
  /** The values that are there, by key, in one read of each tier. */
  getMany<Name extends keyof Values & string>(keys: readonly Name[]): Promise<Map<Name, Values[Name]>>
  has(key: keyof Values & string): Promise<boolean>
  /** Resolves once a tier has the value; rejects with `no-tier`, `unencodable` or `locked`. */
  set<Name extends keyof Values & string>(key: Name, value: Values[Name], options?: WriteOptions): Promise<Receipt>
  /** One write of each tier. What has no place makes it reject; the rest is stored. */
  setMany<Name extends keyof Values & string>(entries: Iterable<readonly [Name, Values[Name]]>, options?: WriteOptions): Promise<Map<Name, Receipt>>
  /** Resolves once one tier at least took the news; the others hear it when they are back. */
  remove(key: keyof Values & string): Promise<void>
  /** Reads and removes: of several calls, one gets the value. Among tabs where they have Web Locks, else on this page. */
  take<Name extends keyof Values & string>(key: Name): Promise<Values[Name] | undefined>
  /** Gives the value a new lifetime, counted from now; `undefined`: it is absent. */
  touch(key: keyof Values & string, ttl?: Ttl): Promise<Receipt | undefined>
  /**
   * Reads, lets `change` make the next value, and writes it, without a write in between; `undefined` removes. Answers the
   * new value. Among tabs where they have Web Locks; else another tab may write in the same moment. `change` may be called
   * again. Rejects with `timeout` where another tab stays at it.
   */
  update<Name extends keyof Values & string>(key: Name, change: (value: Values[Name] | undefined) => MaybePromise<Values[Name] | undefined>): Promise<Values[Name] | undefined>
  /** The value; where there is none, the one that `make` makes: once for all tabs and all callers, who wait for it. What it throws rejects, and the next one makes it. */
  getOrSet<Name extends keyof Values & string>(key: Name, make: () => MaybePromise<Values[Name]>, options?: MakeOptions): Promise<Values[Name]>
  /** The keys that have a value. */
  keys(): Promise<(keyof Values & string)[]>
  /** Removes every value, also from tiers that cannot be reached now: their copies are outranked by an epoch. */
  clear(): Promise<void>
  /** Removes what has expired; answers how many values that were. */
  sweep(): Promise<number>
  /** Hears of what happens inside; answers the undo. What a listener throws harms nobody. */
  on<Type extends keyof Events>(event: Type, listener: (detail: Events[Type]) => void): () => void
  /**
   * Hears of each change of a key, here and in other tabs, with the new value; `undefined`: it is gone. Answers the undo.
   * Changes in quick succession elsewhere may be told as one. What a listener throws harms nobody.
   */
  watch<Name extends keyof Values & string>(key: Name, listener: (value: Values[Name] | undefined, news: News) => void): () => void
  /** Where the copies of a key are, and which one wins. */
  inspect(key: keyof Values & string): Promise<Inspection>
  /** The state of each tier. With `probe`, each is tried by a write that is removed again, also those that are down. */
  status(options?: { probe?: boolean }): Promise<Status>
  /**
   * Seals every secret by a new key. It may be interrupted at any point: old keys are forgotten only once every copy was
   * reached and sealed anew, so a registry that does not declare each secret of its namespace must not rotate. Rejects with `locked` without a seal.
   */
  rotate(): Promise<void>
  /** Waits for work that no answer waits for: repairs, and the sweep of this page. */
  flush(): Promise<void>
  /** Ends this storage; what it keeps stays. */
  close(): Promise<void>
  /** Removes every trace of the namespace, its databases and tombstones included, and ends this storage. */
  destroy(): Promise<Destroyed>
}
