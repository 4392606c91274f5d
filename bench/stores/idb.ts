import { openDB } from 'idb'
import type { MakeStore } from './store.js'

export const make: MakeStore = async () => {
  const database = await openDB('bench', 1, { upgrade: (made) => void made.createObjectStore('keyval') })
  return {
    set: (key, value) => database.put('keyval', value, key),
    get: (key) => database.get('keyval', key),
    async setMany(entries) {
      const { store, done } = database.transaction('keyval', 'readwrite')
      await Promise.all([...entries.map(([key, value]) => store.put(value, key)), done])
    },
    getMany(keys) {
      const { store } = database.transaction('keyval')
      return Promise.all(keys.map((key) => store.get(key)))
    },
    keys: () => database.getAllKeys('keyval'),
  }
}
