import { describe, expect, test } from 'vitest'
import type { Entry, Env, Tier } from 'holdfast'
import { createStorage } from 'holdfast'
import { cookieJar, fakeClock } from 'holdfast/testing'
import { decodeEntry } from '../../src/entry.js'
import { key } from '../../src/rule.js'
import { defineKeys } from '../../src/rules.js'
import type { CookieOptions } from '../../src/tiers/cookie.js'
import { cookieTier } from '../../src/tiers/cookie.js'
import { pairsOf } from '../ground/cookies.js'
import { failureOf } from '../ground/failure.js'

const NAME = 'LivePersonID'
const PATH = '/hc/123'
const PAGE = 'https://sales.vendor.test/hc/123/chat'

const entry = (text: string | null, stamp: number, more: Partial<Entry> = {}): Entry => ({ text, stamp, lifetime: 'device', ...more })
const textOf = (tier: Tier): string | null | undefined => (tier.read([NAME]) as (Entry | undefined)[])[0]?.text
const put = (tier: Tier, text: string, stamp = 5, more: Partial<Entry> = {}): unknown => (tier.write([{ name: NAME, entry: entry(text, stamp, more) }]) as unknown[])[0]
const drop = (tier: Tier, stamp: number): unknown => (tier.write([{ name: NAME, drop: stamp }]) as unknown[])[0]

/** One visitor's cookies, and the two registers of one name as a page sees them; each call is a page of its own. */
const visit = (options: CookieOptions = {}) => {
  const jar = cookieJar()
  const env = jar.at(PAGE)
  const page = (address: Env = env): { root: Tier; below: Tier } => {
    const root = cookieTier({ env: address, ...options })
    return { root, below: root.at!(PATH) }
  }
  return { jar, env, page }
}

describe('the same place under another path', () => {
  test('is the same tier each time, from every path of it, and the tier itself at its own', () => {
    const root = cookieTier({ env: cookieJar().at(PAGE) })
    const below = root.at!(PATH)
    expect([root.at!(PATH) === below, below.at!(PATH) === below, below.at!('/') === root, root.at!('/') === root]).toEqual([true, true, true, true])
    const shop = cookieTier({ path: '/shop', env: cookieJar().at('https://www.brand.test/shop/') })
    expect([shop.at!('/shop') === shop, shop.at!('/') === shop]).toEqual([true, false])
  })

  test('has its cookies at that path, and asks for the site once', () => {
    const jar = cookieJar()
    const root = cookieTier({ env: jar.at(PAGE), domain: 'site' })
    expect(put(root.at!(PATH), 'x')).toBeUndefined()
    expect(pairsOf(jar.at('https://sales.vendor.test/'))).toEqual([])
    expect(pairsOf(jar.at('https://www.vendor.test/hc/123'))).toHaveLength(1)
    expect([root.traits.reach, root.at!(PATH).traits]).toEqual(['site', root.traits])
  })

  test.each(['', 'hc', '/hc;Domain=vendor.test', '/a b', '/é', '/' + 'x'.repeat(1024)])('that is no path is refused at once: %s', async (path) => {
    expect(await failureOf(() => cookieTier({ env: {} }).at!(path))).toBeInstanceOf(RangeError)
    expect((await failureOf(() => cookieTier({ path, env: {} }))).message).toContain('path')
  })

  test("contradicts a prefix that allows '/' alone", async () => {
    expect(await failureOf(() => cookieTier({ prefix: '__Host-', env: {} }).at!(PATH))).toBeInstanceOf(RangeError)
  })
})

describe.each<[string, Partial<Entry>]>([
  ['persistent', {}],
  ['of the session', { lifetime: 'session' }],
  ['with an end', { expires: Date.now() + 3_600_000 }],
])('one name at two paths, values %s', (_, more) => {
  test.each([
    ['the root first', ['root', 'below']],
    ['the path first', ['below', 'root']],
  ] as const)('are two registers, %s', (_order, order) => {
    const { env, page } = visit()
    for (const which of order) expect(put(page()[which], 'of ' + which, 5, more)).toBeUndefined()
    const { root, below } = page()
    expect([textOf(root), textOf(below)]).toEqual(['of root', 'of below'])
    expect(pairsOf(env).map(([name]) => name)).toEqual([NAME, NAME])
    // Written over, in either order, newer or not: each settles by its own stamp.
    for (const which of order) expect(put(page()[which], 'again ' + which, 7, more)).toBeUndefined()
    expect([put(root, 'older', 6, more), put(below, 'older', 6, more)]).toEqual([7, 7])
    expect([textOf(root), textOf(below)]).toEqual(['again root', 'again below'])
    expect(pairsOf(env)).toHaveLength(2)
  })

  test.each(['root', 'below'] as const)('are removed one by one: %s', (gone) => {
    const { env, page } = visit()
    for (const which of ['root', 'below'] as const) put(page()[which], 'of ' + which, 5, more)
    const stays = gone === 'root' ? 'below' : 'root'
    expect([drop(page()[gone], 4), drop(page()[gone], 5)]).toEqual([5, undefined])
    expect([textOf(page()[gone]), textOf(page()[stays])]).toEqual([undefined, 'of ' + stays])
    expect(drop(page()[stays], 5)).toBeUndefined()
    expect(pairsOf(env)).toEqual([])
  })

  test('list only their own names, and count only their own bytes below', () => {
    const { page } = visit()
    const { root, below } = page()
    put(root, 'x', 5, more)
    root.write([{ name: 'LivePersonOther', entry: entry('y', 5, more) }])
    expect([root.names('Live'), below.names('Live')]).toEqual([[NAME, 'LivePersonOther'], []])
    expect(below.usage!('')).toEqual({ bytes: 0 })
    put(below, 'z', 5, more)
    drop(root, 5)
    expect([root.names('Live'), below.names('Live')]).toEqual([['LivePersonOther'], [NAME]])
  })
})

