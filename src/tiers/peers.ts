import type { Env } from '../contracts.js'

/** The most ms that a write waits for the others: what they may answer from memory is of so short a while ago, and a message's way. */
const PATIENCE = 50

/**
 * The pages of an origin that may have something of one database in memory: they know one another by a channel. Who has
 * changed something tells the others, and waits until they have forgotten what they had (`forget`), or could not
 * answer it any more.
 */
export const createPeers = (env: Env, database: string, clock: () => number, forget: () => void) => {
  /** Anew with each channel: two channels' messages may overtake one another. */
  let id: number
  /** Who else may answer from memory, and whether it was late the last time that it was waited for. */
  const peers = new Map<number, boolean>()
  /** Writes that wait for others, each by a number of its own: an earlier one's answer is none. */
  const waits = new Map<number, (from: number) => void>()
  let channel: BroadcastChannel | undefined
  /** Since when the others know of this page. */
  let joined: number
  let away = false

  const say = (verb: string, about?: unknown): void => {
    try {
      channel?.postMessage([verb, id, about])
    } catch {
      // A frame that is on its way out.
    }
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
      if (!peers.has(from)) {
        // It may have been here for a while, and told nobody what it changed.
        forget()
        say('here')
      }
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

  /** Whether the others had known of this page for a while, and it of them. Who was new then may have been busy since. */
  const knew = (then: number): boolean => !!channel && then - joined >= PATIENCE

  /** A change stands that began then: the others are told. */
  const told = (then: number): Promise<void> | undefined => {
    // It may have left meanwhile.
    join()
    const sure = knew(then)
    if (!channel || (sure && !peers.size)) return
    return new Promise((resolve) => {
      const left = new Set(peers.keys())
      const own = Math.random()
      const end = (): void => {
        ;(env.clearTimeout ?? clearTimeout)(timer as never)
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
      const tell = (from: number): void => void (left.delete(from) && !left.size && sure && end())
      const timer = (env.setTimeout ?? setTimeout)(end, PATIENCE)
      waits.set(own, tell)
      say('forget', own)
    })
  }

  env.addEventListener?.('pagehide', part)
  env.addEventListener?.('pageshow', back)
  return {
    join,
    knew,
    told,
    /** For good; what is under way is still told. */
    close(): void {
      part()
      env.removeEventListener?.('pagehide', part)
      env.removeEventListener?.('pageshow', back)
    },
  }
}
