import { isDeepStrictEqual } from 'node:util'
import type { Deed, Dealing } from './deeds.js'
import { demand } from './law-broken.js'
import type { TierName } from './schedule.js'
import type { Page, World } from './world.js'

/** A read that was answered: of which key, by what, and from which places. */
export interface Reading {
  title: string
  key: string
  page: Page
  value: unknown
  /** The step in which it was asked for, and the clock then. */
  start: number
  clock: number
  dealings: readonly Dealing[]
  /** Only whether there is a value is known. */
  presence?: boolean
}

/** Whether the design orders one deed before another; a clock set back orders what the later page could meet. */
export const isBefore = (older: Deed, newer: Deed): boolean =>
  newer.based ? newer.based.includes(older) || (newer.based.length > 0 && newer.based.every((read) => isBefore(older, read))) : older !== newer && older.end < newer.start && (newer.clock > older.stamp || older.page === newer.page || newer.met.has(older))

/** The step by which it was in its tiers. */
const settledBy = ({ landed, end }: Deed): number => landed ?? end

const concerns = (deed: Deed, { key, page }: Reading): boolean => (deed.key === key || deed.key === undefined) && deed.page.site === page.site

/** A value asked for no longer than a page, a tab or a session, whose page, tab or session is over. */
const isOver = (world: World, deed: Deed, page: Page): boolean =>
  (deed.lifetime === 'page' && deed.page !== page) ||
  (deed.lifetime === 'tab' && (deed.page.tab !== page.tab || deed.page.tabLife !== page.tabLife)) ||
  (deed.lifetime === 'session' && deed.session !== world.session)

/** Whether a place of the key's own chain, that answered this read, must know of the deed. */
const isKnown = (deed: Deed, reading: Reading, world: World, needsValue = false): boolean =>
  reading.dealings.some(({ place, read }) => {
    const keeper = read ? deed.keepers.get(place) : undefined
    return keeper && keeper.until > world.latest && (!needsValue || keeper.value)
  })

/** The writes before a step whose value it is. */
export const writesOf = (deeds: readonly Deed[], { page }: { page: Page }, key: string, value: unknown, step: number): Deed[] =>
  deeds.filter((deed) => deed.key === key && deed.page.site === page.site && deed.end < step && deed.kind === 'set' && sameValue(deed, value))

/** An operation that failed may have landed later, and taken the older copies away. */
const hasLanded = ({ visitors }: World, { text }: Deed): boolean =>
  visitors.some(({ calls }) => calls.some(({ state, changes }) => state === 'answered' && changes.some((change) => 'entry' in change && change.entry.text === text)))

const sameValue = (deed: Deed, value: unknown): boolean => {
  const written: unknown = JSON.parse(deed.text!)
  return typeof written === typeof value && isDeepStrictEqual(written, value)
}

const seenTiers = (reading: Reading): string => reading.dealings.flatMap(({ tier, read }) => (read ? tier : [])).join(', ') || 'no tier'

/** Checks that the value may be answered: it was written, has not expired, and nothing newer is known. */
const checkValue = (world: World, about: readonly Deed[], floors: readonly Deed[], reading: Reading): void => {
  const { title, key, value, page, clock } = reading
  const shown = reading.presence ? 'a value' : JSON.stringify(value).slice(0, 60)
  const writes = about.filter((deed) => deed.kind === 'set' && (reading.presence || sameValue(deed, value)))
  demand(writes.length, 8, () => `${title} answered ${shown}, which was never written to ${key}`)
  const alive = writes.filter((deed) => deed.expires > clock)
  demand(alive.length, 4, () => `${title} answered ${shown} past its expiry`)
  const lasting = alive.filter((deed) => !isOver(world, deed, page))
  demand(lasting.length, 4, () => `${title} answered ${shown}, whose ${alive[0]!.lifetime} is over`)
  const allowed = lasting.some((write) => !floors.some((floor) => isBefore(write, floor)))
  const newer = floors.find((floor) => isBefore(lasting[0]!, floor))
  demand(allowed, newer?.kind === 'set' && newer.expires > world.latest ? 2 : 3, () => `${title} answered ${shown} from ${lasting[0]!.title}, though ${seenTiers(reading)} could be read and knew of ${newer!.title}`)
}

/** Checks that nothing may be answered: no value must be there. */
const checkAbsence = (world: World, about: readonly Deed[], reading: Reading): void => {
  for (const must of about) {
    const holds = must.kind === 'set' && must.resolved && settledBy(must) < reading.start && must.expires > world.latest && !isOver(world, must, reading.page) && isKnown(must, reading, world, true)
    if (!holds) continue
    const excused = about.some((other) => other !== must && !isBefore(other, must) && (other.empties || other.expires <= world.latest || isOver(world, other, reading.page) || hasLanded(world, other)))
    demand(excused, 1, () => `${reading.title} answered nothing, though ${seenTiers(reading)} could be read and held ${must.text!.slice(0, 60)} from ${must.title}`)
  }
}

export const checkReading = (world: World, deeds: readonly Deed[], reading: Reading): void => {
  const about = deeds.filter((deed) => concerns(deed, reading))
  if (reading.value === undefined) return checkAbsence(world, about, reading)
  const abroad = reading.presence ? undefined : deeds.find((deed) => deed.kind === 'set' && deed.page.site !== reading.page.site && sameValue(deed, reading.value))
  demand(!abroad, 5, () => `${reading.title} answered what ${abroad!.title} wrote on ${abroad!.page.site}`)
  const floors = about.filter((deed) => deed.resolved && settledBy(deed) < reading.start && isKnown(deed, reading, world))
  checkValue(world, about, floors, reading)
}

/** A read rejects when no tier of the chain could be read, and only then. */
export const checkReadable = (world: World, title: string, dealings: readonly Dealing[], error: unknown): void => {
  const { isStorageError } = world.implementation
  const tiers = dealings.flatMap(({ tier, read }): TierName[] => (read ? [tier] : []))
  if (error === undefined) return demand(dealings.some(({ heard }) => heard), 6, () => `${title} answered, though no tier of its chain could be read`)
  demand(isStorageError(error) && error.code === 'no-tier', 6, () => `${title} rejected with ${String(error)}, not with no-tier`)
  demand(!tiers.length, 6, () => `${title} rejected, though ${tiers.join(', ')} could be read`)
}
