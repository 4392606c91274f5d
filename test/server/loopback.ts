import type { AddressInfo } from 'node:net'
import { createServer, type RequestListener } from 'node:http'
import { connect } from 'node:net'

/** A server on loopback while `act` runs; it gets the port. */
export const onLoopback = async <T>(listener: RequestListener, act: (port: number) => Promise<T>): Promise<T> => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await act((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Sends bytes as they are and no more, and answers what comes back until the other side ends, or the first answer is whole. */
export const sendRaw = (port: number, bytes: string | Uint8Array): Promise<string> =>
  new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
    const done = (): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      answer += text
      const [head, body] = answer.split('\r\n\r\n')
      if (body !== undefined && body.length >= Number(/content-length: (\d+)/i.exec(head!)?.[1] ?? 0)) done()
    })
    socket.on('error', done)
    socket.on('close', done)
  })
