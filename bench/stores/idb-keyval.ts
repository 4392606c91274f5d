import { get, getMany, keys, set, setMany } from 'idb-keyval'
import type { MakeStore } from './store.js'

export const make: MakeStore = () => ({
  set: (key, value) => set(key, value),
  get: (key) => get(key),
  setMany: (entries) => setMany(entries.map(([key, value]) => [key, value])),
  getMany: (names) => getMany([...names]),
  keys: () => keys(),
})
