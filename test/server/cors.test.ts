import { describe, expect, test } from 'vitest'
import { createHandler } from 'holdfast/server'
import { asked, ORIGIN, statusOf } from './asking.js'

const handler = createHandler({ allow: ['https://brand.test', 'https://*.brand.test', 'https://other.test'], hub: { script: '/hub.js' }, cookies: {} })

const corsOf = ({ headers }: Response): Record<string, string> => Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')))

const PREFLIGHT = {
  'access-control-allow-credentials': 'true',
  'access-control-allow-headers': 'content-type, x-holdfast',
  'access-control-allow-methods': 'POST',
  'access-control-max-age': '7200',
}

describe('a page of another origin', () => {
  test.each(['https://brand.test', 'https://a.brand.test', 'https://a.b.brand.test', 'https://other.test'])('at %s may ask, and is told so for its own origin', async (origin) => {
    for (const request of [asked({ read: [] }, { origin }), asked('', { origin, 'x-holdfast': null, 'content-type': null }, { method: 'OPTIONS', body: null })]) {
      const response = await handler(request)
      expect(response.ok).toBe(true)
      expect(corsOf(response)).toEqual({ ...PREFLIGHT, 'access-control-allow-origin': origin })
      expect(response.headers.get('vary')).toBe('origin')
    }
  })

  test.each([
    ['that is not listed', 'https://evil.test'],
    ['over http', 'http://a.brand.test'],
    ['with another port', 'https://a.brand.test:8443'],
    ['below a listed origin that is no wildcard', 'https://a.other.test'],
    ['in a sandbox', 'null'],
    ['that is empty', ''],
    ['that claims two', 'https://a.brand.test, https://brand.test'],
  ])('%s is refused, without a word of CORS, and nothing is read or written', async (_, origin) => {
    for (const request of [asked({ write: [['a', 1]] }, { origin }), asked('', { origin }, { method: 'OPTIONS', body: null })]) {
      const response = await handler(request)
      expect([response.status, corsOf(response), response.headers.get('vary'), await response.text(), response.headers.getSetCookie()]).toEqual([403, {}, 'origin', '', []])
    }
  })

  test('that sends no origin is refused: browsers send it with every POST', async () => {
    expect(await statusOf(handler, asked({ read: [] }, { origin: null }))).toBe(403)
  })

  test('sees why it was refused, where it may ask at all', async () => {
    const response = await handler(asked('not JSON'))
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([400, ORIGIN])
  })

  test('is not told of CORS for the hub page', async () => {
    expect(corsOf(await handler(new Request('https://chat.vendor.test/hub', { headers: { origin: ORIGIN } })))).toEqual({})
  })
})

describe('a form', () => {
  const forged: [string, Record<string, string | null>, BodyInit][] = [
    ['urlencoded', { 'x-holdfast': null, 'content-type': 'application/x-www-form-urlencoded' }, 'write=1'],
    ['multipart', { 'x-holdfast': null, 'content-type': 'multipart/form-data; boundary=b' }, '--b--'],
    ['plain text that holds JSON', { 'x-holdfast': null, 'content-type': 'text/plain' }, '{"write":[["a",9]]}'],
    ['a beacon of JSON, which needs no custom header', { 'x-holdfast': null }, '{"write":[["a",9]]}'],
  ]
  test.each(forged)('cannot forge a question: %s', async (_, headers, body) => {
    for (const origin of [ORIGIN, 'https://evil.test', null]) {
      const response = await handler(asked('', { cookie: 'a=hf13.x', origin, ...headers }, { body }))
      expect([response.status, await response.text(), response.headers.getSetCookie()]).toEqual([403, '', []])
    }
  })

  test.each([null, 'text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json', ''])('cannot be content that calls itself %j', async (type) => {
    // A Request of text has a type of its own where none is given.
    const body = new TextEncoder().encode('{"read":[]}')
    expect(await statusOf(handler, asked('', { 'content-type': type }, { body }))).toBe(415)
  })

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])('is not what sends %s', async (type) => expect(await statusOf(handler, asked({ read: [] }, { 'content-type': type }))).toBe(200))
})
