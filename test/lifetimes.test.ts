import { describe, expect, test } from 'vitest'
import type { Ttl } from 'holdfast'
import { createStorage, defineKeys, key, localStorageTier, sessionStorageTier } from 'holdfast'
import { fakeClock } from 'holdfast/testing'
import { contentsOf, storageObjects } from './ground/dom.js'
import { domError } from './ground/failure.js'
import { visitor } from './ground/visitor.js'

const DAY = 86_400_000

/** The text that localStorage holds of a key; `null`: nothing, or a tombstone. */
const heldText = async ({ place }: ReturnType<typeof visitor>, key: string): Promise<string | null> => (await place('localStorage').read([`acme-chat.${key}`]))[0]?.text ?? null

/** A value that has expired, left by a page whose one sweep was over before. */
const leaveExpired = async ({ load, clock }: ReturnType<typeof visitor>): Promise<void> => {
  const storage = load()
  await storage.set('old', 1, { ttl: 1000 })
  await storage.flush()
  await clock.advance(1000)
}

describe('a time to live', () => {
  test.each<[Ttl, number]>([[1, 1], [90_000, 90_000], ['30s', 30_000], ['15m', 900_000], ['12h', 43_200_000], ['1d', DAY], ['2w', 14 * DAY], ['1y', 365 * DAY]])('of %s ends after %d ms, and not before', async (ttl, ms) => {
    const browser = visitor('localStorage', 'memory')
    const storage = browser.load()
    const { expires } = await storage.set('token', 'abc', { ttl })
    expect(expires).toBe(browser.clock.now() + ms)
    await browser.clock.advance(ms - 1)
    expect(await storage.get('token')).toBe('abc')
    await browser.clock.advance(1)
    expect(await storage.get('token')).toBeUndefined()
    expect(await browser.load().get('token')).toBeUndefined()
  })

  test('of a fraction of a millisecond is not longer than asked', async () => {
    const browser = visitor('localStorage')
    const storage = browser.load()
    const { expires } = await storage.set('token', 'abc', { ttl: 1.9 })
    expect(expires).toBeLessThanOrEqual(browser.clock.now() + 1.9)
    await browser.clock.advance(2)
    expect(await storage.get('token')).toBeUndefined()
  })

  test('of a write goes over that of its rule, and that over the one of the storage', async () => {
    const browser = visitor('localStorage')
    const keys = defineKeys({ ruled: key<number>({ ttl: '2h' }), plain: key<number>() })
    const storage = browser.load({ keys, ttl: '3h' })
    const hours = async (name: string, ttl?: Ttl): Promise<number> => ((await storage.set(name, 1, ttl === undefined ? undefined : { ttl })).expires! - browser.clock.now()) / 3_600_000
    expect([await hours('ruled', '1h'), await hours('ruled'), await hours('plain', '1h'), await hours('plain')]).toEqual([1, 2, 1, 3])
    expect((await storage.set('ruled', 1, { ttl: 'forever' })).expires).toBeUndefined()
  })

  test('goes for each of a setMany', async () => {
    const browser = visitor('localStorage')
    const storage = browser.load({ ttl: 'forever' })
    await storage.setMany([['a', 1], ['b', 2]], { ttl: 1000 })
    await browser.clock.advance(1000)
    expect(await storage.keys()).toEqual([])
  })

  test('that nobody gives is for ever', async () => {
    const browser = visitor('localStorage')
    await browser.load().set('token', 'abc')
    await browser.clock.advance(3650 * DAY)
    expect(await browser.load().get('token')).toBe('abc')
  })
})

