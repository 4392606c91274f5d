import { describe, expect, test } from 'vitest'
import type { Ttl } from 'holdfast'
import { cookieTier, createStorage, defineKeys, key, localStorageTier, memoryTier, sessionStorageTier } from 'holdfast'
import { cookieJar, fakeClock, inMemory } from 'holdfast/testing'
import { blocked, storageObjects } from './ground/dom.js'
import { domError, failureOf } from './ground/failure.js'
import { visitor } from './ground/visitor.js'

const DAY = 86_400_000
const broken = domError('SecurityError')
const LADDER = ['indexedDB', 'localStorage', 'sessionStorage', 'cookie', 'memory']

describe('a receipt', () => {
  test('names the tier, and what that place promises', async () => {
    const browser = visitor(...LADDER)
    const receipts = []
    for (const name of LADDER) {
      receipts.push(await browser.load().set('token', 'abc'))
      browser.plans[name]!.throws = broken
    }
    expect(receipts.map(({ tier, lifetime, reach }) => [tier, lifetime, reach])).toEqual([
      ['indexedDB', 'device', 'origin'],
      ['localStorage', 'device', 'origin'],
      ['sessionStorage', 'tab', 'tab'],
      ['cookie', 'device', 'origin'],
      ['memory', 'page', 'page'],
    ])
  })

  test('is exactly this where all is well', async () => {
    const browser = visitor(...LADDER)
    expect(await browser.load().set('token', 'abc')).toEqual({ tier: 'indexedDB', lifetime: 'device', reach: 'origin', passed: [] })
    expect(await browser.load().set('token', 'abc', { ttl: '1d' })).toEqual({ tier: 'indexedDB', lifetime: 'device', reach: 'origin', expires: browser.clock.now() + DAY, passed: [] })
  })

  test('lists the tiers before it that did not take the value, in order, each with its code', async () => {
    const browser = visitor(...LADDER)
    browser.plans['indexedDB']!.hangs = true
    browser.plans['localStorage']!.quota = 0
    browser.plans['sessionStorage']!.throws = domError('InvalidStateError')
    browser.plans['cookie']!.throws = broken
    const receipt = browser.load().set('token', 'abc')
    await browser.clock.advance(1500)
    expect((await receipt).passed).toEqual([
      { tier: 'indexedDB', code: 'timeout' },
      { tier: 'localStorage', code: 'quota' },
      { tier: 'sessionStorage', code: 'lost' },
      { tier: 'cookie', code: 'unavailable' },
    ])
  })

  test('has no list of what was not tried: tiers after the one that took it', async () => {
    const browser = visitor(...LADDER)
    browser.plans['memory']!.throws = broken
    expect((await browser.load().set('token', 'abc')).passed).toEqual([])
  })

  test('names a tier that never took anything by the same code each time', async () => {
    const env = blocked('localStorage')
    const storage = createStorage({ namespace: 'acme-chat', tiers: [localStorageTier({ env }), memoryTier()] })
    for (let time = 0; time < 3; time++) expect((await storage.set('token', time)).passed).toEqual([{ tier: 'localStorage', code: 'unavailable' }])
  })
})

describe('a lifetime', () => {
  test.each<[Ttl, string, string, string[]]>([
    ['forever', 'indexedDB', 'device', []],
    ['1h', 'indexedDB', 'device', []],
    [5000, 'indexedDB', 'device', []],
    ['session', 'sessionStorage', 'tab', ['indexedDB', 'localStorage']],
    ['tab', 'sessionStorage', 'tab', ['indexedDB', 'localStorage']],
    ['page', 'memory', 'page', ['indexedDB', 'localStorage', 'sessionStorage', 'cookie']],
  ])('of %s goes to %s and is kept for a %s: not to a tier that outlives it', async (ttl, tier, lifetime, passed) => {
    const receipt = await visitor(...LADDER).load().set('token', 'abc', { ttl })
    expect(receipt).toMatchObject({ tier, lifetime, passed: passed.map((name) => ({ tier: name, code: 'lifetime' })) })
  })

  test('of a session is kept for just that by a cookie', async () => {
    const browser = visitor('indexedDB', 'cookie', 'memory')
    expect(await browser.load().set('token', 'abc', { ttl: 'session' })).toMatchObject({ tier: 'cookie', lifetime: 'session', passed: [{ tier: 'indexedDB', code: 'lifetime' }] })
  })

  test('that no tier can keep short enough has no place', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    const error = await failureOf(() => browser.load().set('token', 'abc', { ttl: 'page' }))
    expect(error).toMatchObject({ code: 'no-tier', attempts: [{ tier: 'indexedDB', code: 'lifetime' }, { tier: 'localStorage', code: 'lifetime' }] })
  })

  test('of more than 400 days is capped by a cookie, and the receipt says so', async () => {
    const clock = fakeClock()
    const env = cookieJar({ now: clock.now }).at('https://www.brand.test/')
    const storage = createStorage({ namespace: 'acme-chat', tiers: [cookieTier({ env })], now: clock.now, env: clock.env })
    expect((await storage.set('token', 'abc', { ttl: '2y' })).expires).toBe(clock.now() + 400 * DAY)
    expect((await storage.set('token', 'abc')).expires).toBe(clock.now() + 400 * DAY)
    expect((await storage.set('token', 'abc', { ttl: '400d' })).expires).toBe(clock.now() + 400 * DAY)
    expect((await storage.set('token', 'abc', { ttl: '399d' })).expires).toBe(clock.now() + 399 * DAY)
    expect(await storage.set('token', 'abc', { ttl: 'session' })).not.toHaveProperty('expires')
  })
})

