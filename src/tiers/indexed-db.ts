import type { IDBPObjectStore } from 'idb'
import { wrap } from 'idb'
import type { Change, Entry, Env, Outcome, Tier, Usage } from '../contracts.js'
import { decodeEntry, encodeEntry } from '../entry.js'
import { asTierError } from '../errors.js'
import type { Database, Schema } from './connections.js'
import { createConnections, STORE } from './connections.js'
import type { Lease } from './lease.js'
import { createLease } from './lease.js'
import { settleText } from './text.js'

/** What `indexedDBTier` takes. */
export interface IndexedDBOptions {
  /** `'strict'` waits until the disk has it; `'relaxed'` (the default) until the operating system has. */
  durability?: 'relaxed' | 'strict'
  env?: Env
}

/** One database per namespace: the part of a name before its first dot. */
const databaseOf = (name: string): string => 'holdfast.' + (name.includes('.') ? name.split('.')[0] : '')

interface Named {
  name: string
}
type Store = IDBPObjectStore<Schema, ['entries'], 'entries', 'readwrite'>

/** Up to so many names, and so many that are not asked for between them, a request for each is the quicker way. */
const FEW = 30

/** A request costs more than a record: many names are read by two over their range, where little else is in it. */
const recordsOf = async (store: Store, names: readonly string[]): Promise<({ raw: unknown } | undefined)[]> => {
  if (names.length > FEW) {
    const sorted = [...names].sort()
    const range = IDBKeyRange.bound(sorted[0], sorted[names.length - 1])
    const most = names.length + FEW
    const [keys, records] = await Promise.all([store.getAllKeys(range, most), store.getAll(range, most)])
    const held = new Map(keys.map((key, index) => [key, records[index]]))
    if (keys.length < most) return names.map((name) => held.get(name))
  }
  return Promise.all(names.map((name) => store.get(name)))
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
  const close = (): void => {
    disconnect()
    leases.forEach((lease) => lease.close())
    leases.clear()
  }

  /** One transaction for all these names; it counts when it is complete, not when a request succeeds (H5). `early` asks right behind the reads. */
  const transact = async <T>(database: Database, items: readonly Named[], mode: IDBTransactionMode, act: (texts: (string | undefined)[], store: Store) => T | Promise<T>, early?: (store: Store) => void): Promise<T> => {
    const { store, done } = database.transaction(STORE, mode as 'readwrite', { durability })
    const settled = recordsOf(store, items.map(({ name }) => name))
      // A record that somebody else shaped reads as corrupt, not as absent.
      .then((records) => act(records.map((record) => record && `${record.raw}`), store))
    early?.(store)
    return (await Promise.all([settled, done]))[0]
  }

  const put = (store: Store, { name }: Named, raw: string, { expires }: Entry): Promise<unknown> => store.put({ raw, expires }, name)

  /**
   * A few values are put before it is known what stands there, which saves the way to the database and back: where
   * something later does, nothing of it counts, and each is looked at first.
   */
  const commit = async (database: Database, changes: readonly Change[], hope = changes.length < FEW && changes.every((change) => 'entry' in change || !change.drop)): Promise<Outcome[]> => {
    let overtaken: boolean | undefined
    const settleAll = (texts: (string | undefined)[], store: Store): Promise<Outcome[]> => {
      const held = new Map<string, string | null | undefined>(changes.map(({ name }, index) => [name, texts[index]]))
      const outcomes = changes.map((change) => {
        const { name } = change
        const outcome = settleText(change, held.get(name), async (raw, entry): Promise<undefined> => {
          held.set(name, raw)
          if (!hope) await (raw === null ? store.delete(name) : put(store, change, raw, entry!))
          return
        })
        overtaken ||= hope && 'entry' in change && typeof outcome === 'number'
        return outcome
      })
      if (overtaken) store.transaction.abort()
      else store.transaction.commit?.()
      return Promise.all(outcomes)
    }
    try {
      return await transact(database, changes, 'readwrite', settleAll, (store) => {
        // An abort is told by the transaction.
        if (hope) for (const change of changes) if ('entry' in change) put(store, change, encodeEntry(change.name, change.entry), change.entry).catch(() => {})
      })
    } catch (cause) {
      if (overtaken) return commit(database, changes, false)
      const error = asTierError(cause, 'indexedDB')
      if (error.code !== 'quota') throw cause
      // One change that does not fit aborts them all: each alone, so that its neighbours are kept.
      return changes[1] ? (await Promise.all(changes.map((change) => commit(database, [change])))).flat() : [error]
    }
  }

  /** Runs once for each database of the names, and puts the answers back in order. */
  const byDatabase = async <Item extends Named, Answer>(items: readonly Item[], act: (database: string, items: Item[], names: string[]) => Promise<readonly Answer[] | undefined>): Promise<(Answer | undefined)[]> => {
    const databases = items.map(({ name }) => databaseOf(name))
    const answers: Record<string, Answer[]> = {}
    for (const database of new Set(databases)) {
      const own = items.filter((_, index) => databases[index] === database)
      answers[database] = [...((await act(database, own, own.map(({ name }) => name))) ?? [])]
    }
    return databases.map((name) => answers[name]!.shift())
  }

  const list = async (prefix: string, now?: number): Promise<string[]> => ((await use(databaseOf(prefix), (database) => (now === undefined ? database.getAllKeys(STORE) : database.getAllKeysFromIndex(STORE, 'expires', IDBKeyRange.upperBound(now))))) ?? []).filter((name) => name.startsWith(prefix))

  return {
    name: 'indexedDB',
    traits: { lifetimes: ['device'], reach: 'origin' },
    open: close,
    read(asked) {
      const known = asked.map((name) => leases.get(databaseOf(name))?.get(name))
      if (known.every(Boolean)) return known.map((one) => one![0])
      return byDatabase(asked.map((name) => ({ name })), (place, items, names) =>
        leaseOf(place).read(names, () => use(place, (database) => transact(database, items, 'readonly', (texts) => texts.map((text, index) => decodeEntry(names[index]!, text))))),
      )
    },
    write: (all) =>
      byDatabase(all, (place, changes, names) =>
        leaseOf(place).write(names, () => use(place, (database) => commit(database, changes), changes.some((change) => 'entry' in change))),
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
