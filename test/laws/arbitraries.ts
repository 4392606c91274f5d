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

/** What a law's own property does more of than the others: weights by kind of step. */
export interface Emphasis {
  set?: number
  read?: number
  remove?: number
  touch?: number
  many?: number
  whole?: number
  both?: number
  fault?: number
  /** Faults that make an operation wait. */
  wait?: number
  heal?: number
  evict?: number
  damage?: number
  page?: number
  time?: number
  clock?: number
  /** Whether keys are declared; `undefined`: sometimes. */
  registry?: boolean
  /** How often a lifetime is asked for. */
  ttl?: number
  /** The key that most of it is about. */
  favourite?: Key
  /** How many steps there are at most, where no story is told. */
  most?: number
}

const key = ({ favourite = 'token' }: Emphasis): fc.Arbitrary<Key> => fc.oneof({ weight: 6, arbitrary: fc.constant(favourite) }, { weight: 3, arbitrary: fc.constantFrom<Key>(...KEYS) })
const tab = (tabs: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: tabs })

export const lasting = (): fc.Arbitrary<Lasting> => fc.constantFrom<Lasting>('forever', 86_400_000, 60_000, 5000, 'session', 'tab', 'page')

/** `-0` is refused by design, so it is not a value. */
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)

const wanted: fc.Arbitrary<Wanted> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Wanted>({ kind: 'word' }) },
  { weight: 3, arbitrary: fc.constantFrom<Wanted>({ kind: 'digits' }, { kind: 'number' }, { kind: 'odd' }, { kind: 'large' }) },
  { weight: 1, arbitrary: json.map((value): Wanted => ({ kind: 'json', json: value })) },
)

const withTtl = <T extends Operation>(arbitrary: fc.Arbitrary<T>, weight: number): fc.Arbitrary<Operation> =>
  fc.tuple(arbitrary, fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight, arbitrary: lasting() })).map(([operation, ttl]) => (ttl === undefined ? operation : { ...operation, ttl }))

export const operation = (tabs: number, emphasis: Emphasis): fc.Arbitrary<Operation> => {
  const { set = 8, read = 10, remove = 5, touch = 1, many = 1, whole = 3, ttl = 2 } = emphasis
  const any = key(emphasis)
  return fc.oneof(
    { weight: set, arbitrary: withTtl(fc.record({ do: fc.constant('set' as const), tab: tab(tabs), key: any, value: wanted }), ttl) },
    { weight: read, arbitrary: fc.record({ do: fc.constantFrom('get' as const, 'get' as const, 'get' as const, 'has' as const), tab: tab(tabs), key: any }) },
    { weight: remove, arbitrary: fc.record({ do: fc.constantFrom('remove' as const, 'remove' as const, 'take' as const), tab: tab(tabs), key: any }) },
    { weight: touch, arbitrary: withTtl(fc.record({ do: fc.constant('touch' as const), tab: tab(tabs), key: any }), ttl) },
    { weight: many, arbitrary: fc.record({ do: fc.constant('getMany' as const), tab: tab(tabs), keys: fc.subarray([...KEYS], { minLength: 1 }) }) },
    {
      weight: many,
      arbitrary: withTtl(
        fc.record({
          do: fc.constant('setMany' as const),
          tab: tab(tabs),
          entries: fc.uniqueArray(fc.record({ key: any, value: wanted }), { selector: (entry) => entry.key, minLength: 1, maxLength: 4 }),
        }),
        ttl,
      ),
    },
    { weight: whole, arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'sweep' as const, 'keys' as const), tab: tab(tabs) }) },
  )
}

/** A tier that answers at once can fail at once, but neither hang nor be late. */
export const fault = (sync: boolean, wait: number): fc.Arbitrary<Fault> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('throws' as const), name: fc.constantFrom('SecurityError' as const, 'UnknownError' as const, 'QuotaExceededError' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('drops' as const), times: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('ignores' as const, 'refuses' as const) }) },
    { weight: sync ? 0 : 2, arbitrary: fc.record({ kind: fc.constant('aborts' as const) }) },
    { weight: sync ? 0 : 3, arbitrary: fc.record({ kind: fc.constant('quota' as const), room: fc.constantFrom(0, 40, 5000) }) },
    { weight: sync ? 0 : wait, arbitrary: fc.record({ kind: fc.constantFrom('hangs' as const, 'late' as const) }) },
  )

