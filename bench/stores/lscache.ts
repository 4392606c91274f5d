import lscache from 'lscache'
import type { MakeStore } from './store.js'

/** It tells whole units of time, minutes unless told otherwise: with ms, what is to expire does at once. */
export const make: MakeStore = () => {
  lscache.setExpiryMilliseconds(1)
  return {
    sync: true,
    set: (key, value) => lscache.set(key, value, 86_400_000),
    get: (key) => lscache.get(key) as unknown,
    async expire(entries) {
      for (const [key, value] of entries) if (!lscache.set(key, value, 1)) throw new Error('lscache is full')
      await new Promise((resolve) => setTimeout(resolve, 5))
    },
    sweep: () => lscache.flushExpired(),
  }
}
