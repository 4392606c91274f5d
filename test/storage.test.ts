import { describe, expect, expectTypeOf, test } from 'vitest'
import { cookieTier, createStorage, defineKeys, indexedDBTier, key, localStorageTier, memoryTier, sessionStorageTier } from 'holdfast'
import { cookieJar, fakeClock, inMemory } from 'holdfast/testing'
import { contentsOf, storageObjects } from './ground/dom.js'
import { domError, failureOf } from './ground/failure.js'
import { visitor } from './ground/visitor.js'

const DAY = 86_400_000

describe('a storage', () => {
  test('keeps what it is given, on this page and on the next', async () => {
    const browser = visitor('localStorage', 'memory')
    const storage = browser.load()
    await storage.set('token', 'abc')
    expect(await storage.get('token')).toBe('abc')
    expect(await browser.load().get('token')).toBe('abc')
  })

  test('touches nothing while it is made, not even a property of the browser', () => {
    const looked: string[] = []
    const env = new Proxy({}, {
      get: (_, name) => void looked.push(String(name)),
      has: (_, name) => {
        looked.push(String(name))
        return false
      },
    })
    createStorage({ namespace: 'acme-chat', tiers: [indexedDBTier({ env }), localStorageTier({ env }), sessionStorageTier({ env }), cookieTier({ domain: 'site', env }), memoryTier()], env, idle: '1d', ttl: '1h' })
    expect(looked).toEqual([])
  })

  test('writes nothing when it only reads, whatever it is asked', async () => {
    const env = storageObjects()
    const cookies = cookieJar().at('https://www.brand.test/')
    const storage = createStorage({ namespace: 'acme-chat', tiers: [localStorageTier({ env }), sessionStorageTier({ env }), cookieTier({ domain: 'site', env: cookies })], idle: '1d' })
    await storage.get('token')
    await storage.has('token')
    await storage.getMany(['a', 'b'])
    await storage.touch('token')
    await storage.take('token')
    await storage.keys()
    await storage.inspect('token')
    await storage.sweep()
    await storage.status()
    await storage.flush()
    expect([contentsOf(env.localStorage), contentsOf(env.sessionStorage), cookies.document!.cookie]).toEqual([{}, {}, ''])
  })

  test('answers undefined for what is absent, and tells null and false apart from it', async () => {
    const storage = visitor('memory').load()
    expect(await storage.get('token')).toBeUndefined()
    for (const value of [null, false, 0, '']) {
      await storage.set('token', value)
      expect([await storage.get('token'), await storage.has('token')]).toEqual([value, true])
    }
  })
})

describe("a storage's values", () => {
  test('knows the types of its keys', async () => {
    const keys = defineKeys({ token: key<string>(), count: key<number>() })
    const storage = createStorage({ namespace: 'acme-chat', tiers: [memoryTier()], keys })
    await storage.set('count', 1)
    expectTypeOf(await storage.get('count')).toEqualTypeOf<number | undefined>()
    expectTypeOf(storage.get).parameter(0).toEqualTypeOf<'token' | 'count'>()
    expect(await storage.get('count')).toBe(1)
  })

  test('uses the codec that it is given, in every tier alike', async () => {
    const codec = {
      encode: (value: unknown) => JSON.stringify(value, (_, inner: unknown) => (inner instanceof Map ? { entriesOfMap: [...inner] } : inner)),
      decode: (text: string) => JSON.parse(text, (_, inner: { entriesOfMap?: [unknown, unknown][] } | null) => (inner?.entriesOfMap ? new Map(inner.entriesOfMap) : inner)) as unknown,
    }
    for (const name of ['indexedDB', 'localStorage', 'sessionStorage', 'cookie', 'memory']) {
      const storage = createStorage({ namespace: 'acme-chat', tiers: inMemory(name), codec })
      await storage.set('state', new Map([[1, 'one']]))
      expect(await storage.get('state')).toEqual(new Map([[1, 'one']]))
    }
  })

  test("reads the newest copy that can be read, not the first tier's", async () => {
    const browser = visitor('indexedDB', 'localStorage')
    await browser.load().set('token', 'older')
    browser.plans['indexedDB']!.throws = domError('SecurityError')
    await browser.load().set('token', 'newer')
    delete browser.plans['indexedDB']!.throws
    expect(await browser.load().get('token')).toBe('newer')
    browser.plans['localStorage']!.throws = domError('SecurityError')
    expect([undefined, 'older']).toContain(await browser.load().get('token'))
    delete browser.plans['localStorage']!.throws
    expect(await browser.load().get('token')).toBe('newer')
  })
})