const DAMAGES: Damage[] = ['truncated', 'random', 'newer version', 'foreign', 'copied']

const trouble = (tabs: number, chain: TierName[], sync: TierName[], emphasis: Emphasis): fc.Arbitrary<Step> => {
  const { fault: faults = 8, wait = 3, heal = 7, evict = 1, damage = 2 } = emphasis
  const tier = fc.constantFrom(...chain)
  const planned = (name: TierName): fc.Arbitrary<Step> =>
    fc.record({ do: fc.constant('fault' as const), tab: fc.oneof(fc.constant('all' as const), tab(tabs)), tier: fc.constant(name), fault: fault(sync.includes(name), wait) })
  const plans = new Map(chain.map((name) => [name, planned(name)]))
  return fc.oneof(
    { weight: faults, arbitrary: tier.chain((name) => plans.get(name)!) },
    { weight: heal, arbitrary: fc.record({ do: fc.constant('heal' as const), tier }) },
    { weight: evict, arbitrary: fc.record({ do: fc.constant('evict' as const), tab: tab(tabs), tier }) },
    { weight: damage, arbitrary: fc.record({ do: fc.constant('damage' as const), tab: tab(tabs), tier, key: key(emphasis), how: fc.constantFrom(...DAMAGES) }) },
  )
}

const lifeOfThePage = (tabs: number, emphasis: Emphasis): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('reload' as const), tab: tab(tabs), turns: fc.constant(0) }) },
    {
      weight: 2,
      arbitrary: fc
        .record({ do: fc.constant('reload' as const), tab: tab(tabs), during: operation(tabs, emphasis), turns: fc.integer({ min: 0, max: 40 }) })
        .map((step) => ({ ...step, during: { ...step.during, tab: step.tab } })),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('close tab' as const), tab: tab(tabs) }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'restart browser' }) },
  )

const WAITS = [2, 6, 31, 61, 7200, 172_800, 35_000_000]
const JUMPS = [-3600, -86_400, -60, 3600, 172_800]

export const step = (tabs: number, chain: TierName[], sync: TierName[], emphasis: Emphasis): fc.Arbitrary<Step> => {
  const { both = 1, page = 2, time = 1, clock = 1 } = emphasis
  return fc.oneof(
    { weight: 12, arbitrary: operation(tabs, emphasis) },
    { weight: both, arbitrary: fc.record({ do: fc.constant('both' as const), one: operation(tabs, emphasis), other: operation(tabs, emphasis) }) },
    { weight: 5, arbitrary: trouble(tabs, chain, sync, emphasis) },
    { weight: page, arbitrary: lifeOfThePage(tabs, emphasis) },
    { weight: time, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(...WAITS) }) },
    { weight: clock, arbitrary: fc.record({ do: fc.constant('set clock' as const), seconds: fc.constantFrom(...JUMPS) }) },
  )
}

/** Trouble that chance alone seldom puts together, with chance in its details. */
const story = (tabs: number, chain: TierName[], sync: TierName[], emphasis: Emphasis): fc.Arbitrary<Step[]> =>
  fc
    .record({
      first: tab(tabs),
      second: tab(tabs),
      name: key(emphasis),
      tier: fc.constantFrom(...chain),
      trouble: fc.constantFrom(...chain).chain((name) => fault(sync.includes(name), 6)),
      news: fc.constantFrom('remove' as const, 'take' as const, 'clear' as const, 'set' as const, 'set' as const),
      ttl: fc.constantFrom<Lasting>('forever', 60_000, 5000, 'session'),
      everywhere: fc.boolean(),
      away: fc.option(fc.constantFrom(...chain)),
      between: fc.constantFrom<Step[]>([], [{ do: 'wait', seconds: 61 }], [{ do: 'reload', tab: 1, turns: 0 }], [{ do: 'restart browser' }], [{ do: 'wait', seconds: 7200 }]),
    })
    .map(({ first, second, name, tier, trouble, news, ttl, everywhere, away, between }) => {
      const tiers = everywhere ? chain.filter((one) => one !== 'memory' && one !== 'sessionStorage') : [tier]
      const sound: Fault = { kind: 'throws', name: 'UnknownError' }
      const faults = tiers.map((one): Step => ({ do: 'fault', tab: first, tier: one, fault: sync.includes(one) && !['throws', 'drops', 'ignores', 'refuses'].includes(trouble.kind) ? sound : trouble }))
      const heals = tiers.map((one): Step => ({ do: 'heal', tier: one }))
      const set = (at: number, lasting: Lasting): Step => ({ do: 'set', tab: at, key: name, value: { kind: 'word' }, ttl: lasting })
      const told: Step = news === 'set' ? set(second, ttl) : news === 'clear' ? { do: news, tab: second } : { do: news, tab: second, key: name }
      // One more tier that does not hear the news.
      const gone: Step[] = away ? [{ do: 'fault', tab: second, tier: away, fault: sync.includes(away) ? sound : { kind: 'hangs' } }] : []
      const get = (at: number): Step => ({ do: 'get', tab: at, key: name })
      // An older copy in a narrow place that the news does not reach, or in a place that was away when it came.
      return first === second ? [set(first, 'forever'), ...faults, told, ...between, ...heals, { do: 'wait', seconds: 31 }, get(second), get(first)] : [...faults, set(first, 'forever'), ...heals, ...gone, told, ...between, get(second), get(first)]
    })

