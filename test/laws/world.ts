import type { FakeClock } from '../../src/testing/index.js'
import type { Change, Tier } from '../../src/contracts.js'
import type { Asked } from './asked.js'
import { askedOn, heedOf, NOT_KNOWN } from './asked.js'
import type { Rule } from '../../src/rule.js'
import type { Holdfast } from '../../src/surface.js'
import type { Implementation } from './implementation.js'
import type { Places } from './places.js'
import { createOrigin } from './places.js'
import type { Plan, Plans } from './plans.js'
import { createPlans, loseLate, switchOff, switchOn } from './plans.js'
import type { Visitor } from './real-hub.js'
import { createVisitor } from './real-hub.js'
import type { Call, Place } from './recorder.js'
import { recorded } from './recorder.js'
import type { Answers, Fault, Key, Lasting, Schedule, Siting, TierName } from './schedule.js'
import { CATEGORY, KEYS } from './schedule.js'
import { createSites } from './site.js'
import type { Cookies } from './stand-in-hub.js'
import { ADDRESS, createStandInHubs } from './stand-in-hub.js'
import type { StandIn } from './stand-ins.js'
import { createMaker } from './stand-ins.js'

export const NAMESPACE = 'chat'
export const DEADLINE = 1500

/** One load of the widget in one tab. */
export interface Page {
  tab: number
  /** Counts up when the tab is closed: a new tab has a sessionStorage of its own. */
  tabLife: number
  /** No page of another site may see what this one keeps. */
  site: string
  dead: boolean
  calls: Call[]
  limit: number
  flight: Set<Call>
  places: Map<TierName, Place>
  /** Without faults: what they promise to this page. */
  tiers: Map<TierName, Tier>
  storage: Holdfast<Record<string, unknown>>
  /** Keys told by the event `corrupt` since the last look. */
  corrupt: Set<string>
  /** What it knows of the visitor's consent; `undefined`: nobody is asked. */
  asked: Asked | undefined
  elapsed(): number
  now(): number
  heed?: ((changes: readonly Change[], tier: TierName) => void) | undefined
  trace?: ((line: string) => void) | undefined
}

/** A key's rule, as the schedule says it. */
export interface Ruling {
  chain: TierName[]
  ttl: Lasting
  secret: boolean
  /** It asks for the reach of the site. */
  wide: boolean
}

export interface World {
  implementation: Implementation
  schedule: Schedule
  browser: Places
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
  setBack: boolean
  /** What each tab heard last of what the visitor allows, where a page that is loaded knows it. */
  told: Answers[]
  /** Every text that was asked to be stored so far. */
  texts: string[]
  rulingOf(key: string): Ruling
  advance(ms: number): Promise<void>
  tick(): Promise<void>
  /** Lets everything run that needs no timer. */
  drain(): Promise<void>
  load(tab: number): void
  leave(tab: number): void
  closeTab(tab: number): void
  restart(): Promise<void>
  trace: ((line: string) => void) | undefined
  fault(tab: number | 'all', tier: TierName, fault: Fault): void
  heal(tier: TierName): void
  /** `undefined`: what lies beneath is well. */
  failBeneath(fault: Fault | undefined): void
  /** It has failed at least once. */
  beneathFailed: boolean
}

const DAY = 86_400_000

export const ttlOption = (ttl: Lasting | undefined): { ttl?: never } => (ttl === undefined ? {} : { ttl: ttl as never })

/** The ms that a lifetime lasts; `undefined`: no clock ends it. */
export const spanOf = (ttl: Lasting): number | undefined => (typeof ttl === 'number' ? ttl : undefined)
export const lifetimeOf = (ttl: Lasting): 'page' | 'tab' | 'session' | 'device' => (typeof ttl === 'number' || ttl === 'forever' ? 'device' : ttl)
export const LONGEST = 400 * DAY

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const keysOf = ({ implementation: { defineKeys }, schedule: { registry, siting, consenting } }: World): object => {
  if (!registry && !siting) return {}
  const rules: Record<Key, Rule> = { token: {}, visitor: {}, secret: {}, own: {} }
  if (registry) Object.assign(rules, { token: { ttl: registry.tokenTtl }, secret: { secret: true }, own: { tiers: registry.own } })
  for (const key of siting?.wide ?? []) rules[key].reach = 'site'
  if (consenting) for (const key of KEYS) rules[key].category = CATEGORY[key]
  return { keys: defineKeys({ ...rules }) }
}

