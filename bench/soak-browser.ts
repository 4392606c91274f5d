import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import type { Env } from 'holdfast'
import type { FakeClock } from 'holdfast/testing'
import { cookieJar } from 'holdfast/testing'

/** One visitor's browser in memory, which counts whatever a page takes and has to give back. */

type Heard = (event: unknown) => void

/** What pages have taken and not given back. */
export interface Taken {
  listeners: number
  channels: number
  /** Connections to databases. */
  connections: number
  /** Locks that are held or waited for. */
  locks: number
  timers: number
}

/** An event target as the DOM has them: a listener counts once for each type and phase. */
const createTarget = () => {
  const heard = new Map<string, Set<Heard>>()
  const of = (type: string, capture: unknown): Set<Heard> => {
    const name = `${type} ${!!capture}`
    const set = heard.get(name) ?? new Set()
    heard.set(name, set)
    return set
  }
  return {
    addEventListener: (type: string, listener: Heard, capture?: unknown): unknown => of(type, capture).add(listener),
    removeEventListener: (type: string, listener: Heard, capture?: unknown): unknown => of(type, capture).delete(listener),
    fire(type: string, detail: object = {}): void {
      for (const phase of [true, false]) for (const listener of [...of(type, phase)]) if (of(type, phase).has(listener)) listener({ type, ...detail })
    },
    count: (): number => [...heard.values()].reduce((sum, { size }) => sum + size, 0),
    clear: (): void => heard.clear(),
  }
}

type Target = ReturnType<typeof createTarget>

/** A storage object. */
const createArea = (): Storage => {
  const items = new Map<string, string>()
  return {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, text) => void items.set(name, text),
    removeItem: (name) => void items.delete(name),
    key: (index) => [...items.keys()][index] ?? null,
    clear: () => items.clear(),
    get length() {
      return items.size
    },
  }
}

/** Web Locks: one holder a name, first come first served. */
const createLocks = () => {
  const queues = new Map<string, { page: object; run(): void }[]>()
  const leave = (name: string, one: object): void => {
    const queue = queues.get(name) ?? []
    const at = queue.findIndex((other) => other === one)
    if (at < 0) return
    queue.splice(at, 1)
    if (!queue.length) queues.delete(name)
    else if (at === 0) queue[0]!.run()
  }
  const manager = (page: object) => ({
    request: (name: string, { ifAvailable, signal }: { ifAvailable?: boolean; signal?: AbortSignal }, granted: (lock: unknown) => unknown): Promise<unknown> =>
      new Promise((resolve, reject) => {
        if (ifAvailable && queues.has(name)) return void Promise.resolve(granted(null)).then(resolve, reject)
        const one = { page, run: (): void => void Promise.resolve(granted({ name })).then(resolve, reject).finally(() => leave(name, one)) }
        const queue = queues.get(name) ?? []
        queues.set(name, queue)
        queue.push(one)
        signal?.addEventListener('abort', () => {
          // Whoever holds it keeps it.
          if (queue.indexOf(one) > 0) leave(name, one)
          reject(new DOMException('aborted', 'AbortError'))
        })
        if (queue.length === 1) one.run()
      }),
  })
  const of = (page: object) => [...queues].flatMap(([name, queue]) => queue.filter((one) => one.page === page).map((one) => ({ name, one })))
  return { manager, count: (page: object): number => of(page).length, drop: (page: object): void => of(page).forEach(({ name, one }) => leave(name, one)) }
}

