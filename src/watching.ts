import type { Found } from './route.js'
import type { Bus, Env, MaybePromise } from './contracts.js'
import type { Notice } from './bus.js'
import type { Link } from './link.js'
import type { Way } from './options.js'
import type { News } from './surface.js'

export type Heard = (value: unknown, news: News) => void

export interface WatchingGround {
  bus: Bus
  links: readonly Link[]
  /** Begins the name of each key; alone it stands for all of them. */
  start: string
  find(way: Way): Promise<Found>
  decode(way: Way, found: Found): MaybePromise<{ value: unknown } | undefined>
  now: () => number
  env: Env
  defer(work: Promise<unknown>): void
}

/** A key that somebody watches, and what was last told of it. */
interface Watched {
  way: Way
  listeners: Set<Heard>
  /** `undefined`: not known yet. */
  last?: { text: string | undefined; expires: number }
  /** One change after the other; the first look at once, before what is written from now on. */
  turn?: Promise<void>
}

/** The ms after which a tier is read again that does not show yet what a notice told of: each process has its own copy of localStorage and of the cookies, and hears late. */
const LATER = [10, 50, 250, 1000]

/** Tells of changes: here at once, elsewhere by reading again what a notice names. A value that is the same is no change. */
export const createWatching = ({ bus, links, start, find, decode, now, env, defer }: WatchingGround) => {
  const watched = new Map<string, Watched>()
  let undo: (() => void)[] = []

  const tell = async (one: Watched, found: Found, stamp: number, from: News['from'], sure: boolean | 'quiet'): Promise<void> => {
    const { way, last } = one
    const { text, newest } = found
    const before = last && last.expires > now() ? last.text : undefined
    one.last = { text, expires: newest?.entry.expires ?? Infinity }
    if (sure === 'quiet' || (sure && before === text)) return
    const value = (await decode(way, found))?.value
    for (const listener of one.listeners)
      try {
        listener(value, { key: way.key, stamp: newest?.entry.stamp ?? stamp, from })
      } catch {
        // A listener is the host's code: what it throws is not ours to pass on.
      }
  }
  const enqueue = (one: Watched, act: () => Promise<void>): void => {
    // A tier that cannot be read now tells nothing.
    const turn = (one.turn ? one.turn.then(act) : act()).catch(() => {})
    one.turn = turn
    defer(turn)
  }
  /** What changes before the first look was over is told whatever that saw. */
  const again = (one: Watched, stamp: number, sure: boolean | 'quiet' = !!one.last, [pause, ...pauses] = LATER): void =>
    enqueue(one, async () => {
      const found = await find(one.way)
      await tell(one, found, stamp, 'elsewhere', sure)
      const late = stamp && !(found.newest && found.newest.entry.stamp >= stamp)
      if (late && pause) (env.setTimeout ?? setTimeout)(() => one.listeners.size && again(one, stamp, true, pauses), pause)
    })
  const each = (name: string, act: (one: Watched) => void): void => {
    for (const one of watched.values()) if (name === start || name === one.way.name) act(one)
  }
  const heard = ({ name, stamp }: Notice): void => each(name, (one) => again(one, stamp))

  const begin = (): void => {
    if (undo[0]) return
    undo = [bus.watch(heard)]
    for (const { tier } of links) if (tier.watch) undo.push(tier.watch((name) => heard({ name, stamp: 0 })))
  }
  const end = (): void => {
    undo.forEach((stop) => stop())
    undo = []
  }

  return {
    watch(way: Way, listener: Heard): () => void {
      const { key } = way
      const one = watched.get(key) ?? { way, listeners: new Set<Heard>() }
      // The same function may watch twice.
      const own: Heard = (value, news) => listener(value, news)
      if (!watched.has(key)) again(one, 0, 'quiet')
      watched.set(key, one)
      one.listeners.add(own)
      begin()
      return () => {
        one.listeners.delete(own)
        if (one.listeners.size) return
        watched.delete(key)
        if (!watched.size) end()
      }
    },
    /** A change of this page; `undefined`: removed. */
    changed(name: string, stamp: number, text: string | null, expires?: number): void {
      each(name, (one) => {
        const entry = { text, stamp, lifetime: 'device', ...(expires && { expires }) } as const
        const sure = !!one.last
        enqueue(one, () => tell(one, { key: one.way.key, copies: [], text: text ?? undefined, newest: { link: one.way.links[0]!, entry } }, stamp, 'here', sure))
      })
    },
    /** Notices may have been missed. */
    again: (): void => {
      end()
      if (watched.size) begin()
      for (const one of watched.values()) again(one, 0, true)
    },
    stop: end,
  }
}
