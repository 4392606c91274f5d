import type { Consent } from '../contracts.js'
import { check } from '../origins.js'
import type { ConsentEnv } from './env.js'
import { byCategory, createProvider, listen } from './providing.js'

/** What `oneTrust` takes. */
export interface OneTrustOptions {
  /** The ID of OneTrust's group by category: each site names its own, such as `{ analytics: 'C0002' }`. */
  groups: Readonly<Record<string, string>>
  env?: ConsentEnv
}

/** The object is there before it is ready: it is ready when it can do what it is there for. */
const PARTS = ['OnConsentChanged', 'IsAlertBoxClosed', 'GetDomainData'] as const

/**
 * Consent as OneTrust's script on the page has it. A group that is active is granted. One that is not is refused once
 * the visitor has closed the banner, and not known before that. A category without a group is not known.
 *
 * @example
 * import { oneTrust } from 'holdfast/consent'
 * const consent = oneTrust({ groups: { analytics: 'C0002', marketing: 'C0004' } })
 * consent.allows('analytics') // => undefined
 * const stop = consent.watch(() => console.log('The visitor has chosen'))
 * Object.assign(window, { OnetrustActiveGroups: ',C0001,C0002,' }) // OneTrust's script does that, and tells:
 * dispatchEvent(new CustomEvent('OneTrustGroupsUpdated'))
 * consent.allows('analytics') // => true
 * consent.allows('marketing') // => false
 */
export const oneTrust = ({ groups, env = globalThis }: OneTrustOptions): Consent => {
  const entries = Object.entries(groups)
  const groupOf = byCategory(entries)
  for (const [category, group] of entries) check(typeof group === 'string' && /^[^,]+$/.test(group), 'groups.' + category, 'C0002')
  /** Its event is fired when the script has loaded, and whenever the visitor chooses (OneTrust's events guide). */
  let updated = false

  const { tell, ...consent } = createProvider(
    (category) => {
      const { OnetrustActiveGroups: active, OneTrust } = env as { OnetrustActiveGroups: string; OneTrust?: Partial<Record<(typeof PARTS)[number], () => unknown>> }
      const group = groupOf[category]
      if (!group || !/[^,]/.test(active) || !(updated || PARTS.every((part) => typeof OneTrust?.[part] === 'function'))) return
      return active.split(',').includes(group) || (OneTrust?.IsAlertBoxClosed?.() === false ? undefined : false)
    },
    () => entries.map(([category]) => consent.allows(category)),
    () =>
      listen(env, 'OneTrustGroupsUpdated', () => {
        updated = true
        tell()
      }),
  )
  return consent
}