describe('a storage in an odd environment', () => {
  test('keeps its promise where the clock is set back: what is written later is newer', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const storage = browser.load()
    await storage.set('token', 'first')
    browser.clock.jump(-30 * DAY)
    await storage.set('token', 'second')
    expect(await storage.get('token')).toBe('second')
    await browser.load().set('token', 'third')
    expect(await browser.load().get('token')).toBe('third')
    browser.clock.jump(60 * DAY)
    await browser.load().set('token', 'fourth')
    browser.clock.jump(-30 * DAY)
    expect(await browser.load().get('token')).toBe('fourth')
  })

  test('works without a single timer or page event in reach', async () => {
    const storage = createStorage({ namespace: 'acme-chat', tiers: inMemory(), env: {} })
    await storage.set('token', 'abc')
    expect(await storage.get('token')).toBe('abc')
    await storage.close()
  })
})

describe('take', () => {
  test('answers the value once, and it is gone', async () => {
    const browser = visitor('localStorage', 'memory')
    const storage = browser.load()
    await storage.set('token', { once: true })
    expect(await storage.take('token')).toEqual({ once: true })
    expect(await storage.take('token')).toBeUndefined()
    expect(await browser.load().get('token')).toBeUndefined()
  })

  test('takes null, too', async () => {
    const storage = visitor('localStorage').load()
    await storage.set('token', null)
    expect(await storage.take('token')).toBeNull()
    expect(await storage.has('token')).toBe(false)
  })

  test('keeps it gone when a tier that was down comes back', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    await browser.load().set('token', 'older')
    browser.plans['indexedDB']!.throws = domError('SecurityError')
    const storage = browser.load()
    await storage.set('token', 'newer')
    expect(await storage.take('token')).toBe('newer')
    delete browser.plans['indexedDB']!.throws
    expect(await browser.load().take('token')).toBeUndefined()
  })
})

describe('getMany and setMany', () => {
  test('take nothing at all, a generator, and a Map', async () => {
    const storage = visitor('localStorage').load()
    expect([await storage.getMany([]), await storage.setMany([])]).toEqual([new Map(), new Map()])
    const counted = function* (): Generator<readonly [string, number]> {
      yield ['a', 1]
      yield ['b', 2]
    }
    expect([...(await storage.setMany(counted())).keys()]).toEqual(['a', 'b'])
    await storage.setMany(new Map([['c', 3]]))
    expect(await storage.getMany(['a', 'b', 'c'])).toEqual(new Map([['a', 1], ['b', 2], ['c', 3]]))
  })

  test('of one key twice keep the last', async () => {
    const storage = visitor('localStorage').load()
    await storage.setMany([['a', 1], ['a', 2]])
    expect(await storage.getMany(['a', 'a'])).toEqual(new Map([['a', 2]]))
  })
})

describe('inspect', () => {
  test('tells where the copies are, and which one wins', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    await browser.load().set('token', 'older')
    browser.plans['indexedDB']!.throws = domError('SecurityError')
    await browser.load().set('token', 'newer', { ttl: '1d' })
    const expires = browser.clock.now() + DAY
    delete browser.plans['indexedDB']!.throws
    const { copies } = await browser.load().inspect('token')
    expect(copies.map(({ tier, wins, bytes, expires }) => ({ tier, wins, bytes, expires }))).toEqual([
      { tier: 'indexedDB', wins: false, bytes: 7, expires: undefined },
      { tier: 'localStorage', wins: true, bytes: 7, expires },
    ])
    expect(copies[1]!.stamp).toBeGreaterThan(copies[0]!.stamp)
  })

  test('tells of a tombstone that wins by answering nothing, and of nothing', async () => {
    const browser = visitor('indexedDB', 'memory')
    const storage = browser.load()
    expect(await storage.inspect('token')).toEqual({ copies: [] })
    await storage.set('token', 'abc')
    await storage.remove('token')
    expect((await storage.inspect('token')).copies.filter(({ bytes }) => bytes > 0)).toEqual([])
  })

  test('has no value in it', async () => {
    const storage = visitor('localStorage').load()
    await storage.set('token', 'eyJhbGciOi')
    expect(JSON.stringify(await storage.inspect('token'))).not.toContain('eyJhbGciOi')
  })
})

