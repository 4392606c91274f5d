import { describe, expect, test } from 'vitest'
import type { HubTier } from '../../src/hub/client.js'
import { hubTier } from '../../src/hub/client.js'
import type { Browser, BrowserOptions } from './windows.js'
import { browser, HUB, impersonate } from './windows.js'

const NAME = 'holdfast.hub.chat.vendor.test'
const OTHER = Array(16).fill(1).join('.')

const cookieOf = (visitor: Browser, host = 'https://a.brand.test/'): string | undefined =>
  visitor.jar.at(host).document!.cookie.split('; ').find((cookie) => cookie.startsWith(NAME + '='))?.slice(NAME.length + 1)

/** A brand's pages over one hub; each load is a new page. */
const brand = (options: BrowserOptions = {}) => {
  const visitor = browser(options)
  const load = async (host: string, reach?: 'site'): Promise<HubTier> => {
    const tier = hubTier({ url: HUB, env: visitor.page(`https://${host}/`).env })
    await tier.open()
    if (reach) await tier.prove!(reach)
    return tier
  }
  const put = (value: string): void => {
    visitor.jar.at('https://a.brand.test/').document!.cookie = `${NAME}=${value}; Domain=brand.test; Path=/; Secure`
  }
  /** The mark of the partition, the host and the state that the cookie tells. */
  const told = (): (string | undefined)[] => cookieOf(visitor)?.split('|') ?? []
  return { visitor, load, put, told }
}
const reachOf = ({ traits: { reach, mayReach } }: HubTier): string => reach + (mayReach ? ', may be ' + mayReach : '')

const UNPROVEN = 'origin, may be site'
const PROVEN = 'site'
const DISPROVED = 'origin'

