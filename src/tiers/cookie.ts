import type { Change, Entry, Env, Outcome, Tier } from '../contracts.js'
import { decodeEntry, encodeEntry, FRACTIONS, isOurs } from '../entry.js'
import { asTierError, StorageError } from '../errors.js'
import { LONGEST } from '../lifetime.js'
import { settle } from '../register.js'
import type { Scope } from './cookie-scope.js'
import { findSite, hasSite, scopesOf } from './cookie-scope.js'
import type { Pair } from './cookie-text.js'
import { COOKIE_BYTES, cut, decode, encodeName, encodeValue, isPiece, join, parsePairs } from './cookie-text.js'

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
  if (prefix === '__Host-' && (domain !== 'host' || path !== '/')) throw new RangeError("prefix: '__Host-' needs domain 'host' and path '/'")
  let site: string | undefined
  let asked = domain !== 'site'

  const jar = (): { cookie: string } => {
    if (!env.document) throw new StorageError('unavailable', 'cookie: no document')
    return env.document
  }
  const pairs = (): Pair[] => parsePairs(jar().cookie)
  const wireName = (name: string): string => (prefix ?? '') + encodeName(name)
  const attributes = (): string =>
    `; SameSite=${sameSite}` + (secure ?? env.location?.protocol === 'https:' ? '; Secure' : '') + (partitioned ? '; Partitioned' : '')

  const scope = (): Scope => {
    if (!asked) {
      site = findSite(env, jar(), attributes())
      asked = true
    }
    return { domain: domain === 'site' ? site : domain === 'host' ? undefined : domain, path }
  }
  const put = (pair: Pair, at: Scope, age: string): void => {
    jar().cookie = `${pair.join('=')}; Path=${at.path}${at.domain ? '; Domain=' + at.domain : ''}${age}${attributes()}`
  }
  const expire = (name: string, at: Scope): void => put([name, ''], at, '; Max-Age=0')

  /** All copies of a name, whatever their scopes: the newest readable one first, its text, and whether any is ours. */
  const lookUp = (all: readonly Pair[], name: string): { entry?: Entry; count: number; ours: boolean } => {
    const wire = wireName(name)
    const texts = all.filter(([other]) => other === wire).map((pair) => join(all, pair))
    let entry: Entry | undefined
    for (const text of texts) {
      const copy = decodeEntry(name, text)
      if (copy && (!entry || copy.stamp > entry.stamp)) entry = copy
    }
    return { ...(entry && { entry }), count: texts.length, ours: texts.some(isOurs) }
  }

  /** Expires the pieces of cut values, but for those of one generation. */
  const expirePieces = (wire: string, but = '~'): void => {
    for (const pair of pairs()) if (isPiece(wire, pair) && !pair[0].startsWith(`${wire}~${but}.`)) expire(pair[0], scope())
  }

  const drop = (name: string): Outcome => {
    const wire = wireName(name)
    expire(wire, scope())
    const left = (): boolean => pairs().some(([other]) => other === wire)
    if (left()) for (const at of scopesOf(env, path)) expire(wire, at)
    expirePieces(wire)
    return left() ? new StorageError('refused', `cookie: ${name} cannot be removed from here`) : undefined
  }

  const keep = (name: string, entry: Entry): Outcome => {
    const wire = wireName(name)
    const value = encodeValue(encodeEntry(name, entry))
    const size = wire.length + value.length
    if (size > maxBytes || wire.length > COOKIE_BYTES / 2) return new StorageError('too-large', `cookie: ${name} takes ${size} bytes of ${maxBytes}`)
    const generation = (entry.stamp * FRACTIONS).toString(32)
    const parts: Pair[] = size > COOKIE_BYTES ? cut(wire, value, generation) : [[wire, value]]
    const until = Math.max(entry.expires ?? Infinity, entry.retain ?? 0)
    // The stamp follows the storage's clock, which need not be this one.
    const seconds = Math.ceil(Math.min(LONGEST, Math.max(until - Date.now(), until - entry.stamp)) / 1000)
    const age = entry.lifetime === 'session' ? '' : `; Max-Age=${Math.max(1, seconds)}`
    const at = scope()
    for (const part of parts) put(part, at, age)
    if (lookUp(pairs(), name).count > 1)
      // Twins: which of them a reader sees first never changes by writing, so the others go, at every scope (H12).
      for (const other of scopesOf(env, path)) if (other.domain !== at.domain || other.path !== at.path) expire(wire, other)
    const now = pairs()
    const kept = parts.every(([part, text]) => now.some(([other, there]) => other === part && there === text))
    if (kept || parts.length > 1) expirePieces(wire, kept && parts.length > 1 ? generation : undefined)
    return kept ? undefined : new StorageError('refused', `cookie: the browser did not keep ${name}`)
  }

  const names = (start: string): string[] => {
    const wire = wireName(start)
    const all = pairs()
    return [...new Set(all.flatMap((pair) => (pair[0].startsWith(wire) && isOurs(join(all, pair)) ? decode(pair[0].slice((prefix ?? '').length)) : [])))]
  }

  const change = (one: Change): Outcome => {
    const { name } = one
    try {
      const { entry, ours } = lookUp(pairs(), name)
      const next = settle(entry, one)
      if (typeof next === 'number') return next
      if (next) return keep(name, next)
      return next === null && ours ? drop(name) : undefined
    } catch (cause) {
      return asTierError(cause, 'cookie')
    }
  }

  return {
    name: 'cookie',
    traits: {
      lifetimes: ['session', 'device'],
      get reach() {
        return domain === 'host' || (domain === 'site' && (asked ? !site : !hasSite(env))) ? 'origin' : 'site'
      },
      sync: true,
      onWire: true,
      maxBytes,
      maxAge: LONGEST,
    },
    open() {},
    read(names) {
      const all = pairs()
      return names.map((name) => lookUp(all, name).entry)
    },
    write: (changes) => changes.map(change),
    names,
    usage: (start) => ({ bytes: pairs().reduce((sum, pair) => sum + (pair[0].startsWith(wireName(start)) ? pair.join('').length : 0), 0) }),
    close() {},
  }
}
