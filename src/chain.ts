import type { Entry, Lifetime, Reach, Seal, Tier, Traits } from './contracts.js'
import { FRACTIONS } from './entry.js'
import type { Attempt } from './errors.js'
import { aboutOneWrite, isStorageError, StorageError } from './errors.js'
import { isNarrower, keeps, LONGEST, reachesTo, spanOf } from './lifetime.js'
import type { Link } from './link.js'
import { tombstone } from './register.js'
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

/** One key's way through the tiers. */
export interface Route {
  key: string
  name: string
  links: readonly Link[]
  /** The ms that an older copy of this key can live. */
  life: number
  secret: boolean
  /** For a secret, wherever it outlives the page. Where it cannot be sealed now, it goes no further than the page. */
  seal?: Seal | undefined
  path?: string | undefined
  /** The page is going: nothing is waited for. */
  hurried?: boolean
  /** Removed in each tab by that tab itself: a tombstone is left only where a tier could not be reached. */
  traceless?: boolean
  /** How far its rule asks it to reach. */
  reach?: Reach | undefined
  /** The entry to keep, as it is unless a tier cannot be reached: a tombstone is kept for as long as any of these tiers can. */
  given?: Entry
}

interface Held {
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

/** A tier that took the entry, and for how long it keeps it. */
interface Taker {
  link: Link
  kept: Lifetime
}

/** How often a write is stamped anew before a tier that always claims a later stamp counts as failing. */
export const ROUNDS = 9

const attemptOf = ({ tier }: Link, { code, message }: StorageError): Attempt => ({ tier: tier.name, code, message })

/** Why a rule keeps a value out of a tier. */
const barred = (clear: boolean, traits: Traits, lifetime: Lifetime): Attempt['code'] | false => (clear && spanOf(traits) ? 'secret' : !keeps(traits, lifetime) && 'lifetime')

/** What a sealed text is bound to: under another name, or with another stamp, it does not open. */
const contextOf = ({ name, path = '' }: Route, stamp: number): string => JSON.stringify([name, path, stamp])

/** The text of a copy in the clear. A secret that stands unsealed where it outlives the page is not taken for one: anybody may have put it there. */
const open = async (route: Route, { traits }: Tier, { text, stamp }: Entry): Promise<string> => {
  if (!route.secret || !spanOf(traits)) return text!
  if (!route.seal) throw new TypeError('no seal')
  return route.seal.open(text!, contextOf(route, stamp))
}

const isLocked = (cause: unknown): boolean => isStorageError(cause) && cause.code === 'locked'

/** Every tier of the chain was tried. */
const noTier = (verb: string, attempts: readonly Attempt[], cause?: unknown, refusal?: unknown): StorageError => {
  // Without a failure it was the rule that kept every tier out.
  const locked = !cause && attempts.some(({ code }) => code === 'secret')
  return new StorageError(locked ? 'locked' : 'no-tier', `${verb}: no tier could (${attempts.map(({ tier, code }) => `${tier} ${code}`).join(', ')})`, { attempts, cause: cause ?? refusal })
}

/** Asks each link; throws where none could answer. */
export const askEach = async <T>(verb: string, links: readonly Link[], act: (link: Link) => Promise<T | StorageError>): Promise<(T | undefined)[]> => {
  const answers = await Promise.all(links.map(act))
  const errors = answers.filter(isStorageError)
  if (errors.length === links.length) throw noTier(verb, errors.map((error, index) => attemptOf(links[index]!, error)), errors[0])
  return answers.map((answer) => (isStorageError(answer) ? undefined : answer))
}

/** Whether a copy kept there is a poorer witness than one in `other`: what answers at once is on disk some seconds later, and a crash brings back what stood there. */
const isWeaker = (traits: Traits, kept: Lifetime, other: Traits): boolean => isNarrower(traits, kept, other) || !!(traits.sync && !other.sync)

/** Several tiers that look like one. */
export const createChain = (ground: Ground) => {
  const { now, stamps, emit, defer } = ground
  /** Drops what is outranked, and only then what has expired: never the newer before the older. */
  const repair = async (name: string, stale: Held[], hides: (link: Link) => boolean, expired: Held[]): Promise<void> => {
    const until = now() + LONGEST
    const outcomes = await Promise.all(stale.map(({ link, entry }) => link.write({ name, drop: entry.stamp, bury: hides(link) ? until : 0 })))
    const clean = outcomes.every((outcome) => outcome === undefined)
    await Promise.all(expired.map(({ link, entry }) => link.write({ name, drop: entry.stamp, bury: entry.retain! > now() ? entry.retain! : clean ? 0 : until })))
  }

  /** Asks each tier at once: the newest copy that can be read wins, never tier order. `mend` removes damaged text. */
  const find = async (route: Route, mend?: boolean): Promise<Found> => {
    const { key, name, links, reach } = route
    const answers = await askEach('get ' + name, links, (link) => link.read(name))
    const copies: Held[] = []
    let epoch = ground.cleared
    answers.forEach((answer, index) => {
      const link = links[index]!
      const [entry, mark] = answer ?? []
      epoch = Math.max(epoch, mark?.stamp ?? 0)
      if (entry?.corrupt) {
        emit('corrupt', key, link.tier.name)
        // Below every stamp: it takes damaged text of ours away, and nothing else.
        if (mend) defer(link.write({ name, drop: 1 / FRACTIONS }))
      } else if (entry) copies.push({ link, entry })
    })
    // Between a value and a tombstone of one stamp, the value wins.
    const [newest] = [...copies].sort(({ entry: one }, { entry: other }) => other.stamp - one.stamp || +(one.text === null) - +(other.text === null))
    stamps.saw(Math.max(epoch, newest?.entry.stamp ?? 0))
    if (!newest) return { key, copies }
    const { link, entry } = newest
    const { text, stamp } = entry
    const dead = stamp <= epoch
    const late = !dead && entry.expires! <= now()
    const alive = !dead && text !== null
    /** Once the reach of the first is proven, the copies that made up for it are not needed. */
    const proven = reach && alive && reachesTo(link.tier.traits.reach, reach)
    const stale = copies.filter((copy) => dead || copy.entry.stamp < stamp || (proven && copy !== newest && copy.entry.text !== null))
    // The tombstones beside an expired value stand until their own time has come.
    const expired = late ? copies.filter((copy) => copy.entry.stamp === stamp && copy.entry.expires! <= now()) : []
    if (late && alive) emit('expired', key, link.tier.name)
    if (late || stale.length)
      defer(repair(name, stale, ({ tier }) => !dead && isWeaker(link.tier.traits, keeps(link.tier.traits, entry.lifetime) ?? 'page', tier.traits), expired))
    const read = alive && !late ? await open(route, link.tier, entry).catch((cause: unknown) => (isLocked(cause) ? Promise.reject(cause as Error) : emit('corrupt', key, link.tier.name))) : undefined
    return { key, copies, newest: dead ? undefined : newest, expired: late && alive, text: read as string | undefined }
  }

  /**
   * Writes a value, or a tombstone, to the first tier that takes it, then takes the other copies away. It is
   * stamped anew where a later stamp stands: another page's, or this one's before its clock was set back. What
   * follows from a copy that was read is stamped right above it, and answers `undefined` where a later one stands.
   */
  const put = async (route: Route, text: string | null, lifetime: Lifetime, ms?: number, read?: Held): Promise<Receipt | undefined> => {
    const { name, links, life, reach, given, secret, seal, traceless } = route
    if (!route.hurried) for (const { tier, ask } of links) if (tier.prove) await ask(() => tier.prove!(reach))
    /** Another page may hold an older copy, or one may arrive late. */
    const least = given ? Math.max(...links.map(({ tier }) => spanOf(tier.traits))) : 3
    const shared = given || (!traceless && links.some(({ tier: { traits } }) => !traits.sync || spanOf(traits) < 2))
    /** A tier could not be reached: what it holds may come back. */
    let guarded = links.some(({ health }) => health.reason && health.reason.code !== 'refused')
    let cause: unknown, refusal: unknown
    let stamp = given?.stamp ?? (read ? read.entry.stamp + 1 / FRACTIONS : stamps.next(name))
    /** A first round that a tier took: it stands whatever the second meets, which only adds tombstones; what outranks it came after it. */
    let taken: Receipt | undefined
    const expires = ms && Math.floor(now() + ms)
    for (let round = 0; round < ROUNDS; round++) {
      const until = Math.floor(now() + (guarded ? LONGEST : life))
      const sealed = text !== null && secret ? await seal?.seal(text, contextOf(route, stamp)).catch((failure: unknown) => void (refusal = failure)) : text
      const attempts = new Map<Link, Attempt>()
      const takers: Taker[] = []
      let met = 0
      const meet = (outcome: unknown): boolean => {
        if (typeof outcome === 'number') met = Math.max(met, outcome)
        else cause ??= outcome
        return isStorageError(outcome)
      }
      /** First those that reach, or may reach, as far as asked; the others where none of them took it. */
      for (const [index, link] of (reach ? [...links, ...links] : links).entries()) {
        const { name: tier, traits } = link.tier
        const again = index >= links.length
        if (again && (takers[0] || attempts.get(link)!.code !== 'reach')) continue
        const wide = !reach || reachesTo(traits.reach, reach)
        const lasting = spanOf(traits) >= least
        const code = (text === null ? !(shared && lasting) && 'lifetime' : barred(sealed === undefined, traits, lifetime)) || (!again && !wide && !reachesTo(traits.mayReach, reach) && 'reach')
        if (code && attempts.set(link, { tier, code, message: code })) continue
        // An older copy may outlive the value where it was not reached, or where another page kept it for longer.
        const retain = until > expires! && (guarded || (shared && lasting)) && { retain: until }
        const entry: Entry = text === null ? (given && !guarded ? given : tombstone(stamp, until)) : { ...(given && !guarded ? given : { stamp, lifetime, ...(expires && { expires }), ...retain }), text: spanOf(traits) ? sealed! : text }
        const outcome = await link.write({ name, entry })
        if (meet(outcome)) attempts.set(link, attemptOf(link, outcome as StorageError))
        else {
          attempts.delete(link)
          takers.push({ link, kept: link.tier.kept?.(name)?.lifetime ?? keeps(traits, lifetime)! })
          // Where the reach is not proven, the next one that surely reaches holds it, too.
          if (wide || again) break
        }
      }
      if (!takers[0] && (text !== null || given)) return taken ?? Promise.reject(noTier('set ' + name, [...attempts.values()], cause, refusal))
      const unreached = met ? [] : await outrank(route, stamp, until, guarded, meet, takers)
      if (unreached.length === links.length) throw noTier('remove ' + name, unreached, cause)
      stamps.saw(met)
      if (met && (read || taken || given)) return taken ?? void takers.forEach(({ link }) => defer(link.write({ name, drop: stamp })))
      if (met) stamp = stamps.next(name)
      else {
        taken = takers[0] && receiptOf(route, takers, expires, attempts)
        ground.wrote?.(name, stamp, text, expires)
        if (guarded || !unreached.length) return taken
        guarded = true
      }
    }
    throw noTier('overtaken ' + name, [], cause)
  }

  /** Takes the copies beside the takers' away, or buries them; answers the tiers that could not be told. */
  const outrank = async ({ name, links }: Route, stamp: number, until: number, guarded: boolean, meet: (outcome: unknown) => boolean, takers: readonly Taker[]): Promise<Attempt[]> => {
    const unreached: Attempt[] = []
    await Promise.all(
      links.map(async (link) => {
        if (takers.some((taker) => taker.link === link)) return
        const hidden = takers[0] && takers.every((taker) => isWeaker(taker.link.tier.traits, taker.kept, link.tier.traits))
        const drop = { name, drop: stamp, bury: hidden ? until : 0 }
        let outcome = await link.write(guarded ? { name, entry: tombstone(stamp, until) } : drop)
        // Where there is no room for a tombstone, the older copy goes all the same.
        if (isStorageError(outcome) && aboutOneWrite(outcome)) outcome = await link.write({ name, drop: stamp })
        if (!meet(outcome)) return
        unreached.push(attemptOf(link, outcome as StorageError))
        // Where no lasting tier has the tombstone, what is forgotten late leaves one.
        link.miss(takers[0] ? drop : { ...drop, bury: until })
      }),
    )
    return unreached
  }

  const receiptOf = ({ name: stored, links }: Route, takers: readonly Taker[], expires = Infinity, attempts: ReadonlyMap<Link, Attempt>): Receipt => {
    const [{ link, kept: lifetime }, ...others] = takers as [Taker, ...Taker[]]
    const { tier } = link
    const { traits: { maxAge, reach }, name } = tier
    // What comes after the taker was not passed for its reach.
    const passed = [...attempts].filter(([one, { code }]) => code !== 'reach' || links.indexOf(one) < links.indexOf(link))
    const ends = Math.min(expires, lifetime === 'device' && maxAge ? Math.floor(now() + maxAge) : Infinity)
    const also = [...(tier.kept?.(stored)?.also ?? []), ...others.map(({ link }) => link.tier.name)]
    return {
      tier: name,
      lifetime,
      reach: others[0] ? others[others.length - 1]!.link.tier.traits.reach : reach,
      ...(ends < Infinity && { expires: ends }),
      passed: passed.map(([, one]) => ({ tier: one.tier, code: one.code })),
      ...(also[0] && { also }),
    }
  }

  return { find, put }
}

export type Chain = ReturnType<typeof createChain>
