import type { Receipt } from '../../src/route.js'
import type { Holding } from './asked.js'
import { gateOf, holdingOf, isAllowed, NOTHING } from './asked.js'
import type { Change } from './changed.js'
import type { Deed } from './deeds.js'
import * as plain from './judging.js'
import { dealings } from './judging.js'
import { demand } from './law-broken.js'
import type { Run } from './operation.js'
import { isTold, MARGIN } from './refusals.js'
import type { Key, Lasting } from './schedule.js'
import { CATEGORY, valueFor } from './schedule.js'
import type { World } from './world.js'
import { lifetimeOf, spanOf } from './world.js'
import { deedOf, noteRemoval, noteSet } from './writing.js'

/**
 * How an operation on a key is judged: `open`, by its tiers; `shut`, by what this page keeps in memory; `waiting`, by both,
 * because it may or may not have gone to its place; `loose`, where an answer came meanwhile, by what must hold in any case.
 */
type Mode = 'open' | 'shut' | 'waiting' | 'loose'

const modeOf = ({ page, heard, idle, waited }: Run, key: Key): Mode => {
  const { asked } = page
  if (!asked || !gateOf(CATEGORY[key])) return 'open'
  if (heard !== asked.heard || !idle || page.dead) return 'loose'
  if (!isAllowed(asked, key)) return 'shut'
  return holdingOf(asked, key).waits === 'no' && !waited.has(key) ? 'open' : 'waiting'
}

const textOf = ({ operation, number }: Run): string => ('value' in operation ? JSON.stringify(valueFor(operation.value, number)) : '')

const changeOf = (world: World, run: Run, key: Key, error: unknown): Change => ({
  title: run.title, page: run.page, key, start: run.step, end: run.step, clock: run.clock, before: run.before, alone: run.alone, dealings: dealings(world, run, key), error,
})

const isAlive = (deed: Deed | undefined, clock: number): deed is Deed => !!deed && deed.expires > clock

/** A write that is in this page's memory, and may go to its place at any later time. */
const hold = (world: World, deeds: Deed[], run: Run, key: Key, text: string, ttl: Lasting, based?: Deed): Deed => {
  const span = spanOf(ttl)
  const change = { ...changeOf(world, run, key, 'gone'), dealings: [], ...(based && { based: [based] }) }
  const deed: Deed = { ...deedOf(world, 'set', change), text, lifetime: lifetimeOf(ttl), expires: span === undefined ? Infinity : world.clock.now() + span, stamp: world.clock.now() }
  const { asked } = run.page
  const mode = modeOf(run, key)
  const shut = mode === 'shut'
  // An answer that came meanwhile takes it to its place, if it has not yet.
  const known = run.apart && (shut || (mode === 'loose' && run.operation.do === 'set' && isAllowed(asked!, key)))
  deeds.push(deed)
  if (!shut && asked!.went.get(key) === text) asked!.holdings.set(key, NOTHING)
  else asked!.holdings.set(key, { known, deed, mark: deed, waits: shut && known ? 'yes' : 'maybe', bound: (based && known ? holdingOf(asked!, key).bound : world.latest) + MARGIN })
  return deed
}

const keep = ({ page, apart }: Run, key: Key, waits: Holding['waits'], mark?: Deed): unknown => page.asked!.holdings.set(key, { ...NOTHING, known: apart, mark, waits: apart ? waits : 'maybe' })

/** Whatever else it is, it is in this page's memory, and the receipt says so. */
const checkHeld = (run: Run, key: Key, receipt: Receipt, clock: number, ttl: Lasting): void => {
  const { title, page } = run
  demand(receipt.held === 'consent', 6, () => `${title} was given a receipt that does not say that it is held: ${JSON.stringify(receipt)}`)
  demand(receipt.tier === 'memory' && receipt.lifetime === 'page' && receipt.reach === 'page' && !receipt.passed.length && !receipt.also, 6, () => `${title} is held, and was promised ${JSON.stringify(receipt)}`)
  const span = spanOf(ttl)
  demand(span === undefined ? receipt.expires === undefined : receipt.expires! >= run.clock + span && receipt.expires! <= clock + span, 4, () => `${title} is held until ${String(receipt.expires)}`)
  demand(page.asked!.held.includes(key), 6, () => `${title} is held, and nobody was told`)
}

const ttlOf = (world: World, { operation }: Run, key: Key): Lasting => ('ttl' in operation ? operation.ttl : undefined) ?? world.rulingOf(key).ttl

const noteShut = (world: World, deeds: Deed[], run: Run, key: Key): void => {
  const { operation, settled, page, title } = run
  const { value, error } = settled!
  const { known, deed } = holdingOf(page.asked!, key)
  const ttl = ttlOf(world, run, key)
  if (operation.do === 'remove') {
    const { dealings, ...change } = changeOf(world, run, key, error)
    // Where nothing was found, nothing was told.
    noteRemoval(world, deeds, { ...change, dealings, traceless: true, error: error ?? (isTold(dealings) ? undefined : 'gone') })
    return void keep(run, key, 'no')
  }
  demand(error === undefined, 6, () => `${title} rejected with ${String(error)}, though ${key} is in memory alone`)
  if (operation.do === 'set' || (operation.do === 'touch' && value !== undefined)) checkHeld(run, key, value as Receipt, world.clock.now(), ttl)
  if (operation.do === 'set') hold(world, deeds, run, key, textOf(run), ttl)
  else if (operation.do === 'touch' && value !== undefined) {
    if (known && deed) hold(world, deeds, run, key, deed.text!, ttl, deed)
    else page.asked!.holdings.set(key, { ...NOTHING, known: false, waits: 'maybe' })
  } else if (operation.do === 'take' && value !== undefined) {
    const mark = deedOf(world, 'remove', { ...changeOf(world, run, key, 'gone'), dealings: [], based: known && deed ? [deed] : undefined })
    deeds.push(mark)
    keep(run, key, 'yes', mark)
  }
}

