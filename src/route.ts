import type { Entry, Lifetime, MaybePromise, Reach, Traits } from './contracts.js'
import type { Attempt } from './errors.js'
import { isStorageError, StorageError } from './errors.js'
import { isNarrower } from './lifetime.js'
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
  /** Kept in this page's memory until its category is allowed. */
  held?: 'consent'
  /** The tiers before it that did not take the value, and why. */
  passed: { tier: string; code: Attempt['code'] }[]
  /** Further tiers that hold it on purpose: by `mirror`, or until it is proven that the first one reaches as far as asked. */
  also?: string[]
}

/** A secret's text, sealed and open; bound to its name and its stamp. */
export interface Secret {
  /** `undefined`: there is no seal. */
  seal(text: string, stamp: number): Promise<string | undefined>
  open(text: string, stamp: number): Promise<string>
}

/** One key's way through the tiers. */
export interface Route {
  key: string
  name: string
  links: readonly Link[]
  /** The ms that an older copy of this key can live. */
  life: number
  /** Of a secret: what seals it wherever it outlives the page. Where it cannot be sealed now, it goes no further than the page. */
  secret?: Secret | undefined
  /** The page is going: nothing is waited for. */
  hurried?: boolean
  /** Removed in each tab by that tab itself: a tombstone is left only where a tier could not be reached. */
  traceless?: boolean
  /** How far its rule asks it to reach. */
  reach?: Reach | undefined
  /** The entry to keep, as it is unless a tier cannot be reached: a tombstone is kept for as long as any of these tiers can. */
  given?: Entry
}

export interface Held {
  link: Link
  entry: Entry
}

export interface Found {
  key: string
  copies: Held[]
  /** The newest copy, alive or not; `undefined`: none, or an epoch outranks it. */
  newest?: Held | undefined
  /** The newest copy is a value past its expiry. */
  expired?: boolean
  /** The text of the newest copy, if it lives. */
  text?: string | undefined
}

/** What the verbs of a chain stand on. */
export interface Ground {
  now: () => number
  stamps: Stamps
  emit(event: 'corrupt' | 'expired', key: string, tier: string): void
  /** A write or a removal stands. */
  wrote?(name: string, stamp: number, text: string | null, expires?: number): void
  /** Work that no answer waits for; `flush` does. */
  defer(work: Promise<unknown>): void
  /** The stamp of this page's own last `clear`. */
  cleared: number
}

/** How often a write is stamped anew before a tier that always claims a later stamp counts as failing. */
export const ROUNDS = 9

export const attemptOf = ({ tier }: Link, { code, message }: StorageError): Attempt => ({ tier: tier.name, code, message })

/** Every tier of the chain was tried. */
export const noTier = (verb: string, attempts: readonly Attempt[], cause?: unknown, refusal?: unknown): StorageError => {
  // Without a failure it was the rule that kept every tier out.
  const locked = !cause && attempts.some(({ code }) => code === 'secret')
  return new StorageError(locked ? 'locked' : 'no-tier', `${verb}: no tier could (${attempts.map(({ tier, code }) => `${tier} ${code}`).join(', ')})`, { attempts, cause: cause ?? refusal })
}

/** What each link answered, `undefined` where it could not; throws where none could. */
export const answersOf = <T>(verb: string, links: readonly Link[], answers: readonly (T | StorageError)[]): (T | undefined)[] => {
  const errors = answers.filter(isStorageError)
  if (errors.length === links.length) throw noTier(verb, errors.map((error, index) => attemptOf(links[index]!, error)), errors[0])
  return answers.map((answer) => (isStorageError(answer) ? undefined : answer))
}

/** Asks each link; throws where none could answer. */
export const askEach = async <T>(verb: string, links: readonly Link[], act: (link: Link) => MaybePromise<T | StorageError>): Promise<(T | undefined)[]> => answersOf(verb, links, await Promise.all(links.map(act)))

/** Whether a copy kept there is a poorer witness than one in `other`: what answers at once is on disk some seconds later, and a crash brings back what stood there. */
export const isWeaker = (traits: Traits, kept: Lifetime, other: Traits): boolean => isNarrower(traits, kept, other) || !!(traits.sync && !other.sync)
