import type { MakeStore } from '../stores/store.js'
import type { Work } from '../workloads.js'
import { createWorkloads } from './workloads.js'

/** What the driver asks of a contestant's page, as `globalThis.bench`. */
export interface Bench {
  /** Resolves when the store is open and holds `token`. */
  ready: Promise<void>
  can(work: Work): Promise<boolean>
  fill(from: number, to: number): Promise<void>
  expire(from: number, to: number): Promise<void>
  /** The ms that one round took. */
  sample(work: Work, count: number, rounds: number): Promise<number>
  /** Bytes of this page's heap that are in use, once nothing is left to collect. */
  heap(): Promise<number>
}

declare global {
  var bench: Bench
}

const needs: Partial<Record<Work, 'setMany' | 'getMany' | 'keys' | 'sweep'>> = { 'bulk-sets': 'setMany', 'bulk-gets': 'getMany', keys: 'keys', sweep: 'sweep' }

/** Makes the store, and has the driver measure it. */
export function serve(make: MakeStore): void {
  const query = new URLSearchParams(location.search)
  const keysHeld = Number(query.get('keys'))
  const opened = (async () => {
    const store = await make({ form: query.get('form') ?? '', hub: query.get('hub') ?? '' })
    const workloads = createWorkloads(store, keysHeld)
    await workloads.put('token', 'a token for the cold start')
    await workloads.put('live', 'not to be swept')
    // Also what it plans for an idle moment is done by now, not in the middle of a sample.
    await store.settle?.()
    return { store, workloads }
  })()
  globalThis.bench = {
    ready: opened.then(() => {}),
    async can(work) {
      const need = needs[work]
      return need === undefined || (await opened).store[need] !== undefined
    },
    async fill(from, to) {
      const { store, workloads } = await opened
      await workloads.fill(from, to)
      await store.settle?.()
    },
    async expire(from, to) {
      await (await opened).workloads.expire(from, to)
    },
    async sample(work, count, rounds) {
      const { store, workloads } = await opened
      const { prepare, run, check } = workloads.tasks[work](count)
      await prepare?.()
      globalThis.gc?.()
      const from = performance.now()
      for (let done = 0; done < rounds; done++) await run()
      // What no answer waited for is part of the work.
      if (store.settle) await store.settle()
      const took = performance.now() - from
      await check()
      return took / rounds
    },
    async heap() {
      await (await opened).store.settle?.()
      for (let round = 0; round < 3; round++) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        globalThis.gc?.()
      }
      return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize
    },
  }
}
