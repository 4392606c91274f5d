import type { Ground, Route } from './route.js'
import { createChain } from './chain.js'
import { askEach } from './route.js'
import type { Change, Entry, Env, Kept, Outcome, Tier } from './contracts.js'
import { LIFETIMES } from './entry.js'
import { isStorageError, StorageError } from './errors.js'
import { LONGEST } from './lifetime.js'
import { copyOf, createLink } from './link.js'
import { tombstone } from './register.js'

/** What a chain of tiers needs beside them. */
export interface ChainTierOptions {
  now?: (() => number) | undefined
  env?: Env | undefined
  /** The ms that one operation of a tier may take. Default 1,500. */
  deadline?: number | undefined
}

const ignore = (): void => {}

/** Why the first of them failed says more than that all did. */
const fail = (error: unknown): never => {
  throw (error as Error).cause ?? error
}

/**
 * Several tiers as one, in fallback order: the chain of a storage, with the stamps of its caller. It answers the later
 * one that stands, and never makes one up. `kept` tells the lifetime that a value really got.
 */
export const chainTier = (tiers: readonly Tier[], { now = Date.now, env = globalThis, deadline = 1500 }: ChainTierOptions = {}): Tier => {
  const links = tiers.map((tier) => createLink(tier, { now, env, deadline, epoch: '' }))
  const join = (): (() => Promise<void>)[] => links.map((link) => link.join(ignore))
  let leave = join()
  const kept = new Map<string, Kept | undefined>()

  const damaged = new Set<string>()
  const ground: Ground = {
    now,
    // The stamps are given.
    stamps: { next: ignore as never, saw: ignore },
    emit: (event, name) => void (event === 'corrupt' && damaged.add(name)),
    defer: ignore,
    cleared: 0,
  }
  const { find } = createChain(ground)
  const routeOf = (name: string): Route => ({ key: name, name, links, life: LONGEST })

  const readOne = async (name: string): Promise<Entry | undefined> => {
    // Where there is one tier, nothing is to be settled between copies.
    if (!links[1]) {
      const copy = await copyOf(links[0]!, name)
      if (isStorageError(copy)) throw copy
      return copy[0]
    }
    const { newest } = await find(routeOf(name)).catch(fail)
    const torn = damaged.delete(name)
    if (newest) return newest.entry
    if (torn) return { text: null, stamp: 0, lifetime: 'page', corrupt: true }
    return
  }

  const place = async (name: string, given: Entry): Promise<Outcome> => {
    const { text, lifetime, expires } = given
    let met = 0
    const at = now()
    try {
      // Its clock stands still, so that an expiry stays what it is.
      const chain = createChain({ ...ground, now: () => at, stamps: { ...ground.stamps, saw: (stamp) => (met = Math.max(met, stamp)) } })
      kept.set(name, await chain.put({ ...routeOf(name), given }, text, lifetime, expires && expires - at))
      return met || undefined
    } catch (error) {
      return ((error as Error).cause as StorageError | undefined) ?? new StorageError('too-large', 'chain: no fit')
    }
  }

  const forget = async (change: Change & { drop: number }): Promise<Outcome> => {
    const { name, drop } = change
    if (!drop) return (await readOne(name))?.stamp || undefined
    let met = 0
    const errors: StorageError[] = []
    await Promise.all(
      links.map(async (link) => {
        const outcome = await link.write(change)
        if (isStorageError(outcome)) {
          errors.push(outcome)
          if (drop < Infinity) link.miss(change)
        } else met = Math.max(met, outcome ?? 0)
      }),
    )
    // An older copy may come back with a tier that was not told.
    return met || (errors[0] && drop < Infinity && errors.length < links.length ? place(name, tombstone(drop, now() + LONGEST)) : errors[0])
  }

  return {
    name: 'chain',
    get traits() {
      return { lifetimes: LIFETIMES.filter((lifetime) => tiers.some(({ traits }) => traits.lifetimes.includes(lifetime))), reach: tiers[0]!.traits.reach }
    },
    open() {
      leave = join()
    },
    read: (names) => Promise.all(names.map(readOne)),
    write: (changes) => Promise.all(changes.map((change) => ('drop' in change ? forget(change) : place(change.name, change.entry)))),
    names: async (prefix) => [...new Set((await askEach('names', links, (link) => link.ask((tier) => tier.names(prefix))).catch(fail)).flatMap((names) => names ?? []))],
    async destroy(name) {
      await Promise.all(links.map((link) => link.ask((tier) => tier.destroy?.(name))))
    },
    kept: (name) => kept.get(name),
    async close() {
      await Promise.all(leave.map((one) => one()))
    },
  }
}
