import type { MakeStore } from './store.js'

/** `document.cookie` by hand. */
export const make: MakeStore = () => ({
  sync: true,
  set: (key, value) => void (document.cookie = `${key}=${value}; path=/; max-age=86400; secure; samesite=lax`),
  get: (key) => `; ${document.cookie}`.split(`; ${key}=`)[1]?.split(';')[0],
})
