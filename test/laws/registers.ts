import type { Change, Entry, Outcome, Tier } from '../../src/contracts.js'
import type { FakeClock } from '../../src/testing/index.js'
import { seeded } from './chance.js'
import type { Implementation } from './implementation.js'
import { demand } from './law-broken.js'
import type { Plan } from './plans.js'
import { switchOff, switchOn } from './plans.js'
import type { RegisterChange, RegisterSchedule, RegisterStep } from './register-schedule.js'

/** A tier that is two is still a register: the later stamp wins in it, as far as either of the two can be read. */

const NAME = 'chat.token'
const LIFETIMES = { device: ['device'], both: ['session', 'device'], tab: ['tab'], session: ['session'] } as const
const LIFE = { page: 0, tab: 1, session: 2, device: 3 }

/** News that was acknowledged, and which of the two took it, as they themselves said. */
interface News {
  stamp: number
  text: string | null
  title: string
  step: number
  /** Whether it stands there; what was dropped leaves nothing that would outrank an older stamp that is tried later. */
  holders: Map<number, boolean>
  takers: Set<number>
}

/** What was asked of one of the two within an operation, and what it said. */
interface Heard {
  read: boolean
  /** Stamps, and whether what it was given last under each is to stand there. */
  took: Map<number, boolean>
  /** Stamps, and the later one that it answered to each. */
  later: Map<number, number>
}

interface Ground {
  clock: FakeClock
  places: Tier[]
  plans: Plan[][]
  pages: Tier[]
  /** By page: which of the two ever kept it waiting. */
  hung: boolean[][]
  load(page: number): void
  news: News[]
  /** The highest stamp that was ever tried. */
  tried: number
  /** By operation under way: what each of the two was heard to say. */
  heard: Heard[][]
  trace: ((line: string) => void) | undefined
}

const stampOf = (change: Change): number => ('drop' in change ? change.drop : change.entry.stamp)

/** Notes what a place itself answers, beneath all that a page makes of it. */
const overheard = (place: Tier, note: (act: (heard: Heard) => void) => void): Tier => ({
  ...place,
  async read(names) {
    const entries = await place.read(names)
    note((heard) => (heard.read ||= names.includes(NAME)))
    return entries
  },
  async write(changes) {
    const outcomes = await place.write(changes)
    changes.forEach((change, index) =>
      note((heard) => {
        const outcome = outcomes[index]
        if (outcome === undefined && stampOf(change)) heard.took.set(stampOf(change), 'entry' in change)
        if (typeof outcome === 'number') heard.later.set(stampOf(change), outcome)
      }),
    )
    return outcomes
  },
})

const createGround = ({ inMemory, faulty, fakeClock, chainTier, mirror }: Implementation, { as, places: kinds }: RegisterSchedule, trace: Ground['trace']): Ground => {
  const clock = fakeClock()
  const places = kinds.map((kind, index): Tier => ({ ...inMemory('indexedDB')[0]!, name: index ? 'second' : 'first', traits: { lifetimes: LIFETIMES[kind], reach: 'origin' } }))
  const plans = [1, 2].map(() => places.map((): Plan => ({})))
  const ground: Ground = { clock, places, plans, pages: [], hung: [[], []], news: [], tried: 0, heard: [], trace, load }
  function load(page: number): void {
    const heard: Heard[] = (ground.heard[page] = places.map(() => ({ read: false, took: new Map(), later: new Map() })))
    const parts = places.map((place, index) => faulty(overheard(place, (act) => act(heard[index]!)), plans[page - 1]![index]!)) as [Tier, Tier]
    ground.pages[page] = as === 'chain' ? chainTier(parts, { now: clock.now, env: clock.env }) : mirror(...parts, { env: clock.env })
  }
  load(1)
  load(2)
  return ground
}

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Lets it run to its end: at most a deadline for each of the two, and one more where it has to say it again. */
const finish = async <T>({ clock }: Ground, title: string, work: () => T | Promise<T>): Promise<{ value?: T; error?: unknown }> => {
  let settled: { value?: T; error?: unknown } | undefined
  void Promise.resolve()
    .then(work)
    .then((value) => (settled = { value }), (error: unknown) => (settled = { error }))
  await immediate()
  for (let waited = 0; !settled; ) {
    const next = clock.next()
    demand(next !== undefined && waited + next <= 4500, 9, () => `${title} took more than ${waited} ms`)
    waited += next!
    await clock.advance(next!)
    await immediate()
  }
  return settled
}

const changeOf = ({ clock, tried }: Ground, step: RegisterChange, number: number): Change => {
  const stamp = step.older && tried > 1 ? tried - 0.5 : Math.floor(tried) + 1
  const until = clock.now() + 34_560_000_000
  if (step.do === 'drop') return { name: NAME, drop: stamp, ...(step.bury && { bury: until }) }
  return { name: NAME, entry: step.do === 'value' ? { text: `v${number}`, stamp, lifetime: step.lifetime } : { text: null, stamp, lifetime: 'device', expires: until } }
}

