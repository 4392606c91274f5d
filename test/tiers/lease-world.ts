import type { Entry, Env } from '../../src/contracts.js'
import { createLease } from '../../src/tiers/lease.js'
import { fakeClock } from '../../src/testing/index.js'

/** How long things take, in ms: one of these after the other, from the start again when they are used up. */
export type Pace = readonly number[]

export interface Step {
  page: number
  /** The ms since the step before. */
  after: number
  act: 'read' | 'write' | 'busy' | 'away'
}

const paced = (pace: Pace): (() => number) => {
  let next = 0
  return () => pace[next++ % pace.length]!
}

/**
 * Pages of one origin over one database, as far as a lease sees them: tasks that wait while a page is busy, messages that
 * take their time, and reads and writes that take effect somewhere between their beginning and their answer.
 */
export const createWorld = ({ pages, messages, database }: { pages: number; messages: Pace; database: Pace }) => {
  const clock = fakeClock(0)
  const after = (ms: number, run: () => void): unknown => clock.env.setTimeout!(run, ms)
  const takes = paced(database)
  const delay = paced(messages)
  const channels = new Set<{ page: Page; heard: Set<(event: { data: unknown }) => void> }>()
  let stored = 0

  interface Page {
    env: Env
    busyUntil: number
    /** In the order in which they come, and not while the page is busy. */
    task(ms: number, run: () => void): unknown
    lease: ReturnType<typeof createLease>
  }

  const createPage = (): Page => {
    const events = new EventTarget()
    const task: Page['task'] = (ms, run) => after(ms, () => (clock.now() < page.busyUntil ? void after(page.busyUntil - clock.now(), run) : run()))
    class Channel {
      readonly #own = { page, heard: new Set<(event: { data: unknown }) => void>() }
      #arrives = 0
      constructor() {
        channels.add(this.#own)
      }
      addEventListener(_: string, heard: (event: { data: unknown }) => void): void {
        this.#own.heard.add(heard)
      }
      postMessage(message: unknown): void {
        const data: unknown = structuredClone(message)
        this.#arrives = Math.max(this.#arrives, clock.now() + delay())
        for (const other of channels) if (other !== this.#own) other.page.task(this.#arrives - clock.now(), () => channels.has(other) && other.heard.forEach((heard) => heard({ data })))
      }
      close(): void {
        channels.delete(this.#own)
      }
    }
    const env = {
      BroadcastChannel: Channel,
      performance: { now: clock.now },
      setTimeout: (run: () => void, ms: number) => task(ms, run),
      clearTimeout: clock.env.clearTimeout,
      addEventListener: events.addEventListener.bind(events),
      removeEventListener: events.removeEventListener.bind(events),
      dispatch: (type: string) => events.dispatchEvent(new Event(type)),
    } as unknown as Env
    const page: Page = { env, busyUntil: 0, task, lease: createLease(env, 'holdfast.chat') }
    return page
  }
  const all = Array.from({ length: pages }, createPage)

  const entryOf = (value: number): Entry => ({ text: `${value}`, stamp: value, lifetime: 'device' })
  /** What it answers is the number of the write that was read. */
  const read = async ({ lease, task }: Page): Promise<{ value: number; hit: boolean }> => {
    const known = lease.get(['token'])
    if (known) return { value: known[0]!.stamp, hit: true }
    const [entry] = await lease.read(['token'], () => new Promise((resolve) => after(takes(), () => {
      const seen = entryOf(stored)
      task(takes(), () => resolve([seen]))
    })))
    return { value: entry!.stamp, hit: false }
  }
  const write = ({ lease, task }: Page, value: number): Promise<unknown> =>
    lease.write([{ name: 'token', entry: entryOf(value) }], () => new Promise((resolve) => after(takes(), () => {
      const outcome = stored > value ? stored : undefined
      stored = Math.max(stored, value)
      task(takes(), () => resolve([outcome]))
    })))

  return { clock, pages: all, read, write, open: () => channels.size }
}

export interface Outcome {
  reads: number
  hits: number
  /** Reads that answered less than what stood when they began. */
  stale: string[]
}

/** Plays the steps, and a last read by each page when all is quiet. */
export const play = async (world: ReturnType<typeof createWorld>, steps: readonly Step[]): Promise<Outcome> => {
  const { clock, pages } = world
  const outcome: Outcome = { reads: 0, hits: 0, stale: [] }
  /** The latest write that is over. */
  let standing = 0
  let count = 0
  const readOn = (index: number): void => {
    const [expected, at] = [standing, clock.now()]
    void world.read(pages[index]!).then(({ value, hit }) => {
      outcome.reads++
      if (hit) outcome.hits++
      if (value < expected) outcome.stale.push(`${at}: page ${index} read ${value}, not ${expected}${hit ? ' (from memory)' : ''}`)
    })
  }
  const start = (index: number, act: Step['act']): void => {
    const page = pages[index]!
    if (act === 'read') readOn(index)
    if (act === 'busy') {
      // One long task, which reads as it ends: before whatever waits.
      page.busyUntil = clock.now() + 120
      page.task(0, () => readOn(index))
    }
    if (act === 'away') {
      const { dispatch } = page.env as unknown as { dispatch(type: string): void }
      dispatch('pagehide')
      page.task(30, () => dispatch('pageshow'))
    }
    if (act === 'write') {
      const value = ++count
      void world.write(page, value).then(() => (standing = Math.max(standing, value)))
    }
  }
  for (const { page, after, act } of steps) {
    await clock.advance(after)
    pages[page]!.task(0, () => start(page, act))
  }
  await clock.advance(1000)
  pages.forEach((_, index) => readOn(index))
  await clock.advance(1000)
  return outcome
}
