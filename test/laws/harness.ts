import type { Receipt } from 'holdfast'
import type { Before, Dealing, Deed } from './deeds.js'
import { dealingsOf, idOf } from './deeds.js'
import { checkGuests, plantGuests } from './guests.js'
import { demand, LawBroken } from './law-broken.js'
import { checkReadable, checkReading, writesOf } from './reading.js'
import type { Call } from './recorder.js'
import type { Key, Lasting, Operation, Schedule, Step, TierName } from './schedule.js'
import { KEYS, lastingText, valueFor } from './schedule.js'
import { checkAsked, checkWaiting } from './waiting.js'
import { checkCleared, checkDamage, checkDestroyed, checkUntouched } from './traces.js'
import type { Implementation, Page, World } from './world.js'
import { createWorld, LONGEST, nameOf, ttlOption } from './world.js'
import type { Change } from './writing.js'
import { checkPlaces, noteClear, noteRemoval, noteSet } from './writing.js'

export type { Implementation } from './world.js'
export { LawBroken } from './law-broken.js'
export { describeSchedule } from './schedule.js'
export type { Schedule } from './schedule.js'

/** An operation under way, and all that must be known to judge it. */
interface Run {
  operation: Operation
  title: string
  number: number
  page: Page
  step: number
  clock: number
  since: number
  before: Before
  /** No other operation runs beside it. */
  alone: boolean
  settled: { value?: unknown; error?: unknown } | undefined
}

const keysIn = (operation: Operation): Key[] =>
  'keys' in operation ? operation.keys : 'entries' in operation ? operation.entries.map(({ key }) => key) : 'key' in operation ? [operation.key] : [...KEYS]

const call = (page: Page, operation: Operation, number: number): Promise<unknown> => {
  const { storage } = page
  switch (operation.do) {
    case 'set': return storage.set(operation.key, valueFor(operation.value, number), ttlOption(operation.ttl))
    case 'setMany': return storage.setMany(operation.entries.map(({ key, value }, index) => [key, valueFor(value, number + index / 10)]), ttlOption(operation.ttl))
    case 'touch': return operation.ttl === undefined ? storage.touch(operation.key) : storage.touch(operation.key, operation.ttl as never)
    case 'getMany': return storage.getMany(operation.keys)
    case 'get': case 'has': case 'remove': case 'take': return storage[operation.do](operation.key)
    default: return storage[operation.do]()
  }
}

const titleOf = (operation: Operation, step: number): string => {
  const about = 'key' in operation ? ` ${operation.key}` : ''
  return `step ${step} (tab${operation.tab}: ${operation.do}${about}${lastingText('ttl' in operation ? operation.ttl : undefined)})`
}

const begin = (world: World, operation: Operation, step: number, number: number): Run => {
  const tab = Math.min(operation.tab, world.pages.length)
  const page = world.pages[tab - 1]!
  const before: Before = new Map()
  for (const key of keysIn(operation)) for (const [tier, { shadow }] of page.places) before.set(idOf(page, tier, nameOf(key)), shadow.get(nameOf(key)))
  const run: Run = { operation, title: titleOf({ ...operation, tab }, step), number, page, step, clock: world.clock.now(), since: page.calls.length, before, alone: true, settled: undefined }
  page.corrupt.clear()
  let answer: Promise<unknown>
  try {
    answer = call(page, operation, number)
  } catch (error) {
    throw new LawBroken(10, `${run.title} threw into the host page: ${String(error)}`)
  }
  answer.then(
    (value) => (run.settled = { value }),
    (error: unknown) => (run.settled = { error: error ?? 'nothing' }),
  )
  return run
}

/** Lets the operations run to their end, and counts what their waiting cost. */
const finish = async (world: World, runs: Run[]): Promise<void> => {
  const started = world.elapsed
  await world.drain()
  while (runs.some(({ settled }) => !settled)) {
    const next = world.clock.next()
    const late = runs.find(({ settled }) => !settled)!
    demand(next !== undefined && world.elapsed - started < 60_000, 9, () => `${late.title} never settled`)
    await world.advance(next!)
  }
  checkWaiting(world, runs, world.elapsed - started)
}

const dealings = (world: World, run: Run, key: string): Dealing[] =>
  dealingsOf(run.page, run.page.calls.slice(run.since), world.rulingOf(key).chain, nameOf(key as Key), run.before)

const changeOf = (world: World, run: Run, key: string, error: unknown): Change => ({
  title: run.title, page: run.page, key, start: run.step, end: run.step, clock: run.clock, before: run.before, dealings: dealings(world, run, key), error,
})

/** What was found by a take or a touch, once what they changed is noted too. */
const checkFound = (world: World, deeds: Deed[], run: Run, key: string, value: unknown, presence = false): void =>
  checkReading(world, deeds, { title: run.title, key, page: run.page, value, start: run.step, clock: run.clock, dealings: dealings(world, run, key), presence })

