import type { Receipt } from '../../src/route.js'
import type { Change } from './changed.js'
import type { Deed } from './deeds.js'
import { isNarrower, keepersOfRemoval, keepersOfSet, metBy, reached, stampOf, supersede } from './deeds.js'
import { demand } from './law-broken.js'
import type { Lasting } from './schedule.js'
import { checkReceipt, stampTaken, took } from './receipts.js'
import type { Page, World } from './world.js'
import { lifetimeOf, spanOf } from './world.js'

const LIFE = { page: 0, tab: 1, session: 2, device: 3 }

export const deedOf = (world: World, kind: Deed['kind'], { title, page, key, start, end, clock, error, based, dealings }: Change): Deed => ({
  lied: dealings.some(({ lied }) => lied),
  kind, title, key, text: undefined, start, end, clock, stamp: 0, page, session: world.session,
  lifetime: 'device', expires: Infinity, resolved: error === undefined, empties: true, keepers: new Map(), met: new Set(), based,
})

/** A rejected write names each tier and its reason, and none of them had taken the value. */
const checkRefusal = (world: World, { title, error, dealings }: Change, key: string, text: string): void => {
  if (error === 'gone') return
  const { isStorageError } = world.implementation
  demand(isStorageError(error) && ['no-tier', 'locked'].includes(error.code), 6, () => `${title} rejected with ${String(error)}`)
  const { attempts } = error as { attempts: readonly { tier: string; code: string }[] }
  const { secret } = world.rulingOf(key)
  for (const { tier, place, asked, traits } of dealings) {
    const overtaken = dealings.some((one) => one.asked.some(({ outcome }) => typeof outcome === 'number'))
    if (overtaken) continue
    demand(attempts.some((one) => one.tier === tier && one.code), 6, () => `${title} rejected without a reason for ${tier}`)
    // What an epoch of that stamp outranks was not taken.
    const epoch = place.shadow.get('chat.')
    const held = asked.some((one) => took(one, text) && !(typeof epoch === 'object' && epoch.stamp >= stampOf(one.change)))
    demand(!held || (secret && traits.reach !== 'page'), 6, () => `${title} rejected, though ${tier} took the value`)
  }
}

/** No tier was given the value that outlives what was asked, or that the key's rule keeps it from. */
export const checkPlaces = (page: Page, world: World, since: number): void => {
  for (const { place, changes } of page.calls.slice(since))
    for (const change of changes) {
      const key = change.name.slice('chat.'.length)
      if (!key || !('entry' in change) || change.entry.text === null) continue
      const { chain, secret } = world.rulingOf(key)
      const { lifetimes } = place.raw.traits
      demand(chain.includes(place.tier), 5, () => `${key} was written to ${place.tier}, which is not in its chain`)
      demand(!secret || place.tier === 'memory', 5, () => `the secret ${key} was written to ${place.tier} in the clear`)
      demand(lifetimes.some((lifetime) => LIFE[lifetime] <= LIFE[change.entry.lifetime]), 4, () => `a value for ${change.entry.lifetime} was written to ${place.tier}, which keeps it longer`)
    }
}

/** Notes a set, or a touch, which is a set of the same value. */
export const noteSet = (world: World, deeds: Deed[], change: Change, text: string, ttl: Lasting, receipt: Receipt | undefined): void => {
  const { dealings, clock } = change
  const deed = deedOf(world, 'set', change)
  deed.text = text
  deed.lifetime = lifetimeOf(ttl)
  const span = spanOf(ttl)
  const mine = dealings.flatMap(({ asked }) => asked.flatMap((one) => ('entry' in one.change && one.change.entry.text === text ? one.change.entry : [])))
  deed.stamp = Math.max(world.clock.now(), ...mine.map(({ stamp }) => stamp))
  deed.expires = span === undefined ? Infinity : Math.max(clock + span, ...mine.map(({ expires }) => expires ?? 0))
  deed.met = metBy(deeds, dealings, world.latest)
  if (!receipt) {
    checkRefusal(world, change, change.key!, text)
    // Write first, then remove: before a tier took the value, nothing of the older one may be gone.
    deed.empties = dealings.some(({ asked }) => asked.some((one) => took(one, text)))
    if (deed.empties) supersede(deeds, deed, dealings, () => false)
    deeds.push(deed)
    return
  }
  const takers = checkReceipt(world, change, receipt, text, ttl)
  deed.stamp = stampTaken(takers[0], text)
  keepersOfSet(world, deed, dealings, takers, receipt.lifetime)
  supersede(deeds, deed, dealings, ({ traits }) => takers.every((taker) => isNarrower(taker.traits, receipt.lifetime, traits)))
  deeds.push(deed)
}

/** Notes a remove, or the removal in a take. */
export const noteRemoval = (world: World, deeds: Deed[], change: Change): void => {
  const { dealings, title, error, traceless } = change
  const deed = deedOf(world, 'remove', change)
  // The stamps of concurrent sets are known by their values; the rest are the removal's own.
  const others = new Set(dealings.flatMap(({ asked }) => asked.flatMap((one) => ('entry' in one.change && one.change.entry.text !== null ? one.change.entry.stamp : []))))
  // What a tier missed before is made up by the way: it was stamped for another deed, and only what was taken tells.
  const stamps = dealings.flatMap(({ asked }) => asked.flatMap(({ change: one, outcome, state }) => (state === 'answered' && outcome === undefined && !others.has(stampOf(one)) && stampOf(one) < Infinity ? stampOf(one) : [])))
  const stamp = Math.max(0, ...stamps)
  deed.stamp = stamp || world.clock.now()
  deed.met = metBy(deeds, dealings, world.latest)
  // A newer value that another page wrote meanwhile is not taken away, so the take is no news beyond what it read.
  if (deed.based && (!deed.based.length || dealings.some(({ asked }) => asked.some(({ outcome }) => typeof outcome === 'number')))) deed.resolved = false
  else if (deed.resolved) {
    demand(others.size || dealings.some((dealing) => reached(dealing, stamp)), 6, () => `${title} resolved, though no tier took the news`)
    keepersOfRemoval(world, deed, dealings, traceless)
  } else if (error !== 'gone') {
    const { isStorageError } = world.implementation
    demand(isStorageError(error) && error.code === 'no-tier', 6, () => `${title} rejected with ${String(error)}`)
  }
  supersede(deeds, deed, dealings, () => false)
  deeds.push(deed)
}

/** Notes a clear: its epoch stands in each tier that took it. */
export const noteClear = (world: World, deeds: Deed[], change: Change): void => {
  const { dealings, title, error } = change
  const deed = deedOf(world, 'clear', change)
  const took = dealings.filter(({ asked, lied }) => !lied && asked.some((one) => 'entry' in one.change && one.state === 'answered' && one.outcome === undefined))
  deed.stamp = Math.max(world.clock.now(), ...dealings.flatMap(({ asked }) => asked.map((one) => (stampOf(one.change) === Infinity ? 0 : stampOf(one.change)))))
  deed.met = metBy(deeds, dealings, world.latest)
  const lied = dealings.some((dealing) => dealing.lied)
  if (deed.resolved) demand(took.length || lied, 6, () => `${title} resolved, though no tier took the news`)
  else if (error !== 'gone') demand(world.implementation.isStorageError(error) && error.code === 'no-tier', 6, () => `${title} rejected with ${String(error)}`)
  for (const { place, traits } of took) {
    for (const older of deeds) older.keepers.delete(place)
    if (deed.resolved) deed.keepers.set(place, { until: deed.clock + (traits.maxAge ?? Infinity), value: false, brief: false })
  }
  deeds.push(deed)
}
