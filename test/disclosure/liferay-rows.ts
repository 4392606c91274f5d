/** One row of Liferay's guide to its cookies: facts, as the guide has them. */
export interface GuideRow {
  /** `*` stands for what the guide puts together at run time. */
  name: string
  /** The class or the package. */
  source?: string[]
  /** A word that its description must have; `undefined`: it has none. */
  about?: RegExp
  category: 'necessary' | 'functional' | 'analytics' | 'marketing'
  type: 'session' | 'permanent' | 'session or permanent' | undefined
  /** Seconds; `'forever'` in local storage; `'browser'` until it is closed; what the guide says where it is more than that. */
  retention?: number | 'forever' | 'browser' | RegExp
  /** Words that must be told of it. */
  personalData?: RegExp
}

const YEAR = 31_536_000
const REMEMBERED = /remember me.*31,536,000 s/i
const USED = /removed when it is used/i

/** Where the guide names neither, a session's cookie ends with the browser. */
const session = { type: 'session', retention: 'browser' } as const
const year = { type: 'permanent', retention: YEAR } as const
const kept = { type: 'permanent', retention: 'forever', category: 'analytics' } as const
const tracked = { source: ['analytics-client-js'], ...kept }
const login = ['AuthenticatedSessionManagerImpl', 'BaseProfile']

export const dxpRows: readonly GuideRow[] = [
  { name: 'ab_test_variant_id', source: ['segments-experiment-web'], about: /A\/B test/, category: 'marketing', ...year },
  { name: 'ac_client_user_id', source: ['analytics-client-js'], about: /user/, category: 'marketing', ...year, personalData: /userId/ },
  { name: 'com.liferay.search.experiences.web_addSXPElementSidebar', source: ['search-experiences-web'], about: /sidebar/, category: 'functional', ...session },
  { name: 'com.liferay.search.experiences.web_successMessage', source: ['search-experiences-web'], about: /success/, category: 'functional', ...session },
  { name: 'COMMERCE_COMPARE_cpDefinitionIds_*', source: ['CPCompareContentDisplayContext', 'CPCompareContentMiniDisplayContext', 'CPCompareHelperImpl'], about: /compare/i, category: 'functional', type: undefined },
  { name: 'COMMERCE_CONTINUE_AS_GUEST', source: ['CommerceOrderHttpHelperImpl'], about: /guest/, category: 'necessary', type: 'permanent', retention: /1 year.*removed when it is used/i },
  { name: 'com.liferay.commerce.model.CommerceOrder#*', source: ['CommerceOrderHttpHelperImpl', 'LogoutPreAction'], about: /guest.*login/, category: 'necessary', type: 'permanent', retention: USED },
  { name: 'com.liferay.commerce.model.CommerceOrder#*', source: ['PunchOutLoginPostAction'], about: /PunchOut/, category: 'necessary', ...session },
  { name: 'com.liferay.commerce.wish.list.model.CommerceWishList#*', source: ['CommerceWishListHttpHelperImpl'], about: /wish list/, category: 'functional', ...year },
  { name: 'COMPANY_ID', source: [...login, 'PortalInstances'], about: /company/i, category: 'necessary', type: 'session or permanent', retention: REMEMBERED },
  { name: 'GUEST_LANGUAGE_ID', source: ['LanguageImpl', 'PortalImpl', 'I18nFilter'], about: /language/, category: 'functional', type: 'session', retention: /31,536,000 s/ },
  { name: 'ID', source: [...login, 'RememberMeAutoLogin'], about: /remember me/i, category: 'necessary', type: 'session or permanent', retention: REMEMBERED, personalData: /userId.*encrypted/ },
  { name: 'JSESSIONID', source: ['SessionIdServletRequest', 'UserAccountResourceImpl'], category: 'necessary', ...session },
  { name: 'COOKIE_SUPPORT', source: ['CookiesManagerImpl'], about: /cookies/, category: 'necessary', ...year },
  { name: 'LFR_SESSION_STATE_*', source: ['frontend-js-aui-web'], about: /session/i, category: 'necessary', ...session, personalData: /userId.*not encrypted.*name/ },
  { name: 'liferay.cookie.consent', source: ['site-initializer-masterclass'], about: /consent/i, category: 'functional', type: 'permanent' },
  { name: 'liferay.cookie.consent', source: ['fragment-collection-contributor-cookie-banner'], about: /consent/i, category: 'functional', type: 'permanent' },
  { name: 'LOGIN', source: [...login, 'LoginUtil'], category: 'functional', type: undefined },
  { name: 'OAUTH2_REMEMBER_DEVICE_', source: ['AuthorizationCodeGrantServiceRegistrator'], about: /OAuth 2.*device/, category: 'functional', ...session },
  { name: 'PASSWORD', source: [...login, 'RememberMeAutoLogin'], category: 'functional', type: undefined },
  { name: 'REMEMBER_ME', source: [...login, 'DDMFormDisplayContext', 'session_timeout.jspf'], about: /device/, category: 'functional', ...year },
  { name: 'SAML_SP_SESSION_KEY', source: ['BaseProfile', 'KeepAliveSPPortalDynamicInclude', 'WebSsoProfileImpl'], about: /Single Log ?Out/i, category: 'functional', ...session },
  { name: 'SAML_SSO_SESSION_ID', source: ['BaseProfile', 'KeepAliveStrutsAction', 'SamlIdpSsoFilter', 'WebSsoAutoLogin', 'WebSsoProfileImpl'], about: /identity provider/, category: 'functional', ...session },
  { name: 'UserLogin', source: ['AuthenticatedSessionManagerImpl'], about: /login.*remember me/i, category: 'functional', ...year, personalData: /UserLogin/ },
  { name: 'UserPassword', source: ['AuthenticatedSessionManagerImpl'], about: /again.*remember me/i, category: 'functional', ...year, personalData: /password.*encrypted/i },
  { name: 'userTokenName', source: ['com.liferay.portal.security.sso.token.configuration'], about: /token/, category: 'functional', ...session },
]

