import { decodeEntry, LIFETIMES } from '../entry.js'
import type { Entry, Lifetime } from '../contracts.js'
import type { Ttl } from '../lifetime.js'
import { parseTtl } from '../lifetime.js'
import type { External, Rule, Rules } from '../rule.js'
import { isExternal } from '../rule.js'
import { standingOf } from '../tiers/cookie-text.js'
import type { Kept, Sight, Unreadable } from './audit-sight.js'
import type { Area, PhysicalName, Role } from './physical.js'
import { encode, explain } from './physical.js'

/** Something declared that is kept. */
export interface Present {
  area: Area
  name: string
  role: Role
  /** The key of the registry. `undefined`: it is holdfast's own, such as an epoch. */
  key?: string
  /** In ms since 1970: when it ends by itself, where that can be told. */
  expires?: number
  /** It notes that the value was removed, and holds none. */
  removed?: true
  /** Of a cookie, where the browser tells. */
  domain?: string
}

/** Something declared that will be there for longer than was said. */
export interface Longer extends Present {
  key: string
  /** As declared. */
  ttl: Ttl
}

/** Something that no rule explains. */
export interface Undeclared {
  area: Area
  name: string
  /** Of a cookie, where the browser tells. */
  domain?: string
}

/** A declared key, and its name or pattern. */
export interface Missing {
  key: string
  name: string
}

/** What a page keeps, against what is declared: names, and never a value. */
export interface Audit {
  /** Declared and kept. */
  present: Present[]
  /** Declared, and not kept now. */
  absent: Missing[]
  /** Declared, and not to be seen from here: HttpOnly, on another domain, in an area that cannot be read. */
  unknown: Missing[]
  /** Kept, and not declared. */
  undeclared: Undeclared[]
  /** Those of `present` that will be there for longer than declared. */
  longer: Longer[]
  /** Areas that could not be listed. */
  unreadable: Unreadable[]
}

/** What a judgement rests on, beside what was seen. */
export interface Grounds {
  registry: Rules | undefined
  names: readonly PhysicalName[]
  /** Of keys whose rule has none. */
  ttl: Ttl
  now: number
  /** Whether HttpOnly cookies and those of other domains were listed as well. */
  everyCookie?: boolean
}

/** Clocks of servers, and full seconds of cookies. */
const LEEWAY = 60_000

const rankOf = (lifetime: Lifetime): number => LIFETIMES.indexOf(lifetime)

/** What an area keeps an entry for, at the least, where nobody ends it. */
const LEAST: Readonly<Record<Area, Lifetime>> = { cookie: 'session', sessionStorage: 'tab', localStorage: 'device', indexedDB: 'device', database: 'device' }

/** A cookie's entry, put together where it was cut; `undefined`: it is none of ours, or another path's. */
const cookieEntry = (wire: string, shown: string, marks: readonly string[], cookies: readonly string[]): Entry | undefined => {
  // A pattern does not say which name its checksum covers.
  if (shown.includes('*')) return
  const name = decodeURIComponent(shown)
  const before = wire.slice(0, wire.length - shown.length)
  const [found] = standingOf(cookies, (each) => before + encode(each), name, marks)
  if (!found || found.rank < 0) return
  // One that can be read by nobody, or not by this key, bears no mark.
  return found.rank ? decodeEntry(name + found.mark, found.text) : { text: null, stamp: 0, lifetime: 'page', corrupt: true }
}

/** Whether something lives longer than its rule says. What cannot be told is not held against it. */
const overstays = (ttl: Ttl, { area, expires }: Kept, entry: Entry | undefined, now: number): boolean => {
  const { lifetime, ms = Infinity } = parseTtl(ttl)
  const outlives = (kept: Lifetime): boolean => rankOf(kept) > rankOf(lifetime)
  if (entry) {
    // A note of a removal, or text that is damaged.
    if (entry.text === null) return false
    const promised = Math.max(entry.expires ?? Infinity, entry.retain ?? 0)
    const tooLate = typeof expires === 'number' && (entry.lifetime === 'session' || expires > promised + LEEWAY)
    return tooLate || outlives(entry.lifetime) || (entry.lifetime === 'device' && (entry.expires ?? Infinity) > now + ms + 1000)
  }
  if (area === 'cookie' && typeof expires === 'number') return outlives('device') || expires > now + ms + LEEWAY
  return outlives(LEAST[area])
}