describe('what a path keeps', () => {
  test('is unknown to a page that was never told of the path: not damaged, and no twin to be tidied away', () => {
    const { env, page } = visit()
    put(page().below, 'of below')
    const stranger = cookieTier({ env })
    expect([stranger.read([NAME]), stranger.names('')]).toEqual([[undefined], []])
    put(stranger, 'of root', 9)
    drop(stranger, 9)
    expect([textOf(stranger), textOf(page().below)]).toEqual([undefined, 'of below'])
  })

  test('stands though twins of the root are tidied away, at the domain, at the page and beside it', () => {
    const { env, page } = visit({ domain: 'site' })
    const { root, below } = page()
    put(below, 'of below')
    const twin = cookieJar()
    put(cookieTier({ env: twin.at(PAGE) }), 'twin', 3)
    const [[, raw]] = pairsOf(twin.at(PAGE)) as [[string, string]]
    for (const scope of ['Path=/', 'Path=/hc', 'Path=/hc/', 'Path=/hc/123/', 'Path=/hc/123/chat', 'Path=/hc; Domain=vendor.test']) env.document!.cookie = `${NAME}=${raw}; ${scope}; Secure; Max-Age=60`
    expect(textOf(root)).toBe('twin')
    expect(put(root, 'of root')).toBeUndefined()
    expect([pairsOf(env).length, textOf(root), textOf(below)]).toEqual([2, 'of root', 'of below'])
  })

  test('has twins of its own tidied away, for the host and for the domain, and nobody else\'s', () => {
    const { env, page } = visit()
    const { root, below } = page()
    put(root, 'of root')
    put(below, 'of the host', 5)
    const wide = cookieTier({ env, domain: 'site' })
    expect(put(wide.at!(PATH), 'of the site', 6)).toBeUndefined()
    expect([pairsOf(env).length, textOf(below), textOf(root)]).toEqual([2, 'of the site', 'of root'])
    // As another release left it: the older one beside the newer.
    const other = cookieJar()
    put(cookieTier({ env: other.at(PAGE) }).at!(PATH), 'older', 4)
    env.document!.cookie = `${NAME}=${pairsOf(other.at(PAGE))[0]![1]}; Path=${PATH}; Secure; Max-Age=60`
    expect([pairsOf(env).length, textOf(below)]).toEqual([3, 'of the site'])
    expect(drop(wide.at!(PATH), 6)).toBeUndefined()
    expect([textOf(below), textOf(root), pairsOf(env).length]).toEqual([undefined, 'of root', 1])
  })

  test('reads as absent where it is damaged, and hurts nobody; what somebody else wrote there stays', () => {
    const { env, page } = visit()
    const { root, below } = page()
    put(root, 'of root')
    put(below, 'of below')
    const [, raw] = pairsOf(env)[0]!
    env.document!.cookie = `${NAME}=${raw.slice(0, -1)}; Path=${PATH}; Secure; Max-Age=60`
    expect([textOf(below), textOf(root)]).toEqual([undefined, 'of root'])
    env.document!.cookie = `${NAME}=somebody-elses; Path=/hc; Secure; Max-Age=60`
    expect([put(below, 'healed'), textOf(below), textOf(root)]).toEqual([undefined, 'healed', 'of root'])
    expect(drop(below, 5)).toBeUndefined()
    expect(pairsOf(env).map(([, value]) => value)).toContain('somebody-elses')
  })

  test('may be larger than a cookie, at the same stamp as its namesake: pieces are told apart, too', () => {
    const { env, page } = visit({ maxBytes: 20_000 })
    const { root, below } = page()
    const [large, larger] = ['a'.repeat(9000), 'b'.repeat(12_000)]
    for (const order of [[root, below], [below, root]]) {
      for (const tier of order) expect(put(tier, tier === root ? large : larger)).toBeUndefined()
      expect([textOf(page().root), textOf(page().below)]).toEqual([large, larger])
    }
    expect([root.names(''), below.names('')]).toEqual([[NAME], [NAME]])
    put(below, 'small', 6)
    expect([textOf(root), textOf(below)]).toEqual([large, 'small'])
    drop(root, 6)
    expect(pairsOf(env)).toHaveLength(1)
    put(below, larger, 7)
    drop(below, 7)
    expect(pairsOf(env)).toEqual([])
  })

  test('carries the path in its checksum alone: the value is the same text form', () => {
    const { env, page } = visit()
    put(page().below, 'x')
    const [[, raw]] = pairsOf(env) as [[string, string]]
    expect([decodeEntry(NAME, raw)?.corrupt, decodeEntry(NAME + '\0' + PATH, raw)?.text]).toEqual([true, 'x'])
  })
})