/** What throws in a listener is the host's, and must harm nobody. */
const listen = (page: Page): void => {
  page.storage.on('corrupt', ({ key, tier }) => void page.corrupt.add(`${key} ${tier}`))
  for (const event of ['fallback', 'recovered', 'expired', 'corrupt'] as const)
    page.storage.on(event, () => {
      throw new Error('a listener of the host page')
    })
}

/** A page that is asked for consent tells what it does about it. */
const consult = (world: World, page: Page, asked: Asked): void => {
  for (const event of ['held', 'released'] as const) page.storage.on(event, ({ key }) => void asked[event].push(key as Key))
  page.heed = heedOf(world, page, asked)
  if (!world.schedule.consenting!.remembered) world.told[page.tab - 1] = { ...NOT_KNOWN }
}

const pageOf = (world: World, tab: number, tabLife: number): Page => ({
  tab, tabLife, site: world.browser.siteOf(tab), dead: false, calls: [], limit: 1000, flight: world.flight, places: new Map(), tiers: new Map(), corrupt: new Set(),
  asked: world.schedule.consenting && askedOn(world.told[tab - 1]!),
  elapsed: () => world.elapsed, now: world.clock.now, storage: undefined as never, trace: world.trace && ((line) => world.trace!(`${world.elapsed} tab${tab} ${line}`)),
})

const load = (world: World, plans: Plans, shared: Map<string, Place>, tab: number, tabLife: number): void => {
  const { implementation, schedule, browser, clock } = world
  const page = pageOf(world, tab, tabLife)
  const tiers = schedule.chain.map((name): Tier => {
    const tier = browser.tierFor(name, tab)
    const known = browser.idOf(name, tab)
    const id = name === 'sessionStorage' ? `${known} ${tabLife}` : known
    const place = (id && shared.get(id)) || browser.placeFor(name, tab, tier)
    if (id) shared.set(id, place)
    page.places.set(name, place)
    page.tiers.set(name, tier)
    const plan = plans[tab - 1]!.get(name)!
    return recorded(implementation.faulty(tier, plan), place, plan, page, schedule.sync.includes(name))
  })
  page.storage = implementation.createStorage({
    namespace: NAMESPACE, tiers, ttl: schedule.ttl as never, deadline: DEADLINE, now: clock.now,
    env: { ...clock.env, document: undefined, addEventListener: undefined, removeEventListener: undefined },
    ...keysOf(world),
    ...(page.asked && { consent: page.asked.consent }),
  }) as Page['storage']
  listen(page)
  if (page.asked) consult(world, page, page.asked)
  world.pages[tab - 1] = page
  world.visitors.push(page)
}

const rulingOf = ({ chain, registry, ttl, siting }: Schedule, key: string): Ruling => ({
  wide: !!siting?.wide.includes(key as Key),
  chain: registry && key === 'own' ? registry.own : chain,
  ttl: registry && key === 'token' ? registry.tokenTtl : ttl,
  secret: !!registry && key === 'secret',
})

/** Timer by timer, so that a database has its turns in between. */
const advance = async (world: World, ms: number): Promise<void> => {
  const { clock } = world
  for (let left = ms; left >= 0; ) {
    const span = Math.min(left, clock.next() ?? left)
    world.elapsed += span
    await clock.advance(span)
    await world.drain()
    left -= span
    if (!left && clock.next() !== 0) break
  }
  world.latest = Math.max(world.latest, clock.now())
}

/** A moment between steps: where no timer is set, nothing happens in it. */
const tick = async (world: World): Promise<void> => {
  if (world.clock.next() !== undefined) return advance(world, 25)
  world.elapsed += 25
  world.clock.jump(25)
  world.latest = Math.max(world.latest, world.clock.now())
}

