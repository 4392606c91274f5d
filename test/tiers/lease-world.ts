import type { Entry, Env } from '../../src/contracts.js'
import { createLease, type Given } from '../../src/tiers/lease.js'
import { fakeClock } from '../../src/testing/index.js'

/** How long things take, in ms: one of these after the other, from the start again when they are used up. */
export type Pace = readonly number[]

export interface Step {
  page: number
  /** The ms since the step before. */
  after: number
  act: 'read' | 'both' | 'write' | 'mark' | 'asking' | 'busy' | 'away'
}

/** What the pages keep; a page that writes may ask for the other's stamp as well. */
type Name = 'token' | 'mark'

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
  const stored = { token: 0, mark: 0 }

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
  /** What it answers are the numbers of the writes that were read, and how many names were looked up. */
  const read = async ({ lease, task }: Page, names: readonly Name[]): Promise<{ values: number[]; looked: number }> => {
    let looked = 0
    const entries = await lease.read(names, (asked) => new Promise((resolve) => after(takes(), () => {
      looked += asked.length
      const seen = asked.map((name) => entryOf(stored[name as Name]))
      task(takes(), () => resolve(seen))
    })))
    return { values: entries.map((entry) => entry!.stamp), looked }
  }
  /** Answers the stamp of the other name, where it was asked for. */
  const write = async ({ lease, task }: Page, name: Name, value: number, asks?: Name): Promise<number> => {
    const changes: Given[] = [{ name, entry: entryOf(value) }, ...(asks ? [{ name: asks, drop: 0 }] : [])]
    const outcomes = await lease.write(changes, (asked) => new Promise((resolve) => after(takes(), () => {
      const settled = asked.map((change) => {
        const standing = stored[change.name as Name]
        if (!change.entry) return standing || undefined
        stored[change.name as Name] = Math.max(standing, change.entry.stamp)
        return standing > change.entry.stamp ? standing : undefined
      })
      task(takes(), () => resolve(settled))
    })))
    return (outcomes[1] as number | undefined) ?? 0
  }

  return { clock, pages: all, read, write, open: () => channels.size }
}

export interface Outcome {
  reads: number
  hits: number
  /** Reads of both names for which a look at one was enough. */
  partly: number
  /** Reads that answered less than what stood when they began. */
  stale: string[]
}

/** Plays the steps, and a last read by each page when all is quiet. */
export const play = async (world: ReturnType<typeof createWorld>, steps: readonly Step[]): Promise<Outcome> => {
  const { clock, pages } = world
  const outcome: Outcome = { reads: 0, hits: 0, partly: 0, stale: [] }
  /** The latest writes that are over. */
  const standing = { token: 0, mark: 0 }
  let count = 0
  const judge = (index: number, at: number, name: Name, value: number, expected: number, how: string): void =>
    void (value < expected && outcome.stale.push(`${at}: page ${index} read ${name} ${value}, not ${expected}${how}`))
  const readOn = (index: number, names: readonly Name[] = ['token']): void => {
    const [expected, at] = [{ ...standing }, clock.now()]
    void world.read(pages[index]!, names).then(({ values, looked }) => {
      outcome.reads++
      if (!looked) outcome.hits++
      if (looked === 1 && names.length > 1) outcome.partly++
      names.forEach((name, place) => judge(index, at, name, values[place]!, expected[name], looked ? '' : ' (from memory)'))
    })
  }
  const writeOn = (index: number, name: Name, asks?: Name): void => {
    const [value, expected, at] = [++count, { ...standing }, clock.now()]
    void world.write(pages[index]!, name, value, asks).then((answer) => {
      standing[name] = Math.max(standing[name], value)
      if (asks) judge(index, at, asks, answer, expected[asks], ' (asked as it wrote)')
    })
  }
  const start = (index: number, act: Step['act']): void => {
    const page = pages[index]!
    if (act === 'read') readOn(index)
    if (act === 'both') readOn(index, ['token', 'mark'])
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
    if (act === 'write') writeOn(index, 'token')
    if (act === 'mark') writeOn(index, 'mark')
    if (act === 'asking') writeOn(index, 'token', 'mark')
  }
  for (const { page, after, act } of steps) {
    await clock.advance(after)
    pages[page]!.task(0, () => start(page, act))
  }
  await clock.advance(1000)
  pages.forEach((_, index) => readOn(index, ['token', 'mark']))
  await clock.advance(1000)
  return outcome
}
