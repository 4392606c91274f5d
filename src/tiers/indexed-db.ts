import type { Change, Entry, Env, MaybePromise, Outcome, Tier, Usage } from '../contracts.js'
import { decodeEntry, encodeEntry } from '../entry.js'
import { asTierError } from '../errors.js'
import { answerOf, createConnections, STORE } from './connections.js'
import type { Given, Lease } from './lease.js'
import { createLease } from './lease.js'
import { settleText } from './text.js'

/** What `indexedDBTier` takes. */
export interface IndexedDBOptions {
  /** `'strict'` waits until the disk has it; `'relaxed'` (the default) until the operating system has. */
  durability?: 'relaxed' | 'strict'
  env?: Env
}

/** The text under each name. */
type Held = Map<IDBValidKey, string | null | undefined>

/** What stands in a store; its value as somebody shaped it, or none. */
interface Found {
  key: IDBValidKey
  value?: { raw: unknown }
}

/** Names and values by one request (Indexed Database 3.0; Chromium 141): where there are two, each goes over all of the range. */
interface WithRecords {
  getAllRecords(options: { query: IDBKeyRange; count: number }): IDBRequest<Found[]>
}

/** Up to so many names a request for each is the quicker way. */
const FEW = 30

/**
 * The texts under these names, told in the handler of the last answer: what is asked for there needs no turn of its own.
 * A request costs twice what a record does: many names are read over their range, where no more than that is in it. Then
 * `keys` is all that stands there. Where more is, each is asked for; not if it is told `once`: then nothing is known.
 */
const look = (store: IDBObjectStore & Partial<WithRecords>, asked: readonly string[], tell: (held?: Held, keys?: readonly IDBValidKey[]) => void, once?: boolean): void => {
  const names = [...new Set(asked)].sort()
  const most = 2 * names.length
  // A record that somebody else shaped reads as corrupt, not as absent.
  const heldOf = (records: readonly Found[]): Held => new Map(records.map(({ key, value }) => [key, value && `${value.raw}`]))
  const lookAtEach = (): void => {
    const requests = names.map((name) => store.get(name))
    requests[requests.length - 1]!.onsuccess = () => tell(heldOf(names.map((key, index) => ({ key, value: requests[index]!.result }))))
  }
  if (names.length <= FEW) return lookAtEach()
  const range = IDBKeyRange.bound(names[0], names[names.length - 1])
  const listed = !store.getAllRecords && store.getAllKeys(range, most)
  const request = listed ? store.getAll(range, most) : store.getAllRecords!({ query: range, count: most })
  request.onsuccess = () => {
    const records: Found[] = listed ? request.result.map((value, index) => ({ key: listed.result[index]!, value })) : request.result
    if (records.length < most) tell(heldOf(records), records.map(({ key }) => key))
    else if (once) tell()
    else lookAtEach()
  }
}

/**
 * Keeps entries in IndexedDB, one database per namespace (`holdfast.` and its name), for this origin. A write
 * counts when its transaction is complete. Looks `indexedDB` up in `env`, `IDBKeyRange` globally.
 *
 * @example
 * import { createStorage, indexedDBTier } from 'holdfast'
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [indexedDBTier({ durability: 'strict' })] })
 * const { tier, lifetime } = await storage.set('token', 'abc')
 * ;[tier, lifetime] // => ['indexedDB', 'device']
 */
