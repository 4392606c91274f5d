import type { Env } from '../contracts.js'
import type { Key, Rule } from '../rule.js'
import { key } from '../rule.js'
import { defineKeys } from '../rules.js'
import { cookieTier } from '../tiers/cookie.js'
import type { Preset } from './arguments.js'
import { checkName } from './arguments.js'

/** The older cookies of LivePerson. `LivePersonID` stands for two, told apart by their paths. */
export type LivePersonClassicKeys<SiteId extends string> = Record<
  | 'LivePersonID'
  | `LivePersonID /hc/${SiteId}`
  | 'HumanClickKEY'
  | 'HumanClickACTIVE'
  | `HumanClickSiteContainerID_${SiteId}`
  | 'lpCloseInvite'
  | 'OpenX'
  | 'HumanClickCHATKEY'
  | 'LPit',
  Key<string>
>

/**
 * LivePerson's older cookies. Two of them share the name `LivePersonID`, at `/` and at `/hc/{siteId}`: here they are
 * two keys. What lives below `/hc/{siteId}` is there for pages below it alone; elsewhere a read or a write of it rejects.
 *
 * @example
 * import { livepersonClassic } from 'holdfast/presets'
 * const { keys } = livepersonClassic({ siteId: '123' })
 * keys['LivePersonID /hc/123'].name // => 'LivePersonID'
 * keys['LivePersonID /hc/123'].path // => '/hc/123'
 */
export const livepersonClassic = <SiteId extends string>({ siteId, env }: { siteId: SiteId; env?: Env }): Preset<LivePersonClassicKeys<SiteId>> => {
  checkName('siteId', siteId)
  const path = '/hc/' + siteId
  const personalData = 'An ID of the visitor'
  const rule = (ttl: NonNullable<Rule['ttl']>, category: string, purpose: string, more: Rule = {}): Key<string> =>
    key({ ttl, tiers: ['cookie'], category, purpose, source: 'LivePerson', ...more })
  const keys = {
    LivePersonID: rule('1y', 'analytics', 'Holds the ID of the visitor, and when it was made', { personalData }),
    ['LivePersonID ' + path]: rule('1y', 'analytics', 'Holds the ID of the visitor, and the times of the last visit and the last chat', { name: 'LivePersonID', path, personalData: personalData + ', and the times of the last visit and the last chat' }),
    HumanClickKEY: rule('session', 'analytics', 'Tells which visit is going on', { path }),
    HumanClickACTIVE: rule('1d', 'functional', 'Shows whether the browser keeps cookies', { path }),
    ['HumanClickSiteContainerID_' + siteId]: rule('session', 'functional', 'Leads the visitor to the same server of the cluster', { path }),
    lpCloseInvite: rule('session', 'functional', 'Keeps an invitation from being shown twice'),
    OpenX: rule('7d', 'marketing', 'Chooses the offers that are shown'),
    HumanClickCHATKEY: rule('session', 'functional', 'Tells each chat session from every other, for its security'),
    LPit: rule('session', 'analytics', 'Lets the vendor improve its service'),
  } as unknown as LivePersonClassicKeys<SiteId>
  return { namespace: '', keys: defineKeys(keys), tiers: [cookieTier({ domain: 'site', ...(env && { env }) })], ...(env && { env }) }
}
