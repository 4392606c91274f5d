import type { Consent } from '../contracts.js'
import type { ConsentEnv } from './env.js'

/** Runs what is not ours: what it throws harms nobody. */
export const calm = <T>(act: () => T): T | undefined => {
  try {
    return act()
  } catch {
    return
  }
}

/** Listens to the window; answers the undo. */
export const listen = (env: ConsentEnv, type: string, heard: (event: MessageEvent<unknown>) => void): (() => void) => {
  env.addEventListener?.(type, heard as () => void)
  return () => env.removeEventListener?.(type, heard as () => void)
}

/** By category, which may be called anything: without a prototype, so that nothing is there but what was put there. */
export const byCategory = <T>(entries: Iterable<readonly [string, T]>): Record<string, T> => Object.assign(Object.create(null), Object.fromEntries(entries))

/** A consent, and the way to tell who watches it. */
export interface Provider extends Consent {
  /** Tells the listeners, where the answers are other than when they were told last. */
  tell(): void
}

/**
 * What all consents share. `answer` is asked for what is not necessary; where it throws nothing is known. `read` is all
 * answers as they are now. From the first listener to the last there is a connection: `start` answers its end.
 */
export const createProvider = (answer: Consent['allows'], read?: () => unknown, start?: () => () => void): Provider => {
  const all = new Set<{ heard(): void }>()
  let told: string
  let stop: (() => void) | undefined
  return {
    allows: (category) => category === 'necessary' || calm(() => answer(category)),
    tell() {
      const now = JSON.stringify(read!())
      if (now === told) return
      told = now
      for (const one of all) calm(one.heard)
    },
    watch(heard) {
      if (!all.size) {
        stop = start && calm(start)
        told = JSON.stringify(read?.())
      }
      const one = { heard }
      all.add(one)
      return () => {
        if (all.delete(one) && !all.size) stop?.()
      }
    },
  }
}