const noteTouch = (world: World, deeds: Deed[], run: Run, key: Key, ttl: Lasting): void => {
  const { value, error } = run.settled!
  // Beside another operation it is not known which of them wrote what.
  const change = changeOf(world, run, key, run.alone ? error : 'gone')
  const texts = new Set(change.dealings.flatMap(({ asked }) => asked.flatMap((one) => ('entry' in one.change && one.change.entry.text !== null ? one.change.entry.text : []))))
  if (error === undefined && value === undefined) return
  if (error === undefined) demand(texts.size, 6, () => `${run.title} was given a receipt, though no tier was asked`)
  for (const text of texts) {
    if (run.alone && error === undefined) checkFound(world, deeds, run, key, JSON.parse(text))
    noteSet(world, deeds, { ...change, based: writesOf(deeds, key, JSON.parse(text)) }, text, ttl, run.alone ? (value as Receipt | undefined) : undefined)
  }
}

/** Notes what an operation changed. */
const note = (world: World, deeds: Deed[], run: Run): void => {
  const { operation, number } = run
  const { value, error } = run.settled!
  const ttlOf = (key: string): Lasting => ('ttl' in operation ? operation.ttl : undefined) ?? world.rulingOf(key).ttl
  switch (operation.do) {
    case 'set':
      return noteSet(world, deeds, changeOf(world, run, operation.key, error), JSON.stringify(valueFor(operation.value, number)), ttlOf(operation.key), value as Receipt | undefined)
    case 'setMany':
      return operation.entries.forEach(({ key, value: wanted }, index) => {
        const receipt = error === undefined ? (value as Map<string, Receipt>).get(key) : undefined
        // Which of several failed is told by the places that took them.
        const change = changeOf(world, run, key, error === undefined ? undefined : 'gone')
        noteSet(world, deeds, change, JSON.stringify(valueFor(wanted, number + index / 10)), ttlOf(key), receipt)
      })
    case 'touch': return noteTouch(world, deeds, run, operation.key, ttlOf(operation.key))
    case 'remove': return noteRemoval(world, deeds, changeOf(world, run, operation.key, error))
    case 'take':
      if (value !== undefined || error !== undefined) noteRemoval(world, deeds, { ...changeOf(world, run, operation.key, error), based: error === undefined ? writesOf(deeds, operation.key, value) : undefined })
      return
    case 'clear': {
      const everything = dealingsOf(run.page, run.page.calls.slice(run.since), world.schedule.chain, 'chat.', run.before)
      noteClear(world, deeds, { ...changeOf(world, run, 'token', error), key: undefined, dealings: everything })
      return
    }
  }
}

/** Judges what an operation answered. */
const judge = (world: World, deeds: Deed[], run: Run): void => {
  const { operation, title, page } = run
  const { value, error } = run.settled!
  const readable = (key: string): void => checkReadable(world, title, dealings(world, run, key), error)
  const heard = (key: string): void => checkDamage(run, key, dealings(world, run, key))
  switch (operation.do) {
    case 'get': case 'has':
      readable(operation.key)
      if (error !== undefined) return
      if (run.alone) heard(operation.key)
      checkAsked(world, run, operation.key)
      return checkFound(world, deeds, run, operation.key, operation.do === 'has' ? value || undefined : value, operation.do === 'has')
    case 'getMany':
      if (error !== undefined) return demand(operation.keys.some((key) => !dealings(world, run, key).some(({ heard }) => heard)), 6, () => `${title} rejected, though each key could be read`)
      return operation.keys.forEach((key) => checkFound(world, deeds, run, key, (value as Map<string, unknown>).get(key)))
    case 'touch':
      return error === undefined && value === undefined ? checkFound(world, deeds, run, operation.key, undefined) : undefined
    case 'take':
      return error === undefined ? checkFound(world, deeds, run, operation.key, value) : undefined
    case 'keys': {
      const calls = page.calls.slice(run.since)
      const listed = (one: Call): boolean => one.verb === 'names' && one.state === 'answered'
      if (error === undefined) demand(calls.some(listed), 6, () => `${title} answered, though no tier could be read`)
      else return demand(!calls.some((one) => listed(one) && calls.every(({ place, state }) => place !== one.place || state === 'answered')), 6, () => `${title} rejected, though a tier could be read`)
      const keys = value as string[]
      demand(new Set(keys).size === keys.length && keys.every((key) => KEYS.includes(key as Key)), 8, () => `${title} listed ${keys.join(', ')}`)
      return keys.forEach((key) => checkFound(world, deeds, run, key, 'listed', true))
    }
    case 'sweep': {
      if (error !== undefined) return demand(world.implementation.isStorageError(error) && error.code === 'no-tier', 6, () => `${title} rejected with ${String(error)}`)
      return demand(Number.isInteger(value), 4, () => `${title} answered ${String(value)}`)
    }
    case 'remove': case 'set':
      return error === undefined ? checkAsked(world, run, operation.key) : undefined
  }
}

