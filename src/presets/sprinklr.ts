import type { Choice } from '../consent/choice.js'
import { choice } from '../consent/choice.js'
import type { Env, Seal, Tier } from '../contracts.js'
import type { Facts, Key, Rule } from '../rule.js'
import { external, key } from '../rule.js'
import { defineKeys } from '../rules.js'
import { cookieTier } from '../tiers/cookie.js'
import { localStorageTier } from '../tiers/local-storage.js'
import { memoryTier } from '../tiers/memory.js'
import type { Preset } from './arguments.js'
import { checkName, hubOf } from './arguments.js'

/** Sprinklr's flags of consent. What is essential has none. */
export interface CookieConsent {
  /** Default `false`. */
  ANALYTICS?: boolean
}

/** What `sprinklr` takes. */
export interface SprinklrOptions<AppId extends string = string, UserId extends string = string, Flags extends CookieConsent | undefined = CookieConsent | undefined> {
  appId: AppId
  /** Part of the keys' names: choose one that is no personal data. */
  userId: UserId
  /** The opt-in: the token is shared by the brand's subdomains. Then `hub` is needed. */
  sessionStorage?: boolean
  /** The address of the vendor's hub page, or a tier. */
  hub?: string | Tier
  /** Turns consent management on; the answer's `consent.update` tells of changes. Without it every token is stored at once. */
  cookieConsent?: Flags
  /** For the token; without one it is kept in the clear. */
  seal?: Seal
  env?: Env
}

/** Sprinklr's tokens. */
export type SprinklrKeys<AppId extends string, UserId extends string> = Record<`spr-chat-token-${AppId}` | `spr-chat-state-${UserId}`, Key<string>> &
  Record<`spr-chat-trigger-hide-${UserId}`, Key<number>> &
  Record<`spr-chat-user-${UserId}` | 'spr-cobrowse-state' | `spr-chat-analytics-${UserId}`, Key<Record<string, unknown>>>

/** Options for `createStorage`. Where `cookieConsent` was given, `consent.update({ analytics: true })` is Sprinklr's `updateCookieConsent`. */
export type SprinklrPreset<AppId extends string, UserId extends string, Flags extends CookieConsent | undefined> = Preset<SprinklrKeys<AppId, UserId>> & (Flags extends CookieConsent ? { consent: Choice } : unknown)

/**
 * What Sprinklr Live Chat keeps: in the brand's localStorage, or with the opt-in `sessionStorage` so that one
 * conversation goes on across the brand's subdomains: the hub, then the brand's cookie, then its localStorage, then
 * memory. The cookie travels to the brand's servers with each request.
 *
 * @example
 * import { createStorage, memoryTier } from 'holdfast'
 * import { sprinklr } from 'holdfast/presets'
 * const app = createStorage(sprinklr({ appId: 'app_1', userId: 'u1' }))
 * const { tier } = await app.set('spr-chat-token-app_1', 'eyJhbGciOi')
 * tier // => 'localStorage'
 */
export const sprinklr = <AppId extends string, UserId extends string, Flags extends CookieConsent | undefined = undefined>({
  appId,
  userId,
  sessionStorage,
  hub,
  cookieConsent,
  seal,
  env,
}: SprinklrOptions<AppId, UserId, Flags>): SprinklrPreset<AppId, UserId, Flags> => {
  checkName('appId', appId)
  checkName('userId', userId, /^[\w.@~+-]{1,128}$/)
  if (sessionStorage && hub === undefined) throw new TypeError('hub: not given, and sessionStorage needs it')
  const { ANALYTICS: analytics = false } = cookieConsent ?? {}
  if (typeof analytics !== 'boolean') throw new TypeError('cookieConsent.ANALYTICS: neither true nor false')
  const page = env && { env }
  const local = localStorageTier({ ...page })
  const tiers = sessionStorage ? [hubOf(hub, env), cookieTier({ domain: 'site', ...page }), local, memoryTier()] : [local]

  const personalData = 'The ID of the user, in its name'
  const rule = <Value>(purpose: string, facts: Facts = {}, shared?: Rule): Key<Value> =>
    key({ ttl: 'forever', tiers: ['localStorage'], category: 'necessary', purpose, source: 'Sprinklr Live Chat', ...facts, ...(sessionStorage && shared) })
  const cookie = { tiers: ['cookie'] }
  const token = rule<string>(
    'Tells that it is the same user, so that the conversation goes on after a reload',
    { personalData: 'A token that identifies the user', retention: 'Until it is deleted; for users who are logged in, as their authentication says' },
    { tiers: tiers.map(({ name }) => name), reach: 'site' },
  )
  const balancer = external({ category: 'necessary', purpose: 'Leads the visitor to the same server', party: 'third', provider: 'Amazon Web Services' })
  const keys = {
    [`spr-chat-token-${appId}`]: { ...token, ...(seal && { secret: true }) },
    [`spr-chat-trigger-hide-${userId}`]: rule<number>('Hides the button of the chat until the time that the user chose', { personalData, condition: 'Only if the user snoozes the chat' }, cookie),
    [`spr-chat-user-${userId}`]: rule('Remembers what the user prefers, such as sound on or off', { personalData, condition: 'Only if the user changes the sound' }),
    [`spr-chat-state-${userId}`]: rule<string>('Opens the chat again after a reload if it was open', { personalData, condition: 'Only if the chat is set to remember that' }, cookie),
    // Only its servers set these.
    AWSALB: balancer,
    AWSALBCORS: balancer,
    'spr-cobrowse-state': rule('Lets co-browsing go on after a reload', { condition: 'Only if co-browsing is on, and the user leaves a session that goes on' }, cookie),
    [`spr-chat-analytics-${userId}`]: rule('Counts how the chat is used, and how well it works', { personalData, category: 'analytics' }),
  } as unknown as SprinklrKeys<AppId, UserId>
  const options = { namespace: '', keys: defineKeys(keys), tiers, ...(cookieConsent && { consent: choice({ analytics }) }), ...(seal && { seal }), ...page }
  return options as typeof options & SprinklrPreset<AppId, UserId, Flags>
}
