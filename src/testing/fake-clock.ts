import type { Env } from '../contracts.js'

/** A clock and its timers, for `now` and `env`. */
export interface FakeClock {
  /** For `createStorage({ now })`: ms since 1970. */
  now: () => number
  /** For `createStorage({ env })`: timers that fire by `advance` alone. */
  env: Required<Pick<Env, 'setTimeout' | 'clearTimeout'>>
  /** Lets time pass: timers fire in order, and promises settle in between. */
  advance(ms: number): Promise<void>
  /** Sets the clock forward or back, as a user does; timers do not notice. */
  jump(ms: number): void
  /** The ms until the next timer fires; `undefined`: none is set. */
  next(): number | undefined
}

/** Lets what is due now run: promises, and what fakes put on the event loop. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

/**
 * A clock that moves only when it is told to, so that tests need no sleep.
 *
 * @example
 * import { createStorage, memoryTier } from 'holdfast'
 * import { fakeClock } from 'holdfast/testing'
 * const clock = fakeClock()
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [memoryTier()], now: clock.now, env: clock.env, ttl: '1h' })
 * await storage.set('token', 'abc')
 * await clock.advance(3_600_000)
 * await storage.get('token') // => undefined
 */
export const fakeClock = (start = 1_800_000_000_000): FakeClock => {
  let elapsed = 0
  let offset = start
  let count = 0
  const timers = new Map<number, { due: number; run: () => void }>()
  const first = (): [number, { due: number; run: () => void }] | undefined => [...timers].sort(([, one], [, other]) => one.due - other.due)[0]
  return {
    now: () => offset + elapsed,
    env: {
      setTimeout(run, ms) {
        timers.set(++count, { due: elapsed + ms, run })
        return count
      },
      clearTimeout(timer: number) {
        timers.delete(timer)
      },
    },
    async advance(ms) {
      const until = elapsed + ms
      await settle()
      for (let next = first(); next && next[1].due <= until; next = first()) {
        const [timer, { due, run }] = next
        timers.delete(timer)
        elapsed = Math.max(elapsed, due)
        run()
        await settle()
      }
      elapsed = until
      await settle()
    },
    jump(ms) {
      offset += ms
    },
    next() {
      const next = first()
      return next && Math.max(0, next[1].due - elapsed)
    },
  }
}
