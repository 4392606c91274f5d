import { describe, expect, it } from 'vitest'
import { engines } from './browser.js'
import { freshHub, type HubGround } from './hub-ground.js'
import type { hosts } from './sites.js'

/** Short, but long enough for a hub that answers at all. */
const timeout = 600

interface Refusal {
  host: keyof typeof hosts
  path: string
  query?: Record<string, string>
  code: string
  message: string
}

const refusals: Record<string, Refusal> = {
  'does not know the origin': { host: 'evil', path: '/hub-unframed', code: 'unavailable', message: 'hub: origin refused' },
  'may not be framed by the origin': { host: 'evil', path: '/hub', code: 'timeout', message: `hub: no answer in ${timeout} ms` },
  "is not in the page's frame-src": { host: 'a', path: '/hub', query: { header: "Content-Security-Policy: frame-src 'none'" }, code: 'unavailable', message: 'hub: frame blocked' },
  "is not in the page's default-src": {
    host: 'a',
    path: '/hub',
    query: { header: "Content-Security-Policy: default-src 'self' 'unsafe-inline' 'unsafe-eval'" },
    code: 'unavailable',
    message: 'hub: frame blocked',
  },
  'loads, and never answers': { host: 'a', path: '/hub-silent', code: 'timeout', message: `hub: no answer in ${timeout} ms` },
  'is broken': { host: 'a', path: '/hub-broken', code: 'timeout', message: `hub: no answer in ${timeout} ms` },
  'never loads': { host: 'a', path: '/hub-held', code: 'timeout', message: `hub: no answer in ${timeout} ms` },
  'refuses an older protocol': { host: 'a', path: '/hub-newer', code: 'unavailable', message: 'hub: newer protocol' },
}

describe.each(engines)('%s: a hub that', (engine) => {
  const ground = freshHub(engine)

  describe.each(Object.entries(refusals))('%s', (_, refusal) => isPassed(ground, refusal))
  costsOneDeadline(ground)
})

describe.each(engines)('%s: a hub that answers late', (engine) => {
  answersLate(freshHub(engine))
})

function isPassed({ here, visit }: HubGround, { host, path, query, code, message }: Refusal): void {
  it('is passed for the next tier, and status says why', async () => {
    await visit(host, query)
    const seen = await here.tab.evaluate(
      async (at, limit) => {
        const storage = page.openHub(at, ['localStorage', 'memory'], { timeout: limit })
        const from = performance.now()
        const { tier, passed } = await storage.set('token', 'jwt')
        const ms = performance.now() - from
        const { tiers } = await storage.status()
        const { state, reason, message } = tiers[0]!
        return { tier, passed, token: await storage.get('token'), status: { state, reason, message }, inTime: ms < 2 * limit }
      },
      path,
      timeout,
    )
    expect(seen).toEqual({ tier: 'localStorage', passed: [{ tier: 'hub', code }], token: 'jwt', status: { state: 'down', reason: code, message }, inTime: true })
  })
}

function costsOneDeadline({ here }: HubGround): void {
  it('never answers costs one deadline a page, whatever the number of storages, keys and operations', async () => {
    const seen = await here.tab.evaluate(async (limit) => {
      const from = performance.now()
      const storages = ['one', 'two', 'three'].map((namespace) => page.openHub('/hub-silent', ['localStorage', 'memory'], { namespace, timeout: limit }))
      const keys = ['token', 'visitor', 'state']
      // Some at once, some one after the other.
      await Promise.all(storages.flatMap((storage) => keys.map((key) => storage.get(key))))
      for (const storage of storages) for (const key of keys) await storage.set(key, key)
      for (const storage of storages) await storage.remove('state')
      const values = await Promise.all(storages.map(async (storage) => [...(await storage.getMany(keys)).values()]))
      return { values, ms: performance.now() - from, frames: document.querySelectorAll('iframe').length }
    }, timeout)
    expect(seen.values).toEqual(Array.from({ length: 3 }, () => ['token', 'visitor']))
    expect(seen.ms).toBeGreaterThanOrEqual(timeout - 5)
    expect(seen.ms).toBeLessThan(2 * timeout)
    expect(seen.frames).toBe(1)
  })
}

function answersLate({ here, vendor, visit }: HubGround): void {
  it('is taken in by stamp: its older value does not win, its newer does, and it is the first tier again', async () => {
    await here.tab.evaluate(async () => {
      await page.open(['hub']).set('token', 'older, in the hub')
      await page.open(['localStorage']).set('visitor', 'older, in the page')
      await page.open(['hub']).set('visitor', 'newer, in the hub')
    })
    await visit('a')
    const before = await here.tab.evaluate(async () => {
      const storage = page.openHub('/hub-held', ['localStorage'], { timeout: 300 })
      const receipt = await storage.set('token', 'newer, in the page')
      return { tier: receipt.tier, token: await storage.get('token'), visitor: await storage.get('visitor') }
    })
    expect(before).toEqual({ tier: 'localStorage', token: 'newer, in the page', visitor: 'older, in the page' })
    vendor.release()
    const after = await here.tab.evaluate(async () => {
      const storage = page.storage!
      const end = performance.now() + 10_000
      while ((await storage.status()).tiers[0]?.state !== 'ready' && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
      const values = [await storage.get('token'), await storage.get('visitor')]
      await storage.flush()
      const { tier, passed } = await storage.set('token', 'newest')
      return { values, receipt: { tier, passed } }
    })
    expect(after).toEqual({ values: ['newer, in the page', 'newer, in the hub'], receipt: { tier: 'hub', passed: [] } })
    // The frame that came late is the one that is used.
    expect(vendor.asked.filter((path) => path === '/hub-held')).toEqual(['/hub-held'])
    // What was superseded is gone from everywhere, the hub included.
    await visit('a')
    expect(await here.tab.evaluate(async () => [await page.open(['hub']).get('token'), (await page.open(['localStorage']).get('token')) ?? 'nothing'])).toEqual(['newest', 'nothing'])
  })
}
