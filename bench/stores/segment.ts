import { initializeStorages, UniversalStorage } from '@segment/analytics-next/dist/pkg/core/storage'
import type { MakeStore } from './store.js'

/** Segment's UniversalStorage: for its users it keeps each value in all of these. `localStorage` alone for that row. */
export const make: MakeStore = ({ form }) => {
  const storage = new UniversalStorage(initializeStorages(form === 'localStorage' ? ['localStorage'] : ['cookie', 'localStorage', 'memory']))
  return { sync: true, set: (key, value) => storage.set(key, value), get: (key) => storage.get(key) }
}
