import { StorageError } from '../errors.js'
import { toText } from './base64.js'
import type { CryptoEnv, NamedKey, SealKey } from './seal-key.js'
import { random } from './seal-key.js'

/** A key, and when it was made, in ms since 1970. */
export interface RingKey extends NamedKey {
  at: number
}

/** Where keys are kept, for all tabs. */
export interface KeyPlace {
  /** Makes nothing. */
  load(): Promise<RingKey[]>
  /** Makes and keeps a key; `unlessAny`: not where there is one already, whichever tab made it. */
  add(id: string, at: number, unlessAny?: boolean): Promise<unknown>
  drop(keys: readonly RingKey[]): Promise<unknown>
  destroy(): Promise<unknown>
}

/** What keys that are kept in the browser take. */
export interface KeyOptions {
  /** Storages that give one name have one key. Default: each namespace has its own. */
  name?: string
  /** The clock, in ms since 1970. Default `Date.now`. */
  now?: () => number
  env?: CryptoEnv
}

/** Ms for which a tab goes by what it saw of the keys. */
const FRESH = 1000
/** Ms after which nobody seals with a key that was replaced, however slow a last write was. */
const GRACE = 60_000
/** Ms that a key may take. */
const DEADLINE = 1500

/** The keys of one place; the newest seals. */
const createRing = (place: KeyPlace, name: string, now: () => number, env: CryptoEnv): SealKey => {
  let held: RingKey[] = []
  let heldAt = 0
  let rotatedAt = 0
  let hangs = false
  let last: Promise<unknown> = Promise.resolve()

  /** In turn, so that what many ask for at once is looked up once. A hang costs one deadline, once, until it answers. */
  const turn = <T>(act: () => Promise<T>): Promise<T> => {
    const next = (): Promise<T> =>
      new Promise((resolve, reject) => {
        const late = (): void => {
          hangs = true
          reject(new StorageError('timeout', name + ': no key in time'))
        }
        if (hangs) return late()
        const timer = (env.setTimeout ?? setTimeout)(late, DEADLINE)
        act()
          .finally(() => {
            hangs = false
            ;(env.clearTimeout ?? clearTimeout)(timer as never)
          })
          .then(resolve, reject)
      })
    const answer = last.then(next, next)
    last = answer
    return answer
  }
  const look = async (): Promise<void> => {
    held = (await place.load()).sort((one, other) => other.at - one.at)
    heldAt = now()
  }
  const make = async (unlessAny?: boolean): Promise<void> => {
    await look()
    if (unlessAny && held[0]) return
    // Newer than what it replaces, whatever the clock does.
    await place.add(toText(random(env, 3)), Math.max(Math.floor(now()), (held[0]?.at ?? 0) + 1), unlessAny)
    await look()
  }
  /** A clock that was set back does not make old news fresh. */
  const seen = (): RingKey | false | undefined => Math.abs(now() - heldAt) <= FRESH && held[0]
  const find = (id: string): CryptoKey | undefined => held.find((one) => one.id === id)?.key

  return {
    current: async () =>
      seen() ||
      turn(async () => {
        if (!seen()) await make(true)
        return held[0]!
      }),
    find: async (id) =>
      find(id) ??
      turn(async () => {
        if (!find(id)) await look()
        return find(id)
      }),
    rotate: () =>
      turn(async () => {
        await make()
        rotatedAt = held[0]!.at
      }),
    retire: () =>
      turn(async () => {
        await look()
        // Another tab may have sealed with a key just after it was replaced: that one goes the next time.
        await place.drop(held.filter((_, index) => index && held[index - 1]!.at < rotatedAt - GRACE))
      }),
    destroy: () =>
      turn(async () => {
        held = []
        await place.destroy()
      }),
  }
}

/** The keys of a name, or else of each namespace. */
export const createRings = ({ name = '', now = Date.now, env = globalThis }: KeyOptions, prefix: string, placeOf: (name: string) => KeyPlace): SealKey => {
  const of = (name: string): SealKey => createRing(placeOf(prefix + name), prefix + name, now, env)
  return name ? of(name) : { ...of(name), within: of }
}
