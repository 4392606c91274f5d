import type { Lifetime, Reach, Tier } from '../contracts.js'
import { memoryTier } from '../tiers/memory.js'

/** The promises of the real tiers, so that receipts in tests read as they do in browsers. */
const PROMISES: Record<string, { lifetimes: readonly Lifetime[]; reach: Reach }> = {
  indexedDB: { lifetimes: ['device'], reach: 'origin' },
  localStorage: { lifetimes: ['device'], reach: 'origin' },
  sessionStorage: { lifetimes: ['tab'], reach: 'tab' },
  cookie: { lifetimes: ['session', 'device'], reach: 'origin' },
  memory: { lifetimes: ['page'], reach: 'page' },
}

/**
 * The tiers of a browser, by name, all in memory: a whole ladder for a widget's own tests, where no storage
 * object exists. Give the same tiers to a second storage to play a reload or another tab.
 *
 * @example
 * import { createStorage } from 'holdfast'
 * import { inMemory } from 'holdfast/testing'
 * const tiers = inMemory('localStorage', 'memory')
 * await createStorage({ namespace: 'acme-chat', tiers }).set('token', 'abc')
 * await createStorage({ namespace: 'acme-chat', tiers }).get('token') // => 'abc'
 */
export const inMemory = (...names: string[]): Tier[] =>
  (names.length ? names : Object.keys(PROMISES)).map((name) => {
    const promise = PROMISES[name]
    if (!promise) throw new RangeError(`names: ${name} is none of ${Object.keys(PROMISES).join(', ')}`)
    return { ...memoryTier(), name, traits: { ...promise, sync: true } }
  })
