import type { Browser, Tab } from '../test/browser/browser.js'
import type { Contestant, Group } from './contestants.js'
import { turnsOf } from './plan.js'
import type { Results } from './results.js'
import { addressOf } from './site.js'
import type { Row, Work } from './workloads.js'

export interface Effort {
  repetitions: number
  /** Repetitions of a cold start: one sample is one start, where others are hundreds of operations. */
  starts: number
  warmUps: number
  /** Everybody at once and in one process, where no time means anything. */
  together: boolean
  /** Told where it is, now and then. */
  progress(where: string, done: number, of: number): void
}

export interface Measured extends Pick<Results, 'times' | 'heap' | 'failures'> {
  /** How many samples were taken. */
  samples: number
}

/** More would take a slow library past what an answer of the page may take. */
const CHUNK = 1000

async function inChunks(from: number, to: number, act: (from: number, to: number) => Promise<void>): Promise<void> {
  for (let start = from; start < to; start += CHUNK) await act(start, Math.min(start + CHUNK, to))
}

const fill = (tab: Tab, from: number, to: number): Promise<void> => inChunks(from, to, (start, end) => tab.evaluate((one, other) => globalThis.bench.fill(one, other), start, end))

/** Otherwise the clock tells tenths of a millisecond, and no figure here means anything. */
async function checkClock(tab: Tab): Promise<void> {
  if (!(await tab.evaluate(() => crossOriginIsolated))) throw new Error('this page is not cross-origin isolated')
}

async function opened(tab: Tab, group: Group, contestant: Contestant, { together }: Effort): Promise<void> {
  await tab.goto(addressOf(group, contestant, '/'))
  await tab.evaluate(() => globalThis.bench.ready)
  if (!together) await checkClock(tab)
}

/** Opens a page anew: a document, and a process, that have seen nothing of it. */
async function coldStart(browser: Browser, group: Group, contestant: Contestant, { together }: Effort): Promise<number> {
  const tab = await browser.newTab()
  try {
    await tab.goto(addressOf(group, contestant, '/cold'))
    const { ms, value } = await tab.evaluate(() => (globalThis as unknown as { cold: Promise<{ ms: number; value: unknown }> }).cold)
    if (!together) await checkClock(tab)
    if (value !== 'a token for the cold start') throw new Error(`the first value is ${String(value)}`)
    return ms
  } finally {
    await tab.close()
  }
}

async function sample(tab: Tab, { workload, count, rounds, entries }: Row, keys: number, first: boolean): Promise<number> {
  if (first && entries !== undefined) await fill(tab, keys, entries)
  if (workload === 'sweep') await inChunks(0, count, (from, to) => tab.evaluate((one, other) => globalThis.bench.expire(one, other), from, to))
  await tab.focus()
  return tab.evaluate((work, operations, again) => globalThis.bench.sample(work, operations, again), workload as Work, count, rounds)
}

/** One row: everybody who can, in turn, again and again. */
async function measureRow(group: Group, row: Row, runners: readonly Contestant[], effort: Effort, measured: Measured, take: (contestant: Contestant, first: boolean) => Promise<number>): Promise<void> {
  const { repetitions, starts, warmUps, together, progress } = effort
  const again = row.workload === 'cold-start' ? starts : repetitions
  const times: Record<string, number[]> = ((measured.times[group.id] ??= {})[row.id] = Object.fromEntries(runners.map(({ id }) => [id, Array.from({ length: again }, () => NaN)])))
  const out = new Set<string>()
  const turns = turnsOf(runners, again, warmUps)
  const turn = async ({ round, item }: (typeof turns)[number]): Promise<void> => {
    if (out.has(item.id)) return
    try {
      const ms = await take(item, round === -warmUps)
      measured.samples++
      if (round >= 0) times[item.id]![round] = ms
    } catch (error) {
      // Who failed once is out of this row: the others go on.
      out.add(item.id)
      times[item.id]!.fill(NaN)
      measured.failures.push(`${group.title}, ${row.title}, ${item.title}: ${(error as Error).message}`)
    }
  }
  if (together) await Promise.all(turns.map(turn))
  else
    for (const [index, one] of turns.entries()) {
      progress(`${group.title}: ${row.title}`, index, turns.length)
      await turn(one)
    }
  progress(`${group.title}: ${row.title}`, turns.length, turns.length)
}

/** All rows of a group: those of an open page first, then, with every page closed, those that open one. */
export async function measureGroup(browser: Browser, group: Group, effort: Effort, measured: Measured): Promise<void> {
  const tabs = new Map<Contestant, Tab>()
  /** Who could not even be opened. */
  const out = new Set<Contestant>()
  const able = (row: Row): Contestant[] =>
    group.contestants.filter((contestant) => !out.has(contestant) && (contestant.only ?? [row.workload]).includes(row.workload) && (row.workload !== 'cold-start' || contestant.cold !== undefined))
  const held = (contestant: Contestant): number => contestant.keys ?? group.keys
  try {
    for (const contestant of group.contestants) tabs.set(contestant, await browser.newTab())
    const prepare = async ([contestant, tab]: readonly [Contestant, Tab]): Promise<void> => {
      try {
        await opened(tab, group, contestant, effort)
        await fill(tab, 0, held(contestant))
      } catch (error) {
        out.add(contestant)
        measured.failures.push(`${group.title}, ${contestant.title}: ${(error as Error).message}`)
      }
    }
    if (effort.together) await Promise.all([...tabs].map(prepare))
    else
      for (const [index, one] of [...tabs].entries()) {
        effort.progress(`${group.title}: fills ${one[0].title.replaceAll('*', '')}`, index, tabs.size)
        await prepare(one)
      }
    for (const row of group.rows.filter(({ workload }) => workload !== 'cold-start')) {
      const runners: Contestant[] = []
      for (const contestant of able(row)) if (await tabs.get(contestant)!.evaluate((work) => globalThis.bench.can(work), row.workload as Work)) runners.push(contestant)
      await measureRow(group, row, runners, effort, measured, (contestant, first) => sample(tabs.get(contestant)!, row, held(contestant), first))
    }
  } finally {
    await Promise.all([...tabs.values()].map((tab) => tab.close()))
  }
  for (const row of group.rows.filter(({ workload }) => workload === 'cold-start')) {
    await measureRow(group, row, able(row), effort, measured, (contestant) => coldStart(browser, group, contestant, effort))
  }
  if (group.id.endsWith('growth')) await measureHeaps(browser, group, measured, effort)
}

/** What a page's heap holds once the store is open, among few entries and among many. */
async function measureHeaps(browser: Browser, group: Group, measured: Measured, effort: Effort): Promise<void> {
  for (const contestant of group.contestants) {
    const tab = await browser.newTab()
    await opened(tab, group, contestant, effort)
    measured.heap[contestant.id] = await tab.evaluate(() => globalThis.bench.heap())
    await tab.close()
  }
}
