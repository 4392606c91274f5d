// `npm run demo`: a brand's page with a chat widget, and the ladder of places that keep its session token.

import { createServer } from 'node:http'
import { Refusal, openDesk } from './desk.mjs'
import { find, policyFor } from './shelf.mjs'

const HOST = '127.0.0.1'
const MOST_BYTES = 16_384
const LOCAL_NAMES = new Set(['127.0.0.1', 'localhost'])

const desk = openDesk()

/** @type {Record<string, (request: import('node:http').IncomingMessage) => Promise<object>>} */
const api = {
  'POST /api/session': async (request) => desk.begin(await readJson(request)),
  'GET /api/conversation': (request) => desk.read(request.headers.authorization),
  'POST /api/messages': async (request) => desk.hear(request.headers.authorization, await readJson(request)),
}

/** @param {import('node:http').IncomingMessage} request */
async function readJson(request) {
  // A form on another site cannot send this type without asking first, and nobody here says yes.
  if (request.headers['content-type'] !== 'application/json') throw new Refusal(415, 'Send application/json.')
  /** @type {Buffer[]} */
  const parts = []
  let size = 0
  for await (const part of request) {
    size += part.length
    if (size > MOST_BYTES) throw new Refusal(413, `A request has at most ${MOST_BYTES} bytes.`)
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch {
    throw new Refusal(400, 'This is not JSON.')
  }
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<{ status: number, type: string, body: string | Buffer, policy?: string }>}
 */
async function answer(request) {
  // A name that merely points at this machine (DNS rebinding) is not one of ours.
  const host = (request.headers.host ?? '').replace(/:\d+$/, '')
  if (!LOCAL_NAMES.has(host)) throw new Refusal(421, 'This server answers to localhost.')
  const method = request.method ?? 'GET'
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  const handle = Object.hasOwn(api, `${method} ${path}`) ? api[`${method} ${path}`] : undefined
  if (handle) return { status: 200, type: 'application/json', body: JSON.stringify(await handle(request)) }
  if (method !== 'GET' && method !== 'HEAD') throw new Refusal(405, 'This cannot be done here.')
  const file = await find(path)
  if (!file) throw new Refusal(404, 'Nothing here by that name.')
  return { status: 200, ...file, ...(file.type.startsWith('text/html') ? { policy: policyFor(file.body) } : {}) }
}

/** @param {unknown} error */
function refuse(error) {
  const known = error instanceof Refusal
  if (!known) console.error(error)
  const body = JSON.stringify({ error: known ? error.message : 'Something broke on our side.' })
  return { status: known ? error.status : 500, type: 'application/json', body }
}

const server = createServer(async (request, response) => {
  /** @type {Awaited<ReturnType<typeof answer>>} */
  const reply = await answer(request).catch(refuse)
  response.writeHead(reply.status, {
    'Content-Type': reply.type,
    'Content-Length': Buffer.byteLength(reply.body),
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(reply.policy ? { 'Content-Security-Policy': reply.policy } : {}),
    // The rest of a body that was refused half read has to go somewhere: with the connection.
    ...(reply.status >= 400 ? { Connection: 'close' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : reply.body)
})

const port = Number(process.env.PORT ?? 4173)
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`PORT must be a number from 0 to 65535, not ${JSON.stringify(process.env.PORT)}.`)
  process.exit(1)
}

server.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
  console.error(error.code === 'EADDRINUSE' ? `Port ${port} is taken. Try PORT=0 npm run demo.` : error)
  process.exit(1)
})
server.listen(port, HOST, () => {
  const address = server.address()
  console.log(`Open http://localhost:${typeof address === 'object' ? address?.port : port}/`)
})
