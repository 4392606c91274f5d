import { answered, completed, type MakeStore, openDatabase } from './store.js'

/** AES-GCM by hand with a key that no script can read, and a transaction for each operation. */
export const make: MakeStore = async () => {
  const database = await openDatabase('bench')
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()]
  return {
    async set(name, value) {
      const iv = crypto.getRandomValues(new Uint8Array(12))
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, encoder.encode(value))
      const transaction = database.transaction('entries', 'readwrite', { durability: 'relaxed' })
      transaction.objectStore('entries').put({ iv, sealed }, name)
      await completed(transaction)
    },
    async get(name) {
      const found = (await answered(database.transaction('entries').objectStore('entries').get(name))) as { iv: Uint8Array<ArrayBuffer>; sealed: ArrayBuffer } | undefined
      return found && decoder.decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: found.iv }, key, found.sealed))
    },
  }
}