/** What it wrote it may have written; the page holds it where the receipt says so. */
const noteLoose = (world: World, deeds: Deed[], run: Run, key: Key): void => {
  const { operation, settled, page, title } = run
  const { value, error } = settled!
  const ttl = ttlOf(world, run, key)
  const change = changeOf(world, run, key, 'gone')
  const receipt = error === undefined ? (value as Receipt | undefined) : undefined
  const waiting = modeOf(run, key) === 'waiting'
  if (error !== undefined && error !== 'gone') demand(world.implementation.isStorageError(error) && ['no-tier', 'locked'].includes(error.code), 6, () => `${title} rejected with ${String(error)}`)
  if (operation.do === 'set' || operation.do === 'touch') {
    if (!page.dead && receipt?.held) demand(page.asked!.held.includes(key), 6, () => `${title} is held, and nobody was told`)
    if (operation.do === 'set' && receipt?.held) return void hold(world, deeds, run, key, textOf(run), ttl)
    const texts = new Set(change.dealings.flatMap(({ asked }) => asked.flatMap((one) => ('entry' in one.change && one.change.entry.text !== null ? one.change.entry.text : []))))
    if (operation.do === 'set') texts.add(textOf(run))
    const { deed } = holdingOf(page.asked!, key)
    if (operation.do === 'touch' && receipt?.held && deed) texts.add(deed.text!)
    for (const text of texts) noteSet(world, deeds, change, text, ttl, undefined)
  } else if (operation.do === 'remove' || operation.do === 'take') noteRemoval(world, deeds, change)
  else return
  // A receipt for a tier shows that nothing waits any more.
  const stored = operation.do === 'set' && waiting && receipt && !receipt.held
  page.asked!.holdings.set(key, { ...NOTHING, known: !!stored, waits: stored ? 'no' : 'maybe' })
}

/** Notes what an operation changed. */
export const note = (world: World, deeds: Deed[], run: Run): void => {
  const { operation, page } = run
  if (operation.do === 'clear' && page.asked && !page.dead) for (const key of page.asked.holdings.keys()) keep(modeOf(run, key) === 'loose' ? { ...run, apart: false } : run, key, 'no')
  if (!('key' in operation) || modeOf(run, operation.key) === 'open') return plain.note(world, deeds, run)
  if (modeOf(run, operation.key) === 'shut') noteShut(world, deeds, run, operation.key)
  else noteLoose(world, deeds, run, operation.key)
}

/** What a page answers of what it holds. `clock`: when it was asked. */
const checkHolding = (run: Run, key: Key, value: unknown, presence: boolean, later: number): void => {
  const { known, deed } = holdingOf(run.page.asked!, key)
  if (!known || !run.apart) return
  const must = isAlive(deed, later)
  const may = isAlive(deed, run.clock)
  const same = value !== undefined && may && (presence || JSON.stringify(value) === deed.text)
  demand(value === undefined || same, may ? 1 : 5, () => `${run.title} answered ${presence ? 'a value' : JSON.stringify(value)}, though ${may ? `it holds ${deed.text} from ${deed.title}` : 'it holds nothing'}`)
  demand(value !== undefined || !must, 1, () => `${run.title} answered nothing, though it holds ${deed!.text} from ${deed!.title}`)
}

const judgeShut = (world: World, run: Run, key: Key): void => {
  const { operation, settled } = run
  const { value, error } = settled!
  if (error !== undefined) return
  // Once it has expired, a clock that is set back brings nothing back.
  const now = Math.max(world.latest, world.clock.now())
  if (operation.do === 'get' || operation.do === 'take') checkHolding(run, key, value, false, now)
  if (operation.do === 'has') checkHolding(run, key, value || undefined, true, now)
  if (operation.do === 'touch') checkHolding(run, key, value, true, now)
}

/** It may have gone to its place by now: then the laws say what may be read. */
const judgeWaiting = (world: World, deeds: Deed[], run: Run, key: Key): void => {
  const { operation, settled, page } = run
  if ((operation.do !== 'get' && operation.do !== 'has') || !run.apart) return
  const { known, deed } = holdingOf(page.asked!, key)
  const { value, error } = settled!
  const presence = operation.do === 'has'
  const found = presence ? value || undefined : value
  const mine = found !== undefined && isAlive(deed, run.clock) && (presence || JSON.stringify(found) === deed.text)
  const asked = dealings(world, run, key).some(({ heard }) => heard)
  if (error !== undefined || !known || mine || (found === undefined && !asked)) return
  plain.checkFound(world, deeds, run, key, found, presence)
}

/** Judges what an operation answered. */
export const judge = (world: World, deeds: Deed[], run: Run): void => {
  const { operation, page, settled } = run
  if (operation.do === 'keys' && page.asked && settled!.error === undefined && run.apart) {
    const listed = settled!.value as string[]
    for (const key of page.asked.holdings.keys()) if (modeOf(run, key) === 'shut') checkHolding(run, key, listed.includes(key) || undefined, true, world.latest)
    for (const key of listed) if (modeOf(run, key as Key) === 'shut') checkHolding(run, key as Key, true, true, world.latest)
  }
  if (!('key' in operation)) return plain.judge(world, deeds, run, (key) => modeOf(run, key) === 'open')
  const mode = modeOf(run, operation.key)
  if (mode === 'open') plain.judge(world, deeds, run)
  if (mode === 'shut') judgeShut(world, run, operation.key)
  if (mode === 'waiting') judgeWaiting(world, deeds, run, operation.key)
}
