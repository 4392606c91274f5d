import type { Change } from '../../src/contracts.js'
import type { Dealing } from './deeds.js'
import { demand } from './law-broken.js'
import type { Call, Place } from './recorder.js'
import type { Key } from './schedule.js'
import { CATEGORY } from './schedule.js'
import type { Page, World } from './world.js'
import { nameOf } from './world.js'

/** Making storages touches nothing: no call, no database. */
export const checkUntouched = async (world: World): Promise<void> => {
  for (const { calls } of world.pages) demand(!calls.length, 10, () => `making a storage asked ${calls[0]!.place.tier} to ${calls[0]!.verb}`)
}

/** What waited goes to its place, and what is refused is outranked, whatever is asked beside it. */
const followsFromConsent = ({ name }: Change): boolean => CATEGORY[name.slice('chat.'.length) as Key] !== 'necessary'

const wrote = (calls: readonly Call[], asked = false): boolean => calls.some(({ changes }) => changes.some((change) => 'entry' in change && !(asked && followsFromConsent(change))))

/** As long as nothing was written, a read writes nothing and makes no database. */
export const checkNothingMade = async ({ visitors, browser }: World, title: string, since: number, page: Page): Promise<void> => {
  const before = visitors.some((one) => wrote(one === page ? one.calls.slice(0, since) : one.calls))
  if (before) return
  demand(!wrote(page.calls, !!page.asked), 10, () => `${title} wrote, though nothing was there`)
  demand(wrote(page.calls) || !(await browser.hasDatabase('holdfast.chat')), 10, () => `${title} made a database`)
}

/** A damaged text that was read is reported, for this key and this tier, and nothing else is. */
export const checkDamage = ({ page, title }: { page: Page; title: string }, key: string, dealings: readonly Dealing[], beneathFailed: boolean): void => {
  for (const { tier, place, before, read, asked } of dealings) {
    // A mirror whose second fails may have mended its first.
    if (!read || asked.length || (beneathFailed && place.parts.length > 1)) continue
    const told = page.corrupt.has(`${key} ${tier}`)
    if (before === 'damaged') demand(told, 7, () => `${title} read a damaged text in ${tier} and did not report it`)
    else demand(!told || place.unsure.has(nameOf(key as Key)), 7, () => `${title} reported a damaged text in ${tier}, where none is`)
  }
}

/** What stands beneath a tier of ours. What the second of a mirror was not told is outranked by a word in the first, which is no value. */
const leftIn = async ({ raw, parts: [first], foreign }: Place, doubled: boolean): Promise<string[]> => {
  const beneath = doubled ? first! : raw
  const names = (await beneath.names('chat.')).filter((name) => name !== 'chat.' && !foreign.has(name))
  const entries = doubled ? await beneath.read(names) : []
  return names.filter((_, index) => !doubled || entries[index]?.corrupt || entries[index]?.text !== null)
}

/** After a clear no tier that took part holds a value, and each no more than its epoch. */
export const checkCleared = async (world: World, page: Page, since: number, title: string): Promise<void> => {
  for (const [tier, place] of page.places) {
    const calls = page.calls.slice(since).filter((call) => call.place === place)
    const took = calls.some(({ changes, outcomes }) => changes.some((change, index) => change.name === 'chat.' && 'entry' in change && outcomes[index] === undefined))
    // One that comes back while others are waited for has the epoch, and is tidied by the next operation.
    const listed = calls.some(({ verb }) => verb === 'names')
    if (!took || !listed || calls.some((call) => call.state !== 'answered' || call.code !== undefined || call.lied)) continue
    // Damaged text of ours is still a piece of a value.
    const [left] = await leftIn(place, world.beneathFailed && place.parts.length > 1)
    demand(!left, 10, () => `${title} left ${left} in ${tier}`)
  }
}

/** What a read or a sweep finds expired, it removes, where every tier that it asks is well. */
export const checkExpired = async ({ page, since, clock, title }: { page: Page; since: number; clock: number; title: string }, keys: readonly string[]): Promise<void> => {
  const calls = page.calls.slice(since)
  if (calls.some((call) => call.state !== 'answered' || call.code !== undefined || call.lied)) return
  for (const [tier, place] of page.places) {
    const read = calls.flatMap((call) => (call.place === place && call.verb === 'read' ? call.names : []))
    for (const key of keys) {
      if (!read.includes(`chat.${key}`)) continue
      // A chain takes away by itself what has expired in it.
      const [entry] = tier === 'hub' || place.parts.length > 1 ? await place.parts[0]!.read([`chat.${key}`]) : [place.shadow.get(`chat.${key}`)]
      const left = typeof entry === 'object' && entry.text !== null && entry.expires! <= clock
      demand(!left, 4, () => `${title} left the expired value of ${key} in ${tier}`)
    }
  }
}

/** At the end one page destroys the namespace: what it reached holds nothing of it. */
export const checkDestroyed = async (world: World): Promise<void> => {
  const page = world.pages[0]!
  for (const other of world.pages.slice(1)) other.dead = true
  await world.advance(60_000)
  const since = page.calls.length
  let settled: { unreached?: { tier: string }[]; error?: unknown } | undefined
  page.storage.destroy().then(
    (answer) => (settled = answer),
    (error: unknown) => (settled = { error }),
  )
  await world.drain()
  while (!settled) {
    const next = world.clock.next()
    demand(next !== undefined, 9, () => 'destroy never settled')
    await world.advance(next!)
  }
  demand(!('error' in settled), 10, () => `destroy rejected with ${String((settled as { error: unknown }).error)}`)
  const unreached = settled.unreached!.map(({ tier }) => tier)
  for (const [tier, place] of page.places) {
    const calls = page.calls.slice(since).filter((call) => call.place === place)
    if (unreached.includes(tier)) {
      const failed = calls.some((call) => call.state !== 'answered' || call.code !== undefined)
      demand(failed || !calls.length, 10, () => `destroy says that it did not reach ${tier}, which answered all it was asked`)
      continue
    }
    if (calls.some(({ lied }) => lied)) continue
    const left = (await place.raw.names('chat.')).filter((name) => !place.foreign.has(name))
    demand(!left.length, 10, () => `destroy left ${left.join(', ')} in ${tier}`)
  }
}
