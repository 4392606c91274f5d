import type { TierCode } from '../errors.js'
import { asTierError, StorageError } from '../errors.js'
import type { Hello, Op, Page, Reply } from './protocol.js'
import { calm, MOST_OPS, NEWEST, OLDEST, randomToken } from './protocol.js'

type Answers = readonly ({ code?: TierCode } | undefined)[]
type Asked = [ops: Op[], done: (answers: Answers) => void, fail: (error: StorageError) => void]

/**
 * The way to one hub: its frame, the handshake, and what has been asked and not answered yet. `welcomed` hears the
 * hub's state after each handshake, `heard` the names that others changed. Answers `begin`, which makes the frame if it
 * is not there, and throws what has failed; `ask`, of which one tick is one message; `reset`, after which a failure is
 * tried anew, and a document that stayed silent since the last one; and `close`.
 */
export const createConnection = (page: Page, url: URL, welcomed: (state: unknown) => void, heard: (names: readonly string[]) => void) => {
  const unanswered = new Map<number, Asked>()
  /** What this tick has asked for so far, and what will be answered. */
  let ops: Op[] | undefined
  let answers: Promise<Answers>
  let frame: HTMLIFrameElement | undefined
  let port: MessagePort | undefined
  /** Of the handshake under way; NaN, which nothing equals: none is. */
  let nonce: string | number = NaN
  let failure: StorageError | undefined
  let count = 0
  /** The document was there at the last reset, and has said nothing since: it may be an error page, or hang. */
  let silent: unknown

  const listen = (verb: 'add' | 'remove'): void => {
    const method = `${verb}EventListener` as const
    page[method]?.('message', hear as never)
    page[method]?.('securitypolicyviolation', violated as never)
  }
  const stop = (): void => {
    listen('remove')
    frame?.remove()
    // Its other end has gone with the frame.
    frame = port = undefined
    nonce = NaN
  }
  const fail = (why: string): void => {
    stop()
    failure = new StorageError('unavailable', 'hub: ' + why)
    unanswered.forEach(([, , reject]) => reject(failure!))
    unanswered.clear()
    ops = undefined
  }

  /**
   * The vendor's script may listen late, so the hello is repeated, some 15 times in 8 s; no more, because a frame that
   * shows an error page has another origin, and the console tells of it each time.
   */
  const call = (own: string, pause: number): void => {
    if (own !== nonce) return
    frame!.contentWindow?.postMessage({ holdfast: own, speaks: [OLDEST, NEWEST] } satisfies Hello, url.origin)
    if (pause < 2000) (page.setTimeout ?? setTimeout)(() => call(own, pause * 1.3), pause)
  }
  /** Each load of the frame is another document: the old port is dead, and so is the old nonce. */
  const greet = calm(() => {
    port = undefined
    silent = false
    call((nonce = randomToken(page)), 65)
  })
  const send = (ops: readonly Op[], id: number): void => port?.postMessage({ id, ops })

  const hear = calm(({ data, source, origin, ports }: MessageEvent<Reply>) => {
    if (source !== frame!.contentWindow || origin !== url.origin || data.holdfast !== nonce) return
    if (data.refused) return fail(data.refused === 'origin' ? 'origin refused' : 'newer protocol')
    ports[0]!.onmessage = answered
    welcomed(data.state)
    nonce = NaN
    port = ports[0]
    // What was asked of a document that is gone is asked again: registers bear that.
    unanswered.forEach(([ops], id) => send(ops, id))
  })
  const answered = calm(({ data }: MessageEvent<{ id: number; answers: Answers; heard?: string[] }>) => {
    if (data.heard) return heard(data.heard)
    const [ops, done] = unanswered.get(data.id)!
    if (ops.length !== data.answers.length) return
    unanswered.delete(data.id)
    silent = false
    done(data.answers)
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

  const ask = async (...op: Op): Promise<unknown> => {
    begin()
    if (!(ops?.length! < MOST_OPS)) {
      const own: Op[] = (ops = [])
      const id = ++count
      answers = new Promise((done, fail) => unanswered.set(id, [own, done, fail]))
      void Promise.resolve().then(() => {
        ops = undefined
        send(own, id)
      })
    }
    const index = ops!.push(op) - 1
    const answer = (await answers)[index]
    const code = answer?.code
    if (code) throw asTierError(new StorageError(code, 'hub: ' + code), 'hub')
    return answer
  }
  const reset = (): void => {
    failure = undefined
    if (silent) stop()
    silent = nonce || port
  }
  return { begin, ask, reset, close: (): void => fail('closed') }
}
