import { unwrap, wrap } from 'idb'
import type { Change, Entry, Env, MaybePromise, Outcome, Tier, Usage } from '../contracts.js'
import { decodeEntry, encodeEntry } from '../entry.js'
import { asTierError } from '../errors.js'
import type { Database } from './connections.js'
import { createConnections, STORE } from './connections.js'
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

/** Up to so many names, and so many that are not asked for between them, a request for each is the quicker way. */
const FEW = 30

/**
 * The texts under these names, told in the handler of the last answer: what is asked for there needs no turn of its own.
 * A request costs more than a record: many names are read by two over their range, where little else is in it. Then
 * `keys` is all that stands there.
 */
const look = (store: IDBObjectStore, asked: readonly string[], tell: (held: Held, keys?: readonly IDBValidKey[]) => void): void => {
  const names = [...new Set(asked)].sort()
  const most = names.length + FEW
  // A record that somebody else shaped reads as corrupt, not as absent.
  const heldOf = (keys: readonly IDBValidKey[], records: readonly ({ raw: unknown } | undefined)[]): Held => new Map(keys.map((key, index) => [key, records[index] && `${records[index].raw}`]))
  const lookAtEach = (): void => {
    const requests = names.map((name) => store.get(name))
    requests[requests.length - 1]!.onsuccess = () => tell(heldOf(names, requests.map(({ result }) => result as { raw: unknown })))
  }
  if (names.length <= FEW) return lookAtEach()
  const range = IDBKeyRange.bound(names[0], names[names.length - 1])
  const listed = store.getAllKeys(range, most)
  const records = store.getAll(range, most)
  records.onsuccess = () => {
    const keys = listed.result
    if (keys.length === most) lookAtEach()
    else tell(heldOf(keys, records.result), keys)
  }
}

/**
 * Keeps entries in IndexedDB, one database per namespace (`holdfast.` and its name), for this origin. A write
 * counts when its transaction is complete. Looks `indexedDB` up in `env`; idb finds the other classes globally.
 *
 * @example
 * import { createStorage, indexedDBTier } from 'holdfast'
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [indexedDBTier({ durability: 'strict' })] })
 * const { tier, lifetime } = await storage.set('token', 'abc')
 * ;[tier, lifetime] // => ['indexedDB', 'device']
 */
export const indexedDBTier = ({ durability = 'relaxed', env = globalThis }: IndexedDBOptions = {}): Tier => {
  const leases = new Map<string, Lease>()
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

  /** Not through idb: its proxies cost more than the requests of a small transaction do. Rejects where it is aborted. */
  const transact = <T>(database: Database, mode: IDBTransactionMode, act: (store: IDBObjectStore, done: (answer: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      const transaction = unwrap(database).transaction(STORE, mode, { durability })
      transaction.onabort = () => reject(transaction.error)
      act(transaction.objectStore(STORE), resolve)
    })

  /**
   * One transaction for all these changes; it counts when it is complete, not when a request succeeds (H5). A few values are
   * put before it is known what stands there, which saves the way to the database and back: where something later does,
   * nothing of it counts, and each is looked at first.
   */
  const commit = async (database: Database, changes: readonly Given[], hope = changes.length < FEW && !changes.some(({ drop }) => drop)): Promise<Outcome[]> => {
    let overtaken: boolean | undefined
    try {
      return await transact(database, 'readwrite', (store, done) => {
        const put = (name: string, raw: string, { expires }: Entry): unknown => store.put({ raw, expires }, name)
        const { transaction } = store
        look(store, changes.map(({ name }) => name), (held, keys) => {
          const next = new Map<IDBValidKey | undefined, (() => unknown) | null>()
          const outcomes = changes.map((change) =>
            settleText(change as Change, held.get(change.name), (raw, entry): undefined => {
              held.set(change.name, raw)
              next.set(change.name, raw === null ? raw : () => put(change.name, raw, entry!))
            }),
          )
          overtaken = hope && changes.some(({ entry }, index) => entry && outcomes[index])
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
        })
        if (hope) for (const { name, entry } of changes) if (entry) put(name, encodeEntry(name, entry), entry)
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

  const list = async (prefix: string, now?: number): Promise<string[]> => {
    const keys = await use(databaseOf(prefix), (database) => (now === undefined ? database.getAllKeys(STORE) : database.getAllKeysFromIndex(STORE, 'expires', IDBKeyRange.upperBound(now))))
    return (keys ?? []).filter((name) => name.startsWith(prefix))
  }

  return {
    name: 'indexedDB',
    traits: { lifetimes: ['device'], reach: 'origin' },
    open: close,
    read: (asked) =>
      byDatabase(asked, (place, names) => {
        const lease = leaseOf(place)
        return lease.get(names) ?? lease.read(names, () => use(place, (database) => transact(database, 'readonly', (store, done) => look(store, names, (held) => done(names.map((name) => decodeEntry(name, held.get(name))))))))
      }),
    write: (all) =>
      byDatabase(all as readonly Given[], (place, changes) =>
        leaseOf(place).write(changes, () => use(place, (database) => commit(database, changes), changes.some(({ entry }) => entry))),
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
      if ((await use(database, (open) => open.count(STORE))) !== 0) return
      close()
      await wrap(env.indexedDB!.deleteDatabase(database))
    },
    close,
  }
}
