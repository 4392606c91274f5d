import type { Deed } from './deeds.js'
import { answer, tellAll } from './answering.js'
import { judge, note } from './consent-judging.js'
import { awaken, calm, follow, unsettle } from './hearing.js'
import { demand } from './law-broken.js'
import type { Run } from './operation.js'
import { begin, finish, keysIn } from './operation.js'
import type { Call, Place } from './recorder.js'
import type { Answering, Operation, Step, TierName } from './schedule.js'
import { checkCleared, checkExpired, checkNothingMade } from './traces.js'
import type { World } from './world.js'
import { LONGEST, nameOf } from './world.js'

/** An answer that comes while an operation runs. */
interface Amid {
  answering: Answering
  turns: number
}

const READS: readonly Operation['do'][] = ['get', 'has', 'getMany', 'keys', 'sweep']

const start = (world: World, deeds: Deed[], operation: Operation, step: number, number: number): Run => {
  const run = begin(world, operation, step, number)
  awaken(world, deeds, run)
  return run
}

const operate = async (world: World, deeds: Deed[], operations: Operation[], step: number, amid?: Amid): Promise<void> => {
  const runs = operations.map((operation, index) => start(world, deeds, operation, step, step + index / 2))
  for (const run of runs) {
    run.alone = runs.length === 1
    run.apart = runs.every(({ page }) => page !== run.page || run.alone)
  }
  for (let turn = 0; turn < (amid?.turns ?? 0); turn++) await Promise.resolve()
  if (amid) runs.forEach(unsettle)
  if (amid) tellAll(world, deeds, amid.answering, step)
  await finish(world, runs)
  if (amid) runs.forEach(calm)
  await follow(world, deeds, step)
  const [alone] = runs.length === 1 ? runs : []
  // What a take finds is judged by what was known before it took it away.
  if (alone) judge(world, deeds, alone)
  for (const run of runs) note(world, deeds, run)
  if (!alone) for (const run of runs) judge(world, deeds, run)
  await world.drain()
  // What follows from the answer is done beside it, also by other tabs.
  if (amid) return
  if (alone && alone.settled!.error === undefined && ['get', 'has', 'sweep'].includes(alone.operation.do)) await checkExpired(alone, keysIn(alone.operation).filter((key) => world.rulingOf(key).chain.length === world.schedule.chain.length))
  if (alone && READS.includes(alone.operation.do) && step < 9) await checkNothingMade(world, alone.title, alone.since, alone.page)
  if (alone?.operation.do === 'clear' && alone.settled!.error === undefined) await checkCleared(world, alone.page, alone.since, alone.title)
  const [one, other] = runs.map(({ operation, settled, page }) => (operation.do === 'take' && settled!.value !== undefined ? { key: operation.key, text: JSON.stringify(settled!.value), page } : undefined))
  demand(!one || !other || one.page !== other.page || one.key !== other.key || one.text !== other.text, 3, () => `${runs[1]!.title} and its neighbour both took ${one!.text}`)
}

const reload = async (world: World, deeds: Deed[], { tab, during, turns }: Extract<Step, { do: 'reload' }>, step: number): Promise<void> => {
  const run = during && start(world, deeds, during, step, step)
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
  world.leave(Math.min(tab, world.pages.length))
  if (run) {
    run.settled = { error: 'gone' }
    // What it had in flight may still land, and the page hears nothing of it.
    await world.drain()
    note(world, deeds, run)
  }
  world.load(Math.min(tab, world.pages.length))
}

const forget = (deeds: Deed[], gone: (place: Call['place'], deed: Deed) => boolean): void => {
  for (const deed of deeds) for (const place of deed.keepers.keys()) if (gone(place, deed)) deed.keepers.delete(place)
}

/** Damaged text may stand there still: what is not ours is not ours to remove. */
const empty = ({ shadow, unsure }: Place): void => {
  for (const [name, entry] of shadow) if (entry === 'damaged') unsure.add(name)
  shadow.clear()
}

const evict = async (world: World, deeds: Deed[], tab: number, tier: TierName): Promise<void> => {
  const page = world.pages[Math.min(tab, world.pages.length) - 1]!
  const place = page.places.get(tier)!
  const names = await place.raw.names('chat.')
  await place.raw.write(names.map((name) => ({ name, drop: Infinity })))
  empty(place)
  await world.browser.evicted(tier, world.pages.indexOf(page) + 1)
  forget(deeds, (one) => one === place)
}

const damage = async (world: World, deeds: Deed[], { tab, tier, key, how }: Extract<Step, { do: 'damage' }>): Promise<void> => {
  const place = world.pages[Math.min(tab, world.pages.length) - 1]!.places.get(tier)!
  if (!(await place.damage(nameOf(key), how))) return
  // What was copied under its own name once, and is copied back, is an older copy of ours.
  const [entry] = await place.raw.read([nameOf(key)])
  place.shadow.set(nameOf(key), entry && !entry.corrupt ? entry : 'damaged')
  if (how === 'foreign' || how === 'newer version') place.foreign.add(nameOf(key))
  forget(deeds, (one, deed) => one === place && deed.key === key)
}

const restart = async (world: World, deeds: Deed[]): Promise<void> => {
  await world.restart()
  forget(deeds, (place, deed) => deed.keepers.get(place)!.brief)
}

/** No cookie lives longer than 400 days, damaged ones included. */
const wait = async (world: World, seconds: number): Promise<void> => {
  await world.advance(seconds * 1000)
  if (seconds * 1000 >= LONGEST) for (const { places } of world.pages) if (places.has('cookie')) empty(places.get('cookie')!)
}

const setClock = (world: World, ms: number): void => {
  world.clock.jump(ms)
  world.setBack ||= ms < 0
  world.latest = Math.max(world.latest, world.clock.now())
  // What still hangs is given up by the clock as it is then.
  for (const { calls } of world.pages) for (const call of calls) if (call.state === 'pending') call.clock += Math.max(0, ms)
}

export const take = async (world: World, deeds: Deed[], step: Step, number: number): Promise<void> => {
  switch (step.do) {
    case 'both': return operate(world, deeds, [step.one, step.other], number)
    case 'reload': return reload(world, deeds, step, number)
    case 'answer': return answer(world, deeds, step, number)
    case 'amid': return operate(world, deeds, [step.operation], number, step)
    case 'close tab': {
      const tab = Math.min(step.tab, world.pages.length)
      world.closeTab(tab)
      return world.load(tab)
    }
    case 'restart browser': return restart(world, deeds)
    case 'wait': return wait(world, step.seconds)
    case 'set clock': return setClock(world, step.seconds * 1000)
    case 'fault': return world.fault(step.tab, step.tier, step.fault)
    case 'heal': return world.heal(step.tier)
    case 'evict': return evict(world, deeds, step.tab, step.tier)
    case 'damage': return damage(world, deeds, step)
    case 'fail beneath': return world.failBeneath(step.fault)
    case 'lose mark': return world.browser.evicted(step.tier, Math.min(step.tab, world.pages.length))
    default: return operate(world, deeds, [step], number)
  }
}
