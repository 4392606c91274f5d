import * as fc from 'fast-check'
import type { Emphasis } from './arbitraries.js'
import { fault, kept, operation, schedules } from './arbitraries.js'
import type { Answer, Answering, Consenting, Footing, Schedule, Step, TierName } from './schedule.js'
import { GATED } from './schedule.js'

/** Schedules in which a visitor is asked, and answers: once for all tabs, or to one tab after the other. */

const categories = fc.constantFrom<Answering['categories']>(['analytics'], ['analytics'], ['functional'], [...GATED], ['functional', 'analytics'])
const answer = fc.constantFrom<Answer>('allowed', 'allowed', 'refused', 'refused', 'not known')

const answering = (tabs: number): fc.Arbitrary<Answering> =>
  fc.record({
    do: fc.constant('answer' as const),
    tab: fc.oneof({ weight: 2, arbitrary: fc.constant('all' as const) }, { weight: 3, arbitrary: fc.integer({ min: 1, max: tabs }) }),
    categories, answer,
    settled: fc.boolean(),
  })

const turn = (tabs: number, emphasis: Emphasis): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 5, arbitrary: answering(tabs) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('amid' as const), operation: operation(tabs, emphasis), answering: answering(tabs), turns: fc.integer({ min: 0, max: 40 }) }) },
  )

/** A value that is refused while its tier is in trouble, by a page that has not written it, or whose clock is behind. */
const story = (tabs: number, chain: TierName[], sync: TierName[]): fc.Arbitrary<Step[]> =>
  fc
    .record({
      tab: fc.integer({ min: 1, max: tabs }),
      trouble: fc.constantFrom(...chain).chain((tier) => fc.record({ do: fc.constant('fault' as const), tab: fc.constant('all' as const), tier: fc.constant(tier), fault: fault(sync.includes(tier), 3) })),
      between: fc.constantFrom<Step[]>([], [{ do: 'set clock', seconds: -3600 }], [{ do: 'wait', seconds: 61 }]),
      reloads: fc.boolean(),
      reach: fc.boolean(),
      settled: fc.boolean(),
    })
    .map(({ tab, trouble, between, reloads, reach, settled }): Step[] => [
      { do: 'answer', tab: 'all', categories: ['analytics'], answer: 'allowed', settled: true },
      { do: 'set', tab, key: 'visitor', value: { kind: 'word' }, ttl: 'forever' },
      ...between,
      trouble,
      ...(reloads ? [{ do: 'reload' as const, tab, turns: 0 }] : []),
      { do: 'answer', tab: reach ? 'all' : tab, categories: ['analytics'], answer: 'refused', settled },
      { do: 'heal', tier: trouble.tier },
      { do: 'wait', seconds: 31 },
      { do: 'get', tab, key: 'token' },
    ])

const consenting: fc.Arbitrary<Consenting> = fc.record({
  first: fc.record({ analytics: answer, functional: answer }),
  remembered: fc.boolean(),
  last: fc.subarray([...GATED], { minLength: 1 }),
})

/** Answers add to what happens: a third fewer of the other steps leave time for many schedules. */
const MOST = 14

interface Turns {
  told: Step[] | undefined
  turns: { at: number; step: Step }[]
}

const turnsFor = (tabs: number, chain: TierName[], sync: TierName[], emphasis: Emphasis): fc.Arbitrary<Turns> =>
  fc.record({
    told: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: story(tabs, chain, sync) }),
    turns: fc.array(fc.record({ at: fc.nat(MOST), step: turn(tabs, emphasis) }), { minLength: 1, maxLength: 6, size: 'max' }),
  })

/** The same schedules, with answers in between. */
export const consentSchedules = (footing: Footing, emphasis: Emphasis): fc.Arbitrary<Schedule> => {
  const asking: Emphasis = { registry: true, favourite: 'visitor', many: 0, most: MOST, ...emphasis }
  const turnsOf = kept<Turns>()
  return schedules(footing, asking).chain((schedule) =>
    fc.tuple(consenting, turnsOf(({ tabs, chain, sync }) => turnsFor(tabs, chain, sync, asking), schedule)).map(([consenting, { told, turns }]): Schedule => ({
      ...schedule,
      consenting,
      steps: turns.reduce((all: Step[], { at, step }) => [...all.slice(0, at), step, ...all.slice(at)], told ? [...schedule.steps.slice(0, 4), ...told, ...schedule.steps.slice(4, 8)] : schedule.steps),
    })),
  )
}
