import { StorageError } from '../errors.js'
import { turnsOf } from '../turns.js'
import type { CryptoEnv, SealKey } from './seal-key.js'
import { random } from './seal-key.js'

/** A key, the name by which a sealed text asks for it, and when it was made, in ms since 1970. */
export interface RingKey {
  id: string
  key: CryptoKey
  at: number
}

/** Where keys are kept, for all tabs. */
export interface KeyPlace {
  /** Makes nothing. */
  load(): Promise<RingKey[]>
  /** Makes and keeps a key; `unlessAny`: need not where there is one already. */
  add(id: string, at: number, unlessAny?: boolean): Promise<unknown>
  /** Without keys: all of them, and the place. */
  drop(keys?: readonly RingKey[]): Promise<unknown>
}

/** What keys that are kept in the browser take. */
export interface KeyOptions {
  /** Storages that give one name have one key. Default: each namespace has its own. */
  name?: string
  /** The clock, in ms since 1970. Default `Date.now`. */
  now?: () => number
  env?: CryptoEnv
}

/** The keys of a name, or else of each namespace; the newest seals. */
export const createRing = (options: KeyOptions = {}, prefix: string, placeOf: (name: string, env: CryptoEnv) => KeyPlace, namespace = ''): SealKey => {
  const { name = namespace, now = Date.now, env = globalThis } = options
  const full = prefix + name
  const place = placeOf(full, env)
  const turns = turnsOf(place, '')
  let held: RingKey[] = []
  let heldAt = 0
  let rotatedAt = 0
  let hangs: boolean | undefined

  /** In turn, so that what many ask for at once is looked up once. A hang costs one deadline, once, until it answers. */
  const turn = <T>(act: () => Promise<T>): Promise<T> =>
    turns.one(
      '',
      () =>
        new Promise((resolve, reject) => {
          const late = (): void => {
            hangs = true
            reject(new StorageError('timeout', full + ': no answer'))
          }
          if (hangs) return late()
          const timer = (env.setTimeout ?? setTimeout)(late, 1500)
          act()
            .finally(() => {
              hangs = false
              ;(env.clearTimeout ?? clearTimeout)(timer as never)
            })
            .then(resolve, reject)
        }),
    )
  const look = async (): Promise<void> => {
    held = (await place.load()).sort((one, other) => other.at - one.at)
    heldAt = now()
  }
  const make = async (unlessAny?: boolean): Promise<void> => {
    const act = async (): Promise<void> => {
      await look()
      if (unlessAny && held[0]) return
      // Newer than what it replaces, whatever the clock does.
      await place.add(random(env, 3), Math.max(Math.floor(now()), held[0]?.at! + 1 || 0), unlessAny)
      await look()
    }
    // Without locks, tabs that begin together may make one each: none of them is lost.
    await (env.navigator?.locks?.request(full, act) ?? act())
  }
  const get = async <T>(pick: () => T | false | undefined, renew: (unlessAny: true) => Promise<void>): Promise<T> =>
    pick() ||
    turn(async () => {
      if (!pick()) await renew(true)
      return pick() as T
    })

  return {
    /** For a second a tab goes by what it saw. A clock that was set back does not make old news fresh. */
    current: () => get(() => Math.abs(now() - heldAt) <= 1000 && held[0]?.id, make),
    find: (id) => get(() => held.find((one) => one.id === id)?.key, look),
    rotate: () =>
      turn(async () => {
        await make()
        rotatedAt = held[0]!.at
      }),
    retire: () =>
      turn(async () => {
        await look()
        // Another tab may have sealed with a key just after it was replaced: that one goes the next time. Nobody does a minute later, however slow a last write was.
        await place.drop(held.filter((_, index) => index && held[index - 1]!.at < rotatedAt - 60_000))
      }),
    destroy: () =>
      turn(async () => {
        held = []
        await place.drop()
      }),
    within: (namespace) => createRing(options, prefix, placeOf, namespace),
  }
}
