import { make } from '../stores/packed-log.js'

/**
 * Two pages of one origin: one writes, the other reads from memory. How often does a read that began after a write
 * was acknowledged answer what stood there before?
 */

/** The same clock in both pages, but for what `skew` finds. */
const now = (): number => performance.timeOrigin + performance.now()
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
/** Yields by a message: a timer would be held to 4 ms. */
const { port1, port2 } = new MessageChannel()
const soon = (): Promise<void> =>
  new Promise((resolve) => {
    port1.onmessage = () => resolve()
    port2.postMessage(0)
  })

const store = Promise.resolve(make({ form: new URLSearchParams(location.search).get('form')!, hub: '' }))
const bus = new BroadcastChannel('bench.clock')

export interface Stale {
  /** Answers the other page's questions for the time. */
  serve(): void
  /** What the other page's clock is ahead of this one's, by the quickest of so many round trips. */
  skew(trips: number): Promise<{ ahead: number; within: number }>
  write(count: number, pause: number): Promise<number[]>
  read(ms: number, busy: number): Promise<[began: number, value: number][]>
}

const stale: Stale = {
  serve: () => void (bus.onmessage = ({ data }) => data === 'time' && bus.postMessage(now())),
  async skew(trips) {
    let best = { ahead: 0, within: Infinity }
    for (let trip = 0; trip < trips; trip++) {
      const sent = now()
      const theirs = await new Promise<number>((resolve) => {
        bus.onmessage = ({ data }) => typeof data === 'number' && resolve(data)
        bus.postMessage('time')
      })
      const took = now() - sent
      if (took < best.within) best = { ahead: theirs - (sent + took / 2), within: took }
    }
    return best
  },
  /** When each write was acknowledged. */
  async write(count, pause) {
    const { set } = await store
    const done: number[] = []
    for (let index = 0; index < count; index++) {
      await set('shared', String(index))
      done.push(now())
      for (const end = now() + pause; now() < end; ) await turn()
    }
    return done
  },
  /** `busy`: the ms that the page works between two reads and hears nothing. */
  async read(ms, busy) {
    const { get } = await store
    const seen: [number, number][] = []
    for (const end = now() + ms; now() < end; ) {
      for (const until = now() + busy; now() < until; );
      const began = now()
      seen.push([began, Number((await get('shared')) ?? -1)])
      await soon()
    }
    return seen
  },
}

Object.assign(globalThis, { stale })