describe('a page that is not under the path', () => {
  test('is told so, and leaves no cookie there that it could never see or remove again', () => {
    const { jar, page } = visit()
    const { root, below } = page(jar.at('https://sales.vendor.test/hc/124'))
    expect(put(below, 'x')).toMatchObject({ code: 'unavailable', message: expect.stringContaining(PATH) as string })
    for (const ask of [() => below.read([NAME]), () => below.names('')]) expect(ask).toThrow(expect.objectContaining({ code: 'unavailable' }) as Error)
    expect([put(root, 'y'), pairsOf(jar.at(PAGE)).length]).toEqual([undefined, 1])
  })

  test('is known by whole steps, with or without the last slash', () => {
    const seen = (path: string, pathname: string): boolean => put(cookieTier({ path, env: cookieJar().at('https://www.brand.test' + pathname) }), 'x') === undefined
    expect([seen('/hc', '/hc'), seen('/hc', '/hc/'), seen('/hc', '/hc/a'), seen('/hc/', '/hc/'), seen('/hc/', '/hc/a')]).toEqual([true, true, true, true, true])
    expect([seen('/hc', '/'), seen('/hc', '/hcx'), seen('/hc/', '/hc'), seen('/hc/a', '/hc/b')]).toEqual([false, false, false, false])
  })

  test('may not know its path, as in about:blank: then the browser decides', () => {
    const { env } = visit()
    const frame = { document: env.document, location: { hostname: '', protocol: 'about:', pathname: 'blank' } } as Env
    const root = cookieTier({ env: frame })
    expect([put(root, 'x'), put(root.at!(PATH), 'y'), textOf(root), textOf(root.at!(PATH))]).toEqual([undefined, undefined, 'x', 'y'])
  })
})

describe('a storage whose rules name paths', () => {
  const keys = defineKeys({ visitor: key<string>({ name: NAME }), visits: key<string>({ name: NAME, path: PATH, ttl: '1y' }), session: key<string>({ path: PATH, ttl: 'session' }) })
  const load = (env: Env) => {
    const clock = fakeClock(Date.now())
    return createStorage({ namespace: '', keys, tiers: [cookieTier({ env })], now: clock.now, env: clock.env })
  }

  test('keeps both, removes one, and clears and destroys what is its own', async () => {
    const { jar, env } = visit()
    env.document!.cookie = 'theirs=1; Path=/; Max-Age=60'
    const storage = load(env)
    await storage.setMany([['visits', 'v'], ['visitor', 'i'], ['session', 's']])
    expect(await load(env).getMany(['visitor', 'visits', 'session'])).toEqual(new Map(Object.entries({ visitor: 'i', visits: 'v', session: 's' })))
    jar.restart()
    expect(await load(env).get('session')).toBeUndefined()
    await storage.remove('visitor')
    expect([await load(env).get('visitor'), await load(env).get('visits')]).toEqual([undefined, 'v'])
    await storage.set('visitor', 'j')
    expect((await load(env).keys()).sort()).toEqual(['visitor', 'visits'])
    await storage.clear()
    expect((await load(env).keys())).toEqual([])
    await storage.destroy()
    expect(pairsOf(env).map(([name]) => name)).toEqual(['theirs'])
  })

  test('tells of damage there once, under the key of its own path, and a sweep takes it away', async () => {
    const { env } = visit()
    env.document!.cookie = `${NAME}=hf13.0.damaged; Path=${PATH}; Secure; Max-Age=60`
    const storage = load(env)
    const heard: unknown[] = []
    storage.on('corrupt', (detail) => heard.push(detail))
    expect([await storage.get('visits'), await storage.get('visitor')]).toEqual([undefined, undefined])
    expect(heard).toEqual([{ key: 'visitor', tier: 'cookie' }])
    await storage.sweep()
    await storage.flush()
    expect(pairsOf(env)).toEqual([])
  })
})
