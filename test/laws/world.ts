import type { FakeClock, Faults } from 'holdfast/testing'
import type { Holdfast, Tier } from 'holdfast'
import type { Origin } from './places.js'
import { createOrigin } from './places.js'
import type { Call, Place } from './recorder.js'
import { recorded } from './recorder.js'
import type { Fault, Key, Lasting, Schedule, TierName } from './schedule.js'
import { KEYS } from './schedule.js'

/** A build of the package: the one under test, or one with a fault planted in it. */
export type Implementation = Pick<
  typeof import('holdfast') & typeof import('holdfast/testing'),
  'createStorage' | 'defineKeys' | 'isStorageError' | 'localStorageTier' | 'sessionStorageTier' | 'cookieTier' | 'indexedDBTier' | 'faulty' | 'fakeClock' | 'cookieJar' | 'inMemory'
>

export const NAMESPACE = 'chat'
export const DEADLINE = 1500

/** One load of the widget in one tab. */
export interface Page {
  tab: number
  /** Counts up when the tab is closed: a new tab has a sessionStorage of its own. */
  tabLife: number
  dead: boolean
  calls: Call[]
  limit: number
  flight: Set<Call>
  places: Map<TierName, Place>
  storage: Holdfast<Record<string, unknown>>
  /** Keys told by the event `corrupt` since the last look. */
  corrupt: Set<string>
  elapsed(): number
  now(): number
  trace?: ((line: string) => void) | undefined
}

/** A key's rule, as the schedule says it. */
export interface Ruling {
  chain: TierName[]
  ttl: Lasting
  secret: boolean
}

export interface World {
  implementation: Implementation
  schedule: Schedule
  origin: Origin
  clock: FakeClock
  pages: Page[]
  /** Every page that there ever was. */
  visitors: Page[]
  /** Calls that will be answered without a timer. */
  flight: Set<Call>
  /** How often the browser was started. */
  session: number
  /** Time that passed, whatever the clock was set to; and the latest that the clock ever showed. */
  elapsed: number
  latest: number
  rulingOf(key: string): Ruling
  advance(ms: number): Promise<void>
  /** Lets everything run that needs no timer. */
  drain(): Promise<void>
  load(tab: number): void
  leave(tab: number): void
  closeTab(tab: number): void
  restart(): Promise<void>
  trace: ((line: string) => void) | undefined
  fault(tab: number | 'all', tier: TierName, fault: Fault): void
  heal(tier: TierName): void
}

const DAY = 86_400_000

export const ttlOption = (ttl: Lasting | undefined): { ttl?: never } => (ttl === undefined ? {} : { ttl: ttl as never })

/** The ms that a lifetime lasts; `undefined`: no clock ends it. */
export const spanOf = (ttl: Lasting): number | undefined => (typeof ttl === 'number' ? ttl : undefined)
export const lifetimeOf = (ttl: Lasting): 'page' | 'tab' | 'session' | 'device' => (typeof ttl === 'number' || ttl === 'forever' ? 'device' : ttl)
export const LONGEST = 400 * DAY

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Plan extends Faults {
  release?: (() => void) | undefined
}

const failure = (name: string): Error => Object.assign(new Error(`planned: ${name}`), { name })

const switchOn = (plan: Plan, fault: Fault): void => {
  if (fault.kind === 'throws') plan.throws = failure(fault.name)
  else if (fault.kind === 'quota') plan.quota = fault.room
  else if (fault.kind === 'drops') plan.drops = fault.times
  else if (fault.kind === 'late') plan.late ??= new Promise<void>((resolve) => (plan.release = resolve))
  else if (fault.kind !== 'refuses') plan[fault.kind] = true
}

const switchOff = (plan: Plan): void => {
  plan.release?.()
  for (const name of Object.keys(plan)) delete plan[name as keyof Plan]
}

const keysOf = ({ implementation: { defineKeys }, schedule: { registry } }: World): object =>
  registry
    ? { keys: defineKeys({ token: { ttl: registry.tokenTtl as never }, visitor: {}, secret: { secret: true }, own: { tiers: registry.own } }) }
    : {}

/** What throws in a listener is the host's, and must harm nobody. */
const listen = (page: Page): void => {
  page.storage.on('corrupt', ({ key, tier }) => void page.corrupt.add(`${key} ${tier}`))
  for (const event of ['fallback', 'recovered', 'expired', 'corrupt'] as const)
    page.storage.on(event, () => {
      throw new Error('a listener of the host page')
    })
}

