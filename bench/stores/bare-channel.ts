import { byTick, type MakeStore } from './store.js'

type Asked = readonly [key: string, value?: string]

/** A MessageChannel to a frame that keeps what it is told in localStorage: a message each, or `tick`: one for all of a tick. */
export const make: MakeStore = async ({ form, hub }) => {
  const frame = Object.assign(document.createElement('iframe'), { src: hub, hidden: true })
  const loaded = new Promise((resolve) => (frame.onload = resolve))
  document.body.append(frame)
  await loaded
  const { port1, port2 } = new MessageChannel()
  frame.contentWindow!.postMessage('port', new URL(hub).origin, [port2])
  const waiting = new Map<number, (answers: unknown[]) => void>()
  let count = 0
  port1.onmessage = ({ data: [id, answers] }: MessageEvent<[number, unknown[]]>) => {
    waiting.get(id)!(answers)
    waiting.delete(id)
  }
  const ask = (asked: readonly Asked[]): Promise<unknown[]> =>
    new Promise((resolve) => {
      waiting.set(++count, resolve)
      port1.postMessage([count, asked])
    })
  const one = form === 'tick' ? byTick<Asked, unknown>(ask) : async (asked: Asked) => (await ask([asked]))[0]
  return { set: (key, value) => one([key, value]), get: (key) => one([key]) }
}
