import type { Env } from './contracts.js'
import type { Link } from './link.js'

/** Of the document: looked at again, and no longer frozen (Page Lifecycle). */
const RETURNS = ['visibilitychange', 'resume']

/** What a storage does beside its answers, for as long as the page lives. */
export interface Page {
  /** At the first operation: hears of the page's return, and plans the one sweep. */
  start(): void
  /** Work that ends before the storage does, as nobody else may wait for it; `queued`: it has to wait for its turn. */
  defer<T>(work: Promise<T>, queued?: boolean): Promise<T>
  /** `unqueued`: only for what needs no turn. Who has the turn of all would wait for itself. */
  flush(unqueued?: boolean): Promise<void>
  /** It is on its way out: nothing that takes a moment comes to its end. */
  leaving(): boolean
  stop(): void
}

/** What else a page does as it goes into the back/forward cache, or to sleep, and when it is back. */
export interface Absence {
  leave(): void
  back(): void
}

export const createPage = (env: Env, links: readonly Link[], sweep: () => Promise<unknown>, absence: Absence): Page => {
  /** How much is under way, without and with a turn to wait for. */
  const busy: [number, number] = [0, 0]
  let waiting: (() => void)[] = []
  let planned: boolean | undefined
  let leaving = false

  const defer: Page['defer'] = (job, queued) => {
    const kind = queued ? 1 : 0
    const over = (): void => {
      if (--busy[kind]) return
      const told = waiting
      waiting = []
      told.forEach((done) => done())
    }
    busy[kind]++
    job.then(over, over)
    return job
  }
  /** A page that comes back, or is looked at again, tries what was down. Going out of sight is no coming back. */
  const back = (event: unknown): void => {
    const hidden = env.document?.visibilityState === 'hidden'
    if (hidden && (event as Event).type !== 'pageshow') return
    leaving = false
    absence.back()
    if (!hidden) for (const link of links) defer(link.retry())
  }
  const leave = (): void => {
    leaving = true
    absence.leave()
  }
  const run = (): void => {
    if (!planned) return
    planned = false
    defer(sweep())
  }
  /** What was asked for goes first. */
  const plan = (): void => {
    const due = (): void => (planned && busy[0] ? plan() : run())
    if (env.requestIdleCallback) env.requestIdleCallback(due)
    else (env.setTimeout ?? setTimeout)(due, 1000)
  }
  return {
    defer,
    start() {
      if (planned !== undefined) return
      planned = true
      env.addEventListener?.('pageshow', back)
      // Before the host's own listeners, which may write.
      env.addEventListener?.('pagehide', leave, true)
      for (const event of RETURNS) env.document?.addEventListener?.(event, back)
      plan()
    },
    async flush(unqueued) {
      run()
      while (busy[0] || (!unqueued && busy[1])) await new Promise<void>((done) => waiting.push(done))
    },
    leaving: () => leaving,
    stop() {
      planned = false
      env.removeEventListener?.('pageshow', back)
      env.removeEventListener?.('pagehide', leave, true)
      for (const event of RETURNS) env.document?.removeEventListener?.(event, back)
    },
  }
}
