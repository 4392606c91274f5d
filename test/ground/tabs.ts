import type { Env } from '../../src/contracts.js'

/** Channels as a browser has them: a message reaches every other channel of its name, later, as a copy. */
const createChannels = () => {
  const open = new Map<string, Set<Channel>>()
  const posted: { name: string; data: unknown }[] = []
  class Channel {
    #heard = new Set<(event: { data: unknown }) => void>()
    constructor(readonly name: string) {
      open.set(name, (open.get(name) ?? new Set()).add(this))
    }
    addEventListener(_: string, listener: (event: { data: unknown }) => void): void {
      this.#heard.add(listener)
    }
    postMessage(data: unknown): void {
      if (!open.get(this.name)?.has(this)) throw new DOMException('closed', 'InvalidStateError')
      const copy: unknown = structuredClone(data)
      posted.push({ name: this.name, data: copy })
      for (const other of open.get(this.name)!) if (other !== this) queueMicrotask(() => open.get(this.name)?.has(other) && other.#heard.forEach((listener) => listener({ data: copy })))
    }
    close(): void {
      open.get(this.name)?.delete(this)
    }
  }
  return { Channel, posted, count: (name: string) => open.get(name)?.size ?? 0 }
}

type Granted = (lock: unknown) => unknown

/** Web Locks: one holder a name, first come first served. */
const createLockManager = () => {
  const queues = new Map<string, (() => void)[]>()
  const request = (name: string, { ifAvailable, signal }: { ifAvailable?: boolean; signal?: AbortSignal }, granted: Granted): Promise<unknown> => {
    const queue = queues.get(name) ?? []
    queues.set(name, queue)
    return new Promise((resolve, reject) => {
      const next = (): void => {
        queue.shift()
        queue[0]?.()
      }
      const run = (): void => void Promise.resolve(granted({ name })).then(resolve, reject).finally(next)
      if (ifAvailable && queue.length) return void Promise.resolve(granted(null)).then(resolve, reject)
      queue.push(run)
      signal?.addEventListener('abort', () => {
        const at = queue.indexOf(run)
        // Whoever holds it keeps it.
        if (at > 0) queue.splice(at, 1)
        reject(new DOMException('aborted', 'AbortError'))
      })
      if (queue.length === 1) run()
    })
  }
  return { request: request as never, held: () => [...queues].filter(([, queue]) => queue.length).map(([name]) => name) }
}

/** A browser's tabs of one origin: each env is one page, with events of its own. */
export const createTabs = ({ channels = true, locks = true } = {}) => {
  const { Channel, posted, count } = createChannels()
  const manager = createLockManager()
  const page = (more: Env = {}) => {
    const target = new EventTarget()
    const document = Object.assign(new EventTarget(), { cookie: '', visibilityState: 'visible' as DocumentVisibilityState })
    const env: Env = {
      ...(channels && { BroadcastChannel: Channel as never }),
      navigator: locks ? { locks: manager as never } : {},
      document: document as never,
      addEventListener: (type, heard) => target.addEventListener(type, heard),
      removeEventListener: (type, heard) => target.removeEventListener(type, heard),
      setTimeout: more.setTimeout,
      clearTimeout: more.clearTimeout,
      ...more,
    }
    const tell = (type: string, detail: object = {}): unknown => target.dispatchEvent(Object.assign(new Event(type), detail))
    return { env, tell, document }
  }
  return { page, posted, count, held: manager.held }
}
