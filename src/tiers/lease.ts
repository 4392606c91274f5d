import type { Entry, Env } from '../contracts.js'

/** The ms since a read for which a page may take it that it has heard all that the others told before that read. */
const TERM = 25

/** The most ms that a write waits for the others: their term, and a message's way. */
const PATIENCE = 2 * TERM

/** What is changed past this package is seen after so many ms at the latest. */
const AGE = 5000

/** So many names are kept, and then none. */
const MOST = 1000

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
  const within = (ms: number, since: number): boolean => Math.abs(clock() - since) < ms
  const say = (verb: string, about?: unknown): void => {
    try {
      channel?.postMessage([verb, id, about])
    } catch {
      // A frame that is on its way out.
    }
  }
  const forget = (names: Iterable<string> = kept.keys()): void => {
    era++
    for (const name of names) kept.delete(name)
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
  const back = (): void => {
    away = false
  }
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

  env.addEventListener?.('pagehide', part)
  env.addEventListener?.('pageshow', back)
  return {
    /** `undefined`: it has to be read. */
    get(name: string): readonly [entry: Entry | undefined, ...rest: unknown[]] | undefined {
      const one = kept.get(name)
      return one && within(TERM, heard) && within(AGE, one[1]) ? one : undefined
    },
    /** What it answers is kept, if nothing has changed by then. */
    async read(names: readonly string[], act: () => Promise<readonly (Entry | undefined)[] | undefined>) {
      join()
      const [begun, began, young] = [clock(), era, within(PATIENCE, joined)]
      const entries = await act()
      if (channel && !young && era === began) {
        heard = begun
        if (kept.size > MOST) kept.clear()
        names.forEach((name, index) => kept.set(name, [entries?.[index], begun]))
      }
      return entries
    },
    /** Over when no page answers what stood there before. */
    async write<T>(names: readonly string[], act: () => Promise<T>): Promise<T> {
      join()
      try {
        return await act()
      } finally {
        forget(names)
        await told()
      }
    },
    forget: () => forget(),
    /** For good; what is under way is still told. */
    close(): void {
      part()
      env.removeEventListener?.('pagehide', part)
      env.removeEventListener?.('pageshow', back)
    },
  }
}

export type Lease = ReturnType<typeof createLease>