/** Channels of one origin: a message reaches every other channel of its name, later. */
const createChannels = () => {
  const all = new Map<string, Set<{ target: Target; page: object }>>()
  /** Pages of which nothing runs any more, whatever a promise of theirs still does here. */
  const gone = new WeakSet()
  const classFor = (page: object) =>
    class {
      #own = { target: createTarget(), page }
      constructor(readonly name: string) {
        if (!gone.has(page)) all.set(name, (all.get(name) ?? new Set()).add(this.#own))
      }
      addEventListener(type: string, listener: Heard): void {
        this.#own.target.addEventListener(type, listener)
      }
      postMessage(data: unknown): void {
        const copy: unknown = structuredClone(data)
        for (const other of all.get(this.name) ?? []) if (other !== this.#own) queueMicrotask(() => all.get(this.name)?.has(other) && other.target.fire('message', { data: copy }))
      }
      close(): void {
        const set = all.get(this.name)
        set?.delete(this.#own)
        if (!set?.size) all.delete(this.name)
      }
    }
  const of = (page: object): { target: Target; page: object }[] => [...all.values()].flatMap((set) => [...set].filter((one) => one.page === page))
  const drop = (page: object): void => {
    gone.add(page)
    for (const set of all.values()) for (const one of set) if (one.page === page) set.delete(one)
  }
  return { classFor, count: (page: object): number => of(page).length, drop }
}

/** A factory whose connections are counted. */
const counted = (factory: IDBFactory, open: Set<IDBDatabase>): IDBFactory => {
  const opened = (name: string, version?: number): IDBOpenDBRequest => {
    const request = factory.open(name, version) as unknown as IDBOpenDBRequest
    request.addEventListener('success', () => {
      const database = request.result
      const close = database.close.bind(database)
      open.add(database)
      database.close = () => {
        open.delete(database)
        close()
      }
    })
    return request
  }
  return { open: opened, databases: () => factory.databases(), deleteDatabase: (name: string) => factory.deleteDatabase(name) } as unknown as IDBFactory
}

/** A browser with one origin, and pages that come and go. */
export const createBrowser = (clock: FakeClock) => {
  const local = createArea()
  const jar = cookieJar({ now: clock.now })
  const factory = new IDBFactory()
  const channels = createChannels()
  const locks = createLocks()

  /** A page in a tab; without `modern` it has neither BroadcastChannel nor Web Locks. */
  const page = (modern: boolean) => {
    const session = createArea()
    const frame = createTarget()
    const timers = new Set<unknown>()
    const open = new Set<IDBDatabase>()
    const cookieStore = createTarget()
    const { document: cookies, location } = jar.at('https://www.brand.test/')
    const document = Object.assign(createTarget(), { visibilityState: 'visible' as DocumentVisibilityState })
    Object.defineProperty(document, 'cookie', { get: () => cookies!.cookie, set: (text: string) => void (cookies!.cookie = text) })
    const self = {}
    const env = {
      localStorage: local,
      sessionStorage: session,
      indexedDB: counted(factory, open),
      document,
      location,
      navigator: modern ? { locks: locks.manager(self) } : {},
      BroadcastChannel: modern ? channels.classFor(self) : undefined,
      cookieStore,
      crypto: globalThis.crypto,
      setTimeout(run: () => void, ms: number) {
        const timer = clock.env.setTimeout!(() => {
          timers.delete(timer)
          run()
        }, ms)
        timers.add(timer)
        return timer
      },
      clearTimeout(timer: never) {
        timers.delete(timer)
        clock.env.clearTimeout!(timer)
      },
      addEventListener: frame.addEventListener,
      removeEventListener: frame.removeEventListener,
    } as unknown as Env & { crypto: Crypto }
    return {
      env,
      tell: (type: string): void => frame.fire(type, { persisted: true }),
      show(visibilityState: DocumentVisibilityState): void {
        document.visibilityState = visibilityState
        document.fire('visibilitychange')
      },
      resume: (): void => document.fire('resume'),
      taken: (): Taken => ({
        listeners: frame.count() + document.count() + cookieStore.count(),
        channels: channels.count(self),
        connections: open.size,
        locks: locks.count(self),
        timers: timers.size,
      }),
      /** As when its tab is closed: the browser takes back whatever the page had. */
      discard(): void {
        for (const timer of timers) clock.env.clearTimeout!(timer as never)
        for (const target of [frame, document, cookieStore]) target.clear()
        for (const database of open) database.close()
        timers.clear()
        channels.drop(self)
        locks.drop(self)
      },
    }
  }
  return {
    page,
    /** All that pages have left in the origin, by place. Session storage goes with its tab. */
    kept: async (): Promise<string[]> => [
      ...Array.from(local, (_, index) => `localStorage ${local.key(index)}`),
      ...jar.at('https://www.brand.test/').document!.cookie.split('; ').filter(Boolean).map((cookie) => `cookie ${cookie.split('=')[0]}`),
      ...(await factory.databases()).map(({ name }) => `indexedDB ${name}`),
    ],
  }
}

export type Browser = ReturnType<typeof createBrowser>
export type Page = ReturnType<Browser['page']>
