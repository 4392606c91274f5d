// What may stand after a crash, and what was lost of what had been acknowledged.
import { keysOf, places, stepsOf } from './crash-plan.mjs'

/** Whether an acknowledgement promises that the write outlives a crash of the browser. */
const durable = (place, { kind, tier }) => place.startsWith('indexedDB strict') && (kind !== 'set' || tier === 'indexedDB')

/** One round of one place: what the page may have begun, and what it said was done. */
export function recordOf(seed, round, place) {
  const plan = stepsOf(seed, round, place)
  const operations = new Map()
  /** The page begins no step before the driver has answered the one before it. */
  const begin = () => {
    for (const operation of plan.next().value) operations.set(operation.number, { ...operation, place })
  }
  return {
    operations,
    begin,
    hear(message, now) {
      if (message.done) return begin()
      const operation = operations.get(message.number)
      if (!operation) throw new Error(`${place}: ${message.number} was not planned`)
      Object.assign(operation, message.refused ? { refused: message.refused } : { at: now, tier: message.tier })
    },
  }
}

/** The verdict on one key: `found` is the number of its value, or `null`; `before` is what it was when the round began. */
function judgeKey(place, key, operations, before, found, killed) {
  const own = [{ kind: before === null ? 'remove' : 'set', number: before ?? 0, at: -Infinity }, ...operations.filter((one) => one.kind === 'clear' || one.key === key)]
  const acknowledged = own.filter((one) => one.at !== undefined)
  const told = (fault) => ({ fault, place, key, found, before, acknowledged: acknowledged.slice(-4).map(({ kind, number, tier, at }) => ({ kind, number, tier, age: Math.round(killed - at) })), begun: own.filter((one) => one.at === undefined).map(({ kind, number, moved }) => ({ kind, number, moved })) })
  if (typeof found === 'string') return told(found === 'torn' ? 'torn' : 'not readable')
  const makes = (one) => (found === null ? one.kind !== 'set' : one.kind === 'set' && one.number === found)
  const standing = own.findLastIndex(makes)
  if (found !== null && standing < 0) return told('a value from before the round is back')
  const later = own.slice(standing + 1).filter((one) => one.at !== undefined)
  const newest = own.findLast((one) => one.at !== undefined)
  const kept = later.filter((one) => one.at > -Infinity && durable(place, one))
  if (found !== null && kept.length) return told(kept.at(-1).kind === 'set' ? 'an older value beats a newer one' : 'what was removed is back')
  // A value that moves down leaves the durable place before its new one is on disk: it is as safe as where it goes.
  const leaves = own.some((one) => one.at === undefined && one.moved)
  if (found === null && kept.includes(newest) && !leaves) return told('a durable value is lost')
  if (standing < 0 && !places[place].moves) return told('gone, and never removed')
  return { lost: later.filter((one) => one.at > -Infinity).map((one) => killed - one.at) }
}

/** Every key of one place. */
export function judge(place, { operations }, before, found, killed) {
  const all = [...operations.values()]
  const verdicts = keysOf(place).map((key) => judgeKey(place, key, all, before?.[key] ?? null, found[key], killed))
  return {
    acknowledged: all.filter((one) => one.at !== undefined).length,
    refused: all.flatMap(({ refused }) => refused ?? []),
    /** The ages, in ms, of what was acknowledged and is not there. A `clear` counts for each key. */
    lost: verdicts.flatMap(({ lost = [] }) => lost),
    faults: verdicts.filter(({ fault }) => fault),
  }
}
