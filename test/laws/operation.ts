import { holdingOf } from './asked.js'
import type { Before } from './deeds.js'
import { idOf } from './deeds.js'
import { demand, LawBroken } from './law-broken.js'
import type { Key, Operation } from './schedule.js'
import { KEYS, lastingText, valueFor } from './schedule.js'
import { checkWaiting } from './waiting.js'
import type { Page, World } from './world.js'
import { nameOf, ttlOption } from './world.js'

/** An operation under way, and all that must be known to judge it. */
export interface Run {
  operation: Operation
  title: string
  number: number
  page: Page
  step: number
  clock: number
  /** Waiting time when it began: what is asked later may be work beside it. */
  began: number
  since: number
  before: Before
  /** No other operation runs beside it. */
  alone: boolean
  settled: { value?: unknown; error?: unknown } | undefined
  /** No other operation runs beside it on its page. */
  apart: boolean
  /** How often its page had heard of the visitor's consent when it began, and whether it had done what follows. */
  heard: number
  idle: boolean
  /** What may have waited then to go to its place. */
  waited: Set<Key>
}

/** The keys that an operation is about. */
export const keysIn = (operation: Operation): Key[] =>
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

export const begin = (world: World, operation: Operation, step: number, number: number): Run => {
  const tab = Math.min(operation.tab, world.pages.length)
  const page = world.pages[tab - 1]!
  const before: Before = new Map()
  for (const key of keysIn(operation)) for (const [tier, { shadow }] of page.places) before.set(idOf(page, tier, nameOf(key)), shadow.get(nameOf(key)))
  const { asked } = page
  if ('value' in operation) world.texts.push(JSON.stringify(valueFor(operation.value, number)))
  const run: Run = { apart: true, heard: asked?.heard ?? 0, idle: !asked?.unsettled, waited: new Set(keysIn(operation).filter((key) => asked && holdingOf(asked, key).waits !== 'no')), operation, title: titleOf({ ...operation, tab }, step), number, page, step, clock: world.clock.now(), began: world.elapsed, since: page.calls.length, before, alone: true, settled: undefined }
  page.corrupt.clear()
  page.limit = page.calls.length + 1000
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
export const finish = async (world: World, runs: Run[]): Promise<void> => {
  const started = world.elapsed
  await world.drain()
  while (runs.some(({ settled }) => !settled)) {
    const next = world.clock.next()
    const late = runs.find(({ settled }) => !settled)!
    demand(late.page.calls.length <= late.page.limit, 9, () => `${late.title} asks its tiers without an end`)
    demand(next !== undefined && world.elapsed - started < 60_000, 9, () => `${late.title} never settled`)
    await world.advance(next!)
  }
  checkWaiting(world, runs, world.elapsed - started)
}
