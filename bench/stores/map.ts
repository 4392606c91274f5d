import type { MakeStore } from './store.js'

export const make: MakeStore = () => {
  const map = new Map<string, string>()
  return { sync: true, set: (key, value) => map.set(key, value), get: (key) => map.get(key), keys: () => [...map.keys()] }
}
