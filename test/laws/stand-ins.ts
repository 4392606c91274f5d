import type { Tier } from '../../src/contracts.js'
import type { FakeClock } from '../../src/testing/index.js'
import { damageable } from './damage.js'
import type { Implementation } from './implementation.js'
import type { Plan } from './plans.js'
import type { Composition, TierName } from './schedule.js'

/** The name of the second of a mirror, as receipts tell it. */
export const SECOND = 'second'

/** A place in memory, or two that look like one, and how a page reaches it. */
export interface StandIn {
  /** Each page has a tier of its own over it. */
  make(): Tier
  /** Without faults, to look beneath. */
  raw: Tier
  parts: readonly Tier[]
  damage(name: string): boolean
}

/** What makes stand-ins, whole or composed of two. `second` is the plan of a mirror's second. */
export const createMaker = ({ inMemory, faulty, chainTier, mirror }: Implementation, { now, env }: FakeClock, composed: Composition | undefined, second: Plan) => {
  const placeFor = (name: TierName): Tier => ({ ...inMemory(name === 'hub' ? 'indexedDB' : name)[0]!, name })
  return (name: TierName): StandIn => {
    const { tier: one, damage } = damageable(placeFor(name))
    if (composed?.tier !== name) return { make: () => one, raw: one, parts: [one], damage }
    const { as, room, brief } = composed
    const { tier: two, damage: damageTwo } = damageable({ ...placeFor(name), name: SECOND, ...(brief && { traits: { lifetimes: ['session' as const], reach: one.traits.reach, sync: true } }) })
    const scarce = { quota: room }
    const chain = (first: Tier): Tier => ({ ...chainTier([first, two], { now, env }), name })
    return {
      make: () => (as === 'chain' ? chain(faulty(one, scarce)) : mirror(one, faulty(faulty(two, scarce), second), { env })),
      raw: as === 'chain' ? chain(one) : mirror(one, two, { env }),
      parts: [one, two],
      damage: (text) => damage(text) && damageTwo(text),
    }
  }
}

/** Session cookies go, and whatever stands in a place that is for the session alone. */
export const endSession = async (places: readonly Tier[]): Promise<void> => {
  for (const place of places) {
    const brief = place.traits.lifetimes.join() === 'session'
    const names = await place.names('')
    const entries = await place.read(names)
    await place.write(names.filter((_, index) => brief || entries[index]?.lifetime === 'session').map((name) => ({ name, drop: Infinity })))
  }
}
