import { describe, expect, test } from 'vitest'
import type { Env, Tier } from 'holdfast'
import { createStorage } from 'holdfast'
import { cookieJar, fakeClock, tierCases } from 'holdfast/testing'
import { cookieTier } from '../../src/tiers/cookie.js'
import { attributesOf, recorded } from '../ground/cookies.js'

const PAGE = 'https://www.brand.test/shop/'

const load = (env: Env, tier: Tier = cookieTier({ env, lifetime: 'session' })) => {
  const clock = fakeClock(Date.now())
  return { clock, storage: createStorage<Record<string, unknown>>({ namespace: 'acme-chat', tiers: [tier], now: clock.now, env: clock.env }) }
}

describe("a cookie tier of lifetime 'session'", () => {
  test.each(['forever', '1y', 60_000, 'session'] as const)('writes no Max-Age, whatever is asked: %s', async (ttl) => {
    const { env, writes } = recorded(cookieJar().at(PAGE))
    const { storage } = load(env)
    expect(await storage.set('token', 'abc', { ttl })).toMatchObject({ tier: 'cookie', lifetime: 'session' })
    expect(writes.map((text) => attributesOf(text))).toEqual([{ path: '/', samesite: 'Lax', secure: '' }])
  })

  test('forgets all of it with the browser, at each path', async () => {
    const jar = cookieJar()
    const tier = cookieTier({ env: jar.at(PAGE), lifetime: 'session' })
    for (const each of [tier, tier.at!('/shop')]) expect(each.write([{ name: 'token', entry: { text: 'abc', stamp: 5, lifetime: 'device' } }])).toEqual([undefined])
    jar.restart()
    for (const each of [tier, tier.at!('/shop')]) expect(each.read(['token'])).toEqual([undefined])
  })

  test('says so in its traits and in the receipt, and keeps an end that comes sooner', async () => {
    const env = cookieJar().at(PAGE)
    const { storage, clock } = load(env)
    expect((await storage.status()).tiers[0]).toMatchObject({ lifetimes: ['session'] })
    expect(await storage.set('token', 'abc', { ttl: 60_000 })).toMatchObject({ lifetime: 'session', expires: clock.now() + 60_000 })
    expect(await storage.set('visitor', 'abc')).not.toHaveProperty('expires')
    await clock.advance(60_000)
    expect([await storage.get('token'), await storage.get('visitor')]).toEqual([undefined, 'abc'])
  })

  test('does not take what is for the tab or the page', async () => {
    const { storage } = load(cookieJar().at(PAGE))
    await expect(storage.set('token', 'abc', { ttl: 'tab' })).rejects.toMatchObject({ attempts: [{ tier: 'cookie', code: 'lifetime' }] })
  })

  test('reads what a tier without that limit has left, and ends it with the browser when it is written again', async () => {
    const jar = cookieJar()
    await load(jar.at(PAGE), cookieTier({ env: jar.at(PAGE) })).storage.set('token', 'abc')
    const { storage } = load(jar.at(PAGE))
    expect(await storage.get('token')).toBe('abc')
    await storage.touch('token')
    jar.restart()
    expect(await load(jar.at(PAGE)).storage.get('token')).toBeUndefined()
  })
})

describe('the cases that every tier passes, for the session', () => {
  const env = cookieJar().at(PAGE)
  const make = (): Tier => cookieTier({ env, lifetime: 'session' })
  for (const { title, skip, run } of tierCases) {
    const reason = skip?.(make().traits)
    test(reason ? `${title} (does not concern it: ${reason})` : title, async () => {
      if (reason) expect(reason).toBeTruthy()
      else await run(make)
    })
  }
})
