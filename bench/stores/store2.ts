import imported from 'store2'
import type { MakeStore } from './store.js'

type Store2 = { set(key: string, value: unknown, seconds: number): unknown; get(key: string): unknown; keys(): string[]; namespace(name: string): Store2 }

/** Its types are those of another form of the package. */
const store = imported as unknown as Store2

/** With its extension for expiry, which looks for the library in the window. */
export const make: MakeStore = async () => {
  Object.assign(globalThis, { store })
  // @ts-expect-error a script that has no types
  await import('store2/src/store.cache.js')
  const bench = store.namespace('bench')
  return {
    sync: true,
    set: (key, value) => bench.set(key, value, 86_400),
    get: (key) => bench.get(key),
    keys: () => bench.keys(),
  }
}
