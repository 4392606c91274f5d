import type { Entry } from '../../src/contracts.js'
import type { Asked } from './asked.js'
import { holdingOf, isAllowed, NOTHING } from './asked.js'
import type { Dealing, Deed } from './deeds.js'
import { isNarrower, keepersOfRemoval, keepersOfSet, stampOf, supersede } from './deeds.js'
import { demand } from './law-broken.js'
import { isBefore } from './reading.js'
import { dealingsSince, isNews, isTold } from './refusals.js'
import type { Key } from './schedule.js'
import { KEYS } from './schedule.js'
import type { Page, World } from './world.js'

/** What waited goes to its place once it is allowed, as it is. */

const LIFE = { page: 0, tab: 1, session: 2, device: 3 }

/** A value that a tier took; one that is touched at once has the same text. */
const writtenAs = (dealing: Dealing, text: string): Entry | undefined => {
  const [entry] = dealing.asked.flatMap(({ change, outcome, state }) => ('entry' in change && change.entry.text === text && state === 'answered' && outcome === undefined ? change.entry : []))
  return entry
}

/** What waited went to its place, as it was. */
export const noteRelease = (world: World, deeds: Deed[], page: Page, asked: Asked, key: Key, step: number): void => {
  const { deed, bound, known } = holdingOf(asked, key)
  asked.holdings.set(key, NOTHING)
  const dealings = dealingsSince(world, page, asked.since, world.clock.now(), world.elapsed, new Map(), key)
  const values = dealings.flatMap(({ asked }) => asked.flatMap(({ change, outcome, state }) => ('entry' in change && change.entry.text !== null && state === 'answered' && outcome === undefined ? change.entry.text : [])))
  demand(values.length || !isAllowed(asked, key), 6, () => `${key} was told to be released, though no tier took it`)
  asked.went.set(key, values[values.length - 1])
  if (!known || !deed || !isAllowed(asked, key)) return
  const takers = dealings.filter((dealing) => writtenAs(dealing, deed.text!))
  // What is set meanwhile waited for a moment, too.
  if (!takers.length) return
  const entry = writtenAs(takers[0]!, deed.text!)!
  demand(entry.stamp <= bound, 2, () => `what waited since ${deed.title} was stamped anew when it went to ${takers[0]!.tier}`)
  demand(deed.expires === Infinity || entry.expires! <= deed.expires, 4, () => `what waited since ${deed.title} was given more time in ${takers[0]!.tier}`)
  const { lifetimes } = takers[0]!.traits
  const kept = [...lifetimes].reverse().find((lifetime) => LIFE[lifetime] <= LIFE[deed.lifetime])!
  Object.assign(deed, { resolved: true, stamp: entry.stamp, landed: step })
  keepersOfSet(world, deed, dealings, takers, kept)
  supersede(deeds.filter((other) => !isBefore(deed, other)), deed, dealings, ({ traits }) => takers.every((taker) => isNarrower(taker.traits, kept, traits)))
}

const hasTrouble = ({ calls }: Page): boolean => calls.some(({ state, code, lied, stuck, late }) => state !== 'answered' || code !== undefined || lied || stuck || late)

/** What was taken, or has expired, while it waited outranks what is older all the same. */
const noteOutranked = (world: World, page: Page, asked: Asked, key: Key, mark: Deed, step: number): void => {
  const dealings = dealingsSince(world, page, asked.since, mark.clock, world.elapsed, new Map(), key)
  const overtaken = dealings.some(({ asked }) => asked.some(({ outcome }) => typeof outcome === 'number'))
  if (overtaken) return
  demand(isTold(dealings), 3, () => `tab${page.tab} may store ${key}, and no tier was told of ${mark.title}`)
  Object.assign(mark, { resolved: true, landed: step, stamp: Math.max(...dealings.flatMap(({ asked }) => asked.filter(isNews).map(({ change }) => stampOf(change)))) })
  keepersOfRemoval(world, mark, dealings)
}

/** Where nothing ever failed, what waited has gone to its place by now, unless there is a newer value. */
export const checkReleased = (world: World, deeds: readonly Deed[], step: number): void => {
  for (const page of world.pages) if (page.asked?.heard && !page.asked.unsettled) checkWaits(world, deeds, page, page.asked, step)
}

const checkWaits = (world: World, deeds: readonly Deed[], page: Page, asked: Asked, step: number): void => {
  for (const key of KEYS) {
    const { known, deed, waits, mark } = holdingOf(asked, key)
    if (waits !== 'maybe' || !isAllowed(asked, key) || hasTrouble(page)) continue
    const { secret, chain } = world.rulingOf(key)
    const fits = chain.includes('memory') || deed && chain.some((tier) => (!secret || tier === 'memory') && page.tiers.get(tier)!.traits.lifetimes.some((lifetime) => LIFE[lifetime] <= LIFE[deed.lifetime]))
    if (!fits && !(known && !deed)) continue
    asked.holdings.set(key, NOTHING)
    if (known && mark && !(deed && deed.expires > world.clock.now())) noteOutranked(world, page, asked, key, mark, step)
    if (!known || !deed || deed.expires <= world.latest) continue
    const overtaken = deeds.some((other) => other !== deed && (other.key === key || other.key === undefined) && !isBefore(other, deed))
    demand(overtaken, 1, () => `tab${page.tab} may store ${key}, and what waits since ${deed.title} did not go to its place`)
  }
}
