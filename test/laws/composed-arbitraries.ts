import * as fc from 'fast-check'
import type { Emphasis } from './arbitraries.js'
import { fault, schedules } from './arbitraries.js'
import type { Composition, Fault, Schedule, Step } from './schedule.js'

/** What may go wrong beneath: of a mirror's second a page must not notice any of it, and a lie would be the tier's own. */
const failure: fc.Arbitrary<Fault> = fault(false, 3).filter(({ kind }) => kind !== 'ignores' && kind !== 'refuses')

const failing: fc.Arbitrary<{ at: number; step: Step }[]> = fc.array(
  fc.record({ at: fc.nat(22), step: fc.option(failure, { nil: undefined, freq: 3 }).map((one): Step => ({ do: 'fail beneath', fault: one })) }),
  { maxLength: 5, size: 'max' },
)

/** The same steps, while what lies beneath fails now and then. */
export const woven = (steps: fc.Arbitrary<Step[]>): fc.Arbitrary<Step[]> =>
  fc.tuple(steps, failing).map(([given, others]) => others.reduce((all, { at, step }) => [...all.slice(0, at), step, ...all.slice(at)], given))

/** A tier of the chain is a chain of two, or a mirror. */
const compositionOf = ({ chain }: Schedule): fc.Arbitrary<Composition> =>
  fc.record({
    tier: fc.constantFrom(...chain),
    as: fc.constantFrom('chain' as const, 'mirror' as const),
    room: fc.constantFrom(undefined, undefined, 0, 40, 5000),
    brief: fc.boolean(),
  })

/** Schedules over one origin, in which one tier is two. */
export const composedSchedules = (emphasis: Emphasis = {}): fc.Arbitrary<Schedule> =>
  schedules('composed', emphasis).chain((schedule) =>
    fc.record({ composed: compositionOf(schedule), steps: woven(fc.constant(schedule.steps)) }).map(({ composed, steps }): Schedule => ({
      ...schedule,
      composed,
      // A chain answers by promises, and so does a mirror whose second may be late.
      sync: schedule.sync.filter((tier) => tier !== composed.tier),
      steps: composed.as === 'mirror' ? steps : schedule.steps,
    })),
  )
