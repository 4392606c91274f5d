import type { Seal } from '../contracts.js'
import type { External, Key } from '../rule.js'
import { external, key } from '../rule.js'

/** What LivePerson's documents leave open: some state, as the widget sees fit. */
export type State = Record<string, unknown>

/** LivePerson's monitoring and conversation keys. */
export type LivePersonKeys<SiteId extends string> = Record<'LPVID' | `LPSID-${SiteId}` | 'lpTabId' | 'lpPmCalleeDfs' | `LPCID-${SiteId}` | `LPCKEY-${SiteId}`, Key<string>> &
  Record<`lpLastVisit-${SiteId}`, Key<number>>

/** What LivePerson keeps in SecureStorage, on its own domain. */
export type SecureStorageKeys<SiteId extends string> = Record<`Storage_expiration-${SiteId}`, Key<number>> &
  Record<'lpStrMap' | 'windowUIState' | 'UIConf' | 'chatServiceLocations' | `lpMessaging-${SiteId}` | `${SiteId}-lpuw`, Key<State>>

/** Its keys for a hub: one day each. */
export const secureKeys = <SiteId extends string>(siteId: SiteId, hub: string, seal: Seal | undefined): SecureStorageKeys<SiteId> => {
  const rule = (purpose: string, sensitive?: boolean): Key<State> =>
    key({ ttl: '1d', tiers: [hub], category: 'functional', purpose, source: 'LivePerson', ...(sensitive && { personalData: 'A token that identifies the visitor' }), ...(sensitive && seal && { secret: true }) })
  return {
    [`Storage_expiration-${siteId}`]: rule('Notes when this storage was last used, so that it can be forgotten a day later'),
    lpStrMap: rule('Keeps track of the keys of this storage'),
    windowUIState: rule('Shows the chat window in the same state in each tab'),
    UIConf: rule('Remembers the settings of the conversation'),
    chatServiceLocations: rule('Remembers where the chat services are found'),
    [`lpMessaging-${siteId}`]: rule('Lets the messaging window recover on the next page and in other tabs; holds a JWT and an authentication code', true),
    [`${siteId}-lpuw`]: rule('Keeps the state of the session'),
  } as unknown as SecureStorageKeys<SiteId>
}

/** What the vendor's own server sets beside them, where a solution has a third party. */
export const serverKeys = (visitor: 'forever' | 'session'): Record<'LPSessionID' | 'LPVisitorID', External> => {
  const facts = { path: '/', party: 'third', httpOnly: true, provider: 'LivePerson', source: 'LivePerson', category: 'analytics' } as const
  return {
    LPSessionID: external({ ...facts, ttl: 'session', purpose: 'Tells which visit is going on, or was the last', personalData: 'An ID of the visit' }),
    LPVisitorID: external({ ...facts, ttl: visitor, purpose: 'Tells that it is the same visitor', personalData: 'An ID of the visitor' }),
  }
}
