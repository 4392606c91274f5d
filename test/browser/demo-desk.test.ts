import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Demo, openDemo } from './demo/server.js'

let demo: Demo

beforeAll(async () => {
  demo = await openDemo()
})

afterAll(() => demo?.close())

const begin = async (site: 'shop' | 'help' | 'alder' = 'shop'): Promise<string> => JSON.parse((await demo.api(site, '/api/session', { method: 'POST', body: '{}' })).body).token

describe('the desk', () => {
  const withToken = async (token: string, site: 'shop' | 'help' | 'alder' = 'shop') => (await demo.api(site, '/api/conversation', { headers: { authorization: `Bearer ${token}` } })).status
  const post = async (path: string, body: string, type = 'application/json') => (await demo.api('shop', path, { method: 'POST', body, headers: { 'content-type': type } })).status

  it('refuses a token that is forged, changed, unsigned or missing', async () => {
    const token = await begin()
    const [header, claims, signature] = token.split('.')
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
    expect(await withToken(token)).toBe(200)
    expect(await withToken(`${header}.${claims}.${signature?.split('').reverse().join('')}`)).toBe(401)
    expect(await withToken(`${header}.${Buffer.from('{"sub":"someone","sid":"else"}').toString('base64url')}.${signature}`)).toBe(401)
    expect(await withToken(`${unsigned}.${claims}.`)).toBe(401)
    expect((await demo.api('shop', '/api/conversation')).status).toBe(401)
  })

  it('opens a conversation to every subdomain of its brand, and not to another brand', async () => {
    const token = await begin('shop')
    expect(await withToken(token, 'help')).toBe(200)
    expect(await withToken(token, 'alder')).toBe(401)
    expect(await withToken(await begin('alder'), 'shop')).toBe(401)
  })

  it('answers the sites that it knows by name, and no one else', async () => {
    const known = await demo.api('help', '/api/questions')
    expect(known.status).toBe(200)
    expect(known.headers).toMatchObject({ 'access-control-allow-origin': demo.origin('help'), vary: 'Origin', 'cache-control': 'no-store' })
    const origins = ['https://shop.stipe.localhost', 'http://shop.stipe.localhost', 'http://evil.localhost', `${demo.origin('shop')}.evil.test`, demo.origin('vendor'), 'null', '']
    for (const origin of origins) {
      for (const method of ['GET', 'OPTIONS']) {
        const { status, headers } = await demo.api('shop', '/api/questions', { method, headers: { origin } })
        expect([origin, status, headers['access-control-allow-origin']]).toEqual([origin, 403, undefined])
      }
    }
    expect((await demo.ask('vendor', '/api/questions')).status).toBe(403)
  })

  it('lets a page ask first, for the headers that it sends', async () => {
    const { status, headers } = await demo.api('shop', '/api/messages', { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST' } })
    expect(status).toBe(204)
    expect(headers).toMatchObject({ 'access-control-allow-origin': demo.origin('shop'), 'access-control-allow-headers': 'authorization, content-type' })
    expect(headers['access-control-allow-credentials']).toBeUndefined()
  })

  it('refuses what is too big, not JSON, of another kind, or not on the shelf', async () => {
    expect(await post('/api/session', `{"visitor":"${'x'.repeat(20_000)}"}`)).toBe(413)
    expect(await post('/api/session', '{')).toBe(400)
    expect(await post('/api/session', '{}', 'text/plain')).toBe(415)
    expect(await post('/api/toString', '{}')).toBe(404)
    expect((await demo.ask('shop', '/', { method: 'POST', body: '{}' })).status).toBe(405)
    for (const path of ['/package.json', '/server.mjs', '/dist/..%2fpackage.json', '/%2e%2e/package.json', '/dist/', '/idb/index.js', '/document.html', '/api/session']) {
      for (const site of ['shop', 'alder'] as const) expect([path, (await demo.ask(site, path)).status]).toEqual([path, 404])
    }
    for (const path of ['/main.js', '/dist/index.js', '/hub.mjs']) expect([path, (await demo.ask('vendor', path)).status]).toEqual([path, 404])
  })
})

describe('the hosts of the demo', () => {
  it('are told apart by name, and a name that is not theirs gets nothing', async () => {
    for (const host of ['stipe.localhost', 'evil.stipe.localhost', 'evil.test', '__proto__']) expect([host, (await demo.ask(host, '/')).status]).toEqual([host, 421])
    const plain = await demo.ask('localhost', '/')
    expect([plain.status, plain.headers['location']]).toEqual([302, `${demo.origin('shop')}/`])
  })

  it('let a page load its own files, ask the desk, frame the hub, and nothing else', async () => {
    const vendor = demo.origin('vendor')
    for (const site of ['shop', 'help', 'alder'] as const) {
      const policy = String((await demo.ask(site, '/')).headers['content-security-policy'])
      expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'sha256-[\w+/=]+'; style-src 'self'; img-src 'self' data:; /)
      expect(policy).toContain(`connect-src ${vendor}; frame-src ${vendor}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`)
    }
  })

  it('let the brands frame the hub, and nobody else', async () => {
    const { status, headers, body } = await demo.ask('vendor', '/hub')
    const port = new URL(demo.origin('vendor')).port
    const nonce = /nonce="([^"]+)"/.exec(body)?.[1]
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-security-policy']).toBe(`default-src 'none'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors http://*.stipe.localhost:${port} http://www.alder.localhost:${port}`)
    expect((await demo.ask('vendor', '/')).headers['content-security-policy']).toContain("frame-ancestors 'none'")
  })

  it('really turn the hub off: its page is refused, or never answered until it is on again', async () => {
    await demo.turn('off')
    expect((await demo.ask('vendor', '/hub')).status).toBe(503)
    await demo.turn('silent')
    let answered = false
    const waiting = demo.ask('vendor', '/hub').finally(() => (answered = true))
    expect((await demo.api('alder', '/api/hub')).body).toBe('{"position":"silent"}')
    expect(answered).toBe(false)
    await demo.turn('on')
    expect((await waiting).status).toBe(200)
    expect((await demo.api('shop', '/api/hub', { method: 'PUT', body: '{"position":"sideways"}' })).status).toBe(400)
  })
})