/** All tabs close, and open again. */
const restart = async (world: World, plans: Plans, shared: Map<string, Place>): Promise<void> => {
  plans.forEach((_, index) => world.closeTab(index + 1))
  for (const { calls } of world.visitors) for (const call of calls) call.late = false
  loseLate(plans)
  world.session++
  await world.browser.restart()
  for (const { tier, shadow } of shared.values()) if (tier === 'cookie') for (const [name, entry] of shadow) if (entry !== 'damaged' && entry.lifetime === 'session') shadow.delete(name)
  plans.forEach((_, index) => world.load(index + 1))
}

/** What was late is under way from here on. */
const release = ({ visitors, flight }: World, tier: TierName): void => {
  for (const { calls } of visitors)
    for (const call of calls)
      if (call.late && call.state === 'pending' && call.place.tier === tier) {
        call.stuck = false
        flight.add(call)
      }
}

/** The browser of a visitor who goes from one host to the other; the hub is a stand-in, or the hub itself. */
const visit = (implementation: Implementation, siting: Siting, make: (name: TierName) => StandIn, { now }: FakeClock, visitor: Visitor | undefined): Places => {
  const jar = visitor?.jar ?? implementation.cookieJar({ now })
  const hubs = visitor?.hubs ?? createStandInHubs(make, (host) => jar.at(`https://${ADDRESS[host]}/`).document as Cookies)
  return createSites(implementation, siting, make, jar, hubs)
}

/** A browser, and a page of the widget in each tab. */
export const createWorld = (implementation: Implementation, schedule: Schedule, trace?: (line: string) => void): World => {
  const { footing, siting, composed, consenting, chain } = schedule
  const beneath: Plan = {}
  const visitor = footing === 'hub' ? createVisitor(implementation, siting!, beneath) : undefined
  const clock = visitor?.clock ?? implementation.fakeClock()
  const make = createMaker(implementation, clock, composed, beneath)
  const browser = siting ? visit(implementation, siting, make, clock, visitor) : createOrigin(implementation, schedule, make, clock.now)
  const plans = createPlans(schedule.tabs, chain)
  const shared = new Map<string, Place>()
  const lives = plans.map(() => 0)
  const each = (tab: number | 'all', tier: TierName, act: (plan: Plan) => void): void =>
    plans.forEach((one, index) => (tab === 'all' || tab === index + 1) && act(one.get(tier)!))

  const world: World = {
    implementation, schedule, browser, clock, trace, pages: [], visitors: [], flight: new Set(), session: 1, elapsed: 0, beneathFailed: false, latest: clock.now(), setBack: false,
    told: plans.map(() => ({ ...(consenting?.first ?? NOT_KNOWN) })),
    texts: [],
    rulingOf: (key) => rulingOf(schedule, key),
    advance: (ms) => advance(world, ms),
    tick: () => tick(world),
    async drain() {
      await immediate()
      // Databases and messages take turns of their own.
      const most = footing === 'database' ? 500 : footing === 'hub' ? 20_000 : 0
      for (let turn = 0; turn < most && world.flight.size; turn++) await immediate()
    },
    load: (tab) => load(world, plans, shared, tab, lives[tab - 1]!),
    leave: (tab) => void (world.pages[tab - 1]!.dead = true),
    closeTab(tab) {
      world.leave(tab)
      lives[tab - 1]!++
      browser.closeTab(tab)
    },
    restart: () => restart(world, plans, shared),
    fault(tab, tier, fault) {
      if (fault.kind === 'refuses') browser.refuse(tier, true)
      each(tab, tier, (plan) => switchOn(plan, fault))
    },
    heal(tier) {
      browser.refuse(tier, false)
      release(world, tier)
      each('all', tier, switchOff)
    },
    failBeneath(fault) {
      world.beneathFailed = true
      if (fault) switchOn(beneath, fault)
      else switchOff(beneath)
    },
  }
  plans.forEach((_, index) => world.load(index + 1))
  return world
}

export const nameOf = (key: Key): string => `${NAMESPACE}.${key}`
export { KEYS }
