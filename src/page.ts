import type { Env } from './contracts.js'
import type { Link } from './link.js'

/** What a storage does beside its answers, for as long as the page lives. */
export interface Page {
  /** At the first operation: hears of the page's return, and plans the one sweep. */
  start(): void
  /** Work that no answer waits for. */
  defer(work: Promise<unknown>): void
  flush(): Promise<void>
  stop(): void
}

export const createPage = (env: Env, links: readonly Link[], sweep: () => Promise<unknown>): Page => {
  const work = new Set<Promise<unknown>>()
  let planned: boolean | undefined

  const defer = (job: Promise<unknown>): void => {
    const settled: Promise<unknown> = job.catch(() => {}).then(() => work.delete(settled))
    work.add(settled)
  }
  /** A page that comes back, or is looked at again, tries what was down. */
  const back = (): void => {
    if (env.document?.visibilityState !== 'hidden') for (const link of links) defer(link.retry())
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
      env.document?.addEventListener?.('visibilitychange', back)
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
      env.document?.removeEventListener?.('visibilitychange', back)
    },
  }
}
