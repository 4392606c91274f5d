import * as fc from 'fast-check'
import { fault } from './arbitraries.js'
import type { Fault } from './schedule.js'

/** What pages do to one name of a tier that is made of two places: a chain of them, or a mirror. */

export type RegisterChange =
  | { do: 'value'; page: number; lifetime: 'tab' | 'session' | 'device'; older: boolean }
  | { do: 'tombstone'; page: number; older: boolean }
  | { do: 'drop'; page: number; older: boolean; bury: boolean }

export type RegisterStep =
  | RegisterChange
  | { do: 'read'; page: number }
  | { do: 'reload'; page: number }
  /** `which`: the first or the second place, for one page. */
  | { do: 'fault'; page: number; which: 0 | 1; fault: Fault }
  | { do: 'heal'; which: 0 | 1 }
  | { do: 'evict'; which: 0 | 1 }
  | { do: 'wait'; seconds: number }

export interface RegisterSchedule {
  as: 'chain' | 'mirror'
  /** What the two can keep. */
  places: readonly ['device' | 'both' | 'tab', 'device' | 'both' | 'session']
  salt: number
  steps: RegisterStep[]
}

const page = fc.integer({ min: 1, max: 2 })
const older = fc.nat(9).map((chance) => chance === 0)
const which = fc.constantFrom(0 as const, 1 as const)

/** No place lies here: what it says is all that the other can go by. A mirror's first that hangs is bounded from above it. */
const failing = (as: RegisterSchedule['as']): fc.Arbitrary<RegisterStep> =>
  fc
    .record({ do: fc.constant('fault' as const), page, which, fault: fault(false, 3).filter(({ kind }) => kind !== 'ignores' && kind !== 'refuses') })
    .filter((step) => as === 'chain' || step.which === 1 || !['hangs', 'late'].includes(step.fault.kind))

const step = (as: RegisterSchedule['as']): fc.Arbitrary<RegisterStep> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('value' as const), page, lifetime: fc.constantFrom('device' as const, 'device' as const, 'session' as const, 'tab' as const), older }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('tombstone' as const), page, older }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('drop' as const), page, older, bury: fc.boolean() }) },
    { weight: 7, arbitrary: fc.record({ do: fc.constant('read' as const), page }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('reload' as const), page }) },
    { weight: 5, arbitrary: failing(as) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('heal' as const), which }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('evict' as const), which }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(2, 6, 31) }) },
  )

export const registerSchedules = (): fc.Arbitrary<RegisterSchedule> =>
  fc
    .record({
      as: fc.constantFrom('chain' as const, 'mirror' as const),
      places: fc.tuple(fc.constantFrom('device' as const, 'both' as const, 'tab' as const), fc.constantFrom('device' as const, 'both' as const, 'session' as const)),
      salt: fc.nat(),
    })
    .chain(({ as, places, salt }) => fc.record({ as: fc.constant(as), places: fc.constant(places), salt: fc.constant(salt), steps: fc.array(step(as), { minLength: 3, maxLength: 24, size: 'max' }) }))

const stepText = (one: RegisterStep): string => {
  switch (one.do) {
    case 'value': return `page ${one.page}: value for ${one.lifetime}${one.older ? ', stamped before the last' : ''}`
    case 'tombstone': case 'drop': return `page ${one.page}: ${one.do}${'bury' in one && one.bury ? ' that buries' : ''}${one.older ? ', stamped before the last' : ''}`
    case 'fault': return `the ${one.which ? 'second' : 'first'} of page ${one.page} fails: ${JSON.stringify(one.fault)}`
    case 'heal': case 'evict': return `${one.do} the ${one.which ? 'second' : 'first'}`
    case 'wait': return `${one.seconds} s pass`
    default: return `page ${one.page}: ${one.do}`
  }
}

export const describeRegister = ({ as, places, steps }: RegisterSchedule): string => [`a ${as} of places for ${places.join(' and ')}`, ...steps.map((one, index) => `${String(index + 1).padStart(3)}. ${stepText(one)}`)].join('\n')
