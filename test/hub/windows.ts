import { webcrypto } from 'node:crypto'
import type { Env, Tier } from 'holdfast'
import type { CookieJar, FakeClock } from 'holdfast/testing'
import { cookieJar, fakeClock, inMemory } from 'holdfast/testing'
import type { Hub } from '../../src/hub/host/serve.js'
import { serveHub } from '../../src/hub/host/serve.js'

/**
 * A browser of pages and frames, as far as the hub needs them: windows that post to each other with origins and sources
 * as a browser sets them, real message ports, partitioned storage, one cookie jar. Its clock moves when it is told to.
 */

type Heard = (event: never) => unknown

/** What can be listened to. */
const target = () => {
  const listeners = new Map<string, Set<Heard>>()
  return {
    addEventListener: (type: string, heard: Heard): void => void (listeners.get(type) ?? listeners.set(type, new Set()).get(type)!).add(heard),
    removeEventListener: (type: string, heard: Heard): void => void listeners.get(type)?.delete(heard),
    dispatch: (type: string, event: object): void => [...(listeners.get(type) ?? [])].forEach((heard) => heard(event as never)),
    count: (type: string): number => listeners.get(type)?.size ?? 0,
  }
}
type Target = ReturnType<typeof target>

/** What was posted to a window that listened, or would have. */
export interface Posted {
  to: 'page' | 'hub'
  data: Record<string, unknown>
  targetOrigin: string
  ports: number
}

/** One document of the vendor's. */
export interface HubWindow extends Target {
  env: Env
  /** The origin of its document: an error page has another. */
  origin: string
  /** What the page sees as `contentWindow`: the source of its messages. */
  proxy: { postMessage(data: unknown, targetOrigin: string, ports?: MessagePort[]): void }
  /** What `document.hasStorageAccess` answers, and what a request does. */
  access: { has: boolean; request: () => Promise<void> }
  /** The tiers of its partition. */
  tiers: readonly Tier[]
  /** What ends with the document: its ports and channels. */
  ends: { close(): void }[]
}

export interface Frame {
  src: string
  contentWindow: HubWindow['proxy'] | null
  isConnected: boolean
  onload?: (event: object) => void
  window: HubWindow | undefined
  remove(): void
  /** Loads its document again, as a navigation does. */
  load(): void
}

export interface PageWindow extends Target {
  env: Env
  frames: Frame[]
  origin: string
}

export interface BrowserOptions {
  /** What a vendor's storage is keyed by: the site on top in Chromium and Firefox, its origin in WebKit (H9), nothing in older ones. */
  keyed?: 'site' | 'origin' | 'nothing'
  /** The tiers of a partition, which outlive its documents. Default: one that is called indexedDB, in memory. */
  tiers?: () => readonly Tier[]
  /** What the vendor's page does once it is loaded. Default: serves brand.test and what is below it. */
  script?: ((window: HubWindow) => void) | undefined
  /** Whether a frame's document loads by itself. */
  loads?: boolean
  /** The origin that a frame's document really gets. */
  shows?: string
  allow?: readonly string[]
}

export const ALLOW = ['https://brand.test', 'https://*.brand.test', 'https://other.test']
export const HUB = 'https://chat.vendor.test/hub'

const siteOf = (origin: string): string => new URL(origin).hostname.split('.').slice(-2).join('.')

export interface Browser {
  clock: FakeClock
  jar: CookieJar
  posted: Posted[]
  /** What went over the ports, and from where. */
  ports: { from: 'page' | 'hub'; data: Record<string, unknown> }[]
  options: BrowserOptions
  page(url: string): PageWindow
  /** The tiers of the partition that a frame in this page gets. */
  tiers(url: string): readonly Tier[]
}

