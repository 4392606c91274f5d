// The driver's side of the crash bench: one page, and a WebSocket on which it tells what was acknowledged (RFC 6455).
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The texts in the frames that are complete, and what is left. The page's messages are single masked frames of text. */
function framesIn(bytes) {
  const texts = []
  for (;;) {
    if (bytes.length < 6) return { texts, bytes }
    const short = bytes[1] & 127
    const head = short < 126 ? 2 : short === 126 ? 4 : 10
    if (bytes.length < head + 4) return { texts, bytes }
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
    const end = head + 4 + length
    if (bytes.length < end) return { texts, bytes }
    const mask = bytes.subarray(head, head + 4)
    if ((bytes[0] & 15) === 1) texts.push(Buffer.from(bytes.subarray(head + 4, end).map((byte, index) => byte ^ mask[index % 4])).toString())
    bytes = bytes.subarray(end)
  }
}

function frameOf(text) {
  const body = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x81, body.length]), body])
}

/** `hear(message, answer)` gets what the page of this round says; `answer` takes a short text back. */
export async function startWire(script) {
  let hear = () => {}
  const server = createServer({ maxHeaderSize: 1 << 20 }, ({ url }, response) => {
    const isScript = url === '/page.js'
    response.writeHead(url === '/favicon.ico' ? 404 : 200, { 'content-type': isScript ? 'text/javascript' : 'text/html', 'cache-control': 'no-store' })
    response.end(isScript ? script : '<!doctype html><meta charset="utf-8"><title>crash</title><script src="/page.js"></script>')
  })
  const sockets = new Set()
  server.on('upgrade', ({ headers, url }, socket) => {
    sockets.add(socket)
    const accept = createHash('sha1').update(headers['sec-websocket-key'] + GUID).digest('base64')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
    socket.setNoDelay(true)
    const own = hear
    let left = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      const { texts, bytes } = framesIn(Buffer.concat([left, chunk]))
      left = bytes
      for (const text of texts) own(JSON.parse(text), (answer) => socket.write(frameOf(answer)), url)
    })
    // The browser at the other end is killed.
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    // A secure context by its name, so that WebCrypto is there.
    url: `http://localhost:${server.address().port}/`,
    listen: (heard) => (hear = heard),
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      server.close()
    },
  }
}
