import type { Env, Tier } from '../contracts.js'
import { webStorageTier } from './web-storage.js'

/**
 * Keeps entries in sessionStorage, for this tab. A duplicated tab starts with a copy of them.
 *
 * @example
 * import { createStorage, sessionStorageTier } from 'holdfast'
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [sessionStorageTier()] })
 * const { lifetime, reach } = await storage.set('step', 2, { ttl: 'tab' })
 * ;[lifetime, reach] // => ['tab', 'tab']
 */
export const sessionStorageTier = (options: { env?: Env } = {}): Tier => webStorageTier('sessionStorage', 'tab', 'tab', options.env)
