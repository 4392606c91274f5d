import type { Entry, Env, Tier, Usage } from '../contracts.js'
import { decodeEntry, encodeEntry } from '../entry.js'
import { StorageError } from '../errors.js'
import { LONGEST } from '../lifetime.js'
import { domainsOf, pathsOf, scopeOf, scopesOf } from './cookie-scope.js'
import type { Standing } from './cookie-text.js'
import { COOKIE_BYTES, cut, decode, nameOf, NO_NAME, NO_VALUE, standingOf } from './cookie-text.js'
import { textTier } from './text.js'

/** What `cookieTier` takes. */
export interface CookieOptions {
  /** `'host'` (the default): this host alone. `'site'`: the widest parent domain that the browser accepts. Or a domain's name. */
  domain?: string
  /** Default `'/'`. Pages elsewhere see nothing of it: there the tier is `unavailable`. */
  path?: string
  /** `'session'`: whatever is asked, nothing here outlives the browser's session. */
  lifetime?: 'session'
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
 * A browser keeps a cookie for 400 days at most. Throws a RangeError for a `path` that is none, and where `prefix`
 * and scope contradict.
 *
 * @example
 * import { cookieTier, createStorage } from 'holdfast'
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [cookieTier({ sameSite: 'Strict' })] })
 * const { tier, lifetime } = await storage.set('token', 'abc', { ttl: 'session' })
 * ;[tier, lifetime] // => ['cookie', 'session']
 */
export const cookieTier = ({ domain = 'host', path: main = '/', lifetime, sameSite = 'Lax', secure, partitioned, prefix = '' as never, maxBytes = COOKIE_BYTES, env = globalThis }: CookieOptions = {}): Tier => {
  /** `''`: this host alone; `undefined`: not asked yet. */
  let site = domain === 'host' ? '' : domain === 'site' ? undefined : domain
  const tiers = new Map<string, Tier>()

  /** The cookies at the last look: while they stay the same nothing is parsed again. */
  let seen: string | undefined
  let all: string[]
  const cookies = (): string[] => {
    const now = env.document!.cookie
    if (now !== seen) all = (seen = now).split('; ')
    return all
  }
  const wireName = (name: string): string => prefix + name.replace(NO_NAME, encodeURIComponent)
  /** Beside the name, this tells the cookies of one path from another's; nothing at the tier's own. */
  const markOf = (path: string): string => (path === main ? '' : '\0' + path)
  const put = (cookie: string, attributes: string): void => {
    env.document!.cookie = `${cookie}${attributes}; SameSite=${sameSite}${secure ?? env.location?.protocol === 'https:' ? '; Secure' : ''}${partitioned ? '; Partitioned' : ''}`
  }
  const expire = (name: string, scope: string): void => put(name + '=', scope + '; Max-Age=0')

  /** Whether the browser takes cookies for a domain, which it says of one that is gone at once. */
  const accepts = (asked: string): boolean => {
    const probe = 'holdfast.' + Math.random()
    put(probe + '=1', scopeOf('/', asked))
    const accepted = cookies().includes(probe + '=1')
    expire(probe, scopeOf('/', asked))
    return accepted
  }

  const tierAt = (path: string): Tier => {
    if (!/^\/[!-:<-~]{0,1023}$/.test(path)) throw new RangeError('path: not like /a')
    if (prefix === '__Host-' && (domain !== 'host' || path !== '/')) throw new RangeError('prefix: not with a domain or path')
    const mark = markOf(path)
    /** The other paths whose cookies might be taken for those of this one, as of the last look. */
    let others: string[]
    // Most names that are asked for stand elsewhere.
    const standing = (name: string): Standing[] => (seen!.includes(wireName(name) + '=') ? standingOf(all, wireName, name, [mark, ...others.map(markOf)]) : [])
    const own = (name: string): Standing[] => standing(name).filter((each) => each.mark === mark)
    const get = (name: string): string | undefined => {
      const [newest] = own(name)
      return mark && newest ? encodeEntry(name, decodeEntry(name + mark, newest.text)!) : newest?.text
    }

    const keep = (name: string, text: string | null, entry: Entry | null): void => {
      const wire = wireName(name)
      const base = wireName(name + mark)
      const scope = scopeOf(path, (site ??= domainsOf(env).find(accepts) ?? ''))
      let parts: string[] = []
      if (entry) {
        const value = (mark ? encodeEntry(name + mark, entry) : text!).replace(NO_VALUE, encodeURIComponent)
        const size = wire.length + value.length
        if (size > maxBytes || base.length > COOKIE_BYTES / 2) throw new StorageError('too-large', `cookie: ${name} takes ${size} bytes`)
        parts = cut(wire, base, value)
        for (const part of parts) {
          put(part, scope + (lifetime ? '' : ageOf(entry)))
          // Refused: what stands there stays whole, and no piece stays behind.
          if (!cookies().includes(part)) return parts.slice(0, -1).forEach((piece) => expire(nameOf(piece), scope))
        }
      }
      // Pieces of an older value go, and twins: which of them a reader sees first never changes by writing (H12). Where
      // another path's cookie of this name stands, nothing is a twin.
      const free = others.filter((other) => !standing(name).some((each) => each.mark === markOf(other)))
      for (const each of [scope, ...scopesOf(env, [path, ...free])]) {
        const names = [...own(name).map(() => wire), ...all.map(nameOf).filter((piece) => piece.startsWith(base + '|'))]
        if (names.length <= parts.length) return
        for (const one of names) if (each !== scope || !parts.map(nameOf).includes(one)) expire(one, each)
        cookies()
      }
    }

    return {
      ...textTier(
        'cookie',
        { lifetimes: lifetime ? [lifetime] : ['session', 'device'], get reach() { return (site ?? domainsOf(env)[0] ?? !env.location) ? 'site' : 'origin' }, sync: true, onWire: true, maxBytes, maxAge: LONGEST },
        () => {
          cookies()
          const paths = pathsOf(env)
          others = mark ? [] : paths.filter(markOf)
          if (path !== '/' && paths[0] && !paths.includes(path)) throw new StorageError('unavailable', 'cookie: this page is not under ' + path)
          return get
        },
        keep,
        () => [...new Set(all.map((cookie) => decode(nameOf(cookie).slice(prefix.length))))],
      ),
      at,
    }
  }
  const at = (path: string): Tier => {
    const tier = tiers.get(path) ?? tierAt(path)
    tiers.set(path, tier)
    return tier
  }
  const usage = (prefix: string): Usage => ({ bytes: cookies().filter((cookie) => cookie.startsWith(wireName(prefix))).join('').length })
  const tier: Tier = { ...tierAt(main), at, usage }
  tiers.set(main, tier)
  return tier
}
