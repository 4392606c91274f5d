import type { Change, Entry, Env, Kept, Lifetime, Outcome, Tier } from './contracts.js'
import { aboutOneWrite, isStorageError, StorageError } from './errors.js'
import { isNarrower, keeps, LONGEST, spanOf } from './lifetime.js'
import type { Link } from './link.js'
import { createLink } from './link.js'
import { tombstone } from './register.js'

/** What a chain of tiers needs beside them. */
export interface ChainTierOptions {
  now?: (() => number) | undefined
  env?: Env | undefined
  /** The ms that one operation of a tier may take. Default 1,500. */
  deadline?: number | undefined
}

interface Held {
  link: Link
  entry: Entry
}

/** Between a value and a tombstone of one stamp, the value wins. */
const byStamp = ({ entry: one }: Held, { entry: other }: Held): number => other.stamp - one.stamp || +(one.text === null) - +(other.text === null)

/**
 * Several tiers as one, in fallback order. The stamps are its caller's: it answers the later one that stands, and
 * never makes one up. A value goes to the first tier that takes it, and the copies elsewhere go; what a tier could
 * not be told is outranked by a tombstone in the others. `kept` tells the lifetime that a value really got.
 */
export const chainTier = (tiers: readonly Tier[], { now = Date.now, env = globalThis, deadline = 1500 }: ChainTierOptions = {}): Tier => {
  const links = tiers.map((tier) => createLink(tier, { now, env, deadline, epoch: '' }))
  const leave = links.map((link) => link.join(() => {}))
  const lifetimes = new Map<string, Lifetime>()

  const copiesOf = async (name: string): Promise<Held[]> => {
    const answers = await Promise.all(links.map((link) => link.read(name)))
    const failure = answers.find(isStorageError)
    if (failure && answers.every(isStorageError)) throw failure
    return answers.flatMap((answer, index) => (!isStorageError(answer) && answer[0] ? { link: links[index]!, entry: answer[0] } : [])).sort(byStamp)
  }

  const readOne = async (name: string): Promise<Entry | undefined> => {
    const [newest, ...others] = await copiesOf(name)
    for (const { link, entry } of others) if (entry.stamp < newest!.entry.stamp) void link.write({ name, drop: entry.stamp })
    return newest?.entry
  }

  /** Tells each of these links; answers the later stamp that one of them holds, and which could not be told. */
  const tell = async (asked: readonly Link[], changeFor: (link: Link) => Change): Promise<[met: number, unreached: StorageError[]]> => {
    let met = 0
    const unreached: StorageError[] = []
    await Promise.all(
      asked.map(async (link) => {
        const change = changeFor(link)
        let outcome = await link.write(change)
        // Where there is no room for a tombstone, the older copy goes all the same.
        if (isStorageError(outcome) && aboutOneWrite(outcome)) outcome = await link.write({ name: change.name, drop: stampOf(change) })
        if (typeof outcome === 'number') met = Math.max(met, outcome)
        else if (outcome) {
          unreached.push(outcome)
          link.miss({ name: change.name, drop: stampOf(change) })
        }
      }),
    )
    return [met, unreached]
  }

  const forget = async (change: Change & { drop: number }): Promise<Outcome> => {
    const { name, drop } = change
    if (!drop) return (await copiesOf(name))[0]?.entry.stamp
    const [met, unreached] = await tell(links, () => change)
    if (met || !unreached[0] || drop === Infinity) return met || unreached[0]
    if (unreached.length === links.length) return unreached[0]
    // An older copy may come back with a tier that was not told.
    return place(name, tombstone(drop, now() + LONGEST))
  }

  const place = async (name: string, entry: Entry, guarded?: boolean): Promise<Outcome> => {
    const { text, stamp } = entry
    const until = Math.floor(now() + LONGEST)
    const guard: Entry = guarded ? { ...entry, [text === null ? 'expires' : 'retain']: until } : entry
    let failure: StorageError | undefined
    let taker: Link | undefined
    for (const link of links) {
      const { traits } = link.tier
      const kept = text === null ? spanOf(traits) > 2 && 'device' : keeps(traits, entry.lifetime)
      if (!kept) continue
      const outcome = await link.write({ name, entry: guard })
      if (typeof outcome === 'number') return outcome
      if (!outcome) {
        taker = link
        lifetimes.set(name, link.tier.kept?.(name)?.lifetime ?? kept)
        break
      }
      failure ??= outcome
    }
    if (text === null) lifetimes.delete(name)
    if (!taker && (text !== null || failure)) return failure ?? new StorageError('too-large', 'chain: no tier keeps it for so short a time')
    const others = links.filter((link) => link !== taker)
    const [met, unreached] = await tell(others, ({ tier }) => {
      if (guarded && spanOf(tier.traits) > 2) return { name, entry: tombstone(stamp, until) }
      const hidden = taker && isNarrower(taker.tier.traits, lifetimes.get(name) ?? 'page', tier.traits)
      return { name, drop: stamp, bury: hidden ? until : 0 }
    })
    if (unreached.length === links.length) return failure ?? unreached[0]
    return met || guarded || !unreached[0] ? met || undefined : place(name, entry, true)
  }

  return {
    name: 'chain',
    get traits() {
      const kept = new Set(tiers.flatMap(({ traits }) => traits.lifetimes))
      return { lifetimes: (['page', 'tab', 'session', 'device'] as const).filter((lifetime) => kept.has(lifetime)), reach: tiers[0]!.traits.reach }
    },
    open() {},
    read: (names) => Promise.all(names.map(readOne)),
    write: (changes) => Promise.all(changes.map((change) => ('drop' in change ? forget(change) : place(change.name, change.entry)))),
    async names(prefix) {
      const listed = await Promise.all(links.map((link) => link.ask((tier) => tier.names(prefix))))
      const failure = listed.find(isStorageError)
      if (failure && listed.every(isStorageError)) throw failure
      return [...new Set(listed.flatMap((names) => (isStorageError(names) ? [] : names)))]
    },
    async destroy(name) {
      await Promise.all(links.map((link) => link.ask((tier) => tier.destroy?.(name))))
    },
    kept(name): Kept | undefined {
      const lifetime = lifetimes.get(name)
      return lifetime && { lifetime }
    },
    async close() {
      await Promise.all(leave.map((one) => one()))
    },
  }
}

const stampOf = (change: Change): number => ('drop' in change ? change.drop : change.entry.stamp)