describe('the reach of a hub', () => {
  test('is not known before it has been opened, and no cookie is written for a read or for a key that does not ask', async () => {
    const { visitor, load } = brand()
    expect(reachOf(hubTier({ url: HUB, env: visitor.page('https://a.brand.test/').env }))).toBe(UNPROVEN)
    const tier = await load('a.brand.test')
    await tier.read(['a'])
    await tier.prove!(undefined)
    await tier.prove!('origin')
    expect([reachOf(tier), cookieOf(visitor)]).toEqual([UNPROVEN, undefined])
    expect(await visitor.tiers('https://a.brand.test/')[0]!.names('')).toEqual([])
  })

  test('is the site once two hosts have seen one mark, as in Chromium and Firefox', async () => {
    const { load, told } = brand()
    expect(reachOf(await load('a.brand.test', 'site'))).toBe(UNPROVEN)
    const [mark, host, state] = told()
    expect([host, state]).toEqual(['a.brand.test', ''])
    // The same host again tells nothing.
    expect(reachOf(await load('a.brand.test', 'site'))).toBe(UNPROVEN)
    // A sibling knows before it writes.
    expect(reachOf(await load('b.brand.test'))).toBe(PROVEN)
    expect(told()).toEqual([mark, 'a.brand.test', ''])
    expect(reachOf(await load('b.brand.test', 'site'))).toBe(PROVEN)
    expect(told()).toEqual([mark, 'b.brand.test', 'proven'])
    expect(reachOf(await load('b.brand.test'))).toBe(PROVEN)
    expect(reachOf(await load('a.brand.test'))).toBe(PROVEN)
    expect(reachOf(await load('brand.test', 'site'))).toBe(PROVEN)
    expect(told()).toEqual([mark, 'b.brand.test', 'proven'])
  })

  test('is the origin where each host has its own mark, as in WebKit, and stays so on every later page', async () => {
    const { load, told } = brand({ keyed: 'origin' })
    expect(reachOf(await load('a.brand.test', 'site'))).toBe(UNPROVEN)
    const [first] = told()
    // Its partition is empty, which says nothing yet.
    expect(reachOf(await load('b.brand.test'))).toBe(UNPROVEN)
    expect(reachOf(await load('b.brand.test', 'site'))).toBe(DISPROVED)
    const [second, host, state] = told()
    expect([second === first, host, state]).toEqual([false, 'b.brand.test', 'split'])
    for (const reach of ['site', undefined] as const) {
      expect(reachOf(await load('a.brand.test', reach))).toBe(DISPROVED)
      expect(reachOf(await load('a.brand.test', reach))).toBe(DISPROVED)
      expect(reachOf(await load('b.brand.test', reach))).toBe(DISPROVED)
    }
  })

  test('is doubted after the browser has evicted the vendor, and proven again on the next sibling', async () => {
    const { visitor, load } = brand()
    await load('a.brand.test', 'site')
    await load('b.brand.test', 'site')
    const [place] = visitor.tiers('https://a.brand.test/')
    await place!.write((await place!.names('')).map((name) => ({ name, drop: Infinity })))
    expect(reachOf(await load('a.brand.test'))).toBe(UNPROVEN)
    expect(reachOf(await load('a.brand.test', 'site'))).toBe(DISPROVED)
    expect(reachOf(await load('b.brand.test', 'site'))).toBe(PROVEN)
    expect(reachOf(await load('a.brand.test'))).toBe(PROVEN)
  })

  test('is not known again after the visitor has cleared the cookies', async () => {
    const { visitor, load, told } = brand()
    await load('a.brand.test', 'site')
    await load('b.brand.test', 'site')
    visitor.jar.clear()
    expect(reachOf(await load('a.brand.test', 'site'))).toBe(UNPROVEN)
    expect(told()[1]).toBe('a.brand.test')
  })

  test('stays unknown where no cookie can be kept for a parent domain', async () => {
    const { visitor, load } = brand()
    visitor.jar.refuses = true
    expect(reachOf(await load('a.brand.test', 'site'))).toBe(UNPROVEN)
    expect(reachOf(await load('b.brand.test', 'site'))).toBe(UNPROVEN)
    const lone = browser({ allow: ['http://localhost:8080'] })
    const tier = hubTier({ url: HUB, env: lone.page('http://localhost:8080/').env })
    await tier.prove!('site')
    expect([reachOf(tier), lone.jar.at('http://localhost:8080/').document!.cookie]).toEqual([UNPROVEN, ''])
  })

  test('is told by a cookie of the widest domain that the browser takes one for', async () => {
    const visitor = browser({ allow: ['https://*.brand.co.uk'] })
    for (const [host, expected] of [['a', UNPROVEN], ['b', PROVEN]]) {
      const tier = hubTier({ url: HUB, env: visitor.page(`https://${host}.brand.co.uk/`).env })
      await tier.prove!('site')
      expect(reachOf(tier)).toBe(expected)
    }
    expect(visitor.jar.at('https://www.brand.co.uk/').document!.cookie).toContain(NAME)
    expect(visitor.jar.at('https://other.co.uk/').document!.cookie).toBe('')
  })

  test('stays unknown where cookies throw', async () => {
    const visitor = browser()
    const { env } = visitor.page('https://a.brand.test/')
    Object.defineProperty(env.document, 'cookie', { get: () => { throw new DOMException('sandboxed', 'SecurityError') } })
    const tier = hubTier({ url: HUB, env })
    await tier.prove!('site')
    expect(reachOf(tier)).toBe(UNPROVEN)
  })

  test.each(['x', 'x; Domain=evil.test', '1.2.3.4; Max-Age=9', 7, { length: 40 }, 'x'.repeat(40)])('stays unknown, and no cookie is written, where a hub calls its mark %j', async (mark) => {
    const state = { lifetimes: ['device'], access: false, mark }
    const visitor = browser({ script: impersonate('https://a.brand.test', ({ id, ops }) => ({ id, answers: ops.map(() => state) }), state) })
    const tier = hubTier({ url: HUB, env: visitor.page('https://a.brand.test/').env })
    await tier.prove!('site')
    expect([reachOf(tier), visitor.jar.at('https://a.brand.test/').document!.cookie]).toEqual([UNPROVEN, ''])
  })

  test('becomes known on a page that waits while a sibling is open in another tab', async () => {
    const { load } = brand()
    const first = await load('a.brand.test', 'site')
    await load('b.brand.test', 'site')
    expect(reachOf(first)).toBe(UNPROVEN)
    await first.prove!('site')
    expect(reachOf(first)).toBe(PROVEN)
  })

  test('is told for the host with its port', async () => {
    const visitor = browser({ allow: ['http://*.brand.localhost:8080'] })
    for (const [host, expected] of [['a', UNPROVEN], ['b', PROVEN]]) {
      const tier = hubTier({ url: HUB, env: visitor.page(`http://${host}.brand.localhost:8080/`).env })
      await tier.prove!('site')
      expect(reachOf(tier)).toBe(expected)
      expect(visitor.jar.at('http://a.brand.localhost:8080/').document!.cookie).toContain(`|${host}.brand.localhost:8080|`)
    }
  })

  test('has a cookie for each hub, whose name is a token', async () => {
    const visitor = browser()
    const { env } = visitor.page('https://a.brand.test/')
    for (const url of ['https://chat.vendor.test:8443/hub', 'https://chat.vendor.test/hub']) await hubTier({ url, env }).prove!('site')
    const names = visitor.jar.at('https://a.brand.test/').document!.cookie.split('; ').map((cookie) => cookie.split('=')[0])
    expect(names.sort()).toEqual([NAME, NAME + '~8443'])
  })

  test('has a mark that is made once, also by two pages at the same time', async () => {
    const { load, told } = brand()
    const tiers = await Promise.all([load('a.brand.test'), load('b.brand.test')])
    await Promise.all(tiers.map((tier) => tier.prove!('site')))
    const later = await load('c.brand.test', 'site')
    expect(reachOf(later)).toBe(PROVEN)
    expect(told()[2]).toBe('proven')
  })
})

