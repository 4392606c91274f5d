import { answerOf, createConnections, STORE } from '../tiers/connections.js'
import type { KeyOptions, RingKey } from './key-ring.js'
import { createRing } from './key-ring.js'
import type { SealKey } from './seal-key.js'
import { KIND, subtleOf } from './seal-key.js'

/**
 * Keys that never leave this browser: not extractable, kept in IndexedDB, in a database of their own
 * (`holdfast-keys.` and the namespace). The first seal makes one, whichever tab is first. Where the database is lost,
 * what they sealed is lost with it, and a new key begins.
 *
 * @example
 * import { aesGcm, deviceKey } from 'holdfast/crypto'
 * const seal = aesGcm(deviceKey())
 * const sealed = await seal.seal('eyJhbGciOi', 'acme-chat.token')
 * await seal.open(sealed, 'acme-chat.token') // => 'eyJhbGciOi'
 */
export const deviceKey = (options?: KeyOptions): SealKey =>
  createRing(options, 'holdfast-keys.', (database, env) => {
    const [use, close] = createConnections(env)
    /** On disk when it is complete: a key that is lost takes all with it. Once in a while, so no connection is kept: one that a closed storage left open would never be collected. */
    const ask = <T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => Promise<T>, create?: boolean) =>
      use(
        database,
        async (open) => {
          const transaction = open.transaction(STORE, mode, { durability: 'strict' })
          const complete = new Promise((resolve, reject) => {
            transaction.oncomplete = resolve
            transaction.onabort = () => reject(transaction.error)
          })
          return (await Promise.all([act(transaction.objectStore(STORE)), complete]))[0]
        },
        create,
      ).finally(close)
    return {
      load: async () => (await ask('readonly', (store) => answerOf<RingKey[]>(store.getAll()))) ?? [],
      async add(id, at, unlessAny) {
        // Before the transaction, which would not wait for it.
        const key = await subtleOf(env).generateKey(...KIND)
        // Transactions of all tabs follow one another, with locks or without: only the first finds none.
        await ask('readwrite', async (store): Promise<unknown> => (unlessAny && (await answerOf(store.count()))) || answerOf(store.put({ id, key: key as CryptoKey, at }, id)), true)
      },
      drop: async (keys) => (keys ? ask('readwrite', (store) => Promise.all(keys.map(({ id }) => answerOf(store.delete(id))))) : answerOf(env.indexedDB!.deleteDatabase(database))),
    }
  })
