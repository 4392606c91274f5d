import type { Change, Entry } from './contracts.js'

/** The register law of every tier: the later stamp that stands against a change, or `undefined`: go ahead. */
export const standing = (held: Entry | undefined, change: Change): number | undefined => {
  if (!held || held.corrupt) return
  return held.stamp > ('drop' in change ? change.drop : change.entry.stamp) ? held.stamp : undefined
}
