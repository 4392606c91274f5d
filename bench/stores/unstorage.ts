import { createStorage } from 'unstorage'
import indexedDbDriver from 'unstorage/drivers/indexedb'
import localStorageDriver from 'unstorage/drivers/localstorage'
import type { MakeStore } from './store.js'

export const make: MakeStore = ({ form }) => {
  const storage = createStorage<string>({ driver: form === 'localStorage' ? localStorageDriver({ base: 'bench' }) : indexedDbDriver({ base: 'bench' }) })
  return {
    set: (key, value) => storage.setItem(key, value),
    get: (key) => storage.getItem(key),
    setMany: (entries) => storage.setItems(entries.map(([key, value]) => ({ key, value }))),
    getMany: (keys) => storage.getItems([...keys]),
    keys: () => storage.getKeys(),
  }
}
