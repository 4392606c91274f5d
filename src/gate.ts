import type { Chain } from './chain.js'
import type { Consent, Entry, Env } from './contracts.js'
import { FRACTIONS } from './entry.js'
import { isStorageError } from './errors.js'
import type { Copy } from './link.js'
import { copyOf, createLink } from './link.js'
import type { Way } from './options.js'
import { tombstone } from './register.js'
import { memoryTier } from './tiers/memory.js'
import type { Turns } from './turns.js'

/** What stands between a key and its tiers until its category is granted. */
export interface Gate {
  /** The key's own way, or that into this page's memory. */
  route(way: Way): Way
  /** Whether a value waits here that may go to its place now. */
  waits(way: Way): boolean
  /** A value was written to memory. */
  hold(way: Way): Promise<void>
  /** Takes what waits to its place, if it still may; in the key's turn. */
  settle(way: Way): Promise<void>
  /** Removes what waits, and what a key without consent may have left in its tiers; in the key's turn. Answers whether there was anything. */
  purge(way: Way): Promise<boolean>
  /** The names of what waits. */
  names(): string[]
  /** What the answers are by now; the first operation asks, and removes what was refused since the last visit. */
  start(): void
  clear(): void
  stop(): void
}

export interface GateGround {
  consent: Consent
  declared: readonly Way[]
  chain: Chain
  turns: Turns
  now: () => number
  env: Env
  emit(event: 'released' | 'purged', key: string): void
  /** What waited is gone. */
  wrote(name: string, stamp: number, text: null): void
  defer(work: Promise<unknown>, queued?: boolean): void
}

export const createGate = ({ consent, declared, chain, turns, now, env, emit, wrote, defer }: GateGround): Gate => {
  const link = createLink(memoryTier(), { now, env, deadline: 1, epoch: '' })
  const inside = new Map<Way, Way>()
  /** What waits or waited, by the stamp of its last write: an older copy beneath must not come back. */
  const held = new Map<Way, number>()
  const answers = new Map<string, boolean | undefined>()
  let started = false

  const allows = (category: string): boolean | undefined => {
    try {
      return category === 'necessary' || consent.allows(category)
    } catch {
      return
    }
  }
  const insideOf = (way: Way): Way => {
    const made = inside.get(way) ?? { ...way, links: [link], everywhere: [link], reach: undefined, held: way }
    inside.set(way, made)
    return made
  }
  const forget = async (way: Way): Promise<boolean> => {
    await link.write({ name: way.name, drop: Infinity })
    return held.delete(way)
  }

  const settle = async (way: Way): Promise<void> => {
    const stamp = held.get(way)
    // Taken there by now, or refused again.
    if (stamp === undefined || !allows(way.category!)) return
    const { text = null, newest } = await chain.find(insideOf(way))
    const entry: Entry = text === null ? tombstone(stamp, 0) : newest!.entry
    const { lifetime, expires } = entry
    try {
      // It comes right after the stamp that it has: what another page wrote since then is newer.
      const receipt = await chain.put(way, text, lifetime, expires && Math.max(1, expires - now()), { link, entry })
      await forget(way)
      if (receipt && text !== null) emit('released', way.key)
    } catch {
      // No tier took it. It stays here, and tries again.
    }
  }

  /** Removes what a key may have left in its tiers. Answers whether there was, or may be, anything. */
  const cleanse = async (way: Way): Promise<boolean> => {
    const { name, links, adopt } = way
    try {
      await adopt?.remove()
    } catch {
      // Out of reach: the next page tries again.
    }
    const lefts = await Promise.all(
      links.map(async (link) => {
        const copy = await copyOf(link, name)
        // A tier that cannot be reached may hold one: then it is outranked.
        if (isStorageError(copy)) return true
        const [entry] = copy
        // Damaged text of ours is a piece of a value.
        return entry?.corrupt ? isStorageError(await link.write({ name, drop: 1 / FRACTIONS })) : typeof entry?.text === 'string'
      }),
    )
    const left = lefts.includes(true)
    if (left) await chain.put({ ...way, traceless: true }, null, 'device')
    return left
  }

  const purge = async (way: Way): Promise<boolean> => {
    const had = await forget(way)
    const left = await cleanse(way)
    if (had && !left) wrote(way.name, 0, null)
    return had || left
  }

  const withdraw = (way: Way, remove: (way: Way) => Promise<boolean>): void =>
    defer(
      turns.one(way.key, async () => {
        if (!allows(way.category!) && (await remove(way))) emit('purged', way.key)
      }),
      true,
    )

  const release = (way: Way): void => defer(turns.one(way.key, () => settle(way)), true)

  const heard = (): void => {
    const before = new Map(answers)
    for (const way of declared) {
      const category = way.category!
      const answer = allows(category)
      answers.set(category, answer)
      if (answer && held.has(way)) release(way)
      if (answer === false && before.get(category) !== false) withdraw(way, purge)
    }
  }
  /** A tier is back that may hold what was refused while it was away, by a clock that was ahead. */
  let missed = false
  const back = (): void => {
    missed = true
  }
  const tiers = new Set(declared.flatMap(({ links }) => links.map(({ health }) => health.heard)))
  for (const listeners of tiers) listeners.add(back)
  const undo = consent.watch(() => {
    started = true
    heard()
  })

  return {
    route(way) {
      if (allows(way.category!) && !held.has(way)) return way
      return insideOf(way)
    },
    waits: (way) => !!allows(way.category!) && held.has(way),
    async hold(way) {
      const copy = await copyOf(link, way.name)
      held.set(way, (copy as Copy)[0]?.stamp ?? 0)
      // The answer may have come meanwhile.
      if (allows(way.category!)) release(way)
    },
    settle,
    purge,
    names: () => [...held.keys()].map(({ name }) => name),
    start() {
      if (!started) heard()
      else if (missed) for (const way of declared) if (allows(way.category!) === false) withdraw(way, cleanse)
      started = true
      missed = false
    },
    clear: () => held.forEach((_, way) => void forget(way)),
    stop() {
      for (const listeners of tiers) listeners.delete(back)
      undo()
    },
  }
}