describe('a value past its expiry', () => {
  test('is not read, and the read that finds it removes it', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    const storage = browser.load()
    await storage.set('token', 'abc', { ttl: 1000 })
    await storage.flush()
    await browser.clock.advance(1000)
    const expired: unknown[] = []
    storage.on('expired', (detail) => expired.push(detail))
    for (const read of [storage.get('token'), storage.has('token'), storage.take('token'), storage.touch('token')]) expect((await read) || undefined).toBeUndefined()
    expect(await storage.getMany(['token'])).toEqual(new Map())
    await storage.flush()
    expect((await browser.place('indexedDB').read(['acme-chat.token']))[0]?.text ?? null).toBeNull()
    expect(expired[0]).toEqual({ key: 'token', tier: 'indexedDB' })
  })

  test('does not come back when the clock is set back after it was read', async () => {
    const browser = visitor('localStorage')
    const storage = browser.load()
    await storage.set('token', 'abc', { ttl: 1000 })
    await browser.clock.advance(1000)
    await storage.get('token')
    await storage.flush()
    browser.clock.jump(-DAY)
    expect(await storage.get('token')).toBeUndefined()
  })

  test('lets an older copy in no other tier come to light', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    browser.plans['indexedDB']!.throws = domError('SecurityError')
    await browser.load().set('token', 'older, in localStorage')
    delete browser.plans['indexedDB']!.throws
    browser.plans['localStorage']!.throws = domError('SecurityError')
    await browser.load().set('token', 'newer, in IndexedDB', { ttl: '1h' })
    delete browser.plans['localStorage']!.throws
    await browser.clock.advance(3_600_000)
    expect(await browser.load().get('token')).toBeUndefined()
    const last = browser.load()
    await last.sweep()
    await last.flush()
    expect(await browser.load().get('token')).toBeUndefined()
  })

  test('may be set again', async () => {
    const browser = visitor('localStorage')
    const storage = browser.load()
    await storage.set('token', 'old', { ttl: 1000 })
    await browser.clock.advance(1000)
    await storage.get('token')
    await storage.set('token', 'new')
    await storage.flush()
    expect(await storage.get('token')).toBe('new')
  })
})

describe('touch', () => {
  test('gives a value a new lifetime, counted from now, and answers a receipt', async () => {
    const browser = visitor('localStorage', 'memory')
    const storage = browser.load({ ttl: '1h' })
    await storage.set('token', 'abc')
    await browser.clock.advance(3_000_000)
    expect(await storage.touch('token')).toMatchObject({ tier: 'localStorage', expires: browser.clock.now() + 3_600_000, passed: [] })
    await browser.clock.advance(3_599_999)
    expect(await storage.get('token')).toBe('abc')
    await storage.touch('token', 5000)
    await browser.clock.advance(5000)
    expect(await storage.get('token')).toBeUndefined()
  })

  test("without a ttl takes the rule's", async () => {
    const browser = visitor('localStorage')
    const storage = browser.load({ ttl: '1h', keys: defineKeys({ token: key<string>({ ttl: '1d' }) }) })
    await storage.set('token', 'abc', { ttl: '1m' })
    expect((await storage.touch('token'))?.expires).toBe(browser.clock.now() + DAY)
  })

  test('of an absent value answers undefined and writes nothing', async () => {
    const browser = visitor('localStorage', 'memory')
    expect(await browser.load().touch('token', '1d')).toBeUndefined()
    expect(await browser.place('localStorage').names('')).toEqual([])
  })

  test('to a shorter kind of life moves the value, and the old copy goes', async () => {
    const browser = visitor('localStorage', 'sessionStorage', 'memory')
    const storage = browser.load()
    await storage.set('token', 'abc')
    expect((await storage.touch('token', 'tab'))?.tier).toBe('sessionStorage')
    expect((await browser.place('localStorage').read(['acme-chat.token']))[0]?.text ?? null).toBeNull()
    expect(await storage.get('token')).toBe('abc')
  })

  test('keeps the value as it is, of whatever type', async () => {
    const storage = visitor('localStorage').load()
    for (const value of ['1234567890123456', null, { a: [1] }, '']) {
      await storage.set('token', value)
      await storage.touch('token', '1h')
      expect(await storage.get('token')).toStrictEqual(value)
    }
  })
})

