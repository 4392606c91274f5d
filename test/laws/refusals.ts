import type { Asked, Holding, Withdrawal } from './asked.js'
import { isAllowed, NOTHING } from './asked.js'
import type { Before, Dealing, Deed } from './deeds.js'
import { dealingsOf, idOf, reached, stampOf } from './deeds.js'
import { demand } from './law-broken.js'
import type { Key, TierName } from './schedule.js'
import type { Page, World } from './world.js'
import { nameOf } from './world.js'
import { deedOf, noteRemoval } from './writing.js'

/** What is refused goes: when, what it leaves, and what it must not leave. */

/** Stamps may run ahead of the clock by that much: each that is met is one more. */
export const MARGIN = 20

const shadowsOf = (page: Page, key: Key): Before => new Map([...page.places].map(([tier, { shadow }]) => [idOf(page, tier, nameOf(key)), shadow.get(nameOf(key))]))

/** A refusal takes effect at some time from now on. */
export const withdraw = (world: World, deeds: Deed[], page: Page, asked: Asked, key: Key, step: number): void => {
  const title = `step ${step} (tab${page.tab} hears that ${key} is refused)`
  const holding: Holding = { ...NOTHING, known: false, waits: 'maybe' }
  const clock = world.clock.now()
  const deed: Deed = { ...deedOf(world, 'remove', { title, page, key, start: step, end: Infinity, clock, dealings: [], alone: false, before: new Map(), error: 'gone' }), stamp: Infinity }
  asked.holdings.set(key, holding)
  asked.withdrawals.push({ key, title, step, clock, since: page.calls.length, began: world.elapsed, before: shadowsOf(page, key), deed, holding })
  deeds.push(deed)
}

/** What a page did about a key since it heard. */
export const dealingsSince = (world: World, page: Page, since: number, clock: number, began: number, before: Before, key: Key): Dealing[] =>
  dealingsOf({ page, since, clock, began, before }, world.rulingOf(key).chain, nameOf(key))

/** A place that a refusal may have emptied knows nothing for certain. */
export const loosen = (deeds: readonly Deed[], page: Page, key: Key): void => {
  for (const deed of deeds) if (deed.key === key) for (const place of page.places.values()) deed.keepers.delete(place)
}

/** A tier took the news of a removal. */
export const isTold = (dealings: readonly Dealing[]): boolean => {
  const news = dealings.flatMap(({ asked }) => asked.filter(isNews))
  return news.length > 0 && dealings.some((dealing) => reached(dealing, Math.max(...news.map(({ change }) => stampOf(change)))))
}

/** What is dropped below every stamp is damaged text, and says nothing of values. */
export const isNews = ({ change }: Dealing['asked'][number]): boolean => ('entry' in change ? change.entry.text === null : change.drop >= 1 && change.drop < Infinity)

/** What became of a refusal. */
export const conclude = (world: World, deeds: Deed[], page: Page, asked: Asked, one: Withdrawal, step: number): void => {
  const { key, title, since, clock, began, before, deed, holding } = one
  const dealings = dealingsSince(world, page, since, clock, began, before, key)
  const stands = !page.dead && !isAllowed(asked, key)
  deeds.splice(deeds.indexOf(deed), 1)
  noteRemoval(world, deeds, { title, page, key, start: one.step, end: step, clock, before, alone: true, traceless: true, dealings, error: stands && isTold(dealings) ? undefined : 'gone' })
  // What it had in flight may still land.
  if (page.dead) deeds[deeds.length - 1]!.stamp = world.latest + MARGIN
  if (asked.holdings.get(key) === holding) asked.holdings.set(key, { ...NOTHING, known: stands, waits: stands ? 'no' : 'maybe' })
}

/** What stands there is no value; and where it was looked at, no piece of one. */
export const checkLeft = async (world: World, page: Page, key: Key, tier: TierName, title: string, looked = false): Promise<void> => {
  const { visitors } = world
  const place = page.places.get(tier)!
  const { raw, foreign } = place
  // One that says that it has removed what it keeps is believed.
  const believed = visitors.some(({ calls }) => calls.some((call) => call.lied && call.place === place && call.names.includes(nameOf(key))))
  if (believed || foreign.has(nameOf(key))) return
  const [entry] = await raw.read([nameOf(key)])
  // A tier that calls itself full takes nothing down, so nobody looks again when it is well: what a clock that was ahead has stamped outlives that.
  const full = world.setBack && visitors.some(({ calls }) => calls.some((call) => call.place === place && call.code === 'quota'))
  demand(!entry || full || (entry.text === null && !(looked && entry.corrupt)), 5, () => `${title} left ${entry!.corrupt ? 'damaged text' : 'a value'} of ${key} in ${tier} of tab${page.tab}`)
}

/** A refusal that was carried out leaves no value where the page reaches. */
export const checkWithdrawn = async (world: World, page: Page, one: Withdrawal): Promise<void> => {
  const name = nameOf(one.key)
  for (const tier of world.rulingOf(one.key).chain) {
    const place = page.places.get(tier)!
    const mine = page.calls.filter((call) => call.place === place)
    const failed = mine.some(({ state, code, lied }) => state !== 'answered' || code !== undefined || lied)
    const others = world.visitors.some((other) => other.calls.some((call) => call.place === place && (call.state === 'pending' || (call.ended >= one.began && other !== page && call.changes.some((change) => change.name === name && 'entry' in change)))))
    if (!failed && !others) await checkLeft(world, page, one.key, tier, one.title, true)
  }
}
