import type { Rule } from '../../src/rule.js'
import { external, key } from '../../src/rule.js'
import { defineKeys } from '../../src/rules.js'

/** Liferay's products as the owner of a site declares them: what its own code keeps is a key, what servers and others set is external. */

const necessary = { category: 'necessary' } as const
const functional = { category: 'functional' } as const
const inCookie = (rule: Rule) => key<string>({ tiers: ['cookie'], ...rule })
/** `company.security.auto.login.max.age=31536000` */
const loginAge = { ttl: '1y' } as const

/** A visitor who asks to be remembered. */
export interface Remembered {
  id: string
  rememberMe: boolean
}
const remembered = (rule: Rule) =>
  key<Remembered>({ tiers: ['cookie'], ttl: ({ rememberMe }) => (rememberMe ? '1y' : 'session'), retention: 'With “Remember Me” 31,536,000 s; without it until the browser is closed', ...necessary, ...rule })

const guestOrder = { name: 'com.liferay.commerce.model.CommerceOrder#*', ...necessary }
const consent = { name: 'liferay.cookie.consent', ttl: 'forever', ...functional, purpose: 'Remembers whether the visitor gave consent to cookies, in the banner' } as const

/** Two cookies bear one name, twice: `defineKeys` takes any number of external entries of a name. */
export const dxp = defineKeys({
  ab_test_variant_id: inCookie({ ttl: '1y', category: 'marketing', source: 'segments-experiment-web', purpose: 'Remembers which variant of an A/B test the user is shown' }),
  ac_client_user_id: inCookie({ ttl: '1y', category: 'marketing', source: 'analytics-client-js', purpose: 'Holds the ID of the current user', personalData: 'userId' }),
  addSXPElementSidebar: inCookie({ name: 'com.liferay.search.experiences.web_addSXPElementSidebar', ttl: 'session', ...functional, source: 'search-experiences-web', purpose: 'Remembers whether the sidebar for query elements is open, while the tabs of a blueprint are changed' }),
  successMessage: inCookie({ name: 'com.liferay.search.experiences.web_successMessage', ttl: 'session', ...functional, source: 'search-experiences-web', purpose: 'Shows the message of success once a blueprint is saved' }),
  compare: external({ name: 'COMMERCE_COMPARE_cpDefinitionIds_*', ...functional, source: 'CPCompareContentDisplayContext, CPCompareContentMiniDisplayContext, CPCompareHelperImpl', purpose: 'Lets a user compare products' }),
  COMMERCE_CONTINUE_AS_GUEST: inCookie({ ttl: '1y', once: true, ...necessary, source: 'CommerceOrderHttpHelperImpl', purpose: 'Lets a guest check out without a login' }),
  guestOrder: external({ ...guestOrder, ttl: '1y', source: 'CommerceOrderHttpHelperImpl, LogoutPreAction', purpose: 'Makes the order of a guest that of the user after a login', retention: '1 year; removed when it is used' }),
  punchOutOrder: external({ ...guestOrder, ttl: 'session', source: 'PunchOutLoginPostAction', purpose: 'Keeps the order of a PunchOut' }),
  wishList: external({ name: 'com.liferay.commerce.wish.list.model.CommerceWishList#*', ttl: '1y', ...functional, source: 'CommerceWishListHttpHelperImpl', purpose: 'Lets a guest have a wish list that becomes the user’s' }),
  COMPANY_ID: remembered({ source: 'AuthenticatedSessionManagerImpl, BaseProfile, PortalInstances', purpose: 'Remembers the company that was visited last' }),
  GUEST_LANGUAGE_ID: external({ ttl: 'session', retention: '31,536,000 s', ...functional, source: 'LanguageImpl, PortalImpl, I18nFilter', purpose: 'Remembers the language where a user has set none' }),
  ID: remembered({ source: 'AuthenticatedSessionManagerImpl, BaseProfile, RememberMeAutoLogin', purpose: 'Holds the user’s ID for “Remember Me”', personalData: 'userId, encrypted', secret: true }),
  JSESSIONID: external({ ttl: 'session', ...necessary, source: 'SessionIdServletRequest, UserAccountResourceImpl' }),
  COOKIE_SUPPORT: inCookie({ ttl: '1y', ...necessary, source: 'CookiesManagerImpl', purpose: 'Shows whether the browser keeps cookies' }),
  sessionState: external({ name: 'LFR_SESSION_STATE_*', ttl: 'session', ...necessary, source: 'frontend-js-aui-web', purpose: 'Extends or ends the session of a user who is not remembered', personalData: 'userId, not encrypted, in the name of the cookie' }),
  consent: external({ ...consent, source: 'site-initializer-masterclass' }),
  bannerConsent: external({ ...consent, source: 'fragment-collection-contributor-cookie-banner' }),
  LOGIN: external({ ...functional, source: 'AuthenticatedSessionManagerImpl, BaseProfile, LoginUtil' }),
  OAUTH2_REMEMBER_DEVICE_: external({ ttl: 'session', ...functional, source: 'AuthorizationCodeGrantServiceRegistrator', purpose: 'Spares a user the OAuth 2 authorization on a device where it was given before' }),
  PASSWORD: external({ ...functional, source: 'AuthenticatedSessionManagerImpl, BaseProfile, RememberMeAutoLogin' }),
  REMEMBER_ME: external({ ...loginAge, ...functional, source: 'AuthenticatedSessionManagerImpl, BaseProfile, DDMFormDisplayContext, session_timeout.jspf', purpose: 'Spares a user the login on a device where he asked for that' }),
  SAML_SP_SESSION_KEY: external({ ttl: 'session', ...functional, source: 'BaseProfile, KeepAliveSPPortalDynamicInclude, WebSsoProfileImpl', purpose: 'Lets the service provider take part in a SAML Single Log Out' }),
  SAML_SSO_SESSION_ID: external({ ttl: 'session', ...functional, source: 'BaseProfile, KeepAliveStrutsAction, SamlIdpSsoFilter, WebSsoAutoLogin, WebSsoProfileImpl', purpose: 'Lets the session with the identity provider outlive the HTTP session, which is made anew when needed' }),
  UserLogin: external({ ...loginAge, ...functional, source: 'AuthenticatedSessionManagerImpl', purpose: 'Tells how old a login is where “Remember Me” is used', personalData: 'UserLogin' }),
  UserPassword: external({ ...loginAge, ...functional, source: 'AuthenticatedSessionManagerImpl', purpose: 'Logs a user in again where “Remember Me” is used', personalData: 'The user’s password, encrypted' }),
  userTokenName: external({ ttl: 'session', ...functional, source: 'com.liferay.portal.security.sso.token.configuration', purpose: 'Keeps a user logged in where single sign-on by a token is set up' }),
})

