import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import type { CookieOptions, Env } from 'holdfast'
import { cookieTier, createStorage, memoryTier } from 'holdfast'
import { cookieJar, fakeClock } from 'holdfast/testing'
import { attributesOf, pairsOf, recorded } from '../ground/cookies.js'
import { blocked } from '../ground/dom.js'
import { failureOf } from '../ground/failure.js'

const TOKEN = 'acme-chat.token'

/** A page's storage over cookies, with memory behind them. */
const load = (env: Env, options: CookieOptions = {}) => {
  const clock = fakeClock(Date.now())
  return createStorage<Record<string, unknown>>({ namespace: 'acme-chat', tiers: [cookieTier({ env, ...options }), memoryTier()], now: clock.now, env: clock.env })
}

/** A page's storage over cookies alone: nothing else could hold an older copy. */
const loadAlone = (env: Env, options: CookieOptions) => {
  const clock = fakeClock(Date.now())
  return createStorage({ namespace: 'acme-chat', tiers: [cookieTier({ env, ...options })], now: clock.now, env: clock.env })
}

/** The attributes with which a value was written at this address. */
const attributesAt = async (url: string, options: CookieOptions = {}, ttl?: 'session' | '1h' | '2y'): Promise<Record<string, string>> => {
  const { env, writes } = recorded(cookieJar().at(url))
  await loadAlone(env, options).set('token', 'abc', ttl && { ttl })
  return attributesOf(writes.find((text) => text.includes(TOKEN))!)
}

describe('the attributes of a cookie', () => {
  test('are these by default', async () => {
    expect(await attributesAt('https://www.brand.test/shop/')).toEqual({ path: '/', samesite: 'Lax', secure: '', 'max-age': '34560000' })
    expect(await attributesAt('http://www.brand.test/shop/')).toEqual({ path: '/', samesite: 'Lax', 'max-age': '34560000' })
  })

  test('are those that were asked for', async () => {
    expect(await attributesAt('https://www.brand.test/shop/', { path: '/shop', sameSite: 'None', partitioned: true, domain: 'brand.test' }, '1h')).toEqual({ path: '/shop', domain: 'brand.test', samesite: 'None', secure: '', partitioned: '', 'max-age': '3600' })
    expect(await attributesAt('https://www.brand.test/', { secure: false, sameSite: 'Strict' })).not.toHaveProperty('secure')
    expect(await attributesAt('http://localhost/', { secure: true })).toHaveProperty('secure')
  })

  test('have no Max-Age where the value is for the session, which ends with the browser', async () => {
    expect(await attributesAt('https://www.brand.test/', {}, 'session')).not.toHaveProperty('max-age')
    const jar = cookieJar()
    const storage = load(jar.at('https://www.brand.test/'))
    await storage.set('token', 'abc', { ttl: 'session' })
    await storage.set('visitor', 'def')
    expect(await storage.get('token')).toBe('abc')
    jar.restart()
    const next = load(jar.at('https://www.brand.test/'))
    expect([await next.get('token'), await next.get('visitor')]).toEqual([undefined, 'def'])
  })

  test('never ask for more than 400 days', async () => {
    expect(await attributesAt('https://www.brand.test/', {}, '2y')).toMatchObject({ 'max-age': '34560000' })
  })

  test('keep a path apart: a page beside it sees nothing', async () => {
    const jar = cookieJar()
    await load(jar.at('https://www.brand.test/shop/'), { path: '/shop' }).set('token', 'abc')
    expect(await load(jar.at('https://www.brand.test/shop/cart'), { path: '/shop' }).get('token')).toBe('abc')
    expect(pairsOf(jar.at('https://www.brand.test/blog'))).toEqual([])
  })
})

