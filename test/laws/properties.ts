import * as fc from 'fast-check'
import type { Emphasis } from './arbitraries.js'
import { schedules } from './arbitraries.js'
import { runSchedule } from './harness.js'
import { LAWS, LawBroken } from './law-broken.js'
import type { Footing, Schedule } from './schedule.js'
import { describeSchedule } from './schedule.js'
import { siteSchedules } from './site-arbitraries.js'
import type { Implementation } from './implementation.js'

/**
 * One property for each law: schedules that try that law most. Every schedule is judged by all laws.
 *
 * `HOLDFAST_RUNS` is how many schedules each property gets, to soak; `HOLDFAST_SEED` is a number, or `random`.
 * With `HOLDFAST_SEED` and `HOLDFAST_PATH` of a printed failure that one runs again; `HOLDFAST_TRACE=1` adds what
 * each tier was asked and answered.
 */
const { HOLDFAST_RUNS, HOLDFAST_SEED, HOLDFAST_PATH, HOLDFAST_TRACE } = process.env

/** The same schedules each time, so that a change is judged by what it changes; soak with others. */
const SEED = 20_261_121

export const seed = HOLDFAST_SEED === 'random' ? Date.now() % 2 ** 31 : Number(HOLDFAST_SEED ?? SEED)

export const EMPHASES: Record<number, Emphasis> = {
  1: { read: 16, set: 12, fault: 4, heal: 8, whole: 1 },
  2: { fault: 12, heal: 12, set: 14, remove: 2, both: 2 },
  3: { remove: 12, whole: 4, page: 4, fault: 10, heal: 8 },
  4: { ttl: 12, touch: 4, time: 5, page: 4, fault: 3 },
  5: { registry: true, fault: 12, many: 4 },
  6: { fault: 20, heal: 4, remove: 8, many: 4 },
  7: { damage: 12, set: 12, many: 3 },
  8: { set: 16, many: 4, fault: 10, heal: 4 },
  9: { wait: 20, fault: 12, time: 3, both: 3 },
  10: { whole: 14, damage: 4, set: 12, many: 3 },
}

/** Each law's name with its property's settings. */
export const PROPERTIES = Object.entries(LAWS).map(([law, name]) => ({ law: Number(law), name }))

const told = (error: unknown): string => (error instanceof LawBroken ? error.message : String((error as Error | undefined)?.stack ?? error))

export const schedulesOver = (footing: Footing, emphasis: Emphasis | undefined): fc.Arbitrary<Schedule> => (footing === 'site' ? siteSchedules(emphasis) : schedules(footing, emphasis))

/** Throws with the law, the shrunk schedule as a list, and how to run it again. */
export const holdsFor = async (implementation: Implementation, footing: Footing, emphasis: Emphasis, law: number, runs: number): Promise<void> => {
  const property = fc.asyncProperty(schedulesOver(footing, emphasis), (schedule) => runSchedule(implementation, schedule))
  const result = await fc.check(property, { numRuns: Number(HOLDFAST_RUNS ?? runs), seed: seed + law, ...(HOLDFAST_PATH && { path: HOLDFAST_PATH, seed, endOnFailure: true }) })
  if (!result.failed) return
  const [schedule] = result.counterexample!
  const lines: string[] = []
  if (HOLDFAST_TRACE) await runSchedule(implementation, schedule, (line) => lines.push(line)).catch(() => {})
  throw new Error([told(result.errorInstance), `HOLDFAST_SEED=${result.seed} HOLDFAST_PATH=${result.counterexamplePath}`, describeSchedule(schedule), ...lines].join('\n'))
}

/** The property of one law. */
export const holds = (implementation: Implementation, footing: Footing, law: number, runs: number): Promise<void> => holdsFor(implementation, footing, EMPHASES[law]!, law, runs)
