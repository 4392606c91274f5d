import type { Ttl } from '../lifetime.js'
import type { Rules } from '../rule.js'
import type { Audit } from './audit-judgement.js'
import { judge } from './audit-judgement.js'
import type { SightEnv } from './audit-sight.js'
import { look } from './audit-sight.js'
import type { PhysicalOptions } from './physical.js'
import { physicalNames } from './physical.js'

/** What `audit` takes; the options of a storage are taken as they are. */
export interface AuditOptions extends PhysicalOptions {
  /** The storage's: how long a value lives whose rule does not say so. Default `'forever'`. */
  ttl?: Ttl
  /** The clock, in ms since 1970. Default `Date.now`. */
  now?: () => number
  /** The ms in which a browser must list one area. Default 1,500. */
  deadline?: number
  /** Where the page's storage is looked up. Default `globalThis`. */
  env?: SightEnv
}

/**
 * Lists what this page keeps in cookies, localStorage, sessionStorage and IndexedDB, against what is declared. Changes
 * nothing and never rejects: an area that cannot be listed is named in `unreadable`. Answers names, and never a value.
 * A page sees neither HttpOnly cookies nor another domain's: `npx holdfast audit` does.
 *
 * @example
 * import { createStorage, defineKeys, key, localStorageTier } from 'holdfast'
 * import { audit } from 'holdfast/disclosure'
 * const options = { namespace: 'acme-chat', tiers: [localStorageTier()], keys: defineKeys({ token: key<string>({ ttl: '1d' }) }) }
 * await createStorage(options).set('token', 'abc', { ttl: '1w' })
 * localStorage.setItem('stray', '1')
 * const { longer, undeclared } = await audit(options.keys, options)
 * longer.map(({ area, name, ttl }) => [area, name, ttl]) // => [['localStorage', 'acme-chat.token', '1d']]
 * undeclared // => [{ area: 'localStorage', name: 'stray' }]
 */
export const audit = async (registry: Rules | undefined, options: AuditOptions = {}): Promise<Audit> => {
  const { ttl = 'forever', now = Date.now, deadline = 1500, env = globalThis } = options
  const names = physicalNames(registry, options)
  return judge(await look(env as SightEnv, deadline), { registry, names, ttl, now: now() })
}
