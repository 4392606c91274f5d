import type { Change, Entry } from './contracts.js'
import type { Attempt, StorageError } from './errors.js'
import { attempt, isStorageError } from './errors.js'
import { isLasting, keeps, LONGEST } from './lifetime.js'
import type { Link } from './link.js'
import { createPlace } from './place.js'
import type { Ground, Route } from './route.js'
import { isNarrower, isShared, noTier, outrank, ROUNDS, toEach, tombstone } from './route.js'

interface Held {
  link: Link
  entry: Entry
}

export interface Found {
  /** The newest copy, if it lives. */
  entry?: Entry | undefined
  link?: Link
  /** The newest copy, alive or not; `undefined` where an epoch outranks it. */
  newest?: Entry | undefined
  copies: Held[]
}

/** Several tiers that look like one. */
export const createChain = (ground: Ground) => {
  const { now, stamps, emit, defer, cleared } = ground

  /** Drops what is outranked, and only then what has expired: never the newer before the older. */
  const repair = async (name: string, stale: Held[], hides: (link: Link) => boolean, expired: Held[]): Promise<void> => {
    const outcomes = await Promise.all(stale.map(({ link, entry }) => link.write(outrank(name, entry.stamp, hides(link), now()))))
    const clean = outcomes.every(([outcome]) => outcome === undefined)
    for (const { link, entry } of expired) {
      const until = entry.retain ?? (clean ? 0 : now() + LONGEST)
      await link.write(until > now() ? { name, entry: tombstone(entry.stamp, until) } : { name, drop: entry.stamp })
    }
  }

  /** Asks each tier at once: the newest copy that can be read wins, never tier order. */
  const find = async ({ name, links }: Route): Promise<Found> => {
    const answers = await toEach(links, (link) => link.read(name))
    const attempts: Attempt[] = []
    const copies: Held[] = []
    let cause: unknown
    let epoch = cleared()
    let first: Held | undefined
    answers.forEach((answer, index) => {
      const link = links[index]!
      if (isStorageError(answer)) {
        cause = answer
        attempts.push(attempt(link.tier.name, answer))
        return
      }
      const { entry } = answer
      epoch = Math.max(epoch, answer.epoch?.stamp ?? 0)
      if (entry?.corrupt) emit('corrupt', name, link.tier.name)
      else if (entry) {
        const held = { link, entry }
        copies.push(held)
        stamps.saw(entry.stamp)
        // Between a value and a tombstone of one stamp, the value wins.
        if (!first || entry.stamp > first.entry.stamp || (entry.stamp === first.entry.stamp && first.entry.text === null)) first = held
      }
    })
    if (attempts.length === links.length) throw noTier('get', name, attempts, cause)
    stamps.saw(epoch)
    if (!first) return { copies }
    const newest = first.entry
    const { traits } = first.link.tier
    const dead = newest.stamp <= epoch
    const late = newest.expires! <= now()
    const value = !dead && newest.text !== null
    const stale = copies.filter(({ entry }) => dead || entry.stamp < newest.stamp)
    const expired = late && !dead ? copies.filter(({ entry }) => entry.stamp === newest.stamp) : []
    if (expired.length && value) emit('expired', name, first.link.tier.name)
    if (stale.length + expired.length)
      defer(repair(name, stale, ({ tier }) => value && isNarrower(traits, keeps(traits, newest.lifetime) ?? 'page', tier.traits), expired))
    return { copies, link: first.link, newest: dead ? undefined : newest, entry: value && !late ? newest : undefined }
  }

  /** Takes every copy away; a tombstone stays wherever an older one may come back. */
  const erase = async ({ name, links, life }: Route): Promise<void> => {
    for (let round = 0; ; round++) {
      const stamp = stamps.next(name)
      const failures = new Map<Link, StorageError>()
      let later = 0
      const tell = async (link: Link, change: Change): Promise<boolean> => {
        const [outcome, epoch] = await link.write(change)
        if (epoch >= stamp) later = Math.max(later, epoch)
        if (typeof outcome === 'number') later = Math.max(later, outcome)
        if (isStorageError(outcome)) failures.set(link, outcome)
        return outcome === undefined
      }
      // Write first, then remove: the tombstone stands before the first copy goes.
      let keeper: Link | undefined
      for (const link of links.some(isShared) ? links : [])
        if (isLasting(link.tier.traits) && (await tell(link, { name, entry: tombstone(stamp, now() + life) }))) {
          keeper = link
          break
        }
      failures.clear()
      await toEach(links.filter((link) => link !== keeper), (link) => tell(link, { name, drop: stamp }))
      if (later && round < ROUNDS) {
        stamps.saw(later)
        continue
      }
      const unreached = [...failures.keys()]
      if (unreached.length === links.length) throw noTier('remove', name, unreached.map((link) => attempt(link.tier.name, failures.get(link)!)), failures.get(unreached[0]!))
      unreached.forEach((link) => link.miss({ name, drop: stamp }))
      if (unreached.length) await toEach(links, async (link) => failures.has(link) || link.write({ name, entry: tombstone(stamp, now() + LONGEST) }))
      return
    }
  }

  return { find, place: createPlace(ground), erase }
}
