import { seeded } from './chance.js'
import { checkRefused } from './answering.js'
import { noteStanding } from './asked.js'
import type { Deed } from './deeds.js'
import { noteGivenUp } from './given-up.js'
import { checkGuests, plantGuests } from './guests.js'
import { follow } from './hearing.js'
import { demand } from './law-broken.js'
import { checkReleased } from './releases.js'
import type { Schedule } from './schedule.js'
import { take } from './steps.js'
import { checkDestroyed, checkUntouched } from './traces.js'
import type { Implementation } from './implementation.js'
import type { World } from './world.js'
import { createWorld } from './world.js'
import { checkPlaces } from './writing.js'

let unhandled: unknown[] = []
let watching = false

/** Whatever nobody caught is the guest's fault. */
const watchUnhandled = (): void => {
  unhandled = []
  if (watching) return
  watching = true
  process.on('unhandledRejection', (reason) => void unhandled.push(reason))
}

const play = async (world: World, schedule: Schedule, trace?: (line: string) => void): Promise<void> => {
  await plantGuests(world)
  await checkUntouched(world)
  const deeds: Deed[] = []
  for (const [index, step] of schedule.steps.entries()) {
    // Time passes between steps, or stamps of several pages would tell nothing.
    await world.tick()
    trace?.(`--- step ${index + 1}`)
    const since = world.pages.map(({ calls }) => calls.length)
    noteStanding(world)
    await take(world, deeds, step, index + 1)
    await world.drain()
    await follow(world, deeds, index + 1)
    checkReleased(world, deeds, index + 1)
    noteGivenUp(world, deeds)
    world.pages.forEach((page, at) => checkPlaces(page, world, page.calls.length < since[at]! ? 0 : since[at]!))
    demand(!unhandled.length, 10, () => `step ${index + 1} left a rejection that nobody handles: ${String(unhandled[0])}`)
  }
  if (schedule.consenting) await checkRefused(world, deeds, schedule)
  await checkDestroyed(world)
  await checkGuests(world)
  demand(!unhandled.length, 10, () => `the end left a rejection that nobody handles: ${String(unhandled[0])}`)
}

/** Runs a schedule against a build; throws a `LawBroken` that says which law was broken at which step. */
export const runSchedule = (implementation: Implementation, schedule: Schedule, trace?: (line: string) => void): Promise<void> => {
  watchUnhandled()
  return seeded(schedule.salt, async () => {
    const world = createWorld(implementation, schedule, trace)
    // Faults are errors by the thousand, and where each was made is no question here.
    const limit = Error.stackTraceLimit
    if (!trace) Error.stackTraceLimit = 0
    try {
      await play(world, schedule, trace)
    } finally {
      Error.stackTraceLimit = limit
      world.browser.end()
    }
  })
}
