import type { Change, Entry } from './contracts.js'

export const tombstone = (stamp: number, expires: number): Entry => ({ text: null, stamp, lifetime: 'device', expires: Math.floor(expires) })

/**
 * The law of every tier: the later stamp wins. Answers the stamp that stands against the change, the entry to
 * keep, `null` to remove what is there, or `undefined` where nothing is to be done.
 */
export const settle = (held: Entry | undefined, change: Change): number | Entry | null | undefined => {
  const stamp = 'drop' in change ? change.drop : change.entry.stamp
  if (held && held.stamp > stamp) return held.stamp
  if ('entry' in change) return change.entry
  if (!held || !stamp) return
  if (!change.bury) return null
  return held.text === null ? undefined : tombstone(stamp, change.bury)
}