/** Of a key that was not found: whether it could have been. */
const missing = (rule: Rule | External, names: readonly PhysicalName[], { everyCookie }: Grounds, unreadable: readonly Unreadable[]): 'absent' | 'unknown' => {
  const hidden = isExternal(rule) ? !everyCookie && (rule.httpOnly || rule.party === 'third') : rule.tiers?.some((tier) => tier === 'hub' || (!everyCookie && tier.includes('httpCookie')))
  return !names.length || hidden || names.some(({ area }) => unreadable.some((one) => one.area === area)) ? 'unknown' : 'absent'
}

/** The declared names that stand there: two keys may share one cookie's, at two paths that a page does not see. */
const explanations = ({ area, name, text }: Kept, { names, registry = {} }: Grounds, cookies: readonly string[]): { found: PhysicalName; entry?: Entry | undefined }[] => {
  const first = explain(names, area, name)
  if (!first) return []
  const entryOf = ({ name: shown, key = '' }: PhysicalName, alone: boolean): Entry | undefined => {
    const { path } = registry[key] ?? {}
    // Under the path of the tier itself, a path leaves no mark.
    return area === 'cookie' ? cookieEntry(name, shown, [...(alone || !path ? [''] : []), ...(path ? ['\0' + path] : [])], cookies) : decodeEntry(name, text)
  }
  if (first.role !== 'value' || first.key === undefined || !text?.startsWith('hf1')) return [{ found: first }]
  const sharers = names.filter((each) => each.area === area && each.role === 'value' && each.name === first.name)
  const standing = sharers.map((found) => ({ found, entry: entryOf(found, sharers.length < 2) })).filter(({ entry }) => entry && !(entry.corrupt && sharers[1]))
  return standing[0] ? standing : [{ found: first }]
}

/** What was seen, held against what was declared. */
export const judge = ({ kept, unreadable }: Sight, grounds: Grounds): Audit => {
  const { registry = {}, names, ttl: usual, now } = grounds
  const audit: Audit = { present: [], absent: [], unknown: [], undeclared: [], longer: [], unreadable }
  const cookies = kept.flatMap(({ area, name, text }) => (area === 'cookie' && text !== undefined ? name + '=' + text : []))
  // Twins, of which a page sees neither path nor domain, are told once: the one that stays longest.
  const distinct = new Map([...kept].sort((one, other) => (one.expires ?? 0) - (other.expires ?? 0)).map((one) => [[one.area, one.domain, one.name].join('\n'), one]))
  for (const one of distinct.values()) {
    const { area, name, domain } = one
    const where = { area, name, ...(domain !== undefined && { domain }) }
    const explained = explanations(one, grounds, cookies)
    if (!explained[0]) audit.undeclared.push(where)
    for (const { found, entry } of explained) {
      const { role, key } = found
      const rule = key === undefined ? undefined : registry[key]
      const expires = entry ? entry.expires : (one.expires ?? undefined)
      const present: Present = { ...where, role, ...(key !== undefined && { key }), ...(expires !== undefined && { expires }), ...(entry?.text === null && !entry.corrupt && { removed: true as const }) }
      audit.present.push(present)
      const ttl = rule && (rule.ttl ?? (isExternal(rule) ? undefined : usual))
      if (ttl === undefined || typeof ttl === 'function' || !(role === 'value' || role === 'external')) continue
      if (overstays(ttl, one, entry, now)) audit.longer.push({ ...present, key: key!, ttl })
    }
  }
  for (const [key, rule] of Object.entries(registry)) {
    const own = (one: { key?: string; role: Role }): boolean => one.key === key && one.role !== 'legacy'
    if (!audit.present.some(own)) audit[missing(rule, names.filter(own), grounds, unreadable)].push({ key, name: names.find(own)?.name ?? rule.name ?? key })
  }
  return audit
}
