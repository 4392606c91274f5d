import type { Change, Entry, Lifetime, Reach, Traits } from './contracts.js'
import type { Attempt } from './errors.js'
import { StorageError } from './errors.js'
import { LONGEST } from './lifetime.js'
import type { Link } from './link.js'
import type { Stamps } from './stamps.js'

/** What `set` answers: where the value is now, and what that place really promises. */
export interface Receipt {
  /** The name of the tier that holds the value. */
  tier: string
  /** How long the place can keep it: at most what was asked. */
  lifetime: Lifetime
  /** Who else can read it there. */
  reach: Reach
  /** In ms since 1970; `undefined`: no clock ends it. The browser may forget sooner, never later. */
  expires?: number
  /** The tiers before it that did not take the value, and why. */
  passed: { tier: string; code: Attempt['code'] }[]
}

/** One key's way through the tiers. */
export interface Route {
  name: string
  links: readonly Link[]
  /** ms that an older copy of this key can live. */
  life: number
  secret: boolean
}

/** What is to be kept, and for how long. */
export interface Wish {
  text: string
  lifetime: Lifetime
  expires?: number | undefined
}

/** What every verb of the chain stands on. */
export interface Ground {
  now: () => number
  stamps: Stamps
  emit(event: 'corrupt' | 'expired', name: string, tier: string): void
  /** Work that no answer waits for; `flush` does. */
  defer(work: Promise<unknown>): void
  /** The stamp of this page's own last `clear`. */
  cleared(): number
}

/** How often a write is stamped anew before a tier that always claims a later stamp counts as failing. */
export const ROUNDS = 9

/** Every tier of the chain was tried. */
export const noTier = (verb: string, name: string, attempts: readonly Attempt[], cause: unknown): StorageError => {
  const codes = attempts.map(({ code }) => code)
  const locked = codes.includes('secret') && codes.every((code) => code === 'secret' || code === 'lifetime')
  const why = attempts.map(({ tier, code }) => `${tier}: ${code}`).join(', ')
  return new StorageError(locked ? 'locked' : 'no-tier', `${verb} ${name}: no tier could (${why})`, { attempts, cause })
}

/** Whether another page may hold an older copy there that this one cannot reach, or one may arrive late. */
export const isShared = ({ tier: { traits } }: Link): boolean => !traits.sync || !traits.lifetimes.some((lifetime) => lifetime === 'session' || lifetime === 'device')

export const tombstone = (stamp: number, until: number): Entry => ({ text: null, stamp, lifetime: 'device', expires: Math.floor(until) })

/** What takes an older copy away: a tombstone where it hid copies in narrower places that would come to light. */
export const outrank = (name: string, stamp: number, hidden: boolean, now: number): Change =>
  hidden ? { name, entry: tombstone(stamp, now + LONGEST) } : { name, drop: stamp }

/** Writes the same change-maker to each link; the outcomes that are later stamps or errors are the caller's to judge. */
export const toEach = <T>(links: readonly Link[], act: (link: Link) => Promise<T>): Promise<T[]> => Promise.all(links.map(act))

const ORDER: Record<Reach, number> = { page: 0, tab: 1, origin: 2, site: 3 }
const SPAN: Record<Lifetime, number> = { page: 0, tab: 1, session: 2, device: 3 }

/** Whether what is kept there can be read from fewer places, or for less time, than a copy in `other` could. */
export const isNarrower = (there: Traits, kept: Lifetime, other: Traits): boolean =>
  ORDER[there.reach] < ORDER[other.reach] || other.lifetimes.some((lifetime) => SPAN[kept] < SPAN[lifetime])
