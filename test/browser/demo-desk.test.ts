import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openShop } from './demo/shop.js'

let shop: Awaited<ReturnType<typeof openShop>>

beforeAll(async () => {
  shop = await openShop()
})

afterAll(() => shop?.close())

describe('the desk', () => {
  const ask = (path: string, options: RequestInit = {}) => fetch(new URL(path, shop.url), options).then((answer) => answer.status)
  const withToken = (token: string) => ask('/api/conversation', { headers: { Authorization: `Bearer ${token}` } })
  const post = (path: string, body: string, type = 'application/json') => ask(path, { method: 'POST', body, headers: { 'Content-Type': type } })

  it('refuses a token that is forged, changed, unsigned or missing', async () => {
    const begun = await fetch(new URL('/api/session', shop.url), { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } })
    const { token } = (await begun.json()) as { token: string }
    const [header, claims, signature] = token.split('.')
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
    expect(await withToken(token)).toBe(200)
    expect(await withToken(`${header}.${claims}.${signature?.split('').reverse().join('')}`)).toBe(401)
    expect(await withToken(`${header}.${Buffer.from('{"sub":"someone","sid":"else"}').toString('base64url')}.${signature}`)).toBe(401)
    expect(await withToken(`${unsigned}.${claims}.`)).toBe(401)
    expect(await ask('/api/conversation')).toBe(401)
  })

  it('refuses what is too big, not JSON, of another kind, or not on the shelf', async () => {
    expect(await post('/api/session', `{"visitor":"${'x'.repeat(20_000)}"}`)).toBe(413)
    expect(await post('/api/session', '{')).toBe(400)
    expect(await post('/api/session', '{}', 'text/plain')).toBe(415)
    expect(await post('/', '{}')).toBe(405)
    for (const path of ['/package.json', '/server.mjs', '/dist/..%2fpackage.json', '/%2e%2e/package.json', '/dist/', '/idb/umd.js']) expect([path, await ask(path)]).toEqual([path, 404])
  })
})
