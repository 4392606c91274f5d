import type { Env, Seal, Tier } from '../contracts.js'
import { defineKeys } from '../rules.js'
import type { Preset } from './arguments.js'
import { checkName, hubOf } from './arguments.js'
import type { SecureStorageKeys } from './liveperson-keys.js'
import { secureKeys } from './liveperson-keys.js'

/** What `secureStorage` takes. */
export interface SecureStorageOptions<SiteId extends string = string> {
  /** The account: each has a namespace of its own. */
  siteId: SiteId
  /** The address of the vendor's hub page, or a tier. */
  hub: string | Tier
  /** For the key that holds a token; without one it is kept in the clear. */
  seal?: Seal
  env?: Env
}

/**
 * LivePerson's SecureStorage: one day for each key, in whatever the hub has on the vendor's domain. Once unused for a
 * day all of it is forgotten, which is what the vendor's `Storage_expiration` is for.
 *
 * @example
 * import { createStorage, memoryTier } from 'holdfast'
 * import { secureStorage } from 'holdfast/presets'
 * const hub = { ...memoryTier(), name: 'hub' } // or 'https://chat.vendor.test/hub'
 * const storage = createStorage(secureStorage({ siteId: '123', hub }))
 * await storage.set('UIConf', { sound: false })
 * await storage.get('UIConf') // => { sound: false }
 */
export const secureStorage = <SiteId extends string>({ siteId, hub, seal, env }: SecureStorageOptions<SiteId>): Preset<SecureStorageKeys<SiteId>> => {
  checkName('siteId', siteId)
  const tier = hubOf(hub, env)
  return { namespace: 'SecureStorage-' + siteId, keys: defineKeys(secureKeys(siteId, tier.name, seal)), tiers: [tier], ttl: '1d', idle: '1d', ...(seal && { seal }), ...(env && { env }) }
}
