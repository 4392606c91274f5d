import type { Chain } from './chain.js'
import type { Consent, Env } from './contracts.js'
import { LONGEST } from './lifetime.js'
import type { Copy } from './link.js'
import { createLink } from './link.js'
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
  /** Takes what waits to its place; in the key's turn. */
  settle(way: Way): Promise<void>
  /** Removes what waits, and what a key without consent may have left in its tiers; in the key's turn. Answers whether there was anything. */
  purge(way: Way): Promise<unknown>
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
  defer(work: Promise<unknown>): void
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
    const { text = null, newest } = await chain.find(insideOf(way))
    // With the stamp that it has: what another page wrote since then is newer.
    const given = text === null ? tombstone(held.get(way)!, now() + LONGEST) : newest!.entry
    const { lifetime, expires } = given
    try {
      const receipt = await chain.put({ ...way, given }, text, lifetime, expires && expires - now())
      await forget(way)
      if (receipt && text !== null) emit('released', way.key)
    } catch {
      // No tier took it. It stays here, and tries again.
    }
  }

  const purge = async (way: Way): Promise<unknown> => {
    const { links, adopt } = way
    const had = await forget(way)
    await adopt?.remove()
    const copies = await chain.find(way).then(({ copies }) => copies, () => undefined)
    // A tier that cannot be reached may hold one: then it is outranked.
    const left = !copies || copies.some(({ entry }) => entry.text !== null) || links.some(({ health }) => health.reason)
    if (left) await chain.put(way, null, 'device')
    else if (had) wrote(way.name, 0, null)
    return had || left
  }

  const withdraw = async (way: Way): Promise<void> => {
    if (allows(way.category!) === false && (await purge(way))) emit('purged', way.key)
  }

  const heard = (): void => {
    const before = new Map(answers)
    for (const way of declared) {
      const category = way.category!
      const answer = allows(category)
      answers.set(category, answer)
      if (answer && held.has(way)) defer(turns.one(way.key, () => settle(way)))
      if (answer === false && before.get(category) !== false) defer(turns.one(way.key, () => withdraw(way)))
    }
  }
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
      const copy = await link.read(way.name)
      held.set(way, (copy as Copy)[0]?.stamp ?? 0)
    },
    settle,
    purge,
    names: () => [...held.keys()].map(({ name }) => name),
    start() {
      if (started) return
      started = true
      heard()
    },
    clear: () => held.forEach((_, way) => void forget(way)),
    stop: undo,
  }
}
