// What every host of the demo needs to read a request and to answer one.

const MOST_BYTES = 16_384

/** What went wrong with a request, for the server to answer as `status`. */
export class Refusal extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/** @typedef {{ status: number, headers: Record<string, string>, body?: string | Buffer }} Reply */

/** @param {object} value @returns {Reply} */
export const json = (value, status = 200) => ({ status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) })

/** @param {unknown} error @returns {Reply} */
export function refused(error) {
  const known = error instanceof Refusal
  if (!known) console.error(error)
  return json({ error: known ? error.message : 'Something broke on our side.' }, known ? error.status : 500)
}

/** @param {import('node:http').IncomingMessage} request */
export async function readJson(request) {
  // A form cannot send this type without asking first, and only our own sites are told yes.
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

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response @param {Reply} reply */
export function send(request, response, { status, headers, body = '' }) {
  response.writeHead(status, {
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    ...headers,
    // The rest of a body that was refused half read has to go somewhere: with the connection.
    ...(status >= 400 ? { Connection: 'close' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** The path that a request asks for, without its query. @param {import('node:http').IncomingMessage} request */
export const pathOf = ({ url = '/' }) => url.split('?')[0] ?? '/'

/** @param {import('node:http').IncomingMessage} request */
export const reads = ({ method }) => method === 'GET' || method === 'HEAD'
