import imported from 'universal-cookie'
import type { MakeStore } from './store.js'

/** Its types are those of another form of the package. */
const Cookies = imported as unknown as new (header: null, defaults: object) => { set(key: string, value: string, attributes: object): void; get(key: string): unknown }

export const make: MakeStore = () => {
  const cookies = new Cookies(null, { path: '/' })
  return {
    sync: true,
    set: (key, value) => cookies.set(key, value, { maxAge: 86_400, secure: true, sameSite: 'lax' }),
    get: (key) => cookies.get(key),
  }
}
