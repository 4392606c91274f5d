import type { Env } from './contracts.js'
import type { Link } from './link.js'

/** Of the document: looked at again, and no longer frozen (Page Lifecycle). */
const RETURNS = ['visibilitychange', 'resume']

/** What a storage does beside its answers, for as long as the page lives. */
export interface Page {
  /** At the first operation: hears of the page's return, and plans the one sweep. */
  start(): void
  /** Work that no answer waits for. */
  defer(work: Promise<unknown>): void
  flush(): Promise<void>
  stop(): void
}

/** What else a page does as it goes into the back/forward cache, or to sleep, and when it is back. */
export interface Absence {
  leave(): void
  back(): void
}

export const createPage = (env: Env, links: readonly Link[], sweep: () => Promise<unknown>, absence: Absence): Page => {
  const work = new Set<Promise<unknown>>()
  let planned: boolean | undefined

  const defer = (job: Promise<unknown>): void => {
    const settled: Promise<unknown> = job.catch(() => {}).then(() => work.delete(settled))
    work.add(settled)
  }
  /** A page that comes back, or is looked at again, tries what was down. */
  const back = (): void => {
    if (env.document?.visibilityState === 'hidden') return
    for (const link of links) defer(link.retry())
    absence.back()
  }
  const run = (): void => {
    if (planned) defer(sweep())
    planned = false
  }
  return {
    defer,
    start() {
      if (planned !== undefined) return
      planned = true
      env.addEventListener?.('pageshow', back)
      env.addEventListener?.('pagehide', absence.leave)
      for (const event of RETURNS) env.document?.addEventListener?.(event, back)
      if (env.requestIdleCallback) env.requestIdleCallback(run)
      else (env.setTimeout ?? setTimeout)(run, 1000)
    },
    async flush() {
      run()
      while (work.size) await Promise.all(work)
    },
    stop() {
      planned = false
      env.removeEventListener?.('pageshow', back)
      env.removeEventListener?.('pagehide', absence.leave)
      for (const event of RETURNS) env.document?.removeEventListener?.(event, back)
    },
  }
}