describe('a prefix', () => {
  test.each(['__Host-', '__Secure-'] as const)('%s stands before each name, and its cookies are read and removed again', async (prefix) => {
    const env = cookieJar().at('https://www.brand.test/')
    const storage = load(env, { prefix })
    expect((await storage.set('token', 'abc')).tier).toBe('cookie')
    expect(pairsOf(env).map(([name]) => name)).toEqual([prefix + TOKEN])
    expect(await storage.keys()).toEqual(['token'])
    expect(await load(env, { prefix }).get('token')).toBe('abc')
    await storage.destroy()
    expect(pairsOf(env)).toEqual([])
  })

  test.each(['__Host-', '__Secure-'] as const)('%s is refused by the browser on a page that is not https', async (prefix) => {
    const receipt = await load(cookieJar().at('http://www.brand.test/'), { prefix }).set('token', 'abc')
    expect(receipt).toMatchObject({ tier: 'memory', passed: [{ tier: 'cookie', code: 'refused' }] })
  })

  test('that contradicts the scope is refused at once', async () => {
    for (const options of [{ domain: 'site' }, { domain: 'brand.test' }, { path: '/shop' }]) expect(await failureOf(() => cookieTier({ prefix: '__Host-', ...options }))).toBeInstanceOf(RangeError)
  })
})

describe("domain 'site'", () => {
  const domainAt = async (url: string): Promise<string | undefined> => (await attributesAt(url, { domain: 'site' }))['domain']

  test.each([
    ['https://www.brand.test/', 'brand.test'],
    ['https://a.b.c.brand.test/', 'brand.test'],
    ['https://brand.test/', 'brand.test'],
    ['https://shop.brand.co.uk/', 'brand.co.uk'],
    ['https://brand.co.uk/', 'brand.co.uk'],
    ['http://localhost:8080/', undefined],
    ['http://192.0.2.1/', undefined],
    ['http://[2001:db8::1]/', undefined],
  ])('at %s is %s', async (url, domain) => {
    expect(await domainAt(url)).toBe(domain)
  })

  test('is shared by sibling subdomains, and by nobody else', async () => {
    const jar = cookieJar()
    await load(jar.at('https://www.brand.test/'), { domain: 'site' }).set('token', 'abc')
    expect(await load(jar.at('https://shop.brand.test/'), { domain: 'site' }).get('token')).toBe('abc')
    expect(pairsOf(jar.at('https://other.test/'))).toEqual([])
    await load(jar.at('https://shop.brand.test/'), { domain: 'site' }).remove('token')
    expect(await load(jar.at('https://www.brand.test/'), { domain: 'site' }).get('token')).toBeUndefined()
  })

  test('is asked for once, by the first write, and the question leaves nothing behind', async () => {
    const { env, writes } = recorded(cookieJar().at('https://a.b.brand.co.uk/'))
    const storage = load(env, { domain: 'site' })
    await storage.get('token')
    await storage.flush()
    expect(writes).toEqual([])
    await storage.set('token', 'abc')
    await storage.set('token', 'def')
    await storage.set('other', 1)
    const probes = writes.filter((text) => !text.includes('acme-chat.') && attributesOf(text)['max-age'] !== '0')
    expect(probes.map((text) => attributesOf(text)['domain'])).toEqual(['co.uk', 'brand.co.uk'])
    expect(pairsOf(env).map(([name]) => name).sort()).toEqual(['acme-chat.other', TOKEN])
  })

  test('promises the site before it was asked for only where there can be one', async () => {
    const reach = async (url: string): Promise<string> => (await load(cookieJar().at(url), { domain: 'site' }).status()).tiers[0]!.reach
    expect([await reach('https://www.brand.test/'), await reach('http://localhost/'), await reach('http://192.0.2.1/')]).toEqual(['site', 'origin', 'origin'])
  })

  test('of a host that is not in the address is dropped by the browser: refused', async () => {
    const receipt = await load(cookieJar().at('https://www.brand.test/'), { domain: 'other.test' }).set('token', 'abc')
    expect(receipt.passed).toEqual([{ tier: 'cookie', code: 'refused' }])
  })
})

