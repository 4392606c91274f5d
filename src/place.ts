import type { Entry, Lifetime } from './contracts.js'
import type { Attempt } from './errors.js'
import { attempt, isStorageError, StorageError } from './errors.js'
import { isLasting, isVolatile, keeps, LONGEST } from './lifetime.js'
import type { Link, Written } from './link.js'
import type { Ground, Receipt, Route, Wish } from './route.js'
import { isNarrower, isShared, noTier, outrank, ROUNDS, toEach, tombstone } from './route.js'

/** The stamp that a write met, where it is not below its own. */
const later = ([outcome, epoch]: Written, stamp: number): number => {
  const met = Math.max(epoch, typeof outcome === 'number' ? outcome : 0)
  return met < stamp ? 0 : met
}

interface Placed {
  attempts: Attempt[]
  cause?: unknown
  taker?: Link
  kept?: Lifetime
  /** A later stamp stands there: by another page, or by this one before its clock was set back. */
  overtaken?: number
}

/** Offers the value to each tier in turn, until one takes it. */
const offer = async ({ name, links, secret }: Route, wish: Wish, stamp: number, retain: (link: Link) => number | undefined): Promise<Placed> => {
  const placed: Placed = { attempts: [] }
  for (const link of links) {
    const { name: tier, traits } = link.tier
    const kept = keeps(traits, wish.lifetime)
    const code = secret && !isVolatile(traits) ? 'secret' : kept ? undefined : 'lifetime'
    if (code) {
      placed.attempts.push({ tier, code, message: `${tier}: not for this key` })
      continue
    }
    const entry: Entry = { text: wish.text, stamp, lifetime: wish.lifetime }
    const until = retain(link)
    if (wish.expires !== undefined) entry.expires = wish.expires
    if (until) entry.retain = until
    const written = await link.write({ name, entry })
    const overtaken = later(written, stamp)
    if (overtaken) return { ...placed, overtaken }
    const outcome = written[0]
    if (outcome === undefined) return { ...placed, taker: link, kept: kept! }
    placed.cause = outcome
    placed.attempts.push(attempt(tier, outcome as StorageError))
  }
  return placed
}

const receiptOf = ({ taker, kept, attempts }: Placed, expires = Infinity, now: number): Receipt => {
  const { name: tier, traits } = taker!.tier
  const ends = Math.min(expires, kept === 'device' && traits.maxAge ? Math.floor(now + traits.maxAge) : Infinity)
  return {
    tier,
    lifetime: kept!,
    reach: traits.reach,
    ...(ends < Infinity && { expires: ends }),
    passed: attempts.map((one) => ({ tier: one.tier, code: one.code })),
  }
}

/** Writes to the first tier that takes it, then takes the other copies away; stamped anew where a later stamp stands. */
export const createPlace = ({ now, stamps }: Ground) => async (route: Route, wish: Wish): Promise<Receipt> => {
  const { name, links, life } = route
  const shared = links.some(isShared)
  let guarded = links.some(({ health }) => health.state === 'down')
  for (let round = 0; round < ROUNDS; round++) {
    const stamp = stamps.next(name)
    // An older copy may outlive the value where it was not reached, or where another page kept it for longer.
    const until = Math.floor(now() + (guarded ? LONGEST : life))
    const placed = await offer(route, wish, stamp, (link) => (until > wish.expires! && (guarded || (shared && isLasting(link.tier.traits))) ? until : 0))
    if (placed.overtaken) {
      stamps.saw(placed.overtaken)
      continue
    }
    const { taker, kept } = placed
    if (!taker) throw noTier('set', name, placed.attempts, placed.cause)
    const hides = (link: Link): boolean => isNarrower(taker.tier.traits, kept!, link.tier.traits)
    const rest = links.filter((link) => link !== taker)
    const met = await toEach(rest, (link) => link.write({ name, drop: hides(link) ? 0 : stamp }))
    const overtaken = Math.max(0, ...met.map((written) => later(written, stamp)))
    if (overtaken) {
      stamps.saw(overtaken)
      continue
    }
    const unreached = rest.filter((_, index) => isStorageError(met[index]![0]))
    if (unreached.length && wish.expires !== undefined && !guarded) {
      guarded = true
      continue
    }
    unreached.forEach((link) => link.miss(outrank(name, stamp, hides(link), now())))
    await toEach(rest, async (link) => {
      if (unreached.includes(link)) return
      if (unreached.length) return link.write({ name, entry: tombstone(stamp, now() + LONGEST) })
      // An older value in a wider place becomes a tombstone; one that is there already says enough.
      if (typeof met[rest.indexOf(link)]![0] !== 'number') return
      const copy = await link.read(name)
      if (!isStorageError(copy) && typeof copy.entry?.text === 'string') await link.write({ name, entry: tombstone(stamp, now() + life) })
      return
    })
    return receiptOf(placed, wish.expires, now())
  }
  throw noTier('set', name, [], new StorageError('refused', `set ${name}: a later stamp stood there ${ROUNDS} times`))
}
