import * as fc from 'fast-check'
import type { Emphasis } from './arbitraries.js'
import type { Around } from './arbitraries.js'
import { happenings, kept, registryFor, settings } from './arbitraries.js'
import { woven } from './composed-arbitraries.js'
import type { Composition, Host, Key, Lasting, Schedule, Siting, Step, TierName } from './schedule.js'
import { KEYS } from './schedule.js'

/** Random schedules over the hosts of a site: two tabs at least, one at each. */

const CHAINS: TierName[][] = [
  ['hub', 'cookie', 'localStorage', 'memory'],
  ['hub', 'cookie'],
  ['hub', 'cookie', 'sessionStorage', 'memory'],
  ['localStorage', 'hub', 'cookie'],
  ['cookie', 'hub', 'localStorage'],
  ['hub', 'localStorage', 'memory'],
  ['hub'],
]

const ALL: TierName[] = ['hub', 'cookie', 'indexedDB', 'localStorage', 'sessionStorage', 'memory']

const hosts: fc.Arbitrary<Host[]> = fc.array(fc.constantFrom<Host>('a', 'b', 'other'), { maxLength: 2, size: 'max' }).map((others): Host[] => ['a', 'b', ...others])

const wide: fc.Arbitrary<Key[]> = fc.oneof({ weight: 3, arbitrary: fc.constant<Key[]>(['token']) }, { weight: 2, arbitrary: fc.subarray([...KEYS]) })

/** Both hosts write: from then on it is known whether they share the hub. */
const proven = (steps: readonly Step[]): Step[] => [1, 2, 1].map((tab): Step => ({ do: 'set', tab, key: 'token', value: { kind: 'word' } })).concat(steps)

/** A value that stays at one host, because nothing wider takes it, and news of it from another. */
const apart = (tabs: number, chain: readonly TierName[]): fc.Arbitrary<Step[]> =>
  fc
    .record({
      first: fc.oneof({ weight: 3, arbitrary: fc.constant(2) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: tabs }) }),
      second: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: tabs }) }),
      away: fc.oneof(fc.constant<TierName[]>(chain.filter((tier) => tier === 'hub' || tier === 'cookie')), fc.subarray([...chain], { minLength: 1 })),
      news: fc.constantFrom('remove' as const, 'take' as const, 'clear' as const, 'set' as const),
      between: fc.constantFrom<Step[]>([], [{ do: 'wait', seconds: 31 }], [{ do: 'reload', tab: 2, turns: 0 }], [{ do: 'lose mark', tab: 1, tier: 'hub' }, { do: 'lose mark', tab: 1, tier: 'cookie' }]),
      ttl: fc.constantFrom<Lasting>('forever', 5000, 'session'),
    })
    .map(({ first, second, away, news, between, ttl }): Step[] => {
      const key = 'token'
      const set = (tab: number, lasting: Lasting): Step => ({ do: 'set', tab, key, value: { kind: 'word' }, ttl: lasting })
      const told: Step = news === 'set' ? set(second, ttl) : news === 'clear' ? { do: news, tab: second } : { do: news, tab: second, key }
      const faults = away.map((tier): Step => ({ do: 'fault', tab: first, tier, fault: { kind: 'throws', name: 'UnknownError' } }))
      const heals = away.map((tier): Step => ({ do: 'heal', tier }))
      return [...faults, set(first, 'forever'), ...heals, ...between, told, { do: 'wait', seconds: 6 }, { do: 'get', tab: first, key }]
    })

const losing = (steps: readonly Step[], at: number, step: Step): Step[] => [...steps.slice(0, at), step, ...steps.slice(at)]

const withMarks = (tabs: number, steps: fc.Arbitrary<Step[]>): fc.Arbitrary<Step[]> =>
  fc
    .record({ steps, proof: fc.boolean(), loses: fc.nat(3), at: fc.nat(20), tab: fc.integer({ min: 1, max: tabs }), tier: fc.constantFrom('hub' as const, 'cookie' as const) })
    .map(({ steps, proof, loses, at, tab, tier }) => {
      const told = proof ? proven(steps) : steps
      return loses ? told : losing(told, at, { do: 'lose mark', tab, tier })
    })

/** Schedules over a site and a neighbour. */
export const siteSchedules = (footing: 'site' | 'hub', emphasis: Emphasis = {}): fc.Arbitrary<Schedule> => {
  const stepsOf = kept<Step[]>()
  const happening = (around: Around): fc.Arbitrary<Step[]> => fc.oneof({ weight: 4, arbitrary: withMarks(around.tabs, happenings(around, emphasis)) }, { weight: 1, arbitrary: apart(around.tabs, around.chain) })
  return fc
    .record({
      chain: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...CHAINS) }, { weight: 1, arbitrary: fc.shuffledSubarray(ALL, { minLength: 1 }) }),
      siting: fc.record<Siting>({ hosts, split: fc.boolean(), wide, vendor: fc.constantFrom(1 as const, 2 as const) }),
      room: fc.constantFrom(undefined, undefined, 0, 40),
      ...settings(emphasis),
    })
    .chain(({ chain, siting, room, atOnce, ruled, tokenTtl, ttl, salt }) => {
      const sync = atOnce ? chain.filter((name) => name !== 'indexedDB' && name !== 'hub') : []
      const tabs = siting.hosts.length
      const composed: Composition | undefined = footing === 'site' && siting.vendor === 2 && chain.includes('hub') ? { tier: 'hub', as: 'chain', room, brief: false } : undefined
      // A vendor's one place that fails is a hub that fails; what one of two has, the other may not know.
      const beneath = footing === 'hub' && siting.vendor === 1 ? woven : (steps: fc.Arbitrary<Step[]>) => steps
      return fc.record({
        footing: fc.constant(footing),
        chain: fc.constant(chain),
        sync: fc.constant(sync),
        registry: registryFor(ruled, chain, tokenTtl),
        ttl: fc.constant(ttl),
        tabs: fc.constant(tabs),
        siting: fc.constant(siting),
        salt: fc.constant(salt),
        ...(composed && { composed: fc.constant(composed) }),
        steps: beneath(stepsOf(happening, { tabs, chain, sync })),
      })
    })
}
