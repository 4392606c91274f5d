import type { Chain } from './chain.js'
import type { Bus, MaybePromise } from './contracts.js'
import { StorageError } from './errors.js'
import type { Keyed } from './keyed.js'
import { parseTtl } from './lifetime.js'
import type { Locks, Release } from './lock.js'
import type { Way } from './options.js'
import type { MakeOptions } from './surface.js'
import type { Values } from './values.js'

export interface ExclusiveGround {
  keyed: Keyed
  chain: Chain
  values: Values
  locks: Locks
  bus: Bus
  /** Begins the name of each key; alone it stands for all of them. */
  start: string
  /** The ms that a tab may stay at one key before another gives up. */
  patience: number
  now: () => number
  defer(work: Promise<unknown>, queued?: boolean): void
}

/** A value that is being made, for everybody on this page. */
interface Job {
  made: Promise<unknown>
  /** Its key was written or removed since: what is made is not kept. */
  overtaken?: boolean
}

/** The verbs in which of all tabs one is at work. */
export const createExclusive = ({ keyed, chain, values, locks, bus, start, patience, now, defer }: ExclusiveGround) => {
  const { verb, find, place, peek, termOf } = keyed
  const jobs = new Map<string, Job>()

  /** A key was written or removed, here or elsewhere: by name, or all of them. */
  const changed = (name: string): void => {
    for (const [one, job] of jobs) if (name === one || name === start) job.overtaken = true
  }

  /** One tab after the other, in the key's turn. What `act` made after its lock was lost is not written: it begins anew. */
  const alone = async <T>(way: Way, act: (lost: () => boolean | undefined) => Promise<readonly [T] | undefined>): Promise<T> => {
    for (;;) {
      const release = await locks.take(way.name, patience)
      if (!release) throw new StorageError('timeout', way.key + ': another tab is at it; try again')
      try {
        const done = await act(() => release.lost)
        if (done) return done[0]
      } finally {
        release()
      }
    }
  }

  const take = (key: string): Promise<unknown> =>
    verb(key, (way) =>
      alone(way, async (lost) => {
        const [{ newest }, read] = await find(way)
        if (lost()) return
        // A newer value of another page is not what was read: it stays.
        if (read) await chain.put(way, null, 'device', undefined, newest)
        return [read?.value]
      }),
    )

  const update = (key: string, change: (value: unknown) => unknown): Promise<unknown> =>
    verb(key, (way) =>
      alone(way, async (lost) => {
        for (;;) {
          const [{ newest, text: before }, read] = await find(way)
          const value = await change(read?.value)
          const text = value === undefined ? null : await values.admit(way, values.encode(key, value))
          if (lost()) return
          if (value === undefined && before === undefined) return [value]
          const copy = newest?.entry.text === null ? undefined : newest
          if (value === undefined) await chain.put(way, null, 'device', undefined, copy)
          // A later write of another page was not what `change` was given.
          else if (!(await place(way, text!, way.term(value), copy))) continue
          return [value]
        }
      }),
    true, true)

  /** Makes it as the only tab, unless another one has by then. */
  const make = async (key: string, way: Way, maker: () => MaybePromise<unknown>, { ttl, refreshBefore, patience: wait = 30_000 }: MakeOptions, ahead: boolean): Promise<unknown> => {
    let release: Release | undefined
    // A tab that hangs at it keeps its lock: each wait that is over has a lock of its own, so that again one takes over.
    for (let round = 0; !release; round++) {
      release = await locks.take(`make ${round} ${way.name}`, ahead ? undefined : wait)
      if (!release && ahead) return
    }
    try {
      const before = await due(key, refreshBefore)
      if (before.value !== undefined && !(ahead && before.due)) return before.value
      const job = jobs.get(way.name)!
      const value = await maker()
      const text = values.encode(key, value)
      // Notices of others were missed while the page was away.
      job.overtaken ||= !!release.lost
      await verb(key, async (route) => (job.overtaken ? undefined : place(route, await values.admit(route, text), termOf(key, ttl) ?? way.term(value))), true, true)
      return job.overtaken ? ((await peek(key)) ?? value) : value
    } finally {
      release()
    }
  }

  /** The value, and whether it is to be made anew ahead of its expiry. */
  const due = (key: string, refreshBefore: MakeOptions['refreshBefore']): Promise<{ value?: unknown; due?: boolean }> =>
    verb(key, async (way) => {
      const [{ newest }, read] = await find(way)
      const span = refreshBefore === undefined ? 0 : parseTtl(refreshBefore, 'refreshBefore').ms!
      return { value: read?.value, due: newest?.entry.expires! - now() < span }
    }, false)

  const begin = (key: string, way: Way, maker: () => MaybePromise<unknown>, options: MakeOptions, ahead: boolean): Promise<unknown> => {
    const running = jobs.get(way.name)
    if (running) return running.made
    const job = {} as Job
    jobs.set(way.name, job)
    const undo = bus.watch(({ name }) => changed(name))
    job.made = make(key, way, maker, options, ahead).finally(() => {
      undo()
      jobs.delete(way.name)
    })
    return job.made
  }

  return {
    take,
    update,
    async getOrSet(key: string, maker: () => MaybePromise<unknown>, options: MakeOptions = {}): Promise<unknown> {
      const { refreshBefore } = options
      if (refreshBefore !== undefined && !parseTtl(refreshBefore, 'refreshBefore').ms) throw new RangeError('refreshBefore: not a span of time')
      termOf(key, options.ttl)
      const found = await due(key, refreshBefore)
      const way = keyed.wayOf(key)!
      if (found.value === undefined) return begin(key, way, maker, options, false)
      // What goes wrong ahead of time is tried again by the next caller.
      if (found.due) defer(begin(key, way, maker, options, true), true)
      return found.value
    },
    changed,
  }
}
