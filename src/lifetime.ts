import type { Lifetime, Traits } from './contracts.js'

type Unit = 's' | 'm' | 'h' | 'd' | 'w' | 'y'

/** A number (ms), `'30s' '15m' '12h' '1d' '2w' '1y'`, or `'page' 'tab' 'session' 'forever'`. */
export type Ttl = number | `${number}${Unit}` | 'page' | 'tab' | 'session' | 'forever'

/** What a ttl asks for; `ms` is `undefined` where no clock ends it. */
export interface Term {
  lifetime: Lifetime
  ms?: number
}

const ORDER: readonly Lifetime[] = ['page', 'tab', 'session', 'device']
const SECOND = 1000
const DAY = 86_400 * SECOND
const UNITS: Record<string, number> = { s: SECOND, m: 60 * SECOND, h: 3600 * SECOND, d: DAY, w: 7 * DAY, y: 365 * DAY }

/** The longest that any copy can live: what Chromium grants a cookie, and the life of a tombstone. */
export const LONGEST = 400 * DAY

/** Throws a RangeError that names the argument. */
export const parseTtl = (ttl: Ttl, argument = 'ttl'): Term => {
  if (ttl === 'forever') return { lifetime: 'device' }
  if (ORDER.includes(ttl as Lifetime) && ttl !== ('device' as Ttl)) return { lifetime: ttl as Lifetime }
  const [, count, unit] = /^(\d+)([smhdwy])$/.exec(ttl as string) ?? []
  const ms = typeof ttl === 'number' ? ttl : unit ? +count! * UNITS[unit]! : 0
  if (!(ms > 0 && ms < Infinity)) throw new RangeError(`${argument}: expected ms above 0, '1d' or 'session', not ${String(ttl)}`)
  return { lifetime: 'device', ms }
}

/** The longest lifetime of a tier that is no longer than asked; `undefined`: the tier would keep it too long. */
export const keeps = ({ lifetimes }: Traits, asked: Lifetime): Lifetime | undefined =>
  ORDER.slice(0, ORDER.indexOf(asked) + 1).reverse().find((lifetime) => lifetimes.includes(lifetime))

/** Whether the tier keeps entries when the tab and the browser are gone. */
export const isLasting = ({ lifetimes }: Traits): boolean => lifetimes.includes('device')

/** Whether the tier dies with the page. */
export const isVolatile = ({ lifetimes }: Traits): boolean => lifetimes.every((lifetime) => lifetime === 'page')