const operate = async (world: World, deeds: Deed[], operations: Operation[], step: number): Promise<void> => {
  const runs = operations.map((operation, index) => begin(world, operation, step, step + index / 2))
  for (const run of runs) run.alone = runs.length === 1
  await finish(world, runs)
  const [alone] = runs.length === 1 ? runs : []
  // What a take finds is judged by what was known before it took it away.
  if (alone) judge(world, deeds, alone)
  for (const run of runs) note(world, deeds, run)
  if (!alone) for (const run of runs) judge(world, deeds, run)
  if (alone?.operation.do === 'clear' && alone.settled!.error === undefined) await checkCleared(alone.page, alone.since, alone.title)
  const [one, other] = runs.map(({ operation, settled, page }) => (operation.do === 'take' && settled!.value !== undefined ? { key: operation.key, text: JSON.stringify(settled!.value), page } : undefined))
  demand(!one || !other || one.page !== other.page || one.key !== other.key || one.text !== other.text, 3, () => `${runs[1]!.title} and its neighbour both took ${one!.text}`)
}

const reload = async (world: World, deeds: Deed[], { tab, during, turns }: Extract<Step, { do: 'reload' }>, step: number): Promise<void> => {
  const run = during && begin(world, during, step, step)
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

const evict = async (world: World, deeds: Deed[], tab: number, tier: TierName): Promise<void> => {
  const place = world.pages[Math.min(tab, world.pages.length) - 1]!.places.get(tier)!
  const names = await place.raw.names('chat.')
  await place.raw.write(names.map((name) => ({ name, drop: Infinity })))
  place.shadow.clear()
  forget(deeds, (one) => one === place)
}

const damage = async (world: World, deeds: Deed[], { tab, tier, key, how }: Extract<Step, { do: 'damage' }>): Promise<void> => {
  const place = world.pages[Math.min(tab, world.pages.length) - 1]!.places.get(tier)!
  if (!(await place.damage(nameOf(key), how))) return
  place.shadow.set(nameOf(key), 'damaged')
  if (how === 'foreign' || how === 'newer version') place.foreign.add(nameOf(key))
  forget(deeds, (one, deed) => one === place && deed.key === key)
}

const restart = async (world: World, deeds: Deed[]): Promise<void> => {
  await world.restart()
  forget(deeds, ({ tier }, deed) => tier === 'cookie' && deed.lifetime === 'session')
}

/** No cookie lives longer than 400 days, damaged ones included. */
const wait = async (world: World, seconds: number): Promise<void> => {
  await world.advance(seconds * 1000)
  if (seconds * 1000 >= LONGEST) world.pages[0]!.places.get('cookie')?.shadow.clear()
}

const setClock = (world: World, ms: number): void => {
  world.clock.jump(ms)
  world.latest = Math.max(world.latest, world.clock.now())
  // What still hangs is given up by the clock as it is then.
  for (const { calls } of world.pages) for (const call of calls) if (call.state === 'pending') call.clock += Math.max(0, ms)
}

const take = async (world: World, deeds: Deed[], step: Step, number: number): Promise<void> => {
  switch (step.do) {
    case 'both': return operate(world, deeds, [step.one, step.other], number)
    case 'reload': return reload(world, deeds, step, number)
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
    default: return operate(world, deeds, [step], number)
  }
}

let unhandled: unknown[] = []
let watching = false

/** Whatever nobody caught is the guest's fault. */
const watchUnhandled = (): void => {
  unhandled = []
  if (watching) return
  watching = true
  process.on('unhandledRejection', (reason) => void unhandled.push(reason))
}

/** Runs a schedule against a build; throws a `LawBroken` that says which law was broken at which step. */
export const runSchedule = async (implementation: Implementation, schedule: Schedule, trace?: (line: string) => void): Promise<void> => {
  watchUnhandled()
  const world = createWorld(implementation, schedule, trace)
  await plantGuests(world)
  await checkUntouched(world)
  const deeds: Deed[] = []
  for (const [index, step] of schedule.steps.entries()) {
    // Time passes between steps, or stamps of several pages would tell nothing.
    await world.advance(25)
    trace?.(`--- step ${index + 1}`)
    const since = world.pages.map(({ calls }) => calls.length)
    await take(world, deeds, step, index + 1)
    await world.drain()
    world.pages.forEach((page, at) => checkPlaces(page, world, page.calls.length < since[at]! ? 0 : since[at]!))
    demand(!unhandled.length, 10, () => `step ${index + 1} left a rejection that nobody handles: ${String(unhandled[0])}`)
  }
  await checkDestroyed(world)
  await checkGuests(world)
  demand(!unhandled.length, 10, () => `the end left a rejection that nobody handles: ${String(unhandled[0])}`)
}
