import type { Env } from '../../src/contracts.js'

/** What the tabs of a database tell one another by; a message reaches the others at once, in a task of its own. */
export const createChannels = () => {
  const open = new Set<Channel>()
  /** A wait is over as soon as nothing else is to be done: then so much time has passed. */
  let waited = 0
  const begun = performance.now()
  class Channel {
    #heard = new Set<(event: { data: unknown }) => void>()
    constructor() {
      open.add(this)
    }
    addEventListener(_: string, listener: (event: { data: unknown }) => void): void {
      this.#heard.add(listener)
    }
    postMessage(data: unknown): void {
      for (const other of open) if (other !== this) queueMicrotask(() => open.has(other) && other.#heard.forEach((listener) => listener({ data })))
    }
    close(): void {
      open.delete(this)
    }
  }
  const env: Env = {
    BroadcastChannel: Channel as never,
    performance: { now: () => performance.now() - begun + waited },
    setTimeout: (run, ms) =>
      setImmediate(() => {
        waited += ms
        run()
      }),
    clearTimeout: (timer: never) => clearImmediate(timer),
  }
  return {
    env,
    /** As if another tab had changed something. */
    async forget(): Promise<void> {
      const channel = new Channel()
      channel.postMessage(['forget', -1])
      channel.close()
      await Promise.resolve()
    },
  }
}
