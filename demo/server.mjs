// `npm run demo`: two subdomains of a brand, another brand, and the vendor of the chat that they all have.

import { createServer } from 'node:http'
import { openBrand } from './brand.mjs'
import { originAt, SITES, VENDOR_HOST } from './sites.mjs'
import { openVendor } from './vendor.mjs'
import { Refusal, refused, send } from './wire.mjs'

/** Browsers try both for a name under `.localhost`. */
const ADDRESSES = ['127.0.0.1', '::1']
const PLAIN_NAMES = ['localhost', ...ADDRESSES.map((address) => (address.includes(':') ? `[${address}]` : address))]

const asked = Number(process.env.PORT ?? 4173)
if (!Number.isInteger(asked) || asked < 0 || asked > 65_535) fail(`PORT must be a number from 0 to 65535, not ${JSON.stringify(process.env.PORT)}.`)

/** @param {unknown} reason @returns {never} */
function fail(reason) {
  console.error(reason)
  process.exit(1)
}

/** @type {Record<string, (request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => unknown>} by Host */
const hosts = {}

/** @type {import('node:http').RequestListener} */
async function listener(request, response) {
  try {
    // A name that merely points at this machine (DNS rebinding) is not one of ours.
    const host = (request.headers.host ?? '').toLowerCase()
    const answer = Object.hasOwn(hosts, host) ? hosts[host] : undefined
    if (!answer) throw new Refusal(421, 'This server answers to its own names.')
    await answer(request, response)
  } catch (error) {
    if (!response.headersSent) send(request, response, refused(error))
  }
}

/** @param {string} port */
async function open(port) {
  const hostAt = (/** @type {string} */ name) => new URL(originAt(name, port)).host
  const vendor = await openVendor(port)
  hosts[hostAt(VENDOR_HOST)] = vendor
  for (const [name, { host }] of Object.entries(SITES)) {
    const brand = openBrand(name, port)
    hosts[hostAt(host)] = async (request, response) => send(request, response, await brand(request))
  }
  const door = `${originAt(SITES.shop.host, port)}/`
  for (const name of PLAIN_NAMES) hosts[hostAt(name)] = (request, response) => send(request, response, { status: 302, headers: { Location: door } })
}

/** @param {string} address @param {number} port @returns {Promise<number>} */
function listen(address, port) {
  const server = createServer(listener)
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(port, address, () => {
      const bound = server.address()
      resolve(typeof bound === 'object' && bound ? bound.port : port)
    })
  })
}

const [first = '', ...others] = ADDRESSES
const port = await listen(first, asked).catch((/** @type {NodeJS.ErrnoException} */ error) => fail(error.code === 'EADDRINUSE' ? `Port ${asked} is taken. Try PORT=0 npm run demo.` : error))
for (const address of others) {
  await listen(address, port).catch((/** @type {NodeJS.ErrnoException} */ error) => {
    // A machine may have no IPv6; but a stranger there would be taken for us.
    if (error.code === 'EADDRINUSE') fail(`Port ${port} is taken on ${address}. Try PORT=0 npm run demo.`)
  })
}
await open(String(port))

const line = (/** @type {string} */ host, /** @type {string} */ what) => `  ${originAt(host, String(port))}/`.padEnd(44) + what
console.log(
  [
    `Open ${originAt(SITES.shop.host, String(port))}/`,
    '',
    line(SITES.shop.host, "Stipe's shop"),
    line(SITES.help.host, "Stipe's help pages: another subdomain of the same brand"),
    line(SITES.alder.host, 'Alder: another brand with the same chat'),
    line(VENDOR_HOST, "Bollard: the chat's vendor, with the hub and the desk"),
  ].join('\n'),
)
