import type { Lifetime, Reach, Traits } from './contracts.js'

type Unit = 's' | 'm' | 'h' | 'd' | 'w' | 'y'

/** A number (ms), `'30s' '15m' '12h' '1d' '2w' '1y'`, or `'page' 'tab' 'session' 'forever'`. */
export type Ttl = number | `${number}${Unit}` | 'page' | 'tab' | 'session' | 'forever'

/** What a ttl asks for; `ms` is `undefined` where no clock ends it. */
export interface Term {
  lifetime: Lifetime
  ms?: number
}

const UNITS: Record<string, number> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5, y: 31536e6 }

/** The longest that any copy can live: what Chromium grants a cookie (400 days), and the life of a tombstone. */
export const LONGEST = 400 * 864e5

/** Lifetimes and reaches, from the narrowest. */
const RANK = { page: 0, tab: 1, session: 2, origin: 2, device: 3, site: 3 }

/** Throws a RangeError that names the argument. */
export const parseTtl = (ttl: Ttl, argument = 'ttl'): Term => {
  if (ttl === 'forever') return { lifetime: 'device' }
  if (ttl === 'page' || ttl === 'tab' || ttl === 'session') return { lifetime: ttl }
  const [, count, unit] = /^(\d+)([smhdwy])$/.exec(ttl as string) ?? []
  const ms = unit ? +count! * UNITS[unit]! : ttl
  if (typeof ms === 'number' && ms > 0 && ms < Infinity) return { lifetime: 'device', ms }
  throw new RangeError(`${argument}: not ms above 0, nor like '1d' or 'session'`)
}

/** How long the tier can keep an entry at the most: 0 the page, 1 the tab, 2 the session, 3 the device. */
export const spanOf = ({ lifetimes }: Traits): number => RANK[lifetimes[lifetimes.length - 1]!]

/** The longest lifetime of a tier that is no longer than asked; `undefined`: the tier would keep it too long. */
export const keeps = ({ lifetimes }: Traits, asked: Lifetime): Lifetime | undefined =>
  [...lifetimes].reverse().find((lifetime) => RANK[lifetime] <= RANK[asked])

/** Whether that reach is as wide as asked; no reach is not. */
export const reachesTo = (reach: Reach | undefined, asked: Reach): boolean => RANK[reach!] >= RANK[asked]

/** Whether a copy kept there can be read from fewer places, or for less time, than one in `other`. */
export const isNarrower = ({ reach }: Traits, kept: Lifetime, other: Traits): boolean => RANK[reach] < RANK[other.reach] || RANK[kept] < spanOf(other)
