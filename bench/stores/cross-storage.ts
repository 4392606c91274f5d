import { CrossStorageClient } from 'cross-storage'
import type { MakeStore } from './store.js'

export const make: MakeStore = async ({ hub }) => {
  const storage = new CrossStorageClient(hub)
  await storage.onConnect()
  return { set: (key, value) => storage.set(key, value), get: (key) => storage.get(key) }
}
