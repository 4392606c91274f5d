// The brands' sites: a page each, with the vendor's chat in it and the ladder beside it.

import { createHash } from 'node:crypto'
import { documentOf } from './document.mjs'
import { find } from './shelf.mjs'
import { addressesAt } from './sites.mjs'
import { pathOf, reads, Refusal } from './wire.mjs'

/**
 * The page's policy: its own files, the vendor's desk and the vendor's hub, and nothing else. The import map is
 * the one inline script, allowed by its hash.
 *
 * @param {string} html @param {string} vendor
 */
function policyFor(html, vendor) {
  const map = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? ''
  const hash = createHash('sha256').update(map).digest('base64')
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${vendor}`,
    `frame-src ${vendor}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** @param {string} name of the site @param {string} port */
export function openBrand(name, port) {
  const { vendor } = addressesAt(port)
  /** @param {import('node:http').IncomingMessage} request @returns {Promise<import('./wire.mjs').Reply>} */
  return async (request) => {
    if (!reads(request)) throw new Refusal(405, 'This cannot be done here.')
    const path = pathOf(request)
    if (path === '/') {
      const body = await documentOf(name, port)
      return { status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policyFor(body, vendor) }, body }
    }
    const file = await find(path)
    if (!file) throw new Refusal(404, 'Nothing here by that name.')
    return file
  }
}
