import cookies from 'js-cookie'
import type { MakeStore } from './store.js'

export const make: MakeStore = () => ({
  sync: true,
  set: (key, value) => cookies.set(key, value, { expires: 1, secure: true, sameSite: 'lax' }),
  get: (key) => cookies.get(key),
})
