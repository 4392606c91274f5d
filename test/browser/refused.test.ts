import type { StorageError } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { type Engine, engines } from './browser.js'
import { freshPage, type Opened } from './opened.js'

/** What is left when a visitor blocks all cookies: Chromium and Firefox count every storage as a cookie. */
const left: Record<Engine, { tier: string; lifetime: string; passed: string[] }> = {
  chromium: { tier: 'memory', lifetime: 'page', passed: ['indexedDB', 'localStorage', 'sessionStorage', 'cookie'] },
  firefox: { tier: 'memory', lifetime: 'page', passed: ['indexedDB', 'localStorage', 'sessionStorage', 'cookie'] },
  webkit: { tier: 'indexedDB', lifetime: 'device', passed: [] },
}

describe.each(engines)('%s: a visitor who blocks all cookies', (engine) => {
  const here = freshPage(engine, { setting: 'all cookies blocked' })

  it('keeps a token in what is left, and the receipt says where', async () => {
    const seen = await here.tab.evaluate(async () => {
      document.cookie = 'probe=1; path=/'
      const receipt = await page.open().set('token', 'jwt')
      return { cookie: document.cookie, receipt, token: await page.storage?.get('token') }
    })
    expect(seen.cookie).toBe('')
    const { tier, lifetime, passed } = seen.receipt
    expect({ tier, lifetime, passed: passed.map((one) => one.tier) }).toEqual(left[engine])
    expect(seen.token).toBe('jwt')
  })

  it('is told that a cookie did not take it, though the browser threw nothing', async () => {
    const seen = await here.tab.evaluate(async () => {
      const receipt = await page.open(['cookie of the site', 'memory']).set('token', 'jwt')
      return { receipt, token: await page.storage?.get('token') }
    })
    expect(seen.receipt).toMatchObject({ tier: 'memory', lifetime: 'page', reach: 'page', passed: [{ tier: 'cookie', code: 'refused' }] })
    expect(seen.token).toBe('jwt')
  })

  it('gets an error that names each tier, where nothing is left', async () => {
    const error = await here.tab.evaluate(() =>
      page.open(['cookie of the site']).set('token', 'jwt').then(
        () => undefined,
        (thrown: StorageError) => ({ code: thrown.code, attempts: thrown.attempts.map(({ tier, code }) => [tier, code]) }),
      ),
    )
    expect(error).toEqual({ code: 'no-tier', attempts: [['cookie', 'refused']] })
  })
})

describe.each(engines)('%s: a browser whose localStorage is null', (engine) => {
  const here = freshPage(engine, { setting: 'localStorage switched off' })

  it('keeps a token in the next tier, and the receipt says so', async () => {
    const seen = await here.tab.evaluate(async () => {
      const receipt = await page.open(['localStorage', 'cookie']).set('token', 'jwt')
      return { localStorage, receipt, token: await page.storage?.get('token') }
    })
    expect(seen.localStorage).toBeNull()
    expect(seen.receipt).toMatchObject({ tier: 'cookie', lifetime: 'device', passed: [{ tier: 'localStorage', code: 'unavailable' }] })
    expect(seen.token).toBe('jwt')
    await here.tab.reload()
    expect(await here.tab.evaluate(() => page.open(['localStorage', 'cookie']).get('token'))).toBe('jwt')
  })
})

describe.each(engines)('%s', (engine) => {
  const here = freshPage(engine)

  describe('a document that keeps no cookies', () => noCookies(here))
  describe('a sandboxed frame, where every storage throws', () => sandboxed(here))
})

function noCookies(here: Opened): void {
  it('is found out by reading back, whether it is averse to cookies or drops them', async () => {
    const receipts = await here.tab.evaluate(async () => {
      const { cookieTier, memoryTier } = page.holdfast
      const averse = document.implementation.createHTMLDocument('averse')
      const dropping = { get cookie() { return '' }, set cookie(_: string) {} }
      const answers = []
      for (const kept of [averse, dropping]) {
        const storage = page.open([], { tiers: [cookieTier({ env: { document: kept, location } }), memoryTier()] })
        const { tier, passed } = await storage.set('token', 'jwt')
        answers.push({ tier, passed, token: await storage.get('token') })
      }
      return answers
    })
    const expected = { tier: 'memory', passed: [{ tier: 'cookie', code: 'refused' }], token: 'jwt' }
    expect(receipts).toEqual([expected, expected])
  })
}

function sandboxed(here: Opened): void {
  it('keeps a token for the page, says so, and leaves nothing unhandled', async () => {
    await here.tab.goto(here.sites.url('a', '/', { frame: here.sites.url('a', '/inner'), sandbox: 'allow-scripts' }))
    const frame = here.tab.inFrame('#frame')
    const seen = await frame.evaluate(async () => {
      const receipt = await page.open().set('token', 'jwt')
      const token = await page.storage?.get('token')
      await page.storage?.remove('token')
      const removed = (await page.storage?.get('token')) ?? 'nothing'
      const keys = await page.storage?.keys()
      await page.storage?.flush()
      return { receipt, token, removed, keys }
    })
    expect(seen.receipt).toMatchObject({ tier: 'memory', lifetime: 'page', reach: 'page' })
    expect(seen.receipt.passed.map(({ tier }) => tier)).toEqual(['indexedDB', 'localStorage', 'sessionStorage', 'cookie'])
    expect([seen.token, seen.removed, seen.keys]).toEqual(['jwt', 'nothing', []])
    expect(await frame.evaluate(() => page.takeProblems())).toEqual([])
  })
}
