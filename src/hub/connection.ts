import type { TierCode } from '../errors.js'
import { asTierError, StorageError } from '../errors.js'
import type { Hello, Op, Page, Reply } from './protocol.js'
import { calm, MOST_OPS, NEWEST, OLDEST, randomToken } from './protocol.js'

type Asked = [op: Op, done: (answer: unknown) => void, fail: (error: StorageError) => void]

/**
 * The way to one hub: its frame, the handshake, and what has been asked and not answered yet. `welcomed` hears the
 * hub's state after each handshake, `heard` the names that others changed. Answers `begin`, which makes the frame if it
 * is not there, and throws what has failed; `ask`, of which one tick is one message; `reset`, after which a failure is
 * tried anew, and a document that stayed silent since the last one; and `close`.
 */
export const createConnection = (page: Page, url: URL, welcomed: (state: unknown) => void, heard: (names: readonly string[]) => void) => {
  const unanswered = new Map<number, Asked[]>()
  let queue: Asked[] = []
  let frame: HTMLIFrameElement | undefined
  let port: MessagePort | undefined
  /** Of the handshake under way; NaN, which nothing equals: none is. */
  let nonce: string | number = NaN
  let pause: number
  let failure: StorageError | undefined
  let count = 0
  /** The document was there at the last reset, and has said nothing since: it may be an error page, or hang. */
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
    frame!.contentWindow?.postMessage({ holdfast: own, speaks: [OLDEST, NEWEST] } satisfies Hello, url.origin)
    if ((pause *= 1.3) < 2000) (page.setTimeout ?? setTimeout)(() => call(own), pause)
  }
  /** Each load of the frame is another document: the old port is dead, and so is the old nonce. */
  const greet = calm(() => {
    hangUp()
    silent = false
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
    silent = false
    port = given
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
  /** The one sign of a Content-Security-Policy without the hub in it (CSP 3 §5.2). All engines tell of the address no more than its origin. */
  const violated = calm(({ blockedURI, effectiveDirective, disposition }: SecurityPolicyViolationEvent) => {
    if (!port && disposition !== 'report' && effectiveDirective === 'frame-src' && url.href.startsWith(blockedURI)) fail('frame blocked')
  })

  const begin = (): void => {
    // The page may have thrown the frame away.
    if (!failure && !frame?.isConnected) {
      stop()
      const { document, crypto } = page
      if (document?.createElement && crypto) {
        frame = Object.assign(document.createElement('iframe'), { src: url.href, title: 'holdfast', tabIndex: -1, ariaHidden: 'true', style: 'display:none', onload: greet })
        listen('add')
        ;(document.body ?? document.documentElement).append(frame)
      } else fail('no document')
    }
    if (failure) throw failure
  }

  const ask = (...op: Op): Promise<unknown> =>
    new Promise((done, fail) => {
      begin()
      if (queue.push([op, done, fail]) < 2) void Promise.resolve().then(flush)
    })
  const reset = (): void => {
    failure = undefined
    if (silent) stop()
    silent = !!(nonce || port)
  }
  return { begin, ask, reset, close: (): void => fail('closed') }
}
