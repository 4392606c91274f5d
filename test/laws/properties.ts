import * as fc from 'fast-check'
import type { Emphasis } from './arbitraries.js'
import type { Implementation } from './implementation.js'
import { LAWS, LawBroken } from './law-broken.js'
import type { Ground } from './trials.js'
import type { CONSENTS } from './trials.js'
import { propertyOf, trialOver } from './trials.js'

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

/** Schedules for each law over each ground; of registers, in all. docs/laws.md tells their sum. */
export const RUNS: Record<Exclude<Ground, Consenting>, number> = { 'stand-ins': 1000, texts: 800, database: 300, composed: 300, site: 400, hub: 30, registers: 3000 }

type Consenting = keyof typeof CONSENTS

/** Schedules in which a visitor is asked, in all. */
export const CONSENT_RUNS: Record<Consenting, number> = { consent: 16_000, 'consent over texts': 3000, 'consent over a database': 1000 }

/** What such schedules try, beside answers. */
const ASKING: Emphasis = { set: 10, fault: 6, heal: 8, page: 3, both: 1, wait: 4, damage: 1 }

/** Schedules of clocks that are set back and forward. */
export const CLOCK_RUNS = 1000

/** Each law's name with its property's settings. */
export const PROPERTIES = Object.entries(LAWS).map(([law, name]) => ({ law: Number(law), name }))

const told = (error: unknown): string => (error instanceof LawBroken ? error.message : String((error as Error | undefined)?.stack ?? error))

/** Throws with the law, the shrunk schedule as a list, and how to run it again. */
export const holdsFor = async (implementation: Implementation, ground: Ground, emphasis: Emphasis, law: number, runs: number): Promise<void> => {
  const trial = trialOver(ground, emphasis)
  const result = await fc.check(propertyOf(trial, implementation), { numRuns: Number(HOLDFAST_RUNS ?? runs), seed: seed + law, ...(HOLDFAST_PATH && { path: HOLDFAST_PATH, seed, endOnFailure: true }) })
  if (!result.failed) return
  const [schedule] = result.counterexample!
  const lines: string[] = []
  if (HOLDFAST_TRACE) await trial.run(implementation, schedule, (line) => lines.push(line)).catch(() => {})
  throw new Error([told(result.errorInstance), `HOLDFAST_SEED=${result.seed} HOLDFAST_PATH=${result.counterexamplePath}`, trial.describe(schedule), ...lines].join('\n'))
}

/** What the schedules over a ground try most. */
export const emphasisOf = (ground: Ground, law: number): Emphasis => (ground in CONSENT_RUNS ? ASKING : EMPHASES[law]!)

/** The laws, and what consent asks beyond them, where a visitor is asked. */
export const holdsWithConsent = (implementation: Implementation, ground: Consenting): Promise<void> => holdsFor(implementation, ground, ASKING, 12, CONSENT_RUNS[ground])

/** The property of one law; as many schedules as `RUNS` says. */
export const holds = (implementation: Implementation, ground: Exclude<Ground, Consenting>, law: number): Promise<void> => holdsFor(implementation, ground, EMPHASES[law]!, law, RUNS[ground])
