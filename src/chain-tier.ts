import type { Ground, Route } from './chain.js'
import { askEach, createChain } from './chain.js'
import type { Change, Entry, Env, Lifetime, Outcome, Tier } from './contracts.js'
import { FRACTIONS } from './entry.js'
import { isStorageError, StorageError } from './errors.js'
import { LONGEST } from './lifetime.js'
import { createLink } from './link.js'
import { tombstone } from './register.js'

/** What a chain of tiers needs beside them. */
export interface ChainTierOptions {
  now?: (() => number) | undefined
  env?: Env | undefined
  /** The ms that one operation of a tier may take. Default 1,500. */
  deadline?: number | undefined
}

const LIFETIMES: readonly Lifetime[] = ['page', 'tab', 'session', 'device']

/**
 * Several tiers as one, in fallback order: the chain of a storage, with the stamps of its caller. It answers the later
 * one that stands, and never makes one up. `kept` tells the lifetime that a value really got.
 */
export const chainTier = (tiers: readonly Tier[], { now = Date.now, env = globalThis, deadline = 1500 }: ChainTierOptions = {}): Tier => {
  const links = tiers.map((tier) => createLink(tier, { now, env, deadline, epoch: '' }))
  const leave = links.map((link) => link.join(() => {}))
  const lifetimes = new Map<string, Lifetime | undefined>()

  /** The chain for one operation, whose clock stands still, so that an expiry stays what it is. */
  const chainAt = (at: number, more: Partial<Ground> = {}) =>
    createChain({ now: () => at, stamps: { next: () => 0, saw() {} }, emit() {}, defer() {}, cleared: 0, ...more })
  const routeOf = (name: string): Route => ({ key: name, name, links, life: LONGEST, secret: false })

  /** Why the first of them failed says more than that all did. */
  const fail = (error: unknown): never => {
    const { cause } = error as Error
    throw isStorageError(cause) ? cause : error
  }

  const readOne = async (name: string): Promise<Entry | undefined> => {
    let damaged: Entry | undefined
    const emit = (event: string): void => {
      if (event === 'corrupt') damaged = { text: null, stamp: 0, lifetime: 'page', corrupt: true }
    }
    return (await chainAt(now(), { emit }).find(routeOf(name)).catch(fail)).newest?.entry ?? damaged
  }

  const place = async (name: string, given: Entry): Promise<Outcome> => {
    const { text, stamp, lifetime, expires } = given
    let met = 0
    const at = now()
    const chain = chainAt(at, { stamps: { next: () => stamp, saw: (seen) => (met = Math.max(met, seen)) } })
    const ms = expires && expires - at
    try {
      // As if it followed from a copy right below it: where a later one stands, it is not stamped anew.
      const receipt = await chain.put({ ...routeOf(name), given }, text, lifetime, ms, { entry: { stamp: stamp - 1 / FRACTIONS } } as never)
      lifetimes.set(name, receipt?.lifetime)
      return met || undefined
    } catch (error) {
      const { cause } = error as Error
      return isStorageError(cause) ? cause : new StorageError('too-large', 'chain: each tier would keep it for too long')
    }
  }

  const forget = async (change: Change & { drop: number }): Promise<Outcome> => {
    const { name, drop } = change
    if (!drop) return (await readOne(name))?.stamp || undefined
    const outcomes = await Promise.all(links.map((link) => link.write(change)))
    const errors = outcomes.filter(isStorageError)
    const met = Math.max(0, ...outcomes.map((outcome) => (typeof outcome === 'number' ? outcome : 0)))
    if (met || !errors[0] || drop === Infinity || errors.length === links.length) return met || errors[0]
    outcomes.forEach((outcome, index) => isStorageError(outcome) && links[index]!.miss(change))
    // An older copy may come back with a tier that was not told.
    return place(name, tombstone(drop, now() + LONGEST))
  }

  return {
    name: 'chain',
    get traits() {
      return { lifetimes: LIFETIMES.filter((lifetime) => tiers.some(({ traits }) => traits.lifetimes.includes(lifetime))), reach: tiers[0]!.traits.reach }
    },
    open() {},
    read: (names) => Promise.all(names.map(readOne)),
    write: (changes) => Promise.all(changes.map((change) => ('drop' in change ? forget(change) : place(change.name, change.entry)))),
    names: async (prefix) => [...new Set((await askEach('names', links, (link) => link.ask((tier) => tier.names(prefix))).catch(fail)).flatMap((names) => names ?? []))],
    async destroy(name) {
      await Promise.all(links.map((link) => link.ask((tier) => tier.destroy?.(name))))
    },
    kept(name) {
      const lifetime = lifetimes.get(name)
      return lifetime && { lifetime }
    },
    async close() {
      await Promise.all(leave.map((one) => one()))
    },
  }
}