const load = (world: World, plans: Map<TierName, Plan>[], shared: Map<string, Place>, tab: number, tabLife: number): void => {
  const { implementation, schedule, origin, clock } = world
  const page: Page = { tab, tabLife, dead: false, calls: [], limit: 1000, flight: world.flight, places: new Map(), corrupt: new Set(), elapsed: () => world.elapsed, now: clock.now, storage: undefined as never,
    trace: world.trace && ((line) => world.trace!(`${world.elapsed} tab${tab} ${line}`)),
  }
  const tiers = schedule.chain.map((name): Tier => {
    const tier = origin.tierFor(name, tab)
    const id = name === 'memory' ? '' : name === 'sessionStorage' ? `${name} ${tab} ${tabLife}` : name
    const place = (id && shared.get(id)) || origin.placeFor(name, tab, tier)
    if (id) shared.set(id, place)
    page.places.set(name, place)
    const plan = plans[tab - 1]!.get(name)!
    return recorded(implementation.faulty(tier, plan), place, plan, page, schedule.sync.includes(name))
  })
  page.storage = implementation.createStorage({
    namespace: NAMESPACE, tiers, ttl: schedule.ttl as never, deadline: DEADLINE, now: clock.now,
    env: { ...clock.env, document: undefined, addEventListener: undefined, removeEventListener: undefined },
    ...keysOf(world),
  }) as Page['storage']
  listen(page)
  world.pages[tab - 1] = page
  world.visitors.push(page)
}

const rulingOf = ({ chain, registry, ttl }: Schedule, key: string): Ruling => ({
  chain: registry && key === 'own' ? registry.own : chain,
  ttl: registry && key === 'token' ? registry.tokenTtl : ttl,
  secret: !!registry && key === 'secret',
})

/** A browser with one origin, and a page of the widget in each tab. */
export const createWorld = (implementation: Implementation, schedule: Schedule, trace?: (line: string) => void): World => {
  const clock = implementation.fakeClock()
  const origin = createOrigin(implementation, schedule.footing, clock.now, schedule.chain[0] === 'cookie')
  const plans = Array.from({ length: schedule.tabs }, () => new Map(schedule.chain.map((name): [TierName, Plan] => [name, {}])))
  const shared = new Map<string, Place>()
  const lives = plans.map(() => 0)
  const each = (tab: number | 'all', tier: TierName, act: (plan: Plan) => void): void =>
    plans.forEach((one, index) => (tab === 'all' || tab === index + 1) && act(one.get(tier)!))
  const everyTab = (act: (tab: number) => void): void => plans.forEach((_, index) => act(index + 1))

  const world: World = {
    implementation, schedule, origin, clock, trace, pages: [], visitors: [], flight: new Set(), session: 1, elapsed: 0, latest: clock.now(),
    rulingOf: (key) => rulingOf(schedule, key),
    /** Timer by timer, so that a database has its turns in between. */
    async advance(ms) {
      for (let left = ms; left >= 0; ) {
        const span = Math.min(left, clock.next() ?? left)
        world.elapsed += span
        await clock.advance(span)
        await world.drain()
        left -= span
        if (!left && clock.next() !== 0) break
      }
      world.latest = Math.max(world.latest, clock.now())
    },
    async drain() {
      await immediate()
      if (schedule.footing === 'database') for (let turn = 0; turn < 500 && world.flight.size; turn++) await immediate()
    },
    load: (tab) => load(world, plans, shared, tab, lives[tab - 1]!),
    leave: (tab) => void (world.pages[tab - 1]!.dead = true),
    closeTab(tab) {
      world.leave(tab)
      lives[tab - 1]!++
      origin.closeTab(tab)
    },
    async restart() {
      everyTab(world.closeTab)
      // What was under way when the browser closed never lands.
      for (const { calls } of world.visitors) for (const call of calls) call.late = false
      for (const one of plans) for (const plan of one.values()) if (plan.late) plan.late = new Promise<void>((resolve) => (plan.release = resolve))
      world.session++
      await origin.restart()
      const cookies = shared.get('cookie')?.shadow ?? new Map()
      for (const [name, entry] of cookies) if (entry !== 'damaged' && entry.lifetime === 'session') cookies.delete(name)
      everyTab(world.load)
    },
    fault(tab, tier, fault) {
      if (fault.kind === 'refuses') origin.refuse(tier, true)
      each(tab, tier, (plan) => switchOn(plan, fault))
    },
    heal(tier) {
      origin.refuse(tier, false)
      // What was late is under way from here on.
      for (const { calls } of world.visitors)
        for (const call of calls)
          if (call.late && call.state === 'pending' && call.place.tier === tier) {
            call.stuck = false
            world.flight.add(call)
          }
      each('all', tier, switchOff)
    },
  }
  everyTab(world.load)
  return world
}

export const nameOf = (key: Key): string => `${NAMESPACE}.${key}`
export { KEYS }
