import type { Entry, Env, Tier } from '../contracts.js'
import { StorageError } from '../errors.js'
import { LONGEST } from '../lifetime.js'
import { domainsOf, scopeOf, scopesOf } from './cookie-scope.js'
import { COOKIE_BYTES, cut, decode, nameOf, newestOf, NO_NAME, NO_VALUE } from './cookie-text.js'
import { textTier } from './text.js'

/** What `cookieTier` takes. */
export interface CookieOptions {
  /** `'host'` (the default): this host alone. `'site'`: the widest parent domain that the browser accepts. Or a domain's name. */
  domain?: string
  /** Default `'/'`. */
  path?: string
  /** Default `'Lax'`. */
  sameSite?: 'Strict' | 'Lax' | 'None'
  /** Default: wherever the page is https. */
  secure?: boolean
  /** One jar for each top-level site (CHIPS). */
  partitioned?: boolean
  /** Put before each name; the browser then refuses cookies that do not keep what the prefix promises. */
  prefix?: '__Host-' | '__Secure-'
  /** Bytes that one entry may take, name and value, encoded. Above 4,096 it is cut into several cookies. */
  maxBytes?: number
  env?: Env
}

const ageOf = ({ lifetime, stamp, expires = Infinity, retain = 0 }: Entry): string => {
  // The stamp follows the storage's clock, which need not be this one.
  const left = Math.max(expires, retain) - Math.min(Date.now(), stamp)
  return lifetime === 'session' ? '' : '; Max-Age=' + Math.ceil(Math.max(1, Math.min(LONGEST, left)) / 1000)
}

/**
 * Keeps entries in first-party cookies: they travel to the site's servers with each request, and with
 * `domain: 'site'` sibling subdomains share them. Every write is read back; what does not fit is `too-large`.
 * A browser keeps a cookie for 400 days at most. Throws a RangeError where `prefix` and scope contradict.
 *
 * @example
 * import { cookieTier, createStorage } from 'holdfast'
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [cookieTier({ sameSite: 'Strict' })] })
 * const { tier, lifetime } = await storage.set('token', 'abc', { ttl: 'session' })
 * ;[tier, lifetime] // => ['cookie', 'session']
 */
export const cookieTier = ({ domain = 'host', path = '/', sameSite = 'Lax', secure, partitioned, prefix, maxBytes = COOKIE_BYTES, env = globalThis }: CookieOptions = {}): Tier => {
  if (prefix === '__Host-' && (domain !== 'host' || path !== '/')) throw new RangeError('prefix: not with a domain or path')
  /** `''`: this host alone; `undefined`: not asked yet. */
  let site = domain === 'host' ? '' : domain === 'site' ? undefined : domain

  const cookies = (): string[] => env.document!.cookie.split('; ')
  const wireName = (name: string): string => (prefix ?? '') + name.replace(NO_NAME, encodeURIComponent)
  const put = (cookie: string, attributes: string): void => {
    env.document!.cookie = `${cookie}${attributes}; SameSite=${sameSite}${secure ?? env.location?.protocol === 'https:' ? '; Secure' : ''}${partitioned ? '; Partitioned' : ''}`
  }
  const expire = (name: string, scope: string): void => put(name + '=', scope + '; Max-Age=0')

  /** Whether the browser takes cookies for a domain, which it says of one that is gone at once. */
  const accepts = (asked: string): boolean => {
    const probe = 'holdfast.' + Math.random()
    put(probe + '=1', scopeOf('/', asked))
    const accepted = cookies().map(nameOf).includes(probe)
    expire(probe, scopeOf('/', asked))
    return accepted
  }

  const keep = (name: string, text: string | null, entry: Entry | null): void => {
    const wire = wireName(name)
    const own = scopeOf(path, (site ??= domainsOf(env).find(accepts) ?? ''))
    let parts: string[] = []
    if (entry) {
      const value = text!.replace(NO_VALUE, encodeURIComponent)
      const size = wire.length + value.length
      if (size > maxBytes || wire.length > COOKIE_BYTES / 2) throw new StorageError('too-large', `cookie: ${name} takes ${size} bytes`)
      parts = cut(wire, value)
      for (const part of parts) {
        put(part, own + ageOf(entry))
        // Refused: what stands there stays whole, and no piece stays behind.
        if (!cookies().includes(part)) return parts.slice(0, -1).forEach((piece) => expire(nameOf(piece), own))
      }
    }
    // Pieces of an older value go, and twins: which of them a reader sees first never changes by writing (H12).
    for (const scope of [own, ...scopesOf(env, path)]) {
      const standing = cookies().map(nameOf).filter((each) => each.split('|')[0] === wire)
      if (standing.length <= parts.length) return
      for (const each of standing) if (scope !== own || !parts.map(nameOf).includes(each)) expire(each, scope)
    }
  }

  return textTier(
    'cookie',
    { lifetimes: ['session', 'device'], get reach() { return (site ?? domainsOf(env)[0]) ? 'site' : 'origin' }, sync: true, onWire: true, maxBytes, maxAge: LONGEST },
    () => {
      const all = cookies()
      return (name) => newestOf(all, wireName(name), name)
    },
    keep,
    () => [...new Set(cookies().map((cookie) => decode(nameOf(cookie).slice((prefix ?? '').length))))],
    (prefix) => ({ bytes: cookies().filter((cookie) => cookie.startsWith(wireName(prefix))).join('').length }),
  )
}
