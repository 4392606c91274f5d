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

/** The tiers that made the operation wait and were not known to hang. */
const newlyHanging = ({ page, since }: Run, elapsed: number): TierName[] =>
  [...page.places].flatMap(([tier, place]) => {
    const mine = (call: Call): boolean => call.place === place
    const before = page.calls.slice(0, since).filter(mine)
    const last = before[before.length - 1]
    const known = last?.state === 'pending' && waitedFor(last, page.calls[since]?.started ?? elapsed) >= DEADLINE
    return !known && page.calls.slice(since).some((call) => mine(call) && waitedFor(call, elapsed) > 0) ? tier : []
  })

/** At most one deadline for each tier that newly hangs; one that is known to hang costs nothing. */
export const checkWaiting = (world: World, runs: readonly Run[], waited: number): void => {
  const hanging = runs.map((run) => newlyHanging(run, world.elapsed))
  const most = DEADLINE * hanging.reduce((sum, tiers) => sum + tiers.length, 0)
  demand(waited <= most, 9, () => `${runs.map(({ title }) => title).join(' and ')} waited ${waited} ms, for ${hanging.flat().join(', ') || 'no tier that newly hangs'}`)
}

const PAUSES = [1000, 5000, 30_000]

/** Until when a page may leave a tier alone after what it met there; 0: it may not. */
const pausedUntil = (asked: readonly Call[]): number => {
  const calls = [...asked].sort((one, other) => one.order - other.order)
  let failures = 0
  let down = false
  for (let index = calls.length - 1; index >= 0; index--) {
    const call = calls[index]!
    if (call.verb === 'close' || (call.verb === 'open' && call.state === 'answered')) continue
    if (call.state === 'answered' && !takesDown(call.code)) break
    // A trial that meets a full tier does not show that it is well.
    failures++
    down ||= call.state === 'pending' || takesDown(call.code)
  }
  if (!down) return 0
  const last = calls[calls.length - 1]!
  return last.clock + (last.state === 'pending' ? DEADLINE : 0) + PAUSES[Math.min(failures, 3) - 1]!
}

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
