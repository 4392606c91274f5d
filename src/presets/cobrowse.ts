import type { Env } from '../contracts.js'
import type { Key, Rule } from '../rule.js'
import { key } from '../rule.js'
import { defineKeys } from '../rules.js'
import { cookieTier } from '../tiers/cookie.js'
import { localStorageTier } from '../tiers/local-storage.js'
import type { Preset } from './arguments.js'

/** What Cobrowse keeps. */
export type CobrowseKeys = Record<'_cobrowse_device_id' | '_cobrowse_test_item' | '_cobrowse_window_id', Key<string>> & Record<'_cobrowse_device_registration' | '_cobrowse_active_session', Key<Record<string, unknown>>>

/**
 * What Cobrowse keeps: in localStorage, and where that does not work in cookies that go when the browser closes.
 * So the lifetime differs by tier, and the receipt says which one it is.
 *
 * @example
 * import { createStorage } from 'holdfast'
 * import { cobrowse } from 'holdfast/presets'
 * const { tier, lifetime } = await createStorage(cobrowse()).set('_cobrowse_device_id', 'device-1')
 * ;[tier, lifetime] // => ['localStorage', 'device']
 */
export const cobrowse = ({ env }: { env?: Env } = {}): Preset<CobrowseKeys> => {
  const page = env && { env }
  const rule = <Value>(purpose: string, more: Rule = {}): Key<Value> => key({ ttl: 'forever', tiers: ['localStorage', 'cookie'], category: 'necessary', purpose, source: 'Cobrowse', ...more })
  const active = { retention: 'Until the co-browsing session ends' }
  return {
    namespace: '',
    keys: defineKeys({
      _cobrowse_device_id: rule<string>('Tells that it is the same device', { personalData: 'An ID of the device' }),
      _cobrowse_device_registration: rule<Record<string, unknown>>('Notes when the device was registered for co-browsing', active),
      // Removed by whoever tests; a minute if he does not come to it.
      _cobrowse_test_item: rule<string>('Shows whether this browser stores anything', { ttl: '1m', retention: 'Until the test is done' }),
      _cobrowse_window_id: rule<string>('Tells that it is the same window', { personalData: 'An ID of the window' }),
      _cobrowse_active_session: rule<Record<string, unknown>>('Lets a co-browsing session go on after a reload', active),
    }),
    tiers: [localStorageTier({ ...page }), cookieTier({ lifetime: 'session', ...page })],
    ...page,
  }
}
