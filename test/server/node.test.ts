import { request as send } from 'node:http'
import { describe, expect, test } from 'vitest'
import { createHandler, nodeListener } from 'holdfast/server'
import { entry, ORIGIN } from './asking.js'
import { onLoopback, sendRaw } from './loopback.js'

const allow = ['https://*.brand.test']
const handler = createHandler({ allow, hub: { script: '/hub.js' }, cookies: {} })

const ASKING = { origin: ORIGIN, 'content-type': 'application/json', 'x-holdfast': '1' }

/** What a client that writes a body in pieces gets to see. */
const posted = (port: number, pieces: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = send({ port, host: '127.0.0.1', path: '/entries', method: 'POST', headers: ASKING }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    })
    request.on('error', reject)
    for (const piece of pieces) request.write(piece)
    request.end()
  })

describe('a handler behind node:http', () => {
  test('serves the hub page, and entries with a cookie each', () =>
    onLoopback(nodeListener(handler), async (port) => {
      const page = await fetch(`http://127.0.0.1:${port}/hub`)
      expect([page.status, (await page.text()).startsWith('<!doctype html>'), page.headers.get('cache-control')]).toEqual([200, true, 'no-store'])
      const body = JSON.stringify({ write: [entry('a', 'x', 5), entry('b', 'y', 5)] })
      const response = await fetch(`http://127.0.0.1:${port}/entries`, { method: 'POST', body, headers: ASKING })
      expect(((await response.json()) as { outcomes: unknown }).outcomes).toEqual([true, true])
      const lines = response.headers.getSetCookie()
      expect(lines.map((line) => line.slice(0, 6))).toEqual(['a=hf13', 'b=hf13'])
      const read = await fetch(`http://127.0.0.1:${port}/entries`, { method: 'POST', body: '{"read":["b"]}', headers: { ...ASKING, cookie: lines.map((line) => line.split(';')[0]).join('; ') } })
      expect(((await read.json()) as { entries: unknown }).entries).toEqual([entry('b', 'y', 5)[1]])
    }))

  test('answers HEAD with no body', () =>
    onLoopback(nodeListener(handler), async (port) => {
      const page = await fetch(`http://127.0.0.1:${port}/hub`, { method: 'HEAD' })
      expect([page.status, await page.text()]).toEqual([200, ''])
    }))

  test('lets a client that sends too much see its 413, and serves the next one on the same connection', () =>
    onLoopback(nodeListener(handler), async (port) => {
      const piece = ' '.repeat(50_000)
      expect(await posted(port, [piece, piece, piece, piece, piece, piece])).toBe(413)
      const head = `POST /entries HTTP/1.1\r\nHost: a\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/json\r\nX-Holdfast: 1\r\n`
      const answers = await sendRaw(port, `${head}Content-Length: 400000\r\n\r\n${' '.repeat(400_000)}${head}Content-Length: 11\r\nConnection: close\r\n\r\n{"read":[]}`)
      expect(answers).toMatch(/^HTTP\/1.1 413 /)
    }))

  test('survives a client that goes away in the middle', () =>
    onLoopback(nodeListener(handler), async (port) => {
      for (let index = 0; index < 20; index++) {
        const request = send({ port, host: '127.0.0.1', path: '/entries', method: 'POST', headers: { ...ASKING, 'content-length': '1000' } })
        request.on('error', () => {})
        request.write('{"read":')
        await new Promise((resolve) => request.on('socket', (socket) => socket.once('connect', resolve)))
        request.destroy()
      }
      expect(await posted(port, ['{"read":[]}'])).toBe(200)
    }))

  test.each([
    ['a method that no Request takes', 'TRACE /hub HTTP/1.1', 400],
    ['a target that is no path', 'OPTIONS * HTTP/1.1', 404],
    ['a target that is a URL', 'GET http://chat.vendor.test/hub HTTP/1.1', 200],
    ['a target that is no URL', 'GET http://[/hub HTTP/1.1', 400],
    ['a target with another host in it', 'GET //evil.test:99999/hub HTTP/1.1', 400],
  ])('answers %s', (_, line, status) => onLoopback(nodeListener(handler), async (port) => expect(await sendRaw(port, `${line}\r\nHost: a b/..\\"\r\nConnection: close\r\n\r\n`)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))))

  test('keeps the bytes of an answer, and its own status and headers', () =>
    onLoopback(
      nodeListener(async (request) => new Response(new Uint8Array([0, 255, 128]), { status: 203, headers: { 'x-path': new URL(request.url).pathname } })),
      async (port) => {
        const response = await fetch(`http://127.0.0.1:${port}/a?b`)
        expect([response.status, response.headers.get('x-path'), [...new Uint8Array(await response.arrayBuffer())]]).toEqual([203, '/a', [0, 255, 128]])
      },
    ))

  test('answers a handler that rejects with 400, and with nothing else', () =>
    onLoopback(
      nodeListener(() => Promise.reject(new Error('eyJhbGciOiJIUzI1NiJ9'))),
      async (port) => {
        const response = await fetch(`http://127.0.0.1:${port}/`)
        expect([response.status, await response.text()]).toEqual([400, ''])
      },
    ))
})