export const browser = (options: BrowserOptions = {}): Browser => {
  const clock = fakeClock()
  const jar = cookieJar({ now: clock.now })
  const posted: Posted[] = []
  const ports: Browser['ports'] = []
  const places = new Map<string, readonly Tier[]>()
  const buses = new Map<string, Set<{ onmessage: ((event: { data: unknown }) => void) | null }>>()
  const partitionOf = (origin: string): string => (options.keyed === 'origin' ? origin : options.keyed === 'nothing' ? '' : siteOf(origin))
  const tiersOf = (origin: string): readonly Tier[] => {
    const key = partitionOf(origin)
    if (!places.has(key)) places.set(key, options.tiers?.() ?? inMemory('indexedDB'))
    return places.get(key)!
  }
  const shared = { crypto: webcrypto, ...clock.env }

  const channelsOf = (ends: HubWindow['ends']) => class Channel {
    port1: MessagePort
    port2: MessagePort
    constructor() {
      const { port1, port2 } = new MessageChannel()
      this.port1 = port1
      this.port2 = port2
      ends.push(port1)
      for (const [port, from] of [[port1, 'hub'], [port2, 'page']] as const) {
        const post = port.postMessage.bind(port)
        port.postMessage = (data: Record<string, unknown>) => {
          ports.push({ from, data })
          post(data)
        }
        ;(port as unknown as { unref?(): void }).unref?.()
      }
    }
  }
  const busesOf = (partition: string, ends: HubWindow['ends']) =>
    class Bus {
      onmessage: ((event: { data: unknown }) => void) | null = null
      #peers: Set<Bus>
      constructor(name: string) {
        const key = partition + ' ' + name
        if (!buses.has(key)) buses.set(key, new Set())
        this.#peers = buses.get(key)! as Set<Bus>
        this.#peers.add(this)
        ends.push(this)
      }
      postMessage(data: unknown): void {
        const copy = structuredClone(data)
        for (const peer of this.#peers) if (peer !== this) setImmediate(() => this.#peers.has(peer) && peer.onmessage?.({ data: copy }))
      }
      close(): void {
        this.#peers.delete(this)
      }
    }

  /** As a browser does: to one exact origin, a copy, later. An origin that none can be throws, `null` included. */
  const post = (to: 'page' | 'hub', at: () => string | undefined, deliver: (event: object) => void, source: object, origin: string) => (data: unknown, targetOrigin: string, given: MessagePort[] = []): void => {
    if (new URL(targetOrigin).origin !== targetOrigin) throw new SyntaxError('no origin')
    posted.push({ to, data: structuredClone(data) as Record<string, unknown>, targetOrigin, ports: given.length })
    const copy: unknown = structuredClone(data)
    setImmediate(() => at() === targetOrigin && deliver({ data: copy, origin, source, ports: given }))
  }

  const hubWindow = (page: PageWindow, frame: Frame): HubWindow => {
    const events = target()
    const origin = options.shows ?? new URL(frame.src).origin
    const proxy = { postMessage: (() => {}) as HubWindow['proxy']['postMessage'] }
    const parent = { postMessage: post('page', () => page.origin, (event) => page.dispatch('message', event), proxy, origin) }
    const access: HubWindow['access'] = { has: false, request: () => Promise.reject(new DOMException('no gesture', 'NotAllowedError')) }
    const ends: HubWindow['ends'] = []
    const hub: HubWindow = {
      ...events,
      ends,
      origin,
      proxy,
      access,
      tiers: tiersOf(page.origin),
      env: {
        ...shared,
        ...events,
        parent,
        MessageChannel: channelsOf(ends),
        BroadcastChannel: busesOf(partitionOf(page.origin), ends),
        document: { cookie: '', hasStorageAccess: () => Promise.resolve(access.has), requestStorageAccess: () => access.request() },
      } as unknown as Env,
    }
    proxy.postMessage = post('hub', () => (frame.window === hub ? hub.origin : undefined), (event) => events.dispatch('message', event), parent, page.origin)
    return hub
  }

  const frameOf = (page: PageWindow): Frame => {
    const end = (): void => frame.window?.ends.forEach((one) => one.close())
    const frame: Frame = {
      src: '',
      contentWindow: null,
      isConnected: false,
      window: undefined,
      remove() {
        end()
        frame.isConnected = false
        frame.contentWindow = null
        frame.window = undefined
        const index = page.frames.indexOf(frame)
        if (index >= 0) page.frames.splice(index, 1)
      },
      load() {
        if (!frame.isConnected) return
        end()
        frame.window = hubWindow(page, frame)
        frame.contentWindow = frame.window.proxy
        if (!options.shows) script(frame.window)
        frame.onload?.({})
      },
    }
    return frame
  }
  const script = (window: HubWindow): void => {
    if (options.script) options.script(window)
    else serve(visitor, window)
  }

  const visitor: Browser = {
    clock,
    jar,
    posted,
    ports,
    options,
    tiers: (url) => tiersOf(new URL(url).origin),
    page(url) {
      const { origin, host, href } = new URL(url)
      const events = target()
      const cookies = jar.at(url)
      const body = {
        append(frame: Frame) {
          frame.isConnected = true
          frames.push(frame)
          if (options.loads !== false) setImmediate(() => frame.load())
        },
      }
      const frames: Frame[] = []
      const document = Object.defineProperties({ body, createElement: () => frameOf(page) }, { cookie: Object.getOwnPropertyDescriptor(cookies.document, 'cookie')! })
      const location = { ...cookies.location, host, href }
      const page: PageWindow = { ...events, origin, frames, env: { ...shared, ...events, document, location } as unknown as Env }
      return page
    },
  }
  return visitor
}

/** What the script of the vendor's page does. */
export const serve = ({ options, clock }: Browser, { env, tiers }: HubWindow): Hub => serveHub({ allow: options.allow ?? ALLOW, tiers, env, now: clock.now })

/** A hub that shakes hands, and then says what the test says: `undefined` is nothing. */
export const impersonate =
  (origin: string, answer: (request: { id: number; ops: unknown[][] }) => unknown, state: unknown = { lifetimes: ['device'], access: false }) =>
  (window: HubWindow): void =>
    window.addEventListener('message', ({ data: { holdfast } }: { data: { holdfast: string } }) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = ({ data }: MessageEvent<{ id: number; ops: unknown[][] }>) => {
        const answered = answer(data)
        if (answered !== undefined) port1.postMessage(answered)
      }
      ;(port1 as unknown as { unref?(): void }).unref?.()
      const { parent } = window.env as unknown as { parent: { postMessage(data: unknown, origin: string, ports: MessagePort[]): void } }
      parent.postMessage({ holdfast, version: 1, state }, origin, [port2])
    })
