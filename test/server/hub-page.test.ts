import { describe, expect, test } from 'vitest'
import { createHandler } from 'holdfast/server'

const allow = ['https://brand.test', 'https://*.brand.test', 'http://localhost:8080']
const handler = createHandler({ allow, hub: { script: '/hub.js?v=1' } })
const page = (init?: RequestInit): Promise<Response> => handler(new Request('https://chat.vendor.test/hub?frame=1', init))

/** The directives of a policy, by name. */
const policyOf = (response: Response): Record<string, string> =>
  Object.fromEntries(response.headers.get('content-security-policy')!.split('; ').map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1).join(' ')]))

const nonceOf = (response: Response): string => /^'nonce-([\w+/-]{22,}={0,2})'$/.exec(policyOf(response)['script-src']!)![1]!

describe('the hub page', () => {
  test('is a page with one module script, which alone has the nonce of the policy', async () => {
    const response = await page()
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html'])
    expect(await response.text()).toBe(`<!doctype html><script type="module" nonce="${nonceOf(response)}" src="/hub.js?v=1"></script>`)
  })

  test('lets nothing else run, load, be sent or frame it', async () => {
    const response = await page()
    expect(policyOf(response)).toEqual({
      'default-src': "'none'",
      'script-src': `'nonce-${nonceOf(response)}'`,
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': allow.join(' '),
    })
  })

  test('has a new nonce in each answer', async () => {
    const nonces = await Promise.all(Array.from({ length: 100 }, async () => nonceOf(await page())))
    expect(new Set(nonces).size).toBe(100)
  })

  test('is not stored, not sniffed, sends no referrer, and may be framed by an isolated page', async () => {
    const { headers } = await page()
    const names = ['cache-control', 'x-content-type-options', 'referrer-policy', 'cross-origin-resource-policy', 'cross-origin-embedder-policy', 'x-frame-options', 'access-control-allow-origin']
    expect(names.map((name) => headers.get(name))).toEqual(['no-store', 'nosniff', 'no-referrer', 'cross-origin', 'require-corp', null, null])
  })

  test('takes no input: whatever the query, headers and cookies are, it is the same', async () => {
    const other = await handler(new Request('https://chat.vendor.test/hub?<script>', { headers: { origin: 'https://evil.test', cookie: '"><script>', referer: 'https://evil.test/"' } }))
    expect((await other.text()).replace(nonceOf(other), '')).toBe('<!doctype html><script type="module" nonce="" src="/hub.js?v=1"></script>')
  })

  test('sets no cookie', async () => expect((await page()).headers.getSetCookie()).toEqual([]))

  test('answers HEAD as it answers GET, and other methods with 405 and what it allows', async () => {
    expect((await page({ method: 'HEAD' })).status).toBe(200)
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'GE', 'P']) {
      const response = await page({ method })
      expect([method, response.status, response.headers.get('allow'), await response.text()]).toEqual([method, 405, 'GET, HEAD', ''])
    }
  })

  test('is at its own path alone, and nowhere where none is asked for', async () => {
    const moved = createHandler({ allow, hub: { path: '/frame', script: '/hub.js' } })
    const statuses = async (handler: (request: Request) => Promise<Response>): Promise<number[]> =>
      Promise.all(['/hub', '/frame', '/', '/frame/', '/FRAME', '//frame', '/%66rame'].map(async (path) => (await handler(new Request('https://chat.vendor.test' + path))).status))
    expect(await statuses(moved)).toEqual([404, 200, 404, 404, 404, 404, 404])
    expect(await statuses(createHandler({ allow, cookies: {} }))).toEqual(Array(7).fill(404))
  })
})

describe('createHandler', () => {
  test.each([
    ['allow[0]', () => createHandler({ allow: ['*'] })],
    ['path', () => createHandler({ allow, hub: { path: 'hub', script: '/hub.js' } })],
    ['path', () => createHandler({ allow, cookies: { path: '' } })],
    ['hub.script', () => createHandler({ allow, hub: { script: '' } })],
    ['hub.script', () => createHandler({ allow, hub: {} as never })],
    ['cookies.prefix', () => createHandler({ allow, cookies: { prefix: '__Host-', domain: 'vendor.test' } })],
  ])('refuses a wrong option at once, naming %s', (option, create) => {
    expect(create).toThrow(RangeError)
    expect(create).toThrow(option)
  })

  test('refuses what is no list of origins with a TypeError', () => expect(() => createHandler({ allow: 'https://brand.test' as never })).toThrow(TypeError))
})
