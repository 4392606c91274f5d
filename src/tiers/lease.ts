import type { Entry, Env, MaybePromise, Outcome } from '../contracts.js'
import { createPeers } from './peers.js'

/** The ms since a read for which a page may take it that it has heard all that the others told before that read. */
const TERM = 25

/** What is changed past this package is seen after so many ms at the latest. */
const AGE = 5000

/** So many names are kept, and then none. */
const MOST = 2000

/** An entry, and when it was read. */
type Kept = readonly [entry: Entry | undefined, read: number]

type Answers = readonly (Entry | undefined)[]

/** `undefined` where no database is. */
type Look = (names: readonly string[]) => Promise<Answers | undefined>

const within = (ms: number, since: number, at: number): boolean => Math.abs(at - since) < ms

/** A change, of either kind. */
export interface Given {
  name: string
  entry?: Entry
  drop?: number
}

/**
 * What a page has read of one database, answered from memory until a page changes something. The pages of the origin
 * know one another by a channel. A change is told to the others once it stands, and is over when they have
 * forgotten what they had, or could not answer it any more: so nobody reads what was there before.
 */
export const createLease = (env: Env, database: string) => {
  const kept = new Map<string, Kept>()
  /** A read that began in an earlier one is not kept. */
  let era = 0
  /** What the others told before that was heard: messages come before the answer of a read that began after them. */
  let heard = -AGE

  const forget = (): void => {
    era++
    kept.clear()
  }
  const knows = (name: string, at: number): boolean | undefined => {
    const one = kept.get(name)
    return one && within(AGE, one[1], at)
  }
  const keep = (name: string, entry: Entry | undefined, at: number): void => {
    if (kept.size > MOST) forget()
    kept.set(name, [entry, at])
  }
  const clock = (): number => (env.performance ?? Date).now()
  const { join, knew, told, close } = createPeers(env, database, clock, forget)

  /** When a look at the database, or a change of it, begins. Answers whether it may be kept: the others know of this page, and nobody has changed anything since. */
  const begin = (): [at: number, holds: () => boolean] => {
    join()
    const [at, began] = [clock(), era]
    return [at, () => knew(at) && era === began]
  }

  /** What it answers is kept, if nothing has changed by then. What is `known` is not asked for: one answer shows that nothing was told that is not heard. */
  const look = async (names: readonly string[], known: boolean, act: Look): Promise<Answers> => {
    // The database is opened while the channel is: it is read a turn later.
    const answer = act(known ? names.slice(-1) : names)
    const [at, holds] = begin()
    const entries = (await answer) ?? names.map(() => undefined)
    if (!holds()) return known ? look(names, false, act) : entries
    heard = at
    if (known) return names.map((name) => kept.get(name)![0])
    names.forEach((name, index) => keep(name, entries[index], at))
    return entries
  }

  return {
    /** At once, where that is known. */
    read(names: readonly string[], act: Look): MaybePromise<Answers> {
      const at = clock()
      const known = names.every((name) => knows(name, at))
      return known && within(TERM, heard, at) ? names.map((name) => kept.get(name)![0]) : look(names, known, act)
    },
    /** Over when no page answers what stood there before. What was taken is kept as a read of it would be. A question, which comes last, is not asked where its answer is kept. */
    async write(changes: readonly Given[], act: (changes: readonly Given[]) => Promise<readonly Outcome[] | undefined>): Promise<readonly Outcome[]> {
      const [at, holds] = begin()
      const last = changes[changes.length - 1]!
      const spared = last.drop === 0 && changes[1] && knows(last.name, at)
      let outcomes: Outcome[] | undefined
      try {
        const asked = spared ? changes.slice(0, -1) : changes
        outcomes = [...((await act(asked)) ?? asked.map(() => undefined))]
        if (spared) {
          const one = kept.get(last.name)
          outcomes.push(one ? one[0]?.stamp || undefined : (await act([last]))?.[0])
        }
        return outcomes
      } finally {
        const keeps = outcomes && holds()
        era++
        changes.forEach(({ name, entry, drop }, index) => {
          if (keeps && entry && outcomes![index] === undefined) keep(name, { ...entry }, at)
          else if (drop !== 0) kept.delete(name)
        })
        await told(at)
      }
    },
    forget,
    close,
  }
}

export type Lease = ReturnType<typeof createLease>
