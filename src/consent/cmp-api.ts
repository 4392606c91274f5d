import type { ConsentEnv } from './env.js'
import { calm, listen } from './providing.js'
import type { TcData } from './tc-data.js'

type Reply = (value: unknown, success: unknown) => void

/** `__tcfapi`, of this window or of one above it. */
type Call = (command: string, reply: Reply, parameter?: unknown) => void

/** A CMP that was found. */
export interface Cmp {
  /** Asks it for what it knows, now and whenever that changes. */
  begin(): void
  /** Ends that, also where it was asked of a stub and the CMP comes later. */
  leave(): void
}

interface Above {
  readonly frames: { readonly __tcfapiLocator?: unknown }
  readonly parent: Above
  postMessage(data: unknown, origin: string): void
}

interface Answer {
  readonly __tcfapiReturn: { readonly callId: unknown; readonly returnValue: unknown; readonly success: unknown }
}

/** The nearest ancestor with a frame of that name answers for its CMP (CMP API v2, "Using postmessage"). */
const locate = (env: ConsentEnv): Above | undefined => {
  let frame = env as Above
  // No page nests deeper, and a page may have put anything in place of its `parent`.
  for (let depth = 20; depth-- && frame !== frame.parent; ) {
    frame = frame.parent
    // A window of another origin throws for a name that it does not have.
    if (calm(() => frame.frames.__tcfapiLocator)) return frame
  }
  return
}

/** `undefined`: there is none yet. What `heard` is given may be anything. */
export const findCmp = (env: ConsentEnv, heard: (data: TcData) => void): Cmp | undefined => {
  const own = env as { __tcfapi?(command: string, version: 2, reply: Reply, parameter: unknown): void }
  const here = typeof own.__tcfapi === 'function'
  const frame = here ? undefined : locate(env)
  if (!here && !frame) return
  const callId = '' + Math.random()
  let id: unknown
  let over = false

  const call: Call = (command, reply, parameter) => {
    // Its origin cannot be known, so nothing but the call goes there.
    if (frame) frame.postMessage({ __tcfapiCall: { command, parameter, version: 2, callId } }, '*')
    // Looked up at each call: the stub gives way to the real one.
    else own.__tcfapi!(command, 2, reply, parameter)
  }
  const reply: Reply = (data, success) =>
    calm(() => {
      id = (data as TcData).listenerId ?? id
      if (over) leave()
      else if (success) heard(data as TcData)
    })
  const stop =
    frame &&
    listen(env, 'message', ({ source, data }) =>
      calm(() => {
        const { callId: asked, returnValue, success } = (data as Answer).__tcfapiReturn
        // The standard does not say who may answer, so it can only be the frame that was asked.
        if (source === (frame as unknown) && asked === callId) reply(returnValue, success)
      }),
    )
  const leave = (): void => {
    over = true
    stop?.()
    if (id !== undefined) call('removeEventListener', () => {}, id)
  }
  return { begin: () => call('addEventListener', reply), leave }
}