describe('the reach', () => {
  test('of a cookie is the site where it is shared with sibling subdomains, and the origin where it is not', async () => {
    const reach = async (url: string, domain?: string): Promise<string> => {
      const tier = cookieTier({ env: cookieJar().at(url), ...(domain && { domain }) })
      return (await createStorage({ namespace: 'acme-chat', tiers: [tier] }).set('token', 'abc')).reach
    }
    expect(await reach('https://www.brand.test/')).toBe('origin')
    expect(await reach('https://www.brand.test/', 'site')).toBe('site')
    expect(await reach('https://www.brand.test/', 'brand.test')).toBe('site')
    expect(await reach('http://localhost/', 'site')).toBe('origin')
    expect(await reach('http://192.0.2.1/', 'site')).toBe('origin')
  })

  test('of sessionStorage is the tab, and of memory the page', async () => {
    const storage = createStorage({ namespace: 'acme-chat', tiers: [sessionStorageTier({ env: storageObjects() }), memoryTier()] })
    expect((await storage.set('token', 'abc', { ttl: 'tab' })).reach).toBe('tab')
    expect((await storage.set('token', 'abc', { ttl: 'page' })).reach).toBe('page')
  })
})

describe('a secret', () => {
  const keys = defineKeys({ token: key<string>({ secret: true }), step: key<number>() })

  test('is kept in memory alone, and no other tier ever holds a trace of it', async () => {
    const tiers = inMemory(...LADDER)
    const storage = createStorage({ namespace: 'acme-chat', tiers, keys })
    expect(await storage.set('token', 'eyJhbGciOi')).toEqual({ tier: 'memory', lifetime: 'page', reach: 'page', passed: LADDER.slice(0, -1).map((tier) => ({ tier, code: 'secret' })) })
    expect(await storage.get('token')).toBe('eyJhbGciOi')
    for (const tier of tiers.slice(0, -1)) expect(JSON.stringify(await tier.read(['acme-chat.token']))).not.toContain('eyJhbGciOi')
    expect((await storage.set('step', 1)).tier).toBe('indexedDB')
  })

  test('without a memory tier is locked, and nothing is written', async () => {
    const tiers = inMemory('indexedDB', 'localStorage')
    const storage = createStorage({ namespace: 'acme-chat', tiers, keys })
    const error = await failureOf(() => storage.set('token', 'eyJhbGciOi'))
    expect(error).toMatchObject({ code: 'locked', attempts: [{ tier: 'indexedDB', code: 'secret' }, { tier: 'localStorage', code: 'secret' }] })
    expect(JSON.stringify([error.message, error.attempts])).not.toContain('eyJhbGciOi')
    expect(await Promise.all(tiers.map((tier) => tier.names('')))).toEqual([[], []])
    expect((await storage.set('step', 1)).tier).toBe('indexedDB')
  })

  test('takes away the copy that was stored in the clear before it was one', async () => {
    const tiers = inMemory('localStorage', 'memory')
    await createStorage({ namespace: 'acme-chat', tiers: [tiers[0]!] }).set('token', 'in the clear')
    await createStorage({ namespace: 'acme-chat', tiers, keys }).set('token', 'secret')
    expect((await tiers[0]!.read(['acme-chat.token']))[0]?.text ?? null).toBeNull()
  })
})

describe('a key with its own chain', () => {
  const keys = defineKeys({ token: key<string>({ tiers: ['memory', 'cookie'] }), visitor: key<string>({ tiers: ['cookie'] }), step: key<number>() })

  test('goes to its own first choice, in its own order', async () => {
    const browser = visitor(...LADDER)
    const storage = browser.load({ keys })
    expect((await storage.set('token', 'abc')).tier).toBe('memory')
    expect((await storage.set('visitor', 'abc')).tier).toBe('cookie')
    expect((await storage.set('step', 1)).tier).toBe('indexedDB')
    browser.plans['memory']!.throws = broken
    expect(await storage.set('token', 'def')).toMatchObject({ tier: 'cookie', passed: [{ tier: 'memory', code: 'unavailable' }] })
  })

  test('goes nowhere else, also where its own tiers fail', async () => {
    const browser = visitor(...LADDER)
    const storage = browser.load({ keys })
    browser.plans['cookie']!.throws = broken
    const error = await failureOf(() => storage.set('visitor', 'abc'))
    expect(error).toMatchObject({ code: 'no-tier', attempts: [{ tier: 'cookie', code: 'unavailable' }] })
    for (const name of ['indexedDB', 'localStorage', 'sessionStorage']) expect(await browser.place(name).names('')).toEqual([])
  })

  test('is not read from a tier that is not its own', async () => {
    const browser = visitor(...LADDER)
    await browser.load().set('visitor', 'of the wrong place')
    expect(await browser.load({ keys }).get('visitor')).toBeUndefined()
  })
})

describe('the event fallback', () => {
  test('tells of a value that went past a tier that should have taken it, and not of one that obeyed its rule', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'sessionStorage', 'memory')
    const storage = browser.load()
    const heard: unknown[] = []
    storage.on('fallback', (detail) => heard.push(detail))
    await storage.set('token', 'abc')
    await storage.set('step', 1, { ttl: 'tab' })
    expect(heard).toEqual([])
    browser.plans['indexedDB']!.throws = broken
    const { passed } = await storage.set('token', 'abc')
    expect(heard).toEqual([{ key: 'token', tier: 'localStorage', passed }])
  })

  test('does not tell of what found no place: that is an error', async () => {
    const browser = visitor('localStorage')
    const storage = browser.load()
    const heard: unknown[] = []
    storage.on('fallback', (detail) => heard.push(detail))
    browser.plans['localStorage']!.throws = broken
    await failureOf(() => storage.set('token', 'abc'))
    expect(heard).toEqual([])
  })
})
