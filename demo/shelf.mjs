// The files that the demo serves: its page and the built package. Nothing else can be named.

import { readdir, readFile } from 'node:fs/promises'

const SHELVES = [
  { prefix: '/dist/', folder: new URL('../dist/', import.meta.url), wanted: /\.js(\.map)?$/ },
  { prefix: '/', folder: new URL('./page/', import.meta.url), wanted: /\.(css|js|svg)$/ },
]

/** @type {Record<string, string>} */
const TYPES = {
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
 * @returns {Promise<import('./wire.mjs').Reply | undefined>}
 */
export async function find(path) {
  const shelf = SHELVES.find(({ prefix }) => path.startsWith(prefix))
  const name = path.slice(shelf?.prefix.length)
  // Before the first build there is no dist, and nothing in it.
  const names = shelf ? await readdir(shelf.folder).catch(() => []) : []
  if (!shelf || !shelf.wanted.test(name) || !names.includes(name)) return undefined
  const ending = name.slice(name.lastIndexOf('.') + 1)
  const headers = { 'Content-Type': TYPES[ending] ?? 'application/octet-stream', 'Cross-Origin-Resource-Policy': 'same-origin' }
  return { status: 200, headers, body: await readFile(new URL(name, shelf.folder)) }
}