/** What chance needs to know of a schedule. */
export type Around = Pick<Schedule, 'tabs' | 'chain' | 'sync'>

/** To make what makes a schedule takes longer than to use it: it is made once for all that are alike. */
export const kept = <T>() => {
  const made = new Map<string, fc.Arbitrary<T>>()
  return (make: (around: Around) => fc.Arbitrary<T>, { tabs, chain, sync }: Around): fc.Arbitrary<T> => {
    const id = [tabs, chain, sync].join(' ')
    const arbitrary = made.get(id) ?? make({ tabs, chain, sync })
    made.set(id, arbitrary)
    return arbitrary
  }
}

/** What happens: by chance, or a story in the midst of chance. */
export const happenings = ({ tabs, chain, sync }: Around, emphasis: Emphasis): fc.Arbitrary<Step[]> => {
  const some = (lengths: { minLength?: number; maxLength: number }): fc.Arbitrary<Step[]> => fc.array(step(tabs, chain, sync, emphasis), { ...lengths, size: 'max' })
  return fc.oneof(
    { weight: 3, arbitrary: some({ minLength: 3, maxLength: emphasis.most ?? 22 }) },
    { weight: 1, arbitrary: fc.tuple(some({ maxLength: 4 }), story(tabs, chain, sync, emphasis), some({ maxLength: 6 })).map((parts) => parts.flat()) },
  )
}

/** What every schedule has. */
export const settings = (emphasis: Emphasis) => ({
  atOnce: fc.boolean(),
  ruled: emphasis.registry === undefined ? fc.boolean() : fc.constant(emphasis.registry),
  tokenTtl: lasting(),
  ttl: fc.oneof({ weight: 3, arbitrary: fc.constant<Lasting>('forever') }, { weight: emphasis.ttl ?? 2, arbitrary: lasting() }),
  salt: fc.nat(),
})

/** Where the keys may go by themselves. */
export const registryFor = (ruled: boolean, chain: TierName[], tokenTtl: Lasting): fc.Arbitrary<Schedule['registry']> =>
  ruled ? fc.record({ own: fc.shuffledSubarray(chain, { minLength: 1 }), tokenTtl: fc.constant(tokenTtl) }) : fc.constant(undefined)

/** Schedules over one origin. */
export const schedules = (footing: Footing, emphasis: Emphasis = {}): fc.Arbitrary<Schedule> => {
  const stepsOf = kept<Step[]>()
  return fc
    .record({
      chain: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...CHAINS) }, { weight: 1, arbitrary: fc.shuffledSubarray(ALL, { minLength: 1 }) }),
      tabs: fc.integer({ min: 1, max: 3 }),
      ...settings(emphasis),
    })
    .chain(({ chain, tabs, atOnce, ruled, tokenTtl, ttl, salt }) => {
      const sync = atOnce ? chain.filter((name) => name !== 'indexedDB') : []
      return fc.record({
        footing: fc.constant(footing),
        chain: fc.constant(chain),
        sync: fc.constant(sync),
        registry: registryFor(ruled, chain, tokenTtl),
        ttl: fc.constant(ttl),
        tabs: fc.constant(tabs),
        salt: fc.constant(salt),
        steps: stepsOf((around) => happenings(around, emphasis), { tabs, chain, sync }),
      })
    })
}
