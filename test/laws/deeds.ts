import type { Change, Entry, Lifetime, Outcome, Traits } from '../../src/contracts.js'
import type { Call, Place } from './recorder.js'
import type { TierName } from './schedule.js'
import { pausedUntil, wasDown } from './waiting.js'
import type { Page, World } from './world.js'
import { LONGEST, spanOf } from './world.js'

/** An operation that changes something, and where its news must be found from then on. */
export interface Deed {
  kind: 'set' | 'remove' | 'clear'
  /** How the schedule calls it. */
  title: string
  /** `undefined`: every key. */
  key: string | undefined
  text: string | undefined
  /** Steps in which it was asked for and settled. */
  start: number
  end: number
  /** When it reached its tiers, where it had to wait. */
  landed?: number
  /** The clock when it was asked for, and the highest stamp that it used. */
  clock: number
  stamp: number
  page: Page
  session: number
  lifetime: Lifetime
  expires: number
  /** It answered that it is done; otherwise it may have landed, in part or later. */
  resolved: boolean
  /** A read may answer nothing because of it. */
  empties: boolean
  /** Until when each place must know of it. */
  keepers: Map<Place, Keeper>
  /** A tier that it asked said what was not so. */
  lied: boolean
  /** A take or a touch follows from what it read, and comes right after it. */
  based: readonly Deed[] | undefined
  /** Older deeds whose news it met, so that it must be stamped above them whatever the clock says. */
  met: Set<Deed>
}

/** What a place must know of a deed. */
export interface Keeper {
  until: number
  /** The value itself is there. */
  value: boolean
  /** It goes when the browser closes. */
  brief: boolean
}

/** What one page asked of one tier about one name, within an operation. */
export interface Dealing {
  place: Place
  tier: TierName
  traits: Traits
  asked: { change: Change; outcome: Outcome; state: Call['state'] }[]
  /** It answered what it was asked about the name, and failed in nothing meanwhile; `read`: a question, asked at once. */
  met: boolean
  read: boolean
  /** It answered at least once, perhaps to work beside the operation. */
  heard: boolean
  lied: boolean
  /** It was asked how far it reaches. */
  proved: boolean
  /** It refused what this page gave it not long ago, so it is given no tombstones for a while. */
  refuses: boolean
  /** It had failed and was left alone at first: what it was told later, it was told by work beside the operation. */
  paused: boolean
  /** It was down when the operation began: it may be tried beside it, and is not waited for. */
  down: boolean
  /** The value that stood there before. */
  before: Entry | 'damaged' | undefined
}

export type Before = Map<string, Entry | 'damaged' | undefined>

export const idOf = (page: Page, tier: TierName, name: string): string => `${page.tab} ${tier} ${name}`

/** An operation of a page: its calls are those from `since` on. */
interface Asking {
  page: Page
  since: number
  clock: number
  began: number
  before: Before
}

/** What an operation asked of each tier of a chain about a name. */
export const dealingsOf = ({ page, since, clock, began, before }: Asking, chain: readonly TierName[], name: string): Dealing[] =>
  chain.map((tier) => {
    const place = page.places.get(tier)!
    const earlier = page.calls.slice(0, since).filter((call) => call.place === place)
    const mine = page.calls.slice(since).filter((call) => call.place === place)
    const named = (call: Call): boolean => call.names.includes(name)
    const sound = mine.length > 0 && mine.every((call) => call.state === 'answered')
    return {
      place,
      tier,
      traits: page.tiers.get(tier)!.traits,
      asked: mine.flatMap((call) =>
        call.verb !== 'write' ? [] : call.changes.flatMap((change, index) => (change.name === name ? [{ change, outcome: call.outcomes[index], state: call.state }] : [])),
      ),
      met: sound && mine.some(named),
      read: sound && mine[0]!.started <= began && mine.some((call) => named(call) && call.verb === 'read'),
      heard: mine.some((call) => call.state === 'answered' && named(call) && call.verb === 'read'),
      refuses: [...earlier, ...mine].some((call) => call.code === 'refused' && call.clock + PAUSE > page.now()),
      paused: !!mine[0] && mine[0].started > began && pausedUntil(earlier) > clock,
      proved: mine.some(({ verb }) => verb === 'prove'),
      down: wasDown(earlier) || pausedUntil(earlier) > clock,
      lied: mine.some(({ lied }) => lied),
      before: before.get(idOf(page, tier, name)),
    }
  })

export const stampOf = (change: Change): number => ('drop' in change ? change.drop : change.entry.stamp)

const done = ({ outcome, state }: Dealing['asked'][number]): boolean => state === 'answered' && outcome === undefined

/** It took the news of that stamp, or was asked whether there is anything to outrank. */
export const reached = ({ asked }: Dealing, stamp: number): boolean =>
  asked.some((one) => (done(one) && stampOf(one.change) >= stamp) || (one.state === 'answered' && 'drop' in one.change && one.change.drop === 0 && typeof one.outcome !== 'object'))

/** It took all that it was asked to take, so it could have kept a tombstone too. */
const canKeep = (dealing: Dealing, stamp: number): boolean =>
  !dealing.lied && !dealing.refuses && !dealing.paused && reached(dealing, stamp) && dealing.asked.every(({ outcome, state }) => state === 'answered' && typeof outcome !== 'object')

