import type { Env, Tier } from '../contracts.js'
import { webStorageTier } from './web-storage.js'

/**
 * Keeps entries in localStorage, for this origin. An acknowledged write is not on disk yet: browsers write it
 * some seconds later.
 *
 * @example
 * import { createStorage, localStorageTier } from 'holdfast'
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [localStorageTier()] })
 * const { tier, lifetime } = await storage.set('token', 'abc')
 * ;[tier, lifetime] // => ['localStorage', 'device']
 */
export const localStorageTier = (options: { env?: Env } = {}): Tier => webStorageTier('localStorage', 'device', 'origin', options.env)
