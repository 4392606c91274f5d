import type { Lifetime } from '../contracts.js'

/** What a window may hold; each part may be absent. */
export type Page = Partial<Window & typeof globalThis>

/** The versions of this protocol that this side speaks; the newest that both speak is used. */
export const OLDEST = 1
export const NEWEST = 1

/** The most operations of one message. The page sends several messages where it has more; the hub ignores what is above. */
export const MOST_OPS = 1e4

/** From the page to the hub's frame. */
export interface Hello {
  /** A nonce: 128 random bits, others for each load of the frame. */
  holdfast: string
  speaks: readonly [oldest: number, newest: number]
}

/** What the hub tells of its place: with the welcome, and where it may have changed. */
export interface State {
  lifetimes: readonly Lifetime[]
  access: boolean
  /** Names this partition of the hub's storage; `undefined`: nobody has asked for one yet. */
  mark?: string | null | undefined
}

/** What the hub answers to a hello, once for each nonce: the welcome, with a port, or why not. */
export interface Reply {
  /** The nonce of the hello. */
  holdfast: string
  version?: number
  state?: State
  refused?: 'origin' | 'version'
}

/** The closed list of operations. Entries travel in their one wire form. */
export type Op =
  | readonly [verb: 'read' | 'names' | 'destroy', name: string]
  | readonly [verb: 'write', name: string, raw: string]
  | readonly [verb: 'drop', name: string, drop: number, bury: number]
  | readonly [verb: 'mark' | 'access', none: '']
  | readonly [verb: 'watch', on: 'on' | '']

/** From the page; the hub answers `{ id, answers }`, one for each operation, `{ code }` where it failed. */
export interface Request {
  id: number
  ops: readonly Op[]
}

/** 128 random bits, as bytes with dots between them: a nonce, or a mark. */
export const randomToken = ({ crypto }: Page): string => crypto!.getRandomValues(new Uint8Array(16)).join('.')

export const isToken = (text: unknown): text is string => /^[\d.]{31,63}$/.test(text as string)

/** A listener of which nothing gets out: what comes in is hostile until it is parsed. */
export const calm =
  <Heard>(act: (heard: Heard) => unknown) =>
  async (heard: Heard): Promise<void> => {
    try {
      await act(heard)
    } catch {} // malformed: it is ignored
  }