describe('a write', () => {
  test('that the browser drops without a word is refused, also where an older value stands there', async () => {
    const jar = cookieJar()
    const storage = load(jar.at('https://www.brand.test/'))
    await storage.set('token', 'old')
    jar.refuses = true
    expect(await storage.set('token', 'new')).toMatchObject({ tier: 'memory', passed: [{ tier: 'cookie', code: 'refused' }] })
    expect(await storage.get('token')).toBe('new')
    expect((await storage.status()).tiers[0]).toMatchObject({ state: 'down', reason: 'refused' })
  })

  test('that the browser keeps in another form is refused: it is read back byte for byte', async () => {
    const { document, location } = cookieJar().at('https://www.brand.test/')
    const mangling = {
      location,
      document: {
        get cookie() {
          return document!.cookie
        },
        set cookie(text: string) {
          document!.cookie = text.replace('UPPER', 'upper')
        },
      },
    }
    expect((await load(mangling).set('token', 'UPPER')).passed).toEqual([{ tier: 'cookie', code: 'refused' }])
    expect((await load(mangling).set('token', 'lower')).tier).toBe('cookie')
  })

  test.each<[string, () => Env, string]>([
    ['there is no document', () => ({}), 'unavailable'],
    ['the document is null', () => ({ document: null }) as unknown as Env, 'unavailable'],
    ['looking at cookies throws, as in a sandboxed frame', () => ({ document: Object.defineProperty({}, 'cookie', { get: () => { throw new DOMException('', 'SecurityError') } }) }) as Env, 'unavailable'],
    ['looking at the document throws', () => blocked('document'), 'unavailable'],
    ['cookies do nothing, as where the user blocks them', () => ({ document: { get cookie() { return '' }, set cookie(_: string) {} } }), 'refused'],
  ])('has the next tier take over where %s', async (_, make, code) => {
    const storage = load(make())
    expect(await storage.set('token', 'abc')).toMatchObject({ tier: 'memory', passed: [{ tier: 'cookie', code }] })
    expect(await storage.get('token')).toBe('abc')
  })

  test("is kept by jsdom's cookies, too", async () => {
    const { document, location } = new JSDOM('', { url: 'https://www.brand.test/' }).window
    expect((await load({ document, location }, { domain: 'site' }).set('token', { a: 'é;=%' })).tier).toBe('cookie')
    expect(await load({ document, location }).get('token')).toEqual({ a: 'é;=%' })
  })

  test('that a Secure cookie stands in the way of is refused on a page that is not https', async () => {
    const jar = cookieJar()
    await load(jar.at('https://www.brand.test/')).set('token', 'secure')
    expect((await load(jar.at('http://www.brand.test/')).set('token', 'plain')).passed).toEqual([{ tier: 'cookie', code: 'refused' }])
    expect(await load(jar.at('https://www.brand.test/')).get('token')).toBe('secure')
  })
})

describe('the limit of 4,096 bytes', () => {
  const wireBytes = (env: Pick<Env, 'document'>): number => Math.max(...pairsOf(env).map(([name, value]) => new TextEncoder().encode(name + value).length))

  test.each([['letters', 'x'], ['accents', 'é'], ['emoji', '🪸'], ['quotes', '"']])('counts name and value as they are written: in %s', async (_, unit) => {
    const env = cookieJar().at('https://www.brand.test/')
    const storage = load(env)
    const taken = async (count: number): Promise<boolean> => (await storage.set('token', unit.repeat(count))).tier === 'cookie'
    let [fits, not] = [1, 4200]
    expect([await taken(fits), await taken(not)]).toEqual([true, false])
    while (not - fits > 1) {
      const middle = Math.floor((fits + not) / 2)
      if (await taken(middle)) fits = middle
      else not = middle
    }
    // The checksum is a digit longer or shorter from one write to the next.
    fits -= 4
    not += 4
    await storage.set('token', unit.repeat(fits))
    expect(await load(env).get('token')).toBe(unit.repeat(fits))
    expect(wireBytes(env)).toBeLessThanOrEqual(4096)
    expect(wireBytes(env)).toBeGreaterThan(4096 - 20 - 4 * encodeURIComponent(unit).length)
    expect((await storage.set('token', unit.repeat(not))).passed).toEqual([{ tier: 'cookie', code: 'too-large' }])
  })

  test('lets the next tier have what is larger, and the older value goes', async () => {
    const env = cookieJar().at('https://www.brand.test/')
    const storage = load(env)
    await storage.set('token', 'old')
    expect(await storage.set('token', 'x'.repeat(5000))).toMatchObject({ tier: 'memory', passed: [{ tier: 'cookie', code: 'too-large' }] })
    expect(await storage.get('token')).toBe('x'.repeat(5000))
    expect(await load(env).get('token')).toBeUndefined()
    expect((await storage.status()).tiers[0]).toMatchObject({ state: 'ready' })
  })
})