const inBrowser = (rule: Rule) => key<unknown>({ ttl: 'forever', tiers: ['localStorage'], ...rule })
const tracked = (purpose: string, personalData?: string) => inBrowser({ category: 'analytics', source: 'analytics-client-js', purpose, ...(personalData && { personalData }) })

export const analyticsCloud = defineKeys({
  activeWorkspaceId: inBrowser({ ...functional, purpose: 'Opens a chat with the Help Center of the current workspace' }),
  maintenanceSeen: inBrowser({ ...functional, purpose: 'Keeps the message about maintenance away once the user has put it away' }),
  sidebar: inBrowser({ ...functional, purpose: 'Shows the sidebar as the user left it' }),
  subscriptions: inBrowser({ ...functional, purpose: 'Opens a chat with the Help Center of the subscription' }),
  ac_client_user_id: tracked('Holds the ID of the current user, so that guests count as anonymous individuals', 'UserID'),
  ac_client_identity: tracked('Holds the ID of a user who is logged in: empty, or a SHA-256 hash of e-mail and userId'),
  ac_client_channel: tracked('Holds the ID of the channel of this website'),
  ac_message_queue_identity: tracked('Keeps identities that are not yet sent to the server'),
  ac_client_storage_version: tracked('Holds the version of the storage’s settings'),
  ac_client_context: tracked('Keeps properties of the page and the user that are sent with each event'),
  ac_client_batch: tracked('Lists the IDs of events, so that none is sent twice'),
  ac_message_queue: tracked('Keeps events that are not yet sent to the server'),
  ac_client_previous_email_address_hash: tracked('Tells, by an empty text or a SHA-256 hash of the e-mail address, whether it is the last user who logs in again'),
})

const hotjar = { category: 'analytics', party: 'third', provider: 'Hotjar' } as const
const sampled = external({ ...hotjar, ttl: '30m', purpose: 'Studies the behaviour of visitors' })
const google = { category: 'analytics', party: 'third', provider: 'Google Analytics', purpose: 'Counts visits' } as const

export const cloudConsole = defineKeys({
  acess_token: external({ ttl: 'session', ...necessary, source: 'JWT', purpose: 'Identifies the user who is logged in' }),
  'connect.sid': external({ ttl: 'session', ...necessary, source: 'JWT', purpose: 'Identifies one session on the server' }),
  _hjSessionUser: external({ ...hotjar, ttl: '1y', purpose: 'Studies the behaviour of visitors; set when a user is on a page for the first time' }),
  _hjIncludedInPageviewSample: sampled,
  _hjSession: external({ ...hotjar, ttl: '30m', purpose: 'Studies the behaviour of visitors; holds the session' }),
  _hjFirstSeen: external({ ...hotjar, ttl: 'session', purpose: 'Studies the behaviour of visitors; tells which session is a user’s first session' }),
  _hjIncludedInSessionSample: sampled,
  _hjAbsoluteSessionInProgress: sampled,
  _gid: external({ ...google, ttl: '1d' }),
  _ga: external({ ...google, ttl: '2y' }),
  '_gat_gtag_UA_*': external({ ...google, ttl: '1m' }),
  __zlcmid: external({ category: 'analytics', party: 'third', provider: 'Zendesk', purpose: 'Identifies the session of a user' }),
  SERVER_ID: external({ ttl: 'session', ...necessary, purpose: 'Set by the web server' }),
})
