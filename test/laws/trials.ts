import * as fc from 'fast-check'
import type { Emphasis } from './arbitraries.js'
import { schedules } from './arbitraries.js'
import { composedSchedules } from './composed-arbitraries.js'
import { consentSchedules } from './consent-arbitraries.js'
import { runSchedule } from './harness.js'
import type { Implementation } from './implementation.js'
import { describeRegister, registerSchedules } from './register-schedule.js'
import { runRegister } from './registers.js'
import type { Footing, Schedule } from './schedule.js'
import { describeSchedule } from './schedule.js'
import { siteSchedules } from './site-arbitraries.js'

/** A visitor who is asked, over what. */
export const CONSENTS = { consent: 'stand-ins', 'consent over texts': 'texts', 'consent over a database': 'database' } as const

/** Everything that schedules can stand on: the worlds of a storage, with a visitor who is asked or without, and the register of a tier that is two. */
export type Ground = Footing | keyof typeof CONSENTS | 'registers'

/** Random schedules of one kind, how to run one, and how to tell it. */
export interface Trial<Plan> {
  schedules: fc.Arbitrary<Plan>
  run(implementation: Implementation, schedule: Plan, trace?: (line: string) => void): Promise<void>
  describe(schedule: Plan): string
}

const schedulesOver = (footing: Exclude<Ground, 'registers'>, emphasis: Emphasis): fc.Arbitrary<Schedule> => {
  switch (footing) {
    case 'consent': case 'consent over texts': case 'consent over a database': return consentSchedules(CONSENTS[footing], emphasis)
    case 'site': case 'hub': return siteSchedules(footing, emphasis)
    case 'composed': return composedSchedules(emphasis)
    default: return schedules(footing, emphasis)
  }
}

export const trialOver = (ground: Ground, emphasis: Emphasis): Trial<unknown> =>
  (ground === 'registers'
    ? { schedules: registerSchedules(), run: runRegister, describe: describeRegister }
    : { schedules: schedulesOver(ground, emphasis), run: runSchedule, describe: describeSchedule }) as Trial<unknown>

export const propertyOf = ({ schedules, run }: Trial<unknown>, implementation: Implementation): fc.IAsyncProperty<[unknown]> => fc.asyncProperty(schedules, (schedule) => run(implementation, schedule))