describe('a cookie of the brand that somebody else has shaped', () => {
  test.each(['', 'x', '|', '||', `${OTHER.slice(1)}x|a.brand.test|proven`, 'x'.repeat(40) + '|b.brand.test|proven', `<script>|a|proven`, '%00|a|', '1.2.3|b.brand.test|'])('is no cookie at all: %s', async (text) => {
    const { load, put, told } = brand()
    put(text)
    expect(reachOf(await load('a.brand.test'))).toBe(UNPROVEN)
    expect(reachOf(await load('a.brand.test', 'site'))).toBe(UNPROVEN)
    expect(told().slice(1)).toEqual(['a.brand.test', ''])
  })

  test('costs the hub its reach and nothing else where it names another mark', async () => {
    const { load, put } = brand()
    put(OTHER + '|b.brand.test|proven')
    const tier = await load('a.brand.test', 'site')
    expect(reachOf(tier)).toBe(DISPROVED)
    expect(await tier.write([{ name: 'a', entry: { text: 'x', stamp: 1, lifetime: 'device' } }])).toEqual([undefined])
  })

  test.each(['split', 'unheard-of', ''])('with our own mark and the state %j is not a proof', async (state) => {
    const { load, put, told } = brand()
    await load('a.brand.test', 'site')
    put(`${told()[0]}|a.brand.test|${state}`)
    expect(reachOf(await load('a.brand.test'))).toBe(state ? DISPROVED : UNPROVEN)
  })
})

describe('what destroy leaves of a hub', () => {
  test('is nothing: neither the mark nor the cookie', async () => {
    const { visitor, load } = brand()
    const tier = await load('a.brand.test', 'site')
    await tier.write([{ name: 'chat.a', entry: { text: 'x', stamp: 1, lifetime: 'device' } }])
    await tier.destroy!('chat.')
    expect(cookieOf(visitor)).toBeDefined()
    await tier.write([{ name: 'chat.a', drop: Infinity }])
    await tier.destroy!('chat.')
    expect(await visitor.tiers('https://a.brand.test/')[0]!.names('')).toEqual([])
    expect(cookieOf(visitor)).toBeUndefined()
    expect(reachOf(tier)).toBe(UNPROVEN)
  })
})
