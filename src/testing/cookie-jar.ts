import type { Env } from '../contracts.js'

interface Cookie {
  name: string
  value: string
  domain: string
  hostOnly: boolean
  path: string
  secure: boolean
  /** In ms since 1970; `undefined`: until the browser closes. */
  expires: number | undefined
  created: number
}

/** One browser's cookies, seen from any address. */
export interface CookieJar {
  /** What a page at this address sees; give it to `cookieTier({ env })`. */
  at(url: string): Required<Pick<Env, 'document' | 'location'>>
  /** As when the browser is closed: cookies without a Max-Age go. */
  restart(): void
  /** As when the user clears cookies. */
  clear(): void
  /** Set to `true`, writes are dropped without a word, as where the user blocks cookies. */
  refuses: boolean
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length
const DAYS_400 = 400 * 86_400_000
/** Chromium keeps 180 of a domain, then drops the oldest down to 150. */
const MOST = 180
const LEFT = 150

const matchesPath = (path: string, cookiePath: string): boolean =>
  path === cookiePath || (path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/'))

const matchesDomain = (host: string, { domain, hostOnly }: Cookie): boolean => host === domain || (!hostOnly && host.endsWith('.' + domain))

/** RFC 6265 §5.2; an attribute value above 1,024 bytes is ignored, so that the cookie lands elsewhere. */
const parse = (text: string): { name: string; value: string; attributes: Map<string, string> } | undefined => {
  const [pair = '', ...rest] = text.split(';')
  const at = pair.indexOf('=')
  // eslint-disable-next-line no-control-regex -- that is what browsers refuse
  if (at < 1 || /[\0-\x08\x0a-\x1f\x7f]/.test(pair)) return
  const attributes = new Map<string, string>()
  for (const part of rest) {
    const [name = '', ...value] = part.split('=')
    const text = value.join('=').trim()
    if (bytesOf(text) <= 1024) attributes.set(name.trim().toLowerCase(), text)
  }
  return { name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim(), attributes }
}

/** The cookie that a browser would make of it at this address; `undefined`: it would drop it without a word. */
const accept = (text: string, url: URL, now: number, suffixes: readonly string[]): Cookie | undefined => {
  const parsed = parse(text)
  if (!parsed) return
  const { name, value, attributes } = parsed
  const secure = attributes.has('secure')
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase()
  const path = attributes.get('path')
  const https = url.protocol === 'https:' || url.hostname === 'localhost' || url.hostname.endsWith('.localhost')
  const refused =
    bytesOf(name + value) > 4096 ||
    (secure && !https) ||
    (attributes.get('samesite')?.toLowerCase() === 'none' && !secure) ||
    (domain && (!(url.hostname === domain || url.hostname.endsWith('.' + domain)) || (domain !== url.hostname && (!domain.includes('.') || suffixes.includes(domain))))) ||
    (/^__secure-/i.test(name) && !secure) ||
    (/^__host-/i.test(name) && (!secure || domain || path !== '/'))
  if (refused) return
  const age = attributes.get('max-age')
  return {
    name,
    value,
    domain: domain ?? url.hostname,
    hostOnly: !domain,
    path: path?.startsWith('/') ? path : url.pathname.slice(0, url.pathname.lastIndexOf('/')) || '/',
    secure,
    expires: age === undefined ? undefined : now + Math.min(Number(age) * 1000, DAYS_400),
    created: 0,
  }
}

/**
 * A cookie jar as strict as browsers are (limits, scopes, order, prefixes, eviction), which jsdom's is not:
 * for tests of the cookie tier without a browser. `suffixes` are public suffixes with a dot.
 *
 * @example
 * import { cookieTier, createStorage } from 'holdfast'
 * import { cookieJar } from 'holdfast/testing'
 * const jar = cookieJar()
 * const tiers = [cookieTier({ domain: 'site', env: jar.at('https://a.brand.test/') })]
 * await createStorage({ namespace: 'acme-chat', tiers }).set('token', 'abc')
 * const sibling = [cookieTier({ domain: 'site', env: jar.at('https://b.brand.test/') })]
 * await createStorage({ namespace: 'acme-chat', tiers: sibling }).get('token') // => 'abc'
 */
export const cookieJar = ({ now = Date.now, suffixes = ['co.uk'] }: { now?: () => number; suffixes?: readonly string[] } = {}): CookieJar => {
  let cookies: Cookie[] = []
  let count = 0
  const alive = (cookie: Cookie): boolean => cookie.expires === undefined || cookie.expires > now()

  const write = (text: string, url: URL): void => {
    const cookie = accept(text, url, now(), suffixes)
    if (!cookie || jar.refuses) return
    const same = (other: Cookie): boolean => other.name === cookie.name && other.domain === cookie.domain && other.hostOnly === cookie.hostOnly && other.path === cookie.path
    const before = cookies.find(same)
    // A page that is not https may not replace a Secure cookie.
    if (before?.secure && url.protocol === 'http:' && !cookie.secure) return
    cookies = cookies.filter((other) => !same(other) && alive(other))
    if (alive(cookie)) cookies.push({ ...cookie, created: before?.created ?? count++ })
    const site = cookies.filter(({ domain }) => domain === cookie.domain)
    if (site.length > MOST) {
      const oldest = new Set(site.sort((one, other) => one.created - other.created).slice(0, site.length - LEFT))
      cookies = cookies.filter((other) => !oldest.has(other))
    }
  }
  const read = (url: URL): string =>
    cookies
      .filter((cookie) => alive(cookie) && matchesDomain(url.hostname, cookie) && matchesPath(url.pathname, cookie.path) && (!cookie.secure || url.protocol === 'https:' || url.hostname === 'localhost'))
      .sort((one, other) => other.path.length - one.path.length || one.created - other.created)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')

  const jar: CookieJar = {
    refuses: false,
    at(address) {
      const url = new URL(address)
      return {
        location: { hostname: url.hostname, protocol: url.protocol, pathname: url.pathname },
        document: {
          get cookie() {
            return read(url)
          },
          set cookie(text: string) {
            write(text, url)
          },
        },
      }
    },
    restart() {
      cookies = cookies.filter(({ expires }) => expires !== undefined)
    },
    clear() {
      cookies = []
    },
  }
  return jar
}
