import type { MakeStore } from './store.js'

/** localStorage by hand: the text as it is, or `json`: the value and its expiry, as whoever needs one would do. */
export const make: MakeStore = ({ form }) =>
  form === 'json'
    ? {
        sync: true,
        set: (key, value) => localStorage.setItem(key, JSON.stringify({ value, expires: Date.now() + 86_400_000 })),
        get(key) {
          const text = localStorage.getItem(key)
          if (text === null) return
          const { value, expires } = JSON.parse(text) as { value: string; expires: number }
          if (expires > Date.now()) return value
          localStorage.removeItem(key)
          return
        },
        keys: () => Object.keys(localStorage),
      }
    : {
        sync: true,
        set: (key, value) => localStorage.setItem(key, value),
        get: (key) => localStorage.getItem(key),
        keys: () => Object.keys(localStorage),
      }
