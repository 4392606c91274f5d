import type { Entry, Lifetime, Traits } from './contracts.js'
import { FRACTIONS } from './entry.js'
import type { Attempt, StorageError } from './errors.js'
import { aboutOneWrite, isStorageError } from './errors.js'
import { keeps, LONGEST, reachesTo, spanOf } from './lifetime.js'
import type { Link } from './link.js'
import { tombstone } from './register.js'
import type { Ground, Held, Receipt, Route } from './route.js'
import { attemptOf, isWeaker, noTier, ROUNDS } from './route.js'

/** A tier that took the entry, and for how long it keeps it. */
interface Taker {
  link: Link
  kept: Lifetime
}

/** Why a rule keeps a value out of a tier. */
const barred = (clear: boolean, traits: Traits, lifetime: Lifetime): Attempt['code'] | false => (clear && spanOf(traits) ? 'secret' : !keeps(traits, lifetime) && 'lifetime')

/** Who else may hold an older copy, and for how long: another page, or one that arrives late. */
const othersOf = ({ links, given, traceless }: Route) => ({
  least: given ? Math.max(...links.map(({ tier }) => spanOf(tier.traits))) : 3,
  shared: given || (!traceless && links.some(({ tier: { traits } }) => !traits.sync || spanOf(traits) < 2)),
})

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

const receiptOf = ({ name: stored, links }: Route, takers: readonly Taker[], expires = Infinity, attempts: ReadonlyMap<Link, Attempt>, now: number): Receipt => {
  const [{ link, kept: lifetime }, ...others] = takers as [Taker, ...Taker[]]
  const { tier } = link
  const { traits: { maxAge, reach }, name } = tier
  // What comes after the taker was not passed for its reach.
  const passed = [...attempts].filter(([one, { code }]) => code !== 'reach' || links.indexOf(one) < links.indexOf(link))
  const ends = Math.min(expires, lifetime === 'device' && maxAge ? Math.floor(now + maxAge) : Infinity)
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

/**
 * Writes a value, or a tombstone, to the first tier that takes it, then takes the other copies away. It is
 * stamped anew where a later stamp stands: another page's, or this one's before its clock was set back. What
 * follows from a copy that was read is stamped right above it, and answers `undefined` where a later one stands.
 */
export const createPut = ({ now, stamps, defer, wrote }: Ground) => async (route: Route, text: string | null, lifetime: Lifetime, ms?: number, read?: Held): Promise<Receipt | undefined> => {
  const { name, links, life, reach, given, secret } = route
  if (!route.hurried) for (const { tier, ask } of links) if (tier.prove) await ask(() => tier.prove!(reach))
  const { least, shared } = othersOf(route)
  /** A tier could not be reached: what it holds may come back. */
  let guarded = links.some(({ health }) => health.reason && health.reason.code !== 'refused')
  let cause: unknown, refusal: unknown
  let stamp = given?.stamp ?? (read ? read.entry.stamp + 1 / FRACTIONS : stamps.next(name))
  /** A first round that a tier took: it stands whatever the second meets, which only adds tombstones; what outranks it came after it. */
  let taken: Receipt | undefined
  const expires = ms && Math.floor(now() + ms)
  for (let round = 0; round < ROUNDS; round++) {
    const until = Math.floor(now() + (guarded ? LONGEST : life))
    const sealed = text !== null && secret ? await secret.seal(text, stamp).catch((failure: unknown) => void (refusal = failure)) : text
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
      const retain = until > expires! && (guarded || (shared && lasting)) && until
      const entry: Entry = given && !guarded ? given : text === null ? tombstone(stamp, until) : { text: spanOf(traits) ? sealed! : text, stamp, lifetime, ...(expires && { expires }), ...(retain && { retain }) }
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
    const unreached = met || takers.length === links.length ? [] : await outrank(route, stamp, until, guarded, meet, takers)
    if (unreached.length === links.length) throw noTier('remove ' + name, unreached, cause)
    stamps.saw(met)
    if (met && (read || taken || given)) return taken ?? void takers.forEach(({ link }) => defer(link.write({ name, drop: stamp })))
    if (met) stamp = stamps.next(name)
    else {
      taken = takers[0] && receiptOf(route, takers, expires, attempts, now())
      wrote?.(name, stamp, text, expires)
      if (guarded || !unreached.length) return taken
      guarded = true
    }
  }
  throw noTier('overtaken ' + name, [], cause)
}
