// The files that the demo serves: its page, the built package, and idb beside it. Nothing else can be named.

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

const SHELVES = [
  { prefix: '/dist/', folder: new URL('../dist/', import.meta.url), wanted: /\.js(\.map)?$/ },
  { prefix: '/idb/', folder: new URL('../node_modules/idb/build/', import.meta.url), wanted: /^index\.js$/ },
  { prefix: '/', folder: new URL('./page/', import.meta.url), wanted: /\.(html|css|js|svg)$/ },
]

/** @type {Record<string, string>} */
const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  map: 'application/json',
  svg: 'image/svg+xml',
}

/**
 * Looks a path up among the names that are there, and never turns it into one, so it cannot climb out.
 * The names are listed anew each time, because a build renames its chunks.
 *
 * @param {string} path
 * @returns {Promise<{ body: Buffer, type: string } | undefined>}
 */
export async function find(path) {
  const asked = path === '/' ? '/index.html' : path
  const shelf = SHELVES.find(({ prefix }) => asked.startsWith(prefix))
  const name = asked.slice(shelf?.prefix.length)
  // Before the first build there is no dist, and nothing in it.
  const names = shelf ? await readdir(shelf.folder).catch(() => []) : []
  if (!shelf || !shelf.wanted.test(name) || !names.includes(name)) return undefined
  const ending = name.slice(name.lastIndexOf('.') + 1)
  return { body: await readFile(new URL(name, shelf.folder)), type: TYPES[ending] ?? 'application/octet-stream' }
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
