import type { MaybePromise, Outcome } from './contracts.js'
import { FRACTIONS } from './entry.js'
import { isStorageError } from './errors.js'
import type { StorageError } from './errors.js'
import { keeps, LONGEST, reachesTo, spanOf } from './lifetime.js'
import type { Copy, Link } from './link.js'
import type { Found, Ground, Held, Route } from './route.js'
import { answersOf, isWeaker } from './route.js'

/** How a chain is read. */
export const createFind = (ground: Ground) => {
  const { now, stamps, emit, defer } = ground
  /** Drops what is outranked, and only then what has expired: never the newer before the older. */
  const repair = (name: string, stale: Held[], hides: (link: Link) => boolean, expired: Held[]): Promise<unknown> => {
    const until = now() + LONGEST
    const forget = (copies: readonly Held[], buryOf: (copy: Held) => number): Promise<Outcome[]> =>
      Promise.all(copies.map((copy) => copy.link.write({ name, drop: copy.entry.stamp, bury: buryOf(copy) })))
    const end = (clean: boolean): Promise<unknown> => forget(expired, ({ entry: { retain } }) => (retain! > now() ? retain! : clean ? 0 : until))
    return stale[0] ? forget(stale, ({ link }) => (hides(link) ? until : 0)).then((outcomes) => end(outcomes.every((outcome) => outcome === undefined))) : end(true)
  }

  /** The newest of the copies wins, never tier order. */
  const judge = (route: Route, answers: readonly (Copy | undefined)[], mend?: boolean): MaybePromise<Found> => {
    const { key, name, links, reach, secret } = route
    const copies: Held[] = []
    let newest: Held | undefined
    let epoch = ground.cleared
    for (let index = 0; index < links.length; index++) {
      const link = links[index]!
      const copy = answers[index]
      // Not by a pattern: that is an iterator, for each tier of each read.
      const entry = copy && copy[0]
      const mark = copy && copy[1]
      if (mark && mark.stamp > epoch) epoch = mark.stamp
      if (entry?.corrupt) {
        emit('corrupt', key, link.tier.name)
        // Below every stamp: it takes damaged text of ours away, and nothing else.
        if (mend) defer(link.write({ name, drop: 1 / FRACTIONS }))
      } else if (entry) {
        const held = { link, entry }
        copies.push(held)
        // Between a value and a tombstone of one stamp, the value wins.
        if (!newest || entry.stamp > newest.entry.stamp || (entry.stamp === newest.entry.stamp && entry.text !== null && newest.entry.text === null)) newest = held
      }
    }
    stamps.saw(Math.max(epoch, newest?.entry.stamp ?? 0))
    if (!newest) return { key, copies }
    const { link, entry } = newest
    const { text, stamp } = entry
    const dead = stamp <= epoch
    const late = !dead && entry.expires! <= now()
    const alive = !dead && text !== null
    /** Once the reach of the first is proven, the copies that made up for it are not needed. */
    const proven = reach && alive && reachesTo(link.tier.traits.reach, reach)
    const stale = copies.filter((copy) => dead || copy.entry.stamp < stamp || (proven && copy !== newest && copy.entry.text !== null))
    // The tombstones beside an expired value stand until their own time has come.
    const expired = late ? copies.filter((copy) => copy.entry.stamp === stamp && copy.entry.expires! <= now()) : []
    if (late && alive) emit('expired', key, link.tier.name)
    if (late || stale[0])
      defer(repair(name, stale, ({ tier }) => !dead && isWeaker(link.tier.traits, keeps(link.tier.traits, entry.lifetime) ?? 'page', tier.traits), expired))
    const found: Found = { key, copies, newest: dead ? undefined : newest, expired: late && alive, text: undefined }
    if (!alive || late) return found
    found.text = text
    // A secret that stands unsealed where it outlives the page is not taken for one: anybody may have put it there.
    return secret && spanOf(link.tier.traits)
      ? secret.open(text, stamp).then(
          (text) => ({ ...found, text }),
          (cause: unknown) => {
            if (isStorageError(cause) && cause.code === 'locked') throw cause
            emit('corrupt', key, link.tier.name)
            return { ...found, text: undefined }
          },
        )
      : found
  }

  /** Asks each tier at once. `mend` removes damaged text. */
  const find = (route: Route, mend?: boolean): Promise<Found> =>
    new Promise((resolve, reject) => {
      const { name, links } = route
      const answers: (Copy | StorageError)[] = []
      let left = links.length
      links.forEach((link, index) =>
        link.read(name, (copy) => {
          answers[index] = copy
          if (--left) return
          try {
            resolve(judge(route, answersOf('get ' + name, links, answers), mend))
          } catch (cause) {
            reject(cause)
          }
        }),
      )
    })

  return { judge, find }
}
