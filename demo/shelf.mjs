// The files that the demo serves: its page, the built package, and idb beside it. Nothing else can be named.

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

const HERE = new URL('./page/', import.meta.url)
const DIST = new URL('../dist/', import.meta.url)
const IDB = new URL('../node_modules/idb/build/', import.meta.url)

/** @type {Record<string, string>} */
const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  map: 'application/json',
  svg: 'image/svg+xml',
}

/** @param {URL} folder @param {RegExp} wanted */
const list = async (folder, wanted) => (await readdir(folder)).filter((name) => wanted.test(name))

/**
 * Lists what may be served, once, as path → file. A request is looked up, never turned into a path, so it
 * cannot climb out. The built package is listed at each call of `find`, because a build renames its chunks.
 */
export async function stockShelf() {
  const page = new Map((await list(HERE, /\.(html|css|js|svg)$/)).map((name) => [`/${name}`, new URL(name, HERE)]))
  page.set('/', new URL('index.html', HERE))
  page.set('/idb/index.js', new URL('index.js', IDB))

  /** @param {string} path */
  async function locate(path) {
    const own = page.get(path)
    if (own) return own
    if (!path.startsWith('/dist/')) return undefined
    const name = path.slice('/dist/'.length)
    return (await list(DIST, /\.js(\.map)?$/)).includes(name) ? new URL(name, DIST) : undefined
  }

  /**
   * @param {string} path
   * @returns {Promise<{ body: Buffer, type: string } | undefined>}
   */
  return async function find(path) {
    const file = await locate(path)
    if (!file) return undefined
    const ending = file.pathname.slice(file.pathname.lastIndexOf('.') + 1)
    return { body: await readFile(file), type: TYPES[ending] ?? 'application/octet-stream' }
  }
}

/**
 * The page's policy: its own files and nothing else. The import map is the one inline script, allowed by its hash.
 * @param {Buffer} html
 */
export function policyFor(html) {
  const map = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html.toString())?.[1] ?? ''
  const hash = createHash('sha256').update(map).digest('base64')
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
