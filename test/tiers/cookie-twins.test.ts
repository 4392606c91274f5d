import { describe, expect, test } from 'vitest'
import type { CookieOptions, Env } from 'holdfast'
import { cookieTier, createStorage } from 'holdfast'
import { cookieJar, fakeClock } from 'holdfast/testing'
import { pairsOf } from '../ground/cookies.js'

const TOKEN = 'acme-chat.token'
const clock = fakeClock()

const load = (env: Env, options: CookieOptions = {}) => {
  clock.jump(1)
  return createStorage<Record<string, unknown>>({ namespace: 'acme-chat', tiers: [cookieTier({ env, ...options })], now: clock.now, env: clock.env })
}

/** The encoded text of a value that is written now. */
const textOf = async (value: string): Promise<string> => {
  const env = cookieJar({ now: clock.now }).at('https://www.brand.test/')
  await load(env).set('token', value)
  return pairsOf(env)[0]![1]
}

const SCOPES = { host: 'Path=/', site: 'Path=/; Domain=brand.test', sub: 'Path=/; Domain=www.brand.test', shop: 'Path=/shop', 'site and shop': 'Path=/shop; Domain=brand.test', 'the page': 'Path=/shop/cart' }
type ScopeName = keyof typeof SCOPES

const orders: [older: ScopeName, newer: ScopeName][] = [
  ['host', 'site'],
  ['site', 'host'],
  ['shop', 'host'],
  ['host', 'shop'],
  ['sub', 'site'],
  ['site and shop', 'host'],
  ['the page', 'site'],
  ['shop', 'the page'],
]

/** Twins of one name: an older one in one scope, a newer one in another. */
const twins = async (older: ScopeName, newer: ScopeName) => {
  const env = cookieJar({ now: clock.now }).at('https://www.brand.test/shop/cart')
  const put = (text: string, scope: ScopeName): void => void (env.document!.cookie = `${TOKEN}=${text}; ${SCOPES[scope]}; Max-Age=3600; Secure; SameSite=Lax`)
  put(await textOf('older'), older)
  put(await textOf('newer'), newer)
  expect(pairsOf(env).map(([name]) => name)).toEqual([TOKEN, TOKEN])
  return env
}

describe.each(orders)('twins: an older cookie for %s beside a newer one for %s', (older, newer) => {
  test.each<CookieOptions>([{}, { domain: 'site' }])('read as the newer one, with %o', async (options) => {
    const env = await twins(older, newer)
    expect(await load(env, options).get('token')).toBe('newer')
    expect(await load(env, options).keys()).toEqual(['token'])
  })

  test.each<CookieOptions>([{}, { domain: 'site' }])('are one after a write, with %o', async (options) => {
    const env = await twins(older, newer)
    expect((await load(env, options).set('token', 'newest')).tier).toBe('cookie')
    expect(pairsOf(env).map(([name]) => name)).toEqual([TOKEN])
    expect(await load(env, options).get('token')).toBe('newest')
  })

  test.each<CookieOptions>([{}, { domain: 'site' }])('are none after a removal, with %o', async (options) => {
    const env = await twins(older, newer)
    await load(env, options).remove('token')
    expect(pairsOf(env)).toEqual([])
    const env2 = await twins(older, newer)
    await load(env2, options).destroy()
    expect(pairsOf(env2)).toEqual([])
  })
})

describe('a twin', () => {
  test('that a subdomain has left for the host is outranked by what a sibling writes for the site', async () => {
    const jar = cookieJar({ now: clock.now })
    await load(jar.at('https://www.brand.test/')).set('token', 'of the host')
    await load(jar.at('https://shop.brand.test/'), { domain: 'site' }).set('token', 'of the site')
    expect(await load(jar.at('https://www.brand.test/'), { domain: 'site' }).get('token')).toBe('of the site')
    await load(jar.at('https://www.brand.test/'), { domain: 'site' }).set('token', 'newest')
    expect(pairsOf(jar.at('https://www.brand.test/'))).toHaveLength(1)
    expect(await load(jar.at('https://shop.brand.test/'), { domain: 'site' }).get('token')).toBe('newest')
  })

  test('that cannot be read is outranked by one that can', async () => {
    const env = cookieJar({ now: clock.now }).at('https://www.brand.test/shop/cart')
    env.document!.cookie = `${TOKEN}=somebody-elses; Path=/shop; Max-Age=3600`
    env.document!.cookie = `${TOKEN}=${await textOf('ours')}; Path=/; Max-Age=3600`
    expect(await load(env).get('token')).toBe('ours')
  })
})