describe('a sweep', () => {
  test('removes what has expired, from every tier, and tells how many values that were', async () => {
    const env = storageObjects()
    const clock = fakeClock()
    const storage = createStorage({ namespace: 'acme-chat', tiers: [localStorageTier({ env }), sessionStorageTier({ env })], now: clock.now, env: clock.env })
    env.localStorage.setItem('acme-chatbot.token', 'another widget')
    await storage.setMany([['a', 'short'], ['b', 'short'], ['c', 'short']], { ttl: 1000 })
    await storage.set('stays', 4)
    await storage.set('of the tab', 5, { ttl: 'tab' })
    await storage.flush()
    expect(await storage.sweep()).toBe(0)
    await clock.advance(1000)
    const expired: string[] = []
    storage.on('expired', ({ key }) => expired.push(key))
    expect(await storage.sweep()).toBe(3)
    expect(expired.sort()).toEqual(['a', 'b', 'c'])
    expect(await storage.sweep()).toBe(0)
    expect(Object.values(contentsOf(env.localStorage)).join()).not.toContain('short')
    expect(env.localStorage.getItem('acme-chatbot.token')).toBe('another widget')
    expect((await storage.keys()).sort()).toEqual(['of the tab', 'stays'])
  })

  test('leaves nothing of it where no other place could hold an older copy', async () => {
    const env = storageObjects()
    const clock = fakeClock()
    const storage = createStorage({ namespace: 'acme-chat', tiers: [localStorageTier({ env })], now: clock.now, env: clock.env })
    await storage.set('a', 1, { ttl: 1000 })
    await storage.flush()
    await clock.advance(1000)
    expect(await storage.sweep()).toBe(1)
    expect(contentsOf(env.localStorage)).toEqual({})
  })

  test('takes away tombstones whose time is over', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    await browser.load().set('token', 'abc')
    browser.plans['indexedDB']!.throws = domError('SecurityError')
    await browser.load().remove('token')
    delete browser.plans['indexedDB']!.throws
    expect(await browser.place('localStorage').names('acme-chat.token')).toHaveLength(1)
    await browser.load().get('token')
    await browser.clock.advance(401 * DAY)
    const storage = browser.load()
    await storage.sweep()
    await storage.sweep()
    expect(await browser.place('localStorage').names('')).toEqual([])
  })
})

describe('the sweep of a page', () => {
  test('is not given up by a flush that comes before the first operation', async () => {
    const browser = visitor('localStorage')
    await leaveExpired(browser)
    const storage = browser.load()
    await storage.flush()
    await storage.get('another')
    await browser.clock.advance(5000)
    expect(await heldText(browser, 'old')).toBeNull()
  })

  test('is done once a page, when it is idle, after the first operation', async () => {
    const browser = visitor('localStorage')
    await leaveExpired(browser)
    const idle: (() => void)[] = []
    const env = { ...browser.clock.env, requestIdleCallback: (run: () => void) => idle.push(run) }
    const storage = browser.load({ env })
    expect(idle).toHaveLength(0)
    await storage.get('another')
    expect(await heldText(browser, 'old')).toBe('1')
    expect(idle).toHaveLength(1)
    idle[0]!()
    await browser.clock.advance(0)
    expect(await heldText(browser, 'old')).toBeNull()
    await storage.get('another')
    await storage.set('another', 1)
    expect(idle).toHaveLength(1)
  })

  test('is waited for by flush, also where nothing tells of idleness', async () => {
    const browser = visitor('localStorage')
    await leaveExpired(browser)
    const storage = browser.load()
    await storage.get('another')
    await storage.flush()
    expect(await heldText(browser, 'old')).toBeNull()
  })

  test('comes by a timer where the browser has no idle callback, as in Safari', async () => {
    const browser = visitor('localStorage')
    await leaveExpired(browser)
    await browser.load().get('another')
    await browser.clock.advance(5000)
    expect(await heldText(browser, 'old')).toBeNull()
  })

  test('of a tier that fails is no error: the others are swept', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    const storage = browser.load()
    browser.plans['indexedDB']!.throws = domError('SecurityError')
    await storage.set('old', 1, { ttl: 1000 })
    await storage.flush()
    await browser.clock.advance(1000)
    expect(await storage.sweep()).toBe(1)
  })
})