describe('status', () => {
  test('tells each tier, its state and its promises, in the order of the chain', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'sessionStorage', 'cookie', 'memory')
    browser.plans['indexedDB']!.throws = domError('SecurityError')
    const storage = browser.load()
    expect((await storage.status()).tiers.map(({ state }) => state)).toEqual(Array(5).fill('untried'))
    await storage.set('token', 'abc')
    expect((await storage.status()).tiers).toEqual([
      { name: 'indexedDB', state: 'down', reason: 'unavailable', message: 'indexedDB: SecurityError', lifetimes: ['device'], reach: 'origin' },
      { name: 'localStorage', state: 'ready', lifetimes: ['device'], reach: 'origin' },
      { name: 'sessionStorage', state: 'ready', lifetimes: ['tab'], reach: 'tab' },
      { name: 'cookie', state: 'ready', lifetimes: ['session', 'device'], reach: 'origin' },
      { name: 'memory', state: 'ready', lifetimes: ['page'], reach: 'page' },
    ])
  })

  test('tells the bytes that this namespace takes up, where the tier can count them', async () => {
    const env = storageObjects()
    const cookies = cookieJar().at('https://www.brand.test/')
    const storage = createStorage({ namespace: 'acme-chat', tiers: [localStorageTier({ env }), cookieTier({ env: cookies })], keys: defineKeys({ token: key<string>(), shared: key<string>({ tiers: ['cookie'] }) }) })
    await storage.set('token', 'x'.repeat(1000))
    await storage.set('shared', 'x'.repeat(500))
    const [local, cookie] = (await storage.status()).tiers
    expect(local!.bytes).toBeGreaterThan(1000)
    expect(local!.bytes).toBeLessThan(1200)
    expect(cookie!.bytes).toBeGreaterThan(500)
    expect(cookie!.bytes).toBeLessThan(800)
  })

  test('by a probe tries every tier with a write, which it takes away again', async () => {
    const env = storageObjects()
    const cookies = cookieJar().at('https://www.brand.test/')
    const storage = createStorage({ namespace: 'acme-chat', tiers: [localStorageTier({ env }), sessionStorageTier({ env }), cookieTier({ domain: 'site', env: cookies }), memoryTier()] })
    expect((await storage.status({ probe: true })).tiers.map(({ state }) => state)).toEqual(Array(4).fill('ready'))
    expect([contentsOf(env.localStorage), contentsOf(env.sessionStorage), cookies.document!.cookie]).toEqual([{}, {}, ''])
    expect(await storage.keys()).toEqual([])
  })

  test("by a probe leaves nothing where the namespace is '' either", async () => {
    const env = storageObjects()
    const storage = createStorage({ namespace: '', tiers: [localStorageTier({ env }), memoryTier()], keys: defineKeys({ token: key<string>() }) })
    await storage.status({ probe: true })
    expect(contentsOf(env.localStorage)).toEqual({})
  })

  test('by a probe hurts nothing that is stored', async () => {
    const storage = visitor('localStorage', 'memory').load()
    await storage.set('token', 'abc')
    await storage.status({ probe: true })
    expect([await storage.get('token'), await storage.keys()]).toEqual(['abc', ['token']])
  })

  test('may be asked of a closed storage', async () => {
    const storage = visitor('localStorage').load()
    await storage.close()
    expect((await storage.status()).tiers).toHaveLength(1)
  })
})

describe('close', () => {
  test('keeps what is stored, waits for what was asked before, and spares the other storages of the page', async () => {
    const tiers = inMemory('localStorage', 'memory')
    const [one, other] = [1, 2].map(() => createStorage({ namespace: 'acme-chat', tiers }))
    const written = one!.set('token', 'abc')
    await one!.close()
    expect((await written).tier).toBe('localStorage')
    expect(await other!.get('token')).toBe('abc')
    await other!.set('token', 'def')
    expect(await createStorage({ namespace: 'acme-chat', tiers }).get('token')).toBe('def')
  })

  test('leaves no timer behind that would do work later', async () => {
    const clock = fakeClock()
    const storage = createStorage({ namespace: 'acme-chat', tiers: inMemory('localStorage'), now: clock.now, env: clock.env })
    await storage.set('token', 'abc', { ttl: 100 })
    await storage.close()
    await clock.advance(DAY)
    expect((await failureOf(() => storage.get('token'))).code).toBe('closed')
    expect(clock.next()).toBeUndefined()
  })
})

describe('a listener', () => {
  test('hears only its own event, until it is undone', async () => {
    const browser = visitor('localStorage', 'memory')
    const storage = browser.load()
    const heard: string[] = []
    const undo = storage.on('fallback', ({ key }) => heard.push(`fallback ${key}`))
    storage.on('expired', ({ key }) => heard.push(`expired ${key}`))
    browser.plans['localStorage']!.quota = 0
    await storage.set('token', 'abc', { ttl: 100 })
    undo()
    await storage.set('other', 'abc')
    await browser.clock.advance(100)
    await storage.get('token')
    expect(heard).toEqual(['fallback token', 'expired token'])
  })
})
