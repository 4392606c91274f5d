import { demand } from './law-broken.js'
import type { Call } from './recorder.js'
import { takesDown } from './recorder.js'
import type { TierName } from './schedule.js'
import type { Page, World } from './world.js'
import { DEADLINE } from './world.js'

/** An operation of a page: its calls are those from `since` on. */
interface Run {
  title: string
  page: Page
  since: number
}

const waitedFor = (call: Call, elapsed: number): number => Math.min(call.ended, elapsed) - call.started

/** The tiers that made the operation wait and were not known to hang when it began: work beside it may have met them first. */
const newlyHanging = ({ page, since }: Run, began: number, elapsed: number): TierName[] =>
  [...page.places].flatMap(([tier, place]) => {
    const mine = (call: Call): boolean => call.place === place
    const before = page.calls.slice(0, since).filter(mine)
    const open = before.filter((call) => call.ended > began)
    if (open.some(({ started }) => began - started < DEADLINE)) return tier
    if (open.includes(before[before.length - 1]!)) return []
    return page.calls.slice(since).some((call) => mine(call) && waitedFor(call, elapsed) > 0) ? tier : []
  })

/** At most one deadline for each tier that newly hangs; one that is known to hang costs nothing. */
export const checkWaiting = (world: World, runs: readonly Run[], waited: number): void => {
  const hanging = runs.map((run) => newlyHanging(run, world.elapsed - waited, world.elapsed))
  const most = DEADLINE * hanging.reduce((sum, tiers) => sum + tiers.length, 0)
  demand(waited <= most, 9, () => `${runs.map(({ title }) => title).join(' and ')} waited ${waited} ms, for ${hanging.flat().join(', ') || 'no tier that newly hangs'}`)
}

/** The longest pause after a failure, and the time that a hang takes to become one. */
const PAUSE = 30_000 + DEADLINE

const isDown = (call: Call): boolean => call.state === 'pending' || takesDown(call.code) || call.ended - call.started >= DEADLINE

/** Whether it was down when it was last heard of. After a hang the first trial is waited for by nobody. */
export const wasDown = (calls: readonly Call[]): boolean => calls.length > 0 && isDown(calls[calls.length - 1]!)

/** Until when a page may leave a tier alone after what it met there; 0: it may not. A trial that meets a full tier does not show that it is well. */
export const pausedUntil = (calls: readonly Call[]): number =>
  calls.some(isDown) ? Math.max(...calls.map((call) => (isDown(call) || call.state === 'failed' ? call.clock + PAUSE : 0))) : 0

/** A tier that has not failed, or whose pause is over, takes part: nothing is written off for less. */
export const checkAsked = (world: World, run: Run & { clock: number }, key: string): void => {
  for (const tier of world.rulingOf(key).chain) {
    const place = run.page.places.get(tier)!
    const until = pausedUntil(run.page.calls.slice(0, run.since).filter((call) => call.place === place))
    if (until > run.clock) continue
    const asked = run.page.calls.slice(run.since).some((call) => call.place === place)
    demand(asked, 2, () => `${run.title} did not ask ${tier}, which ${until ? 'had its pause' : 'has not failed'}`)
  }
}
