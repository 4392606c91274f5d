import { seeded } from './chance.js'
import type { Deed } from './deeds.js'
import { noteGivenUp } from './given-up.js'
import { checkGuests, plantGuests } from './guests.js'
import { demand } from './law-broken.js'
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

const play = async (world: World, { steps }: Schedule, trace?: (line: string) => void): Promise<void> => {
  await plantGuests(world)
  await checkUntouched(world)
  const deeds: Deed[] = []
  for (const [index, step] of steps.entries()) {
    // Time passes between steps, or stamps of several pages would tell nothing.
    await world.advance(25)
    trace?.(`--- step ${index + 1}`)
    const since = world.pages.map(({ calls }) => calls.length)
    await take(world, deeds, step, index + 1)
    await world.drain()
    noteGivenUp(world, deeds)
    world.pages.forEach((page, at) => checkPlaces(page, world, page.calls.length < since[at]! ? 0 : since[at]!))
    demand(!unhandled.length, 10, () => `step ${index + 1} left a rejection that nobody handles: ${String(unhandled[0])}`)
  }
  await checkDestroyed(world)
  await checkGuests(world)
  demand(!unhandled.length, 10, () => `the end left a rejection that nobody handles: ${String(unhandled[0])}`)
}

/** Runs a schedule against a build; throws a `LawBroken` that says which law was broken at which step. */
export const runSchedule = (implementation: Implementation, schedule: Schedule, trace?: (line: string) => void): Promise<void> => {
  watchUnhandled()
  return seeded(schedule.salt, async () => {
    const world = createWorld(implementation, schedule, trace)
    try {
      await play(world, schedule, trace)
    } finally {
      world.browser.end()
    }
  })
}
