import type { Entry, Tier } from '../contracts.js'
import { settle } from '../register.js'

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
        const next = settle(entries.get(name), change)
        if (typeof next === 'number') return next
        if (next) entries.set(name, next)
        else if (next === null) entries.delete(name)
        return
      }),
    names: (prefix) => [...entries.keys()].filter((name) => name.startsWith(prefix)),
    close() {},
  }
}
