import type { Env } from './contracts.js'

/** Gives a lock back. */
export interface Release {
  (): void
  /** It was given back because the page left: another tab may have been at work since. */
  lost?: boolean
}

/** Lets one tab at a time do something: Web Locks, or nothing where there are none. */
export interface Locks {
  /** Whether other tabs keep to it, too. */
  across(): boolean
  /**
   * Answers how to give it back; `undefined`: somebody else has it, and did not give it back within `wait` ms (without: now).
   */
  take(name: string, wait?: number): Promise<Release | undefined>
  /** Gives back all: a page with a lock is not kept in the back/forward cache (Firefox, Chromium). */
  yield(): void
}

const nothing: Release = () => {}

export const createLocks = (env: Env): Locks => {
  const taken = new Set<Release>()
  const manager = (): LockManager | undefined => {
    try {
      return env.navigator?.locks
    } catch {
      return
    }
  }
  return {
    across: () => !!manager(),
    take(name, wait) {
      const locks = manager()
      if (!locks) return Promise.resolve(nothing)
      return new Promise((resolve) => {
        const abort = wait === undefined ? undefined : new AbortController()
        const timer =
          abort &&
          (env.setTimeout ?? setTimeout)(() => {
            resolve(undefined)
            abort.abort()
          }, wait!)
        const granted = (lock: unknown): Promise<void> | void => {
          ;(env.clearTimeout ?? clearTimeout)(timer as never)
          if (!lock) return resolve(undefined)
          return new Promise((done) => {
            const release: Release = () => {
              taken.delete(release)
              done()
            }
            taken.add(release)
            resolve(release)
          })
        }
        // A frame of an opaque origin may not ask (SecurityError): no other tab is of that origin.
        const refused = (): void => {
          ;(env.clearTimeout ?? clearTimeout)(timer as never)
          resolve(nothing)
        }
        try {
          locks.request('holdfast.' + name, abort ? { signal: abort.signal } : { ifAvailable: true }, granted).catch(refused)
        } catch {
          refused()
        }
      })
    },
    yield: () =>
      taken.forEach((release) => {
        release.lost = true
        release()
      }),
  }
}
