import 'fake-indexeddb/auto'
import * as fc from 'fast-check'
import * as holdfast from 'holdfast'
import * as testing from 'holdfast/testing'
import { test } from 'vitest'
import { schedules } from './arbitraries.js'
import { describeSchedule, LawBroken, runSchedule } from './harness.js'

/**
 * `HOLDFAST_SEED` and `HOLDFAST_PATH` run a printed failure again, `HOLDFAST_TRACE=1` with what each tier was
 * asked; `HOLDFAST_RUNS` soaks.
 */
const { HOLDFAST_RUNS, HOLDFAST_SEED, HOLDFAST_PATH, HOLDFAST_TRACE } = process.env
const implementation = { ...holdfast, ...testing }
const numRuns = Number(HOLDFAST_RUNS ?? 1000)
const seed = Number(HOLDFAST_SEED ?? Date.now() % 2 ** 31)

test.each(['stand-ins', 'texts', 'database'] as const)('%s', async (footing) => {
  const property = fc.asyncProperty(schedules(footing), (schedule) => runSchedule(implementation, schedule))
  const result = await fc.check(property, { numRuns, seed, ...(HOLDFAST_PATH && { path: HOLDFAST_PATH, endOnFailure: true }) })
  if (!result.failed) return
  const [schedule] = result.counterexample!
  const lines: string[] = []
  if (HOLDFAST_TRACE) await runSchedule(implementation, schedule, (line) => lines.push(line)).catch(() => {})
  const error = result.errorInstance
  const message = error instanceof LawBroken ? error.message : String((error as Error)?.stack)
  throw new Error([message, `HOLDFAST_SEED=${result.seed} HOLDFAST_PATH=${result.counterexamplePath}`, describeSchedule(schedule), ...lines].join('\n'))
}, 600_000)