/** What a value that was taken is promised, and where it is. */
const checkTaken = ({ places, pages }: Ground, { page }: RegisterChange, title: string, news: News, lifetime: keyof typeof LIFE): void => {
  demand(news.takers.size, 6, () => `${title} was answered as done, though neither took it`)
  const { lifetime: kept, also = [] } = pages[page]!.kept?.(NAME) ?? {}
  const [first] = [...news.takers].sort().map((index) => places[index]!.traits)
  if (kept) demand(LIFE[kept] <= LIFE[lifetime] && first!.lifetimes.includes(kept), 4, () => `${title} was promised ${kept}`)
  if (also.length) demand(news.takers.size === 2, 6, () => `${title} was answered with ${also.join()}, which did not take it`)
}

const tell = async (ground: Ground, step: RegisterChange, number: number): Promise<void> => {
  const change = changeOf(ground, step, number)
  const stamp = stampOf(change)
  const title = `step ${number} (page ${step.page}: ${step.do} of ${stamp})`
  const heard = ground.heard[step.page]!
  for (const one of heard) {
    one.took.clear()
    one.later.clear()
  }
  ground.tried = Math.max(ground.tried, stamp)
  const { value, error } = await finish(ground, title, () => ground.pages[step.page]!.write([change]))
  const outcome = error === undefined ? value![0] : (error as Outcome)
  ground.trace?.(`${title}: ${JSON.stringify(outcome)} ${String(error ?? '')}; took ${heard.map(({ took }) => [...took.keys()].join(' ')).join(' | ')}`)
  if (typeof outcome === 'number') return demand(outcome > stamp && outcome <= ground.tried, 2, () => `${title} was answered ${outcome}`)
  if (outcome !== undefined) return
  // One that hung is told beside the operation, and its answer is not waited for.
  const known = heard.findIndex(({ later }, index) => later.has(stamp) && !ground.hung[step.page - 1]![index])
  demand(known < 0, 2, () => `${title} was answered as done, though ${ground.places[known]!.name} holds ${heard[known]!.later.get(stamp)}`)
  const holders = new Map(heard.flatMap(({ took }, index) => (took.has(stamp) ? [[index, took.get(stamp)!]] : [])))
  const text = 'entry' in change ? change.entry.text : null
  // Those that stand there when all is done: a first that took it, and then was given a tombstone, did not.
  const takers = new Set<number>()
  if (text !== null) for (const index of holders.keys()) if (((await ground.places[index]!.read([NAME]))[0] as Entry | undefined)?.text === text) takers.add(index)
  const news: News = { stamp, text, title, step: number, holders, takers }
  if (text !== null) checkTaken(ground, step, title, news, (change as { entry: Entry }).entry.lifetime)
  ground.news.push(news)
}

const look = async (ground: Ground, page: number, number: number): Promise<void> => {
  const title = `step ${number} (page ${page}: read)`
  const heard = ground.heard[page]!
  for (const one of heard) one.read = false
  const { value, error } = await finish(ground, title, () => ground.pages[page]!.read([NAME]))
  ground.trace?.(`${title}: ${JSON.stringify(value)} ${String(error ?? '')}; read ${heard.map(({ read }) => read).join(' | ')}`)
  const seen = heard.flatMap(({ read }, index) => (read ? index : []))
  if (error !== undefined) return demand(!seen.length, 6, () => `${title} rejected, though one of the two could be read`)
  const entry = value![0]
  const shown = entry?.text ?? 'nothing'
  for (const { stamp, title: of, step, holders } of ground.news) {
    const later = Number(entry?.text?.slice(1)) > step
    const knows = seen.find((index) => holders.has(index) && (!later || holders.get(index)))
    if (knows !== undefined) demand(entry?.text == null || entry.stamp >= stamp, 3, () => `${title} answered ${shown}, though ${ground.places[knows]!.name} could be read and knew of ${of}`)
  }
  const last = ground.news.find(({ stamp }) => stamp === ground.tried)
  if (last?.text != null && seen.some((index) => last.takers.has(index))) demand(entry?.text === last.text, 1, () => `${title} answered ${shown}, and not what ${last.title} wrote`)
}

const evict = async ({ places, news }: Ground, which: number): Promise<void> => {
  await places[which]!.write([{ name: NAME, drop: Infinity }])
  for (const { holders, takers } of news) holders.delete(which) && takers.delete(which)
}

const take = async (ground: Ground, step: RegisterStep, number: number): Promise<void> => {
  switch (step.do) {
    case 'read': return look(ground, step.page, number)
    case 'reload': return ground.load(step.page)
    case 'fault':
      ground.hung[step.page - 1]![step.which] ||= step.fault.kind === 'hangs' || step.fault.kind === 'late'
      return switchOn(ground.plans[step.page - 1]![step.which]!, step.fault)
    case 'heal': return ground.plans.forEach((plans) => switchOff(plans[step.which]!))
    case 'evict': return evict(ground, step.which)
    case 'wait': return ground.clock.advance(step.seconds * 1000)
    default: return tell(ground, step, number)
  }
}

/** Runs a schedule against a build; throws a `LawBroken` that says which law was broken at which step. */
export const runRegister = (implementation: Implementation, schedule: RegisterSchedule, trace?: (line: string) => void): Promise<void> =>
  seeded(schedule.salt, async () => {
    const ground = createGround(implementation, schedule, trace)
    for (const [index, step] of schedule.steps.entries()) {
      await ground.clock.advance(25)
      await take(ground, step, index + 1)
      await immediate()
    }
  })