/** The longest pause that a page gives to a tier that failed. */
const PAUSE = 30_000

const isLasting = ({ lifetimes }: Traits): boolean => lifetimes.includes('device')
const mayHide = ({ sync, lifetimes }: Traits): boolean => !sync || !lifetimes.some((lifetime) => lifetime === 'session' || lifetime === 'device')

const REACH = { page: 0, tab: 1, origin: 2, site: 3 }
const LIFE = { page: 0, tab: 1, session: 2, device: 3 }

/** What is kept there can be read from fewer places, or for less time, than a copy in `other` could. */
export const isNarrower = (there: Traits, kept: Lifetime, other: Traits): boolean =>
  REACH[there.reach] < REACH[other.reach] || other.lifetimes.some((lifetime) => LIFE[kept] < LIFE[lifetime])

const isLive = (entry: Dealing['before'], clock: number): boolean => typeof entry === 'object' && typeof entry.text === 'string' && !(entry.expires! <= clock)

/** The keepers of a set: where the value is, and where an older copy must stay outranked. */
export const keepersOfSet = (world: World, deed: Deed, dealings: Dealing[], takers: readonly Dealing[], kept: Lifetime): void => {
  const life = spanOf(world.rulingOf(deed.key!).ttl) ?? LONGEST
  const all = dealings.every((dealing) => takers.includes(dealing) || reached(dealing, deed.stamp))
  const shared = dealings.some(({ traits, tier }) => mayHide({ ...traits, sync: world.schedule.sync.includes(tier) }))
  const guard = deed.clock + (all ? life : LONGEST)
  for (const { place, traits, lied } of takers) {
    const limit = traits.maxAge ? deed.clock + traits.maxAge : Infinity
    const after = !all || (shared && isLasting(traits)) ? guard : 0
    if (!lied) deed.keepers.set(place, { until: Math.min(Math.max(deed.expires, after), limit), value: true, brief: deed.lifetime === 'session' || kept === 'session' })
  }
  for (const dealing of dealings) {
    if (takers.includes(dealing) || !canKeep(dealing, deed.stamp)) continue
    const hides = takers.every(({ traits }) => isNarrower(traits, kept, dealing.traits)) && isLive(dealing.before, deed.clock)
    if (hides || (!all && isLasting(dealing.traits))) deed.keepers.set(dealing.place, { until: guard, value: false, brief: false })
  }
}

/** Whether it is known to reach the site; whether it may. */
export const reachesSite = ({ traits }: Dealing): boolean => traits.reach === 'site'
export const mayReachSite = (dealing: Dealing): boolean => reachesSite(dealing) || dealing.traits.mayReach === 'site'

/** Where a tombstone goes if every tier is reached: to the first that keeps it, and as long as that one's reach is not proven, on to one whose reach is sure. */
const firstsOf = (dealings: readonly Dealing[], wide: boolean, stamp: number): Dealing[] => {
  const able = dealings.filter((dealing) => isLasting(dealing.traits) && (dealing.lied || canKeep(dealing, stamp)))
  const reaching = wide ? able.filter(mayReachSite) : []
  if (!reaching.length) return able.slice(0, 1)
  const sure = reaching.findIndex(reachesSite)
  return sure < 0 ? reaching : reaching.slice(0, sure + 1)
}

/** The keepers of a removal. */
export const keepersOfRemoval = (world: World, deed: Deed, dealings: Dealing[], traceless = false): void => {
  const { ttl, wide } = world.rulingOf(deed.key!)
  const life = spanOf(ttl) ?? LONGEST
  const all = dealings.every((dealing) => reached(dealing, deed.stamp))
  const keep = (dealing: Dealing, span: number): unknown => canKeep(dealing, deed.stamp) && deed.keepers.set(dealing.place, { until: deed.clock + span, value: false, brief: false })
  if (!all) {
    for (const dealing of dealings) keep(dealing, LONGEST)
    return
  }
  const shared = !traceless && dealings.some(({ traits, tier }) => mayHide({ ...traits, sync: world.schedule.sync.includes(tier) }))
  if (shared) for (const first of firstsOf(dealings, wide, deed.stamp)) keep(first, life)
}

/** The deeds whose news was met in a place that answered. */
export const metBy = (deeds: readonly Deed[], dealings: readonly Dealing[], latest: number): Set<Deed> => {
  const places = new Set(dealings.filter(({ met, lied }) => met && !lied).map(({ place }) => place))
  return new Set(deeds.filter(({ keepers }) => [...keepers].some(([place, { until }]) => places.has(place) && until > latest)))
}

/** A place that took later news has none of the older to give any more. */
export const supersede = (deeds: readonly Deed[], deed: Deed, dealings: readonly Dealing[], narrower: (dealing: Dealing) => boolean): void => {
  for (const dealing of dealings) {
    if (!dealing.asked.some(done) || dealing.lied) continue
    const hid = typeof dealing.before === 'object' && typeof dealing.before.text === 'string'
    if (deed.kind === 'set' && deed.resolved && narrower(dealing) && !hid) continue
    for (const older of deeds) if (older !== deed && older.key === deed.key) older.keepers.delete(dealing.place)
  }
}
