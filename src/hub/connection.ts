import type { MaybePromise } from '../contracts.js'
import type { TierCode } from '../errors.js'
import { asTierError, StorageError } from '../errors.js'
import type { Hello, Op, Page, Reply } from './protocol.js'
import { calm, MOST, NEWEST, OLDEST, randomHex, weightOf } from './protocol.js'

type Asked = [op: Op | undefined, done: (answer?: unknown) => void, fail: (error: StorageError) => void]

/** The way to one hub: its frame, the handshake, and what has been asked and not answered yet. */
export interface Connection {
  /** Tries anew after a failure, and where the frame has not answered in all its time. */
  open(): MaybePromise<void>
  connect(): MaybePromise<void>
  /** What one tick asks for is one message. */
  ask(...op: Op): Promise<unknown>
  close(): void
}

/** `welcomed` hears the hub's state after each handshake, `heard` the names that others changed. */
export const createConnection = (page: Page, url: URL, patience: number, welcomed: (state: unknown) => void, heard: (names: readonly string[]) => void): Connection => {
  const unanswered = new Map<number, Asked[]>()
  let queue: Asked[] = []
  let waiting: Asked[] = []
  let frame: HTMLIFrameElement | undefined
  let port: MessagePort | undefined
  /** Of the handshake under way; `''`: none is. */
  let nonce = ''
  let pause: number
  let timer: number
  let failure: StorageError | undefined
  let count = 0

  const hangUp = (): void => {
    port?.close()
    port = undefined
    ;(page.clearTimeout ?? clearTimeout)(timer)
  }
  const stop = (): void => {
    hangUp()
    nonce = ''
    frame?.remove()
    frame = undefined
    page.removeEventListener?.('message', hear)
    page.document?.removeEventListener?.('securitypolicyviolation', violated)
  }
  const fail = (why: string, code: TierCode = 'unavailable'): void => {
    stop()
    failure = new StorageError(code, 'hub: ' + why)
    const all = [...unanswered.values(), queue, waiting].flat()
    unanswered.clear()
    queue = []
    waiting = []
    for (const [, , reject] of all) reject(failure)
  }

  /** The vendor's script may listen late. A frame that shows an error page has another origin, which the console tells each time: ever more rarely, then. */
  const call = (): void => {
    const hello: Hello = { holdfast: 'hello', nonce, speaks: [OLDEST, NEWEST] }
    frame!.contentWindow?.postMessage(hello, url.origin)
    if (pause < 1e6) timer = (page.setTimeout ?? setTimeout)(call, (pause *= 2)) as unknown as number
  }
  /** Each load of the frame is another document: the old port is dead, and so is the old nonce. */
  const greet = calm(() => {
    hangUp()
    nonce = randomHex(page)
    pause = 50
    call()
  })
  const send = (asked: readonly Asked[], id: number): void => port?.postMessage({ id, ops: asked.map(([op]) => op) })
  const flush = (): void => {
    while (queue[0]) {
      let weight = 0
      const end = queue.findIndex(([op]) => (weight += weightOf(op!)) > MOST)
      const asked = queue.splice(0, end >>> 0) // -1: all of them
      unanswered.set(++count, asked)
      send(asked, count)
    }
  }

  const hear = calm(({ data, source, origin, ports: [given] }: MessageEvent<Reply>) => {
    if (source !== frame!.contentWindow || origin !== url.origin || !nonce || data.nonce !== nonce) return
    if (data.holdfast === 'refused') return fail(data.why === 'origin' ? 'origin refused' : 'newer protocol')
    if (data.holdfast !== 'welcome' || !given) return
    if (!(data.version >= OLDEST && data.version <= NEWEST)) return fail('newer protocol')
    welcomed(data.state)
    hangUp()
    nonce = ''
    port = given
    port.onmessage = answered
    for (const [, done] of waiting.splice(0)) done()
    // What was asked of a document that is gone is asked again: registers bear that.
    unanswered.forEach(send)
  })
  const answered = calm(({ data }: MessageEvent<{ id: number; answers: unknown[]; heard?: string[] }>) => {
    if (data.heard) return heard(data.heard)
    const asked = unanswered.get(data.id)
    if (asked?.length !== data.answers.length) return
    unanswered.delete(data.id)
    asked!.forEach(([, done], index) => done(data.answers[index]))
  })
  /** The one sign of a Content-Security-Policy without the hub in it (CSP 3 §5.2); the address may be cut down to its origin. */
  const violated = calm(({ blockedURI, effectiveDirective, disposition }: SecurityPolicyViolationEvent) => {
    if (!port && disposition !== 'report' && /^(frame|child|default)-src/.test(effectiveDirective) && blockedURI && url.href.startsWith(blockedURI)) fail('frame blocked')
  })

  const begin = (): void => {
    if (failure) throw failure
    if (frame?.isConnected) return
    // The page may have thrown the frame away.
    stop()
    const { document, crypto } = page
    if (!document?.createElement || !crypto) throw new StorageError('unavailable', 'hub: no document')
    frame = Object.assign(document.createElement('iframe'), { hidden: true, tabIndex: -1, title: 'holdfast', src: url.href })
    frame.style.display = 'none'
    frame.setAttribute('aria-hidden', 'true')
    frame.addEventListener('load', greet)
    page.addEventListener!('message', hear)
    document.addEventListener('securitypolicyviolation', violated)
    ;(document.body ?? document.documentElement).append(frame)
  }
  const connect = (): MaybePromise<void> => {
    begin()
    if (!port) return new Promise<unknown>((done, reject) => void waiting.push([undefined, done, reject])) as Promise<void>
  }

  return {
    open() {
      // Loaded, and silent for all its time: it may be an error page, or a document that hangs.
      if (nonce ? pause > patience : port && unanswered.size) stop()
      failure = undefined
      return connect()
    },
    connect,
    ask: (...op) =>
      new Promise((done, reject) => {
        begin()
        if (weightOf(op) > MOST) throw new StorageError('too-large', 'hub: too large')
        const settle = (answer: unknown): void => {
          const { code } = (answer ?? {}) as { code?: TierCode }
          if (code) reject(asTierError(new StorageError(code, 'hub: ' + code), 'hub'))
          else done(answer)
        }
        if (queue.push([op, settle, reject]) < 2) void Promise.resolve().then(flush)
      }),
    close: () => fail('closed', 'lost'),
  }
}
