import * as fc from 'fast-check'
import type { Damage, Fault, Footing, Key, Lasting, Operation, Schedule, Step, TierName, Wanted } from './schedule.js'
import { KEYS } from './schedule.js'

/** Random schedules: mostly operations, enough trouble to matter, few keys and tabs so that they meet. */

const ALL: TierName[] = ['indexedDB', 'localStorage', 'sessionStorage', 'cookie', 'memory']

const CHAINS: TierName[][] = [
  ALL,
  ['localStorage', 'sessionStorage', 'cookie', 'memory'],
  ['localStorage', 'cookie'],
  ['indexedDB', 'localStorage'],
  ['cookie', 'localStorage', 'memory'],
  ['sessionStorage', 'localStorage'],
  ['memory', 'localStorage'],
  ['localStorage', 'memory'],
  ['indexedDB', 'sessionStorage', 'memory'],
  ['memory'],
]

const key = (): fc.Arbitrary<Key> => fc.oneof({ weight: 6, arbitrary: fc.constant<Key>('token') }, { weight: 3, arbitrary: fc.constantFrom<Key>(...KEYS) })
const tab = (tabs: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: tabs })

const lasting = (): fc.Arbitrary<Lasting> => fc.constantFrom<Lasting>('forever', 86_400_000, 60_000, 5000, 'session', 'tab', 'page')

/** `-0` is refused by design, so it is not a value. */
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)

const wanted: fc.Arbitrary<Wanted> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Wanted>({ kind: 'word' }) },
  { weight: 3, arbitrary: fc.constantFrom<Wanted>({ kind: 'digits' }, { kind: 'number' }, { kind: 'odd' }, { kind: 'large' }) },
  { weight: 1, arbitrary: json.map((value): Wanted => ({ kind: 'json', json: value })) },
)

const withTtl = <T extends Operation>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<Operation> =>
  fc.tuple(arbitrary, fc.option(lasting(), { nil: undefined })).map(([operation, ttl]) => (ttl === undefined ? operation : { ...operation, ttl }))

const operation = (tabs: number): fc.Arbitrary<Operation> =>
  fc.oneof(
    { weight: 8, arbitrary: withTtl(fc.record({ do: fc.constant('set' as const), tab: tab(tabs), key: key(), value: wanted })) },
    { weight: 10, arbitrary: fc.record({ do: fc.constantFrom('get' as const, 'get' as const, 'get' as const, 'has' as const), tab: tab(tabs), key: key() }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('remove' as const, 'remove' as const, 'take' as const), tab: tab(tabs), key: key() }) },
    { weight: 1, arbitrary: withTtl(fc.record({ do: fc.constant('touch' as const), tab: tab(tabs), key: key() })) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('getMany' as const), tab: tab(tabs), keys: fc.subarray([...KEYS], { minLength: 1 }) }) },
    {
      weight: 1,
      arbitrary: withTtl(
        fc.record({
          do: fc.constant('setMany' as const),
          tab: tab(tabs),
          entries: fc.uniqueArray(fc.record({ key: key(), value: wanted }), { selector: (entry) => entry.key, minLength: 1, maxLength: 4 }),
        }),
      ),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'sweep' as const, 'keys' as const), tab: tab(tabs) }) },
  )

/** A tier that answers at once can fail at once, but neither hang nor be late. */
const fault = (sync: boolean): fc.Arbitrary<Fault> => {
  const atOnce: fc.Arbitrary<Fault>[] = [
    fc.record({ kind: fc.constant('throws' as const), name: fc.constantFrom('SecurityError' as const, 'UnknownError' as const, 'QuotaExceededError' as const) }),
    fc.record({ kind: fc.constant('drops' as const), times: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('ignores' as const) }),
  ]
  if (sync) return fc.oneof({ weight: 5, arbitrary: atOnce[0]! }, { weight: 3, arbitrary: atOnce[1]! }, { weight: 1, arbitrary: atOnce[2]! })
  return fc.oneof(
    { weight: 3, arbitrary: atOnce[0]! },
    { weight: 2, arbitrary: atOnce[1]! },
    { weight: 1, arbitrary: atOnce[2]! },
    { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('hangs' as const, 'late' as const, 'aborts' as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('quota' as const), room: fc.constantFrom(0, 40, 5000) }) },
  )
}

const trouble = (tabs: number, chain: TierName[], sync: TierName[]): fc.Arbitrary<Step> => {
  const tier = fc.constantFrom(...chain)
  return fc.oneof(
    {
      weight: 8,
      arbitrary: tier.chain((name) =>
        fc.record({
          do: fc.constant('fault' as const),
          tab: fc.oneof(fc.constant('all' as const), tab(tabs)),
          tier: fc.constant(name),
          fault: fault(sync.includes(name)),
        }),
      ),
    },
    { weight: 7, arbitrary: fc.record({ do: fc.constant('heal' as const), tier }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('evict' as const), tab: tab(tabs), tier }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('damage' as const),
        tab: tab(tabs),
        tier,
        key: key(),
        how: fc.constantFrom<Damage>('truncated', 'random', 'newer version', 'foreign', 'copied'),
      }),
    },
  )
}

const lifeOfThePage = (tabs: number): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('reload' as const), tab: tab(tabs), turns: fc.constant(0) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('reload' as const), tab: tab(tabs), during: operation(tabs), turns: fc.integer({ min: 0, max: 40 }) }).map((step) => ({ ...step, during: { ...step.during, tab: step.tab } })) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('close tab' as const), tab: tab(tabs) }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'restart browser' }) },
    { weight: 7, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(2, 6, 31, 61, 7200, 172_800, 35_000_000) }) },
  )

const step = (tabs: number, chain: TierName[], sync: TierName[], clock: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 12, arbitrary: operation(tabs) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('both' as const), one: operation(tabs), other: operation(tabs) }) },
    { weight: 5, arbitrary: trouble(tabs, chain, sync) },
    { weight: 3, arbitrary: lifeOfThePage(tabs) },
    ...(clock ? [{ weight: 1, arbitrary: fc.record({ do: fc.constant('set clock' as const), seconds: fc.constantFrom(-3600, -86_400, -60, 3600, 172_800) }) }] : []),
  )

/** Schedules over one footing. `clock`: whether the clock may be set while they run. */
export const schedules = (footing: Footing, { clock = true }: { clock?: boolean } = {}): fc.Arbitrary<Schedule> =>
  fc
    .record({
      chain: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...CHAINS) }, { weight: 1, arbitrary: fc.shuffledSubarray(ALL, { minLength: 1 }) }),
      tabs: fc.integer({ min: 1, max: 3 }),
      atOnce: fc.boolean(),
      ruled: fc.boolean(),
      tokenTtl: lasting(),
      ttl: fc.oneof({ weight: 3, arbitrary: fc.constant<Lasting>('forever') }, { weight: 2, arbitrary: lasting() }),
    })
    .chain(({ chain, tabs, atOnce, ruled, tokenTtl, ttl }) => {
      const sync = atOnce ? chain.filter((name) => name !== 'indexedDB') : []
      return fc.record({
        footing: fc.constant(footing),
        chain: fc.constant(chain),
        sync: fc.constant(sync),
        registry: ruled ? fc.record({ own: fc.shuffledSubarray(chain, { minLength: 1 }), tokenTtl: fc.constant(tokenTtl) }) : fc.constant(undefined),
        ttl: fc.constant(ttl),
        tabs: fc.constant(tabs),
        steps: fc.array(step(tabs, chain, sync, clock), { minLength: 3, maxLength: 22, size: 'max' }),
      })
    })
