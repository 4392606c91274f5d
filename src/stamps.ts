import { FRACTIONS } from './entry.js'

/** The clock of one page for one namespace: it orders writes, and never goes back whatever `now` does. */
export interface Stamps {
  /** Above every stamp that was given for this name or seen in this namespace. */
  next(name: string): number
  saw(stamp: number): void
}

/**
 * Stamps are ms with a fraction of the page's own, so that no two pages make the same one. Names of one moment
 * share a stamp: a stamp orders writes of one name, and the clock of a busy page does not run ahead.
 */
export const createStamps = (now: () => number): Stamps => {
  // Not a secret: it only tells pages apart that write in the same millisecond.
  const fraction = Math.floor(Math.random() * FRACTIONS) / FRACTIONS
  const given = new Set<string>()
  let last = 0
  const advance = (stamp: number): void => {
    last = stamp
    given.clear()
  }
  return {
    next(name) {
      const current = Math.floor(now()) + fraction
      if (current > last) advance(current)
      else if (given.has(name)) advance(last + 1)
      given.add(name)
      return last
    },
    saw(stamp) {
      if (stamp > last) advance(Math.floor(stamp) + 1 + fraction)
    },
  }
}
