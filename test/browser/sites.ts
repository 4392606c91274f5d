import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer as createProxy, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer, type Server as SecureServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { scratchDirectory } from './processes.js'
import { program } from './programs.js'

export const hosts = {
  a: 'a.brand.test',
  b: 'b.brand.test',
  brand: 'brand.test',
  other: 'other.test',
  vendor: 'chat.vendor.test',
  evil: 'evil.test',
} as const

let bundled: Promise<string> | undefined

export interface Page {
  status?: number
  headers?: Record<string, string | string[]>
  body: string
}

/** A test's own pages. `undefined` leaves a request that it has not answered itself to the pages that are always there. */
export type Pages = (url: URL, request: IncomingMessage, response: ServerResponse) => Page | undefined | Promise<Page | undefined>

export interface Sites {
  /** What `launch` takes as `proxy`. */
  proxy: string
  /** What the browsers wanted from elsewhere and did not get. */
  refused: ReadonlySet<string>
  url(host: keyof typeof hosts, path?: string, query?: Record<string, string>): string
  close(): Promise<void>
}

/**
 * Every host of `.test` over https on loopback, and a proxy that leads to it. The proxy is how all three
 * engines map names alike, with no port in an address, and why nothing leaves the machine.
 */
export async function startSites(pages: Pages = () => undefined): Promise<Sites> {
  const script = await (bundled ??= bundle())
  const server = createServer(certificate(), (request, response) => void answer(request, response, pages, script))
  const port = await listen(server)
  const refused = new Set<string>()
  const proxy = proxyTo(port, refused)
  const sockets = new Set<Socket>()
  for (const one of [server, proxy]) {
    one.on('connection', (socket: Socket) => {
      sockets.add(socket)
      // A browser that is closed resets its connections.
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    })
  }
  return {
    proxy: `127.0.0.1:${await listen(proxy)}`,
    refused,
    url: (host, path = '/', query = {}) => {
      const url = new URL(path, `https://${hosts[host]}`)
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      return url.href
    },
    close: async () => {
      const closed = [server, proxy].map((one) => new Promise((resolve) => one.close(resolve)))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, pages: Pages, script: string): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', `https://${request.headers.host}`)
    const own = await pages(url, request, response)
    if (response.headersSent) return
    const page = own ?? standing(url, script)
    response.writeHead(page.status ?? 200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache', ...page.headers })
    response.end(page.body)
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
  }
}

/**
 * The pages that are always there: `/page.js`, `/blank` without a script, and for any other path a page with it.
 * `?header=Name: value` adds a header; `?frame=address` an iframe `#frame`, which `&sandbox=tokens` puts in a sandbox.
 */
function standing(url: URL, script: string): Page {
  if (url.pathname === '/page.js') return { body: script, headers: { 'content-type': 'text/javascript; charset=utf-8' } }
  if (url.pathname === '/favicon.ico') return { body: '', status: 204 }
  const headers: Record<string, string> = {}
  for (const header of url.searchParams.getAll('header')) {
    const colon = header.indexOf(':')
    headers[header.slice(0, colon)] = header.slice(colon + 1).trim()
  }
  const frame = url.searchParams.get('frame')
  const sandbox = url.searchParams.get('sandbox')
  const parts = [
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${text(url.host + url.pathname)}</title>`,
    url.pathname === '/blank' ? '' : '<script src="/page.js"></script>',
    `<body>${text(url.host)}`,
    frame === null ? '' : `<iframe id="frame" src="${text(frame)}"${sandbox === null ? '' : ` sandbox="${text(sandbox)}"`}></iframe>`,
  ]
  return { headers, body: parts.join('\n') }
}

function text(raw: string): string {
  return raw.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Leads every `.test` host to our server, whatever the port, and refuses all else. */
function proxyTo(port: number, refused: Set<string>): Server {
  const proxy = createProxy((request, response) => {
    refused.add(String(request.headers.host))
    response.writeHead(403).end()
  })
  proxy.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const host = String(request.url).split(':')[0] ?? ''
    if (!host.endsWith('.test')) {
      refused.add(host)
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    const inner = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      inner.write(head)
      inner.pipe(socket).pipe(inner)
    })
    inner.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => inner.destroy())
  })
  return proxy
}

function listen(server: Server | SecureServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

/** A certificate for a day, which the browsers are told not to check. */
function certificate(): { key: string; cert: string } {
  const directory = scratchDirectory('certificate')
  const [key, cert] = [join(directory.path, 'key.pem'), join(directory.path, 'certificate.pem')]
  const names = Object.values(hosts).map((host) => `DNS:${host}`)
  try {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const subject = ['-subj', '/CN=holdfast test', '-addext', `subjectAltName=${names.join(',')}`]
    execFileSync(program('openssl'), ['req', '-x509', ...curve, '-days', '1', ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    directory.remove()
  }
}

/** The page's script. It takes the package as a user does: by name, through `exports`, from what was built. */
async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [new URL('./page.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2021',
    logLevel: 'silent',
  })
  return result.outputFiles[0]?.text ?? ''
}
