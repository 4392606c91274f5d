import type { Change, Tier } from './contracts.js'
import type { StorageError } from './errors.js'

/** What the page knows of one tier; shared by all storages of the page that use it. */
export interface Health {
  /** It has answered once. */
  tried: boolean
  /** Why it is down; `undefined`: it is not. */
  reason?: StorageError | undefined
  /** How often it failed since it last answered. */
  failures: number
  /** From then on it may be tried again, in ms since 1970. */
  retryAt: number
  opened: boolean
  /** The last storage that used it has ended. */
  left?: boolean
  /** Changes that it did not hear while it was away, by name: made up when it is back, and a mask on its reads until then. */
  missed: Map<string, Change>
  /** Ends the waiting of every operation in flight. */
  waiting: Set<(reason: StorageError) => void>
  /** Told when it is back. */
  heard: Set<() => void>
}

const known = /* @__PURE__ */ new WeakMap<Tier, Health>()

export const healthOf = (tier: Tier): Health => {
  let health = known.get(tier)
  if (!health) {
    health = { tried: false, failures: 0, retryAt: 0, opened: false, missed: new Map(), waiting: new Set(), heard: new Set() }
    known.set(tier, health)
  }
  return health
}
