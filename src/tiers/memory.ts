import type { Entry, Tier } from '../contracts.js'
import { standing } from '../register.js'

/**
 * Keeps entries in this page's memory: the last rung, and the whole ladder in tests and on servers.
 * Each call makes a place of its own.
 *
 * @example
 * import { createStorage, memoryTier } from 'holdfast'
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [memoryTier()] })
 * const { lifetime, reach } = await storage.set('token', 'abc')
 * ;[lifetime, reach] // => ['page', 'page']
 */
export const memoryTier = (): Tier => {
  const entries = new Map<string, Entry>()
  return {
    name: 'memory',
    traits: { lifetimes: ['page'], reach: 'page', sync: true },
    open() {},
    read: (names) => names.map((name) => entries.get(name)),
    write: (changes) =>
      changes.map((change) => {
        const { name } = change
        const later = standing(entries.get(name), change)
        if (later === undefined) {
          if ('drop' in change) change.drop && entries.delete(name)
          else entries.set(name, change.entry)
        }
        return later
      }),
    names: (prefix) => [...entries.keys()].filter((name) => name.startsWith(prefix)),
    close() {},
  }
}
