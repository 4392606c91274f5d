import { answered, completed, type MakeStore, openDatabase } from './store.js'

interface Sealed {
  iv: Uint8Array<ArrayBuffer>
  sealed: ArrayBuffer
}

/** Keeps what was sealed: a transaction for each operation, or a `Map`, which costs nothing beside the call itself. */
const places = {
  async each() {
    const database = await openDatabase('bench')
    return {
      async set(name: string, value: Sealed) {
        const transaction = database.transaction('entries', 'readwrite', { durability: 'relaxed' })
        transaction.objectStore('entries').put(value, name)
        await completed(transaction)
      },
      get: (name: string) => answered<Sealed | undefined>(database.transaction('entries').objectStore('entries').get(name)),
    }
  },
  call: () => new Map<string, Sealed>(),
}

/** AES-GCM by hand with a key that no script can read. */
export const make: MakeStore = async ({ form }) => {
  const place = await places[form as keyof typeof places]()
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()]
  return {
    async set(name, value) {
      const iv = crypto.getRandomValues(new Uint8Array(12))
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, encoder.encode(value))
      await place.set(name, { iv, sealed })
    },
    async get(name) {
      const found = await place.get(name)
      return found && decoder.decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: found.iv }, key, found.sealed))
    },
  }
}
