import type { Entry, Env, Outcome } from '../contracts.js'

/** The ms since a read for which a page may take it that it has heard all that the others told before that read. */
const TERM = 25

/** The most ms that a write waits for the others: their term, and a message's way. */
const PATIENCE = 2 * TERM

/** What is changed past this package is seen after so many ms at the latest. */
const AGE = 5000

/** So many names are kept, and then none. */
const MOST = 1000

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
  /** Anew with each channel: two channels' messages may overtake one another. */
  let id: number
  /** Who else may answer from memory, and whether it was late the last time that it was waited for. */
  const peers = new Map<number, boolean>()
  const kept = new Map<string, readonly [entry: Entry | undefined, read: number]>()
  /** Writes that wait for others, each by a number of its own: an earlier one's answer is none. */
  const waits = new Map<number, (from: number) => void>()
  let channel: BroadcastChannel | undefined
  /** Since when the others know of this page. */
  let joined: number
  /** A read that began in an earlier one is not kept. */
  let era = 0
  /** What the others told before that was heard: messages come before the answer of a read that began after them. */
  let heard = -AGE
  let away = false

  const clock = (): number => (env.performance ?? Date).now()
  const within = (ms: number, since: number, at = clock()): boolean => Math.abs(at - since) < ms
  const say = (verb: string, about?: unknown): void => {
    try {
      channel?.postMessage([verb, id, about])
    } catch {
      // A frame that is on its way out.
    }
  }
  const forget = (): void => {
    era++
    kept.clear()
  }
  const arrive = (): void => {
    forget()
    joined = clock()
    say('here')
  }
  const hear = ({ data }: { data?: unknown }): void => {
    // Whoever else uses the channel may say anything.
    const [verb, from, about] = (Array.isArray(data) ? data : []) as unknown[]
    if (typeof from !== 'number') return
    if (verb === 'here') {
      if (!peers.has(from)) say('here')
      peers.set(from, false)
    }
    if (verb === 'forget') {
      forget()
      say('forgot', about)
    }
    if (verb === 'forgot') waits.get(about as number)?.(from)
    if (verb === 'late' && about === id) arrive()
    if (verb === 'gone') {
      peers.delete(from)
      for (const tell of waits.values()) tell(from)
    }
  }
  const leave = (): void => {
    say('gone')
    channel?.close()
    channel = undefined
    peers.clear()
    forget()
  }
  /** An open channel keeps a page out of the back/forward cache in some browsers, and hears nothing there. */
  const part = (): void => {
    away = true
    leave()
  }
  const back = (): void => void (away = false)
  const join = (): void => {
    if (channel) return
    try {
      channel = new env.BroadcastChannel!('holdfast.' + database)
      id = Math.random()
      channel.addEventListener('message', hear)
      // In Node it would keep the process alive.
      ;(channel as unknown as { unref?(): void }).unref?.()
      arrive()
    } catch {
      channel = undefined
    }
  }
  const after = (ms: number, done: () => void): (() => void) => {
    const timer = (env.setTimeout ?? setTimeout)(done, ms)
    return () => (env.clearTimeout ?? clearTimeout)(timer as never)
  }

  /** A change stands: the others are told. */
  const told = (): Promise<void> | undefined => {
    // It may have left meanwhile.
    join()
    const young = within(PATIENCE, joined)
    if (!channel || !(young || peers.size)) return
    return new Promise((resolve) => {
      const left = new Set(peers.keys())
      const own = Math.random()
      const end = (): void => {
        cancel()
        waits.delete(own)
        for (const late of left)
          // By now it has heard that it was late, unless it sleeps: then it hears before anything else, and says where it is.
          if (peers.get(late)) peers.delete(late)
          else if (peers.has(late)) {
            peers.set(late, true)
            say('late', late)
          }
        if (away) leave()
        resolve()
      }
      // Who is new does not know yet for whom it would have to wait.
      const tell = (from: number): void => void (left.delete(from) && !left.size && !young && end())
      const cancel = after(PATIENCE, end)
      waits.set(own, tell)
      say('forget', own)
    })
  }

  /** When a look at the database, or a change of it, begins. Answers whether it may be kept: the others know of this page, and nobody has changed anything since. */
  const begin = (): [at: number, holds: () => boolean] => {
    join()
    const [began, young] = [era, within(PATIENCE, joined)]
    return [
      clock(),
      () => {
        if (kept.size > MOST) kept.clear()
        return !!channel && !young && era === began
      },
    ]
  }

  env.addEventListener?.('pagehide', part)
  env.addEventListener?.('pageshow', back)
  return {
    /** What stands under these names; `undefined`: it has to be read. */
    get(names: readonly string[]): (Entry | undefined)[] | undefined {
      const at = clock()
      if (!within(TERM, heard, at)) return
      const entries: (Entry | undefined)[] = []
      for (const name of names) {
        const one = kept.get(name)
        if (!one || !within(AGE, one[1], at)) return
        entries.push(one[0])
      }
      return entries
    },
    /** What it answers is kept, if nothing has changed by then. */
    async read(names: readonly string[], act: () => Promise<readonly (Entry | undefined)[] | undefined>): Promise<readonly (Entry | undefined)[]> {
      // The database is opened while the channel is: it is read a turn later.
      const answer = act()
      const [at, holds] = begin()
      const entries = (await answer) ?? names.map(() => undefined)
      if (holds()) {
        heard = at
        names.forEach((name, index) => kept.set(name, [entries[index], at]))
      }
      return entries
    },
    /** Over when no page answers what stood there before. What was taken is kept as a read of it would be. */
    async write(changes: readonly Given[], act: () => Promise<readonly Outcome[] | undefined>): Promise<readonly Outcome[]> {
      const [at, holds] = begin()
      let outcomes: readonly Outcome[] | undefined
      try {
        return (outcomes = (await act()) ?? changes.map(() => undefined))
      } finally {
        const keeps = outcomes && holds()
        era++
        changes.forEach(({ name, entry, drop }, index) => {
          if (keeps && entry && outcomes![index] === undefined) kept.set(name, [{ ...entry }, at])
          else if (drop !== 0) kept.delete(name)
        })
        await told()
      }
    },
    forget,
    /** For good; what is under way is still told. */
    close(): void {
      part()
      env.removeEventListener?.('pagehide', part)
      env.removeEventListener?.('pageshow', back)
    },
  }
}

export type Lease = ReturnType<typeof createLease>
