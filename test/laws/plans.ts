import type { Faults } from '../../src/testing/index.js'
import type { Fault, TierName } from './schedule.js'

/** What goes wrong with one tier of one tab. */
export interface Plan extends Faults {
  release?: (() => void) | undefined
}

/** The plans of each tab, by tier. */
export type Plans = readonly Map<TierName, Plan>[]

const failure = (name: string): Error => Object.assign(new Error(`planned: ${name}`), { name })

export const createPlans = (tabs: number, chain: readonly TierName[]): Plans => Array.from({ length: tabs }, () => new Map(chain.map((name): [TierName, Plan] => [name, {}])))

export const switchOn = (plan: Plan, fault: Fault): void => {
  if (fault.kind === 'throws') plan.throws = failure(fault.name)
  else if (fault.kind === 'quota') plan.quota = fault.room
  else if (fault.kind === 'drops') plan.drops = fault.times
  else if (fault.kind === 'late') plan.late ??= new Promise<void>((resolve) => (plan.release = resolve))
  else if (fault.kind !== 'refuses') plan[fault.kind] = true
}

export const switchOff = (plan: Plan): void => {
  plan.release?.()
  for (const name of Object.keys(plan)) delete plan[name as keyof Plan]
}

/** What was under way when the browser closed never lands. */
export const loseLate = (plans: Plans): void => {
  for (const one of plans) for (const plan of one.values()) if (plan.late) plan.late = new Promise<void>((resolve) => (plan.release = resolve))
}
