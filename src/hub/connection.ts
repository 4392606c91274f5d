import type { TierCode } from '../errors.js'
import { asTierError, StorageError } from '../errors.js'
import type { Hello, Op, Page, Reply } from './protocol.js'
import { calm, MOST_OPS, NEWEST, OLDEST, randomToken } from './protocol.js'

type Asked = [op: Op, done: (answer: unknown) => void, fail: (error: StorageError) => void]

/** In ms, between a hello and the next. */
const LONGEST_PAUSE = 2000

/** The way to one hub: its frame, the handshake, and what has been asked and not answered yet. */
export interface Connection {
  /** Makes the frame, if it is not there. Throws what has failed, until it is reset. */
  begin(): void
  /** What one tick asks for is one message. */
  ask(...op: Op): Promise<unknown>
  /** Lets the next `ask` try anew after a failure, and where the frame has not answered in all its time. */
  reset(): void
  close(): void
}

/** `welcomed` hears the hub's state after each handshake, `heard` the names that others changed. */
export const createConnection = (page: Page, url: URL, welcomed: (state: unknown) => void, heard: (names: readonly string[]) => void): Connection => {
  const unanswered = new Map<number, Asked[]>()
  let queue: Asked[] = []
  let frame: HTMLIFrameElement | undefined
  let port: MessagePort | undefined
  /** Of the handshake under way; NaN, which nothing equals: none is. */
  let nonce: string | number = NaN
  let pause: number
  let failure: StorageError | undefined
  let count = 0
  /** Nothing came over the port since the last reset. */
  let silent: boolean

  const hangUp = (): void => {
    port?.close()
    port = undefined
    nonce = NaN
  }
  const listen = (verb: 'add' | 'remove'): void => {
    const method = `${verb}EventListener` as const
    page[method]?.('message', hear as never)
    page[method]?.('securitypolicyviolation', violated as never)
  }
  const stop = (): void => {
    hangUp()
    listen('remove')
    frame?.remove()
    frame = undefined
  }
  const fail = (why: string): void => {
    stop()
    failure = new StorageError('unavailable', 'hub: ' + why)
    const all = [...unanswered.values(), queue].flat()
    unanswered.clear()
    queue = []
    for (const [, , reject] of all) reject(failure)
  }

  /**
   * The vendor's script may listen late, so the hello is repeated, some 15 times in 8 s; no more, because a frame that
   * shows an error page has another origin, and the console tells of it each time.
   */
  const call = (own: string): void => {
    if (own !== nonce) return
    const hello: Hello = { holdfast: own, speaks: [OLDEST, NEWEST] }
    frame!.contentWindow?.postMessage(hello, url.origin)
    if ((pause *= 1.3) < LONGEST_PAUSE) (page.setTimeout ?? setTimeout)(() => call(own), pause)
  }
  /** Each load of the frame is another document: the old port is dead, and so is the old nonce. */
  const greet = calm(() => {
    hangUp()
    pause = 50
    call((nonce = randomToken(page)))
  })
  const send = (asked: readonly Asked[], id: number): void => port?.postMessage({ id, ops: asked.map(([op]) => op) })
  const flush = (): void => {
    while (queue[0]) {
      const asked = queue.splice(0, MOST_OPS)
      unanswered.set(++count, asked)
      send(asked, count)
    }
  }

  const hear = calm(({ data, source, origin, ports }: MessageEvent<Reply>) => {
    if (source !== frame!.contentWindow || origin !== url.origin || data.holdfast !== nonce) return
    if (data.refused) return fail(data.refused === 'origin' ? 'origin refused' : 'newer protocol')
    const [given] = ports as [MessagePort]
    given.onmessage = answered
    welcomed(data.state)
    nonce = NaN
    port = given
    silent = false
    // What was asked of a document that is gone is asked again: registers bear that.
    unanswered.forEach(send)
  })
  const answered = calm(({ data }: MessageEvent<{ id: number; answers: ({ code?: TierCode } | undefined)[]; heard?: string[] }>) => {
    if (data.heard) return heard(data.heard)
    const asked = unanswered.get(data.id)!
    if (asked.length !== data.answers.length) return
    unanswered.delete(data.id)
    silent = false
    asked.forEach(([, done, fail], index) => {
      const answer = data.answers[index]
      const code = answer?.code
      if (code) fail(asTierError(new StorageError(code, 'hub: ' + code), 'hub'))
      else done(answer)
    })
  })
  /** The one sign of a Content-Security-Policy without the hub in it (CSP 3 §5.2); the address may be cut down to its origin. */
  const violated = calm(({ blockedURI, effectiveDirective, disposition }: SecurityPolicyViolationEvent) => {
    if (!port && disposition !== 'report' && /^(frame|child|default)/.test(effectiveDirective) && url.href.startsWith(blockedURI)) fail('frame blocked')
  })

  const begin = (): void => {
    if (failure) throw failure
    // The page may have thrown the frame away.
    if (frame?.isConnected) return
    stop()
    const { document, crypto } = page
    if (!document?.createElement || !crypto) throw new StorageError('unavailable', 'hub: no document')
    frame = Object.assign(document.createElement('iframe'), { src: url.href, title: 'holdfast', tabIndex: -1, ariaHidden: 'true', style: 'display:none', onload: greet })
    listen('add')
    ;(document.body ?? document.documentElement).append(frame)
  }

  return {
    begin,
    ask: (...op) =>
      new Promise((done, fail) => {
        begin()
        if (queue.push([op, done, fail]) < 2) void Promise.resolve().then(flush)
      }),
    reset() {
      failure = undefined
      // Loaded, and silent for all that time: it may be an error page, or a document that hangs.
      if (nonce ? pause > LONGEST_PAUSE : port && unanswered.size && silent) stop()
      silent = true
    },
    close: () => fail('closed'),
  }
}
