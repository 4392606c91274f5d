import { wrap } from 'idb'
import type { Database } from '../tiers/connections.js'
import { createConnections, STORE } from '../tiers/connections.js'
import type { KeyOptions, RingKey } from './key-ring.js'
import { createRings } from './key-ring.js'
import type { SealKey } from './seal-key.js'
import { AES, subtleOf, USES } from './seal-key.js'

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
export const deviceKey = (options: KeyOptions = {}): SealKey => {
  const { env = globalThis } = options
  return createRings(options, 'holdfast-keys.', (database) => {
    const [use, close] = createConnections(env)
    /** Once in a while, so no connection is kept: one that a closed storage left open would never be collected. */
    const ask = <T>(act: (open: Database) => Promise<T>, create?: boolean) => use(database, act, create).finally(close)
    /** On disk when it is complete: a key that is lost takes all with it. */
    const change = (act: (store: Records) => Promise<unknown>, create?: boolean) =>
      ask((open) => {
        const { store, done } = open.transaction(STORE, 'readwrite', { durability: 'strict' })
        return Promise.all([act(store as never), done])
      }, create)
    return {
      load: async () => ((await ask((open) => open.getAll(STORE))) ?? []) as unknown as RingKey[],
      async add(id, at, unlessAny) {
        // Before the transaction, which would not wait for it.
        const key = await subtleOf(env).generateKey(AES, false, USES)
        // Transactions of all tabs follow one another: only the first finds none.
        await change(async (store) => (unlessAny && (await store.count())) || store.put({ id, key, at }, id), true)
      },
      drop: (keys) => change((store) => Promise.all(keys.map(({ id }) => store.delete(id)))),
      destroy: async () => wrap(env.indexedDB!.deleteDatabase(database)),
    }
  })
}

interface Records {
  count(): Promise<number>
  put(key: RingKey, id: string): Promise<unknown>
  delete(id: string): Promise<unknown>
}
