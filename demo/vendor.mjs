// The vendor's site: the hub's page, the desk, and a switch that really turns the hub off.

import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { createHandler, nodeListener } from 'holdfast/server'
import { openDesk } from './desk.mjs'
import { vendorDocument } from './document.mjs'
import { find } from './shelf.mjs'
import { allowAt, originAt, SITES } from './sites.mjs'
import { json, pathOf, readJson, reads, Refusal, refused, send } from './wire.mjs'

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */

/** Nobody is kept waiting for ever, not even by a hub that never answers. */
const MOST_SILENCE = 60_000

const GONE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Out of order</title>'

/** The hub's script in one file, as a vendor would serve it. */
async function bundleHub() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./hub/hub.js', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2021',
    minify: true,
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

/** What the server does with the hub's page: serves it, answers that it is out of order, or never answers. */
function openSwitch() {
  let position = 'on'
  /** @type {Set<() => void>} those that are not answered, for when it is on again */
  const waiting = new Set()
  return {
    position: () => position,
    /** @param {unknown} body */
    turn(body) {
      const asked = /** @type {{ position?: unknown } | null} */ (body)?.position
      if (asked !== 'on' && asked !== 'off' && asked !== 'silent') throw new Refusal(400, 'The switch says on, off or silent.')
      position = asked
      if (position !== 'silent') for (const go of [...waiting]) go()
      return { position }
    },
    /** Resolves once it is known whether to answer. @param {Response} response */
    async wait(response) {
      if (position !== 'silent') return
      await new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
        const go = () => {
          clearTimeout(timer)
          waiting.delete(go)
          resolve()
        }
        const timer = setTimeout(go, MOST_SILENCE)
        waiting.add(go)
        response.on('close', go)
      })
    },
  }
}

/** @param {string} port */
export async function openVendor(port) {
  const hubScript = await bundleHub()
  const hub = nodeListener(createHandler({ allow: allowAt(port), hub: { script: '/hub.js' } }))
  const hubSwitch = openSwitch()
  const desk = openDesk()
  const brands = new Map(Object.values(SITES).map(({ host, brand }) => [originAt(host, port), brand]))

  /** @type {Record<string, (request: Request, brand: string) => unknown>} */
  const api = {
    'GET /api/questions': (_, brand) => desk.questions(brand),
    'POST /api/session': async (request, brand) => desk.begin(brand, await readJson(request)),
    'GET /api/conversation': (request, brand) => desk.read(brand, request.headers.authorization),
    'POST /api/messages': async (request, brand) => desk.hear(brand, request.headers.authorization, await readJson(request)),
    'GET /api/hub': () => ({ position: hubSwitch.position() }),
    'PUT /api/hub': async (request) => hubSwitch.turn(await readJson(request)),
  }

  /** What the brands' pages ask for, by the brand that the browser names; a page cannot claim another one. */
  const answerApi = async (/** @type {Request} */ request) => {
    const { origin = '' } = request.headers
    const brand = brands.get(origin)
    if (!brand) throw new Refusal(403, 'This desk does not know you.')
    const cors = { 'Access-Control-Allow-Origin': origin, Vary: 'Origin', 'Cache-Control': 'no-store' }
    if (request.method === 'OPTIONS') {
      const preflight = { 'Access-Control-Allow-Methods': 'GET, POST, PUT', 'Access-Control-Allow-Headers': 'authorization, content-type', 'Access-Control-Max-Age': '600' }
      return { status: 204, headers: { ...cors, ...preflight } }
    }
    const name = `${request.method} ${pathOf(request)}`
    const handle = Object.hasOwn(api, name) ? api[name] : undefined
    const reply = await Promise.resolve(handle ? handle(request, brand) : Promise.reject(new Refusal(404, 'The desk cannot do this.'))).then((value) => json(/** @type {object} */ (value)), refused)
    return { ...reply, headers: { ...reply.headers, ...cors } }
  }

  const answerPage = async (/** @type {Request} */ request) => {
    if (!reads(request)) throw new Refusal(405, 'This cannot be done here.')
    const path = pathOf(request)
    if (path === '/') {
      const body = await vendorDocument(port)
      const policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
      return { status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy }, body }
    }
    // The hub's page asks for its script with the policy of `require-corp`; it is of this origin.
    if (path === '/hub.js') return { status: 200, headers: { 'Content-Type': 'text/javascript; charset=utf-8', 'Cross-Origin-Resource-Policy': 'same-origin' }, body: hubScript }
    const file = /\.(css|svg)$/.test(path) ? await find(path) : undefined
    if (!file) throw new Refusal(404, 'Nothing here by that name.')
    return file
  }

  return async (/** @type {Request} */ request, /** @type {Response} */ response) => {
    const path = pathOf(request)
    if (path !== '/hub') return send(request, response, await (path.startsWith('/api/') ? answerApi(request) : answerPage(request)))
    await hubSwitch.wait(response)
    if (hubSwitch.position() === 'on') return hub(request, response)
    send(request, response, { status: 503, headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' }, body: GONE })
  }
}
