import type { Change, Tier } from '../../contracts.js'
import { decodeEntry, encodeEntry } from '../../entry.js'
import { asTierError, isStorageError, StorageError } from '../../errors.js'
import type { Page, Request, State } from '../protocol.js'
import { calm, MOST_OPS, randomToken } from '../protocol.js'

/** One site's part of the hub, as the page above reaches it. */
export interface Place {
  /** The other end: it goes with the welcome. */
  port: MessagePort
  state(): Promise<State>
  close(): void
}

/** The most UTF-16 units of an entry, and of a name. */
const MOST_TEXT = 5e6
const MOST_NAME = 16_384

/** Above every stamp that a clock makes until the year 2109. */
const LATEST = 2 ** 42

const check = (holds: boolean | undefined): void => {
  if (!holds) throw new TypeError()
}

type Verb = (name: string, value: never, bury: never) => unknown

/**
 * Entries are named by the site as the hub itself derives it from the origin, whatever the page says. No dot is in
 * that part, and no other site's begins with it and a dot; IndexedDB names a database by it.
 */
export const createPlace = (page: Page, chain: Tier, site: string, now: () => number, access: (call: 'hasStorageAccess' | 'requestStorageAccess') => Promise<boolean>): Place => {
  // A slash is in no host's name.
  const start = site.replaceAll('.', '/') + '.'
  const { port1, port2 } = new page.MessageChannel!()
  let bus: BroadcastChannel | undefined
  let changed: string[] = []

  const entryOf = async (name: string) => (await chain.read([name]))[0]
  /** The mark has no name within the site, so that no page can ask for it. */
  const markOf = async (): Promise<string | null | undefined> => (await entryOf(start).catch(() => undefined))?.text
  const state = async (): Promise<State> => ({ lifetimes: chain.traits.lifetimes, access: await access('hasStorageAccess'), mark: await markOf() })
  /** Of the frames of this partition: they tell each other names, never a value. Older browsers have none. */
  const busOf = (): BroadcastChannel | undefined => {
    try {
      return (bus ??= new page.BroadcastChannel!('holdfast.' + site))
    } catch {}
    return
  }

  const settle = async (name: string, change: Change): Promise<unknown> => {
    check(!!name)
    const [outcome] = await chain.write([change])
    if (isStorageError(outcome)) throw outcome
    if (outcome === undefined) changed.push(name)
    return outcome ?? chain.kept!(change.name)?.lifetime
  }

  /** Has no prototype, so that it knows these words and no others. */
  const verbs = {
    __proto__: null,
    async read(name: string) {
      check(!!name)
      const entry = await entryOf(start + name)
      // Under another name it reads as corrupt there as well.
      return entry && encodeEntry(entry.corrupt ? '' : name, entry)
    },
    write(name: string, raw: string) {
      if (name.length > MOST_NAME || raw.length > MOST_TEXT) throw new StorageError('too-large', 'hub')
      const entry = decodeEntry(name, raw)!
      check(!entry.corrupt && entry.stamp >= 0 && entry.stamp < LATEST)
      return settle(name, { name: start + name, entry })
    },
    drop(name: string, drop: number, bury: number) {
      check(typeof drop === 'number' && drop >= 0 && Number.isFinite(bury) && bury >= 0)
      return settle(name, { name: start + name, drop, bury })
    },
    names: async (prefix: string) => (await chain.names(start + prefix)).flatMap((name) => name.slice(start.length) || []),
    async destroy(name: string) {
      // The mark, or nothing.
      if (!(await chain.names(start))[1]) await chain.write([{ name: start, drop: Infinity }])
      await chain.destroy!(start + name)
      return state()
    },
    async mark() {
      // Of two frames that make one at once, the one that was first wins: its stamp is the later.
      if (!(await markOf())) await chain.write([{ name: start, entry: { text: randomToken(page), stamp: LATEST - Math.floor(now()), lifetime: 'device' } }])
      return state()
    },
    async access() {
      await access('requestStorageAccess')
      return state()
    },
    watch(on: string) {
      bus?.close()
      bus = undefined
      // A channel that listens costs the page its place in the back/forward cache when it hears something.
      const opened = on && busOf()
      if (opened) opened.onmessage = calm(({ data }: MessageEvent<string[]>) => port1.postMessage({ heard: data.slice(0, MOST_OPS).filter((name) => typeof name === 'string') }))
    },
  } as unknown as Record<string, Verb>

  const perform = async (op: unknown): Promise<unknown> => {
    try {
      const [verb, name, value, bury] = op as [string, string, never, never]
      check(typeof name === 'string')
      return await verbs[verb]!(name, value, bury)
    } catch (cause) {
      return { code: asTierError(cause, 'hub').code }
    }
  }

  port1.onmessage = calm(async ({ data: { id, ops } }: MessageEvent<Request>) => {
    if (ops.length > MOST_OPS) return
    port1.postMessage({ id, answers: await Promise.all(ops.map(perform)) })
    if (changed[0]) busOf()?.postMessage(changed)
    changed = []
  })
  return {
    port: port2,
    state,
    close() {
      port1.close()
      bus?.close()
    },
  }
}
