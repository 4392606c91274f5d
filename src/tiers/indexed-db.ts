import type { Change, Entry, Env, Outcome, Tier } from '../contracts.js'
import { decodeEntry, encodeEntry, isOurs } from '../entry.js'
import { asTierError } from '../errors.js'
import { settle } from '../register.js'
import type { Database } from './connections.js'
import { createConnections, STORE } from './connections.js'

/** What `indexedDBTier` takes. */
export interface IndexedDBOptions {
  /** `'strict'` waits until the disk has it; `'relaxed'` (the default) until the operating system has. */
  durability?: 'relaxed' | 'strict'
  env?: Env
}

/** One database per namespace: the part of a name before its first dot. */
const databaseOf = (name: string): string => 'holdfast.' + name.slice(0, Math.max(name.indexOf('.'), 0))

/** A record that somebody else shaped reads as corrupt, not as absent. */
const rawOf = (record: { raw: string } | undefined): string | undefined => record && String(record.raw)

const under = (prefix: string): IDBKeyRange => IDBKeyRange.bound(prefix, prefix + '\uffff')

/** One transaction for all changes; they count when it is complete, not when a request succeeds (H5). */
const commit = async (database: Database, changes: readonly Change[], durability: 'relaxed' | 'strict'): Promise<Outcome[]> => {
  const transaction = database.transaction(STORE, 'readwrite', { durability })
  const { store } = transaction
  const apply = async (): Promise<Outcome[]> => {
    const names = [...new Set(changes.map(({ name }) => name))]
    const records = await Promise.all(names.map((name) => store.get(name)))
    const held = new Map<string, Entry | undefined>(names.map((name, index) => [name, decodeEntry(name, rawOf(records[index]))]))
    const foreign = new Set(names.filter((_, index) => !isOurs(rawOf(records[index]) ?? 'hf1')))
    const requests: Promise<unknown>[] = []
    const outcomes = changes.map((change) => {
      const { name } = change
      const next = settle(held.get(name), change)
      if (typeof next === 'number') return next
      if (next || (next === null && !foreign.has(name))) {
        held.set(name, next ?? undefined)
        requests.push(next ? store.put({ raw: encodeEntry(name, next), ...(next.expires !== undefined && { expires: next.expires }) }, name) : store.delete(name))
      }
      return
    })
    await Promise.all(requests)
    return outcomes
  }
  const [outcomes] = await Promise.all([apply(), transaction.done])
  return outcomes
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
  const { use, restart, close } = createConnections(env)

  const write = async (name: string, changes: readonly Change[]): Promise<Outcome[]> => {
    const create = changes.some((change) => 'entry' in change)
    try {
      return await use(name, create, (database) => commit(database, changes, durability), changes.map(() => undefined))
    } catch (cause) {
      const error = asTierError(cause, 'indexedDB')
      if (error.code !== 'quota') throw error
      if (changes.length === 1) return [error]
      // One change that does not fit aborts them all: each alone, so that its neighbours are kept.
      const outcomes: Outcome[] = []
      for (const change of changes) outcomes.push(...(await write(name, [change])))
      return outcomes
    }
  }

  /** Runs once for each database among the items, and puts the answers back in order. */
  const byDatabase = async <Item, Answer>(items: readonly Item[], nameOf: (item: Item) => string, act: (database: string, items: Item[]) => Promise<readonly Answer[]>): Promise<Answer[]> => {
    const databases = items.map((item) => databaseOf(nameOf(item)))
    const answers: Answer[] = []
    await Promise.all(
      [...new Set(databases)].map(async (database) => {
        const indexes = items.flatMap((_, index) => (databases[index] === database ? index : []))
        const got = await act(database, indexes.map((index) => items[index]!))
        indexes.forEach((index, at) => (answers[index] = got[at]!))
      }),
    )
    return answers
  }

  return {
    name: 'indexedDB',
    traits: { lifetimes: ['device'], reach: 'origin' },
    open: restart,
    read: (names) =>
      byDatabase(names, (name) => name, (name, asked) =>
        use<(Entry | undefined)[]>(
          name,
          false,
          async (database) => {
            const { store, done } = database.transaction(STORE)
            const [records] = await Promise.all([Promise.all(asked.map((key) => store.get(key))), done])
            return records.map((record, index) => decodeEntry(asked[index]!, rawOf(record)))
          },
          asked.map(() => undefined),
        ),
      ),
    write: (changes) => byDatabase(changes, ({ name }) => name, write),
    names: (prefix) => use<string[]>(databaseOf(prefix), false, (database) => database.getAllKeys(STORE, under(prefix)), []),
    expired: (prefix, now) =>
      use<string[]>(databaseOf(prefix), false, async (database) => (await database.getAllKeysFromIndex(STORE, 'expires', IDBKeyRange.upperBound(now))).filter((key) => key.startsWith(prefix)), []),
    async usage() {
      try {
        const { usage: bytes, quota } = (await env.navigator!.storage!.estimate!())
        return { ...(bytes !== undefined && { bytes }), ...(quota !== undefined && { quota }) }
      } catch {
        return {} // what cannot be told says nothing of the tier
      }
    },
    async destroy(name) {
      const database = databaseOf(name)
      if (await use(database, false, (open) => open.count(STORE), 1)) return
      await close()
      await new Promise<void>((resolve, reject) => {
        const request = env.indexedDB!.deleteDatabase(database)
        request.onsuccess = () => resolve()
        request.onerror = () => reject(request.error)
      })
    },
    close,
  }
}