export const analyticsCloudRows: readonly GuideRow[] = [
  { name: 'activeWorkspaceId', about: /workspace/, ...kept, category: 'functional' },
  { name: 'maintenanceSeen', about: /maintenance/, ...kept, category: 'functional' },
  { name: 'sidebar', about: /sidebar/, ...kept, category: 'functional' },
  { name: 'subscriptions', about: /subscription/, ...kept, category: 'functional' },
  { name: 'ac_client_user_id', about: /anonymous/, ...tracked, personalData: /userId/i },
  { name: 'ac_client_identity', about: /SHA-256.*e-mail/, ...tracked },
  { name: 'ac_client_channel', about: /channel/, ...tracked },
  { name: 'ac_message_queue_identity', about: /identities.*not.*sent/, ...tracked },
  { name: 'ac_client_storage_version', about: /version/, ...tracked },
  { name: 'ac_client_context', about: /properties/, ...tracked },
  { name: 'ac_client_batch', about: /twice/, ...tracked },
  { name: 'ac_message_queue', about: /events.*not.*sent/, ...tracked },
  { name: 'ac_client_previous_email_address_hash', about: /SHA-256.*last user/, ...tracked },
]

const counted = { category: 'analytics', type: 'permanent' } as const
const hotjar = { about: /behaviour/, ...counted }
const minutes = 60

export const cloudConsoleRows: readonly GuideRow[] = [
  { name: 'acess_token', source: ['JWT'], about: /user/, category: 'necessary', ...session },
  { name: 'connect.sid', source: ['JWT'], about: /session/, category: 'necessary', ...session },
  { name: '_hjSessionUser', ...hotjar, retention: YEAR, about: /first/ },
  { name: '_hjIncludedInPageviewSample', ...hotjar, retention: 30 * minutes },
  { name: '_hjSession', ...hotjar, retention: 30 * minutes, about: /session/ },
  { name: '_hjFirstSeen', ...hotjar, ...session, about: /first session/ },
  { name: '_hjIncludedInSessionSample', ...hotjar, retention: 30 * minutes },
  { name: '_hjAbsoluteSessionInProgress', ...hotjar, retention: 30 * minutes },
  { name: '_gid', about: /counts/i, ...counted, retention: 86_400 },
  { name: '_ga', about: /counts/i, ...counted, retention: 2 * YEAR },
  { name: '_gat_gtag_UA_*', about: /counts/i, ...counted, retention: 1 * minutes },
  { name: '__zlcmid', about: /session/, category: 'analytics', type: undefined },
  { name: 'SERVER_ID', about: /web server/, category: 'necessary', ...session },
]
