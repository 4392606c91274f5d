import type { Seal, Tier } from '../contracts.js'
import { key } from '../rule.js'
import { defineKeys } from '../rules.js'
import { cookieTier } from '../tiers/cookie.js'
import type { HttpCookieOptions } from '../tiers/http-cookie.js'
import { httpCookieTier } from '../tiers/http-cookie.js'
import { localStorageTier } from '../tiers/local-storage.js'
import { mirror } from '../tiers/mirror.js'
import { sessionStorageTier } from '../tiers/session-storage.js'
import type { Preset } from './arguments.js'
import { checkName, hubOf } from './arguments.js'
import type { LivePersonKeys, SecureStorageKeys } from './liveperson-keys.js'
import { secureKeys, serverKeys } from './liveperson-keys.js'

/** Who sets the cookies of a visit, and for how long: LivePerson's cookie solution types. */
export type LivePersonSolution = 'third-party' | 'third-party-session' | 'first-party-with-third-party-session' | 'first-party' | 'first-party-session'

/** What `liveperson` takes. */
export interface LivePersonOptions<SiteId extends string = string> {
  /** The account: it is part of the keys' names. */
  siteId: SiteId
  /** Default `'third-party'`. */
  solution?: LivePersonSolution
  /** The vendor's server (`holdfast/server`) that keeps the HttpOnly cookies; needed where the solution has a third party. */
  endpoint?: string
  /** The address of the vendor's hub page, or a tier: the keys of SecureStorage are then declared, too. */
  hub?: string | Tier
  /** For the keys that hold tokens; without one they are kept in the clear. */
  seal?: Seal
  env?: NonNullable<HttpCookieOptions['env']>
}

const SOLUTIONS: readonly LivePersonSolution[] = ['third-party', 'third-party-session', 'first-party-with-third-party-session', 'first-party', 'first-party-session']

/** The first of two cookies answers at once, so the duplicate may have most of a storage's deadline. */
const WAIT = 1200

/**
 * What LivePerson keeps, where its documents say, under its own names. `solution` decides where the visitor's ID and
 * the session are: in cookies of the vendor's domain, of the brand's, or both.
 *
 * @example
 * import { createStorage } from 'holdfast'
 * import { liveperson } from 'holdfast/presets'
 * const storage = createStorage(liveperson({ siteId: '123', solution: 'first-party' }))
 * const { tier, lifetime } = await storage.set('LPVID', 'visitor-1')
 * ;[tier, lifetime] // => ['cookie', 'device']
 * const session = await storage.set('LPSID-123', 'session-1')
 * session.lifetime // => 'session'
 */
export function liveperson<SiteId extends string>(options: LivePersonOptions<SiteId> & { hub: string | Tier }): Preset<LivePersonKeys<SiteId> & SecureStorageKeys<SiteId>>
export function liveperson<SiteId extends string>(options: LivePersonOptions<SiteId>): Preset<LivePersonKeys<SiteId>>
export function liveperson<SiteId extends string>({ siteId, solution = 'third-party', endpoint, hub, seal, env }: LivePersonOptions<SiteId>): Preset<LivePersonKeys<SiteId>> {
  checkName('siteId', siteId)
  if (!SOLUTIONS.includes(solution)) throw new RangeError('solution: none of ' + SOLUTIONS.join(', '))
  const third = solution.includes('third-party')
  if (third && !endpoint) throw new TypeError(`endpoint: not given, and solution ${solution} needs it`)

  const page = env && { env }
  const duplicated = solution === 'first-party-with-third-party-session'
  const remote = third ? httpCookieTier({ endpoint: endpoint!, ...(solution !== 'third-party' && { lifetime: 'session' }), ...page }) : undefined
  const brief = solution === 'third-party-session' || solution === 'first-party-session'
  const cookie = (): Tier => cookieTier({ domain: 'site', ...(brief && { lifetime: 'session' }), ...page })
  // Conversation keys have no duplicate, so they need a cookie tier of their own.
  const both = duplicated && mirror(cookie(), remote!, { name: 'cookie+httpCookie', wait: WAIT, ...page })
  const browsing = both ? [both] : remote ? [remote] : []
  const vendor = hub === undefined ? undefined : hubOf(hub, env)

  const visit = [...browsing.map(({ name }) => name), ...(both ? [] : ['cookie']), 'sessionStorage']
  const source = 'LivePerson'
  const conversation = { ttl: 'session', tiers: ['cookie'], category: 'functional', purpose: 'Fetches the data of the conversation, in this browser alone', personalData: 'A token of the conversation', source } as const
  const keys = {
    LPVID: key<string>({ ttl: brief ? 'session' : 'forever', tiers: visit, category: 'analytics', purpose: 'Tells that it is the same visitor', personalData: 'An ID of the visitor', source }),
    [`LPSID-${siteId}`]: key<string>({ ttl: 'session', tiers: visit, category: 'analytics', purpose: 'Tells which visit is going on, or was the last', personalData: 'An ID of the visit', source }),
    ...(third && serverKeys(solution === 'third-party' ? 'forever' : 'session')),
    [`lpLastVisit-${siteId}`]: key<number>({ ttl: 'forever', tiers: ['localStorage'], category: 'analytics', purpose: 'Notes when the visitor was last here', personalData: 'The time of the last visit', source }),
    lpTabId: key<string>({ ttl: 'tab', tiers: ['sessionStorage'], category: 'functional', purpose: 'Tells the tabs apart that share data', source }),
    lpPmCalleeDfs: key<string>({ ttl: 'tab', tiers: ['sessionStorage'], category: 'functional', purpose: 'Lets frames of two domains talk to each other', source }),
    [`LPCID-${siteId}`]: key<string>(conversation),
    [`LPCKEY-${siteId}`]: key<string>(conversation),
    ...(vendor && secureKeys(siteId, vendor.name, seal)),
  } as unknown as LivePersonKeys<SiteId>
  const tiers = [...browsing, cookie(), sessionStorageTier({ ...page }), localStorageTier({ ...page }), ...(vendor ? [vendor] : [])]
  return { namespace: '', keys: defineKeys(keys), tiers, ...(seal && { seal }), ...page }
}