export const indexedDBTier = ({ durability = 'relaxed', env = globalThis }: IndexedDBOptions = {}): Tier => {
  const leases = new Map<string, Lease>()
  /** Much else stood once between the names of a batch. */
  let crowded = false
  const [use, disconnect] = createConnections(env, (database) => leases.get(database)?.forget())
  const leaseOf = (database: string): Lease => {
    const lease = leases.get(database) ?? createLease(env, database)
    leases.set(database, lease)
    return lease
  }
  /** One database per namespace: the part of a name before its first dot. */
  const databaseOf = (name: string): string => 'holdfast.' + name.slice(0, Math.max(0, name.indexOf('.')))
  const close = (): void => {
    disconnect()
    leases.forEach((lease) => lease.close())
    leases.clear()
  }

  /** Rejects where it is aborted. */
  const transact = <T>(database: IDBDatabase, mode: IDBTransactionMode, act: (store: IDBObjectStore, done: (answer: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability })
      transaction.onabort = () => reject(transaction.error)
      act(transaction.objectStore(STORE), resolve)
    })

  /**
   * One transaction for all these changes; it counts when it is complete, not when a request succeeds (H5). Values are
   * put before it is known what stands there, which saves the way to the database and back: where something later does,
   * nothing of it counts, and each is looked at first.
   */
  const commit = async (database: IDBDatabase, changes: readonly Given[], hope = !(crowded && changes.length > FEW) && !changes.some(({ drop }) => drop)): Promise<Outcome[]> => {
    let overtaken: boolean | undefined
    try {
      return await transact(database, 'readwrite', (store, done) => {
        const put = (name: string, raw: string, { expires }: Entry): unknown => store.put({ raw, expires }, name)
        const { transaction } = store
        const texts: (string | undefined)[] = []
        const settleAll = (held?: Held, keys?: readonly IDBValidKey[]): void => {
          const next = new Map<IDBValidKey | undefined, (() => unknown) | null>()
          const outcomes = changes.map((change, index) =>
            settleText(
              change as Change,
              held?.get(change.name),
              (raw, entry): undefined => {
                held?.set(change.name, raw)
                next.set(change.name, raw === null ? raw : () => put(change.name, raw, entry!))
              },
              decodeEntry,
              (name, entry) => (entry === change.entry && texts[index]) || encodeEntry(name, entry),
            ),
          )
          crowded ||= !held
          overtaken = hope && (!held || changes.some(({ entry }, index) => entry && outcomes[index]))
          if (overtaken) return transaction.abort()
          if (!hope) next.forEach((act, name) => (act ? act() : keys || store.delete(name as string)))
          let first: IDBValidKey | undefined
          let last: typeof first
          // Neighbours that all go, by one request.
          for (const key of keys ? [...keys, undefined] : []) {
            if (next.get(key) === null) {
              last = key
              first ??= key
            } else if (first) first = void store.delete(IDBKeyRange.bound(first, last))
          }
          transaction.oncomplete = () => done(outcomes)
          transaction.commit?.()
        }
        // To look again would be to see what was put.
        look(store, changes.map(({ name }) => name), settleAll, hope)
        if (hope) changes.forEach(({ name, entry }, index) => entry && put(name, (texts[index] = encodeEntry(name, entry)), entry))
      })
    } catch (cause) {
      if (overtaken) return commit(database, changes, false)
      const error = asTierError(cause, 'indexedDB')
      if (error.code !== 'quota') throw cause
      // One change that does not fit aborts them all: each alone, so that its neighbours are kept.
      return changes[1] ? (await Promise.all(changes.map((change) => commit(database, [change])))).flat() : [error]
    }
  }

  /** Runs once for each database of the names or changes, and puts the answers back in order. */
  const byDatabase = <Item extends string | Given, Answer>(items: readonly Item[], act: (database: string, items: readonly Item[]) => MaybePromise<readonly Answer[]>): MaybePromise<readonly Answer[]> => {
    if (!items.length) return []
    const placeOf = (item: Item): string => databaseOf((item as Given).name ?? item)
    const database = placeOf(items[0]!)
    const isOwn = (item: Item): boolean => placeOf(item) === database
    if (items.every(isOwn)) return act(database, items)
    return (async () => {
      const own = [...(await act(database, items.filter(isOwn)))]
      const others = [...(await byDatabase(items.filter((item) => !isOwn(item)), act))]
      return items.map((item) => (isOwn(item) ? own : others).shift()!)
    })()
  }

  const storeOf = (database: IDBDatabase): IDBObjectStore => database.transaction(STORE).objectStore(STORE)
  const list = async (prefix: string, now?: number): Promise<string[]> => {
    const keys = await use(databaseOf(prefix), (database) => {
      const store = storeOf(database)
      return answerOf((now === undefined ? store.getAllKeys() : store.index('expires').getAllKeys(IDBKeyRange.upperBound(now))) as IDBRequest<string[]>)
    })
    return (keys ?? []).filter((name) => name.startsWith(prefix))
  }

  return {
    name: 'indexedDB',
    traits: { lifetimes: ['device'], reach: 'origin' },
    open: close,
    read: (asked) =>
      byDatabase(asked, (place, names) =>
        leaseOf(place).read(names, (some) =>
          use(place, (database) => transact(database, 'readonly', (store, done) => look(store, some, (held) => done(some.map((name) => decodeEntry(name, held!.get(name))))))),
        ),
      ),
    write: (all) =>
      byDatabase(all as readonly Given[], (place, changes) =>
        leaseOf(place).write(changes, (asked) => use(place, (database) => commit(database, asked), changes.some(({ entry }) => entry))),
      ),
    names: list,
    expired: list,
    async usage() {
      try {
        const { usage: bytes, quota } = await env.navigator!.storage!.estimate!()
        return { bytes, quota } as Usage
      } catch {
        return {} // what cannot be told says nothing of the tier
      }
    },
    async destroy(name) {
      const database = databaseOf(name)
      if ((await use(database, (open) => answerOf(storeOf(open).count()))) !== 0) return
      close()
      await answerOf(env.indexedDB!.deleteDatabase(database))
    },
    close,
  }
}
