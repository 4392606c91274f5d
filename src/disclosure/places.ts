import type { Lifetime, Traits } from '../contracts.js'
import type { Term } from '../lifetime.js'
import { keeps, LONGEST } from '../lifetime.js'
import type { Place } from './row.js'

/** As much of a tier as is asked; a tier that holds each value twice, such as a mirror, names its two. */
export interface TierFacts {
  readonly name: string
  readonly traits: Traits
  readonly parts?: readonly TierFacts[]
}

/** What is true of one tier here, over what is known of its kind: a hub's domain, a cookie's path. */
export type PlaceFacts = Partial<Pick<Place, 'kind' | 'reach' | 'mayReach' | 'onWire' | 'party' | 'httpOnly' | 'provider' | 'path'>> & {
  /** The lifetimes that it can keep, shortest first. */
  lifetimes?: readonly Lifetime[]
  /** The longest, in ms, that the browser lets it live. */
  maxAge?: number
}

/** A tier's facts, before a key is put there. */
type Ground = Omit<Place, 'lifetime' | 'ms'> & { lifetimes: readonly Lifetime[]; maxAge?: number }

const COOKIE = { kind: 'cookie', lifetimes: ['session', 'device'], reach: 'origin', mayReach: 'site', onWire: true, path: '/', maxAge: LONGEST } as const

const KNOWN = new Map<string, PlaceFacts>([
  ['indexedDB', { kind: 'web', lifetimes: ['device'], reach: 'origin' }],
  ['localStorage', { kind: 'web', lifetimes: ['device'], reach: 'origin' }],
  ['sessionStorage', { kind: 'web', lifetimes: ['tab'], reach: 'tab' }],
  ['memory', { kind: 'memory', lifetimes: ['page'], reach: 'page' }],
  ['hub', { kind: 'web', lifetimes: ['device'], reach: 'origin', mayReach: 'site', party: 'third' }],
  ['cookie', COOKIE],
  ['httpCookie', { ...COOKIE, party: 'third', httpOnly: true }],
])

const ANY = { kind: 'web', lifetimes: ['device'], reach: 'origin', onWire: false, party: 'first', httpOnly: false } as const

/** Nothing is left of a field that is `undefined`. */
export const present = <Facts extends object>(facts: Facts): Facts => Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined)) as Facts

const groundOf = (tier: string, traits: Traits | undefined, own: PlaceFacts | undefined): Ground => {
  const { mayReach, ...known } = KNOWN.get(tier) ?? {}
  const { lifetimes, reach, onWire, maxAge } = traits ?? {}
  const said = traits ? { lifetimes, reach, mayReach: traits.mayReach, onWire, maxAge } : { mayReach }
  return { tier, ...ANY, ...known, ...present(said), ...own } as Ground
}

/** What each tier of a chain is, by its name: one place, or two at once. */
export const groundsOf = (tiers: readonly (TierFacts | string)[], own: Readonly<Record<string, PlaceFacts>> = {}): ((tier: string) => readonly Ground[] | undefined) => {
  const given = new Map(tiers.flatMap((tier) => (typeof tier === 'string' ? [] : [[tier.name, tier]])))
  const facts = new Map(Object.entries(own))
  const look = (name: string, tier = given.get(name)): readonly Ground[] | undefined => {
    const parts = tier?.parts ?? name.split('+').slice(name.includes('+') ? 0 : 1)
    const found = parts.map((part) => (typeof part === 'string' ? look(part) : look(part.name, part)))
    if (found.length && found.every(Boolean)) return found.flatMap((grounds, index) => grounds!.map((ground) => (index ? { ...ground, also: true as const } : ground)))
    return tier || KNOWN.has(name) || facts.has(name) ? [groundOf(name, tier?.traits, facts.get(name))] : undefined
  }
  return look
}

/** Where a key that asks for a term is kept; `undefined`: that tier would keep it for too long, and is passed over. */
export const placeOf = ({ lifetimes, maxAge = Infinity, ...place }: Ground, term: Term | 'varies'): Place | undefined => {
  if (term === 'varies') return { ...place, lifetime: lifetimes.length > 1 ? 'varies' : lifetimes[0]!, ...(maxAge < Infinity && { ms: maxAge }) }
  const lifetime = keeps({ lifetimes } as Traits, term.lifetime)
  const ms = Math.min(term.ms ?? Infinity, lifetime === 'device' ? maxAge : Infinity)
  return lifetime && { ...place, lifetime, ...(ms < Infinity && { ms }) }
}

/** Where something is kept that somebody else sets. */
export const placeOfExternal = ({ lifetimes, maxAge: _, reach, mayReach, ...place }: Ground, term: Term | undefined): Place => {
  const lifetime = term?.lifetime ?? (lifetimes.length > 1 ? undefined : lifetimes[0])
  // A cookie of another domain, or one that no script reads, is for who set it.
  const hidden = place.kind === 'cookie' && (place.httpOnly || place.party === 'third')
  return present({ ...place, lifetime, ms: term?.ms, ...(!hidden && { reach, mayReach }) }) as Place
}
