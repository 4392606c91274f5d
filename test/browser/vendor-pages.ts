import { build } from 'esbuild'
import { type CookieEndpoint, createHandler, nodeListener, readEntry } from 'holdfast/server'
import { hosts, type Page, type Pages } from './sites.js'

/** The brands that the vendor serves; `evil.test` is none of them. */
const brands = ['https://*.brand.test', 'https://brand.test', 'https://other.test']

type Handler = (request: Request) => Promise<Response>

const hubAt = (path: string): Handler => createHandler({ allow: brands, hub: { path, script: '/vendor-hub.js' } })
const cookiesAt = (path: string, cookies: CookieEndpoint): Handler => createHandler({ allow: brands, cookies: { path, ...cookies } })

/** By host and path. The brand's own server sets cookies of its own site. */
const handlers: Record<string, Handler> = {
  [`${hosts.vendor}/hub`]: hubAt('/hub'),
  [`${hosts.vendor}/hub-held`]: hubAt('/hub-held'),
  [`${hosts.vendor}/entries`]: cookiesAt('/entries', {}),
  [`${hosts.vendor}/entries-partitioned`]: cookiesAt('/entries-partitioned', { partitioned: true }),
  [`${hosts.brand}/entries`]: cookiesAt('/entries', { domain: 'brand.test', sameSite: 'Lax' }),
}

/** Hubs that a brand may meet, and that no handler serves. */
const others: Record<string, Page> = {
  // Whoever likes may frame it.
  '/hub-unframed': { body: '<!doctype html><script type="module" src="/vendor-hub.js"></script>' },
  '/hub-newer': { body: '<!doctype html><script src="/vendor-newer.js"></script>' },
  '/hub-silent': { body: '<!doctype html>nobody listens' },
  '/hub-broken': { status: 500, body: 'no hub' },
}

let bundled: Promise<string> | undefined

/** A hub of a protocol that no page of today speaks: it refuses, or welcomes all the same. */
const newer = `addEventListener('message', ({ data, source, origin }) => {
  const channel = new MessageChannel()
  if (location.search === '?welcome') source.postMessage({ holdfast: data.holdfast, version: 2, state: { lifetimes: ['device'], access: false } }, origin, [channel.port2])
  else source.postMessage({ holdfast: data.holdfast, refused: 'version' }, origin)
})`

export interface Vendor {
  pages: Pages
  /** Requests for the hub's page, by path. */
  asked: string[]
  /** Lets `/hub-held` answer, which waits until then. */
  release(): void
}

/** What the vendor serves at chat.vendor.test, and what the brand's server does at brand.test/entries. */
export function createVendor(): Vendor {
  const asked: string[] = []
  let release!: () => void
  const released = new Promise<void>((resolve) => (release = resolve))
  const pages: Pages = async (url, request, response) => {
    const script = { headers: { 'content-type': 'text/javascript; charset=utf-8' } }
    if (url.pathname === '/vendor-hub.js') return { ...script, body: await (bundled ??= bundle()) }
    if (url.pathname === '/vendor-newer.js') return { ...script, body: newer }
    if (url.pathname === '/session') return sessionOf(request.headers.cookie)
    if (url.pathname === '/forget') return forget(request.headers.cookie)
    if (url.pathname.startsWith('/hub')) asked.push(url.pathname)
    if (url.pathname === '/hub-held') await released
    const handler = handlers[url.host + url.pathname]
    if (!handler) return others[url.pathname]
    await nodeListener(handler)(request, response)
    return
  }
  return { pages, asked, release }
}

export const vendorPages: Pages = createVendor().pages

/** What a brand's backend reads from a request: what its pages wrote, and what its server did. */
function sessionOf(cookies: string | undefined): Page {
  const [page, server] = [readEntry(cookies, 'acme-chat.token'), readEntry(cookies, 'acme-chat.token', { site: 'brand.test' })]
  return { body: JSON.stringify({ page, server }), headers: { 'content-type': 'application/json' } }
}

/** Expires each cookie that came with a request, wherever it may be kept; no script can reach those. */
function forget(cookies = ''): Page {
  const names = cookies.split('; ').map((cookie) => cookie.split('=')[0])
  const scopes = ['', '; Partitioned', '; Domain=brand.test']
  return { body: '', headers: { 'set-cookie': names.flatMap((name) => scopes.map((scope) => `${name}=; Path=/; Max-Age=0; Secure; SameSite=None${scope}`)) } }
}

async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [new URL('./vendor-hub.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2021',
    logLevel: 'silent',
  })
  return result.outputFiles[0]?.text ?? ''
}
