import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cookieTier, indexedDBTier, localStorageTier } from 'holdfast'
import { cookieJar } from 'holdfast/testing'
import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { JSDOM } from 'jsdom'
import type { HubTier } from '../../src/hub/client.js'
import { hubTier } from '../../src/hub/client.js'
import { browser, HUB } from './windows.js'

const ALLOW = ['https://brand.test', 'https://*.brand.test', 'https://*.shop.brand.test', 'https://other.test', 'https://other.test:8443', 'http://localhost:8080', 'https://a.other.test', 'https://brand-test.test']

/** Each origin, and the site that the hub makes of it. */
const SITES = [
  ['https://brand.test', 'brand'],
  ['https://www.brand.test', 'brand'],
  ['https://a.b.brand.test', 'brand'],
  ['https://shop.brand.test', 'shop'],
  ['https://x.shop.brand.test', 'shop'],
  ['https://other.test', 'other'],
  ['https://other.test:8443', 'port'],
  ['https://a.other.test', 'host'],
  ['http://localhost:8080', 'local'],
  ['https://brand-test.test', 'dash'],
] as const

/** All in one partition, as in browsers that do not part them: what keeps them apart is the hub alone. */
const world = () => {
  const visitor = browser({ keyed: 'nothing', allow: ALLOW })
  const pages = new Map<string, HubTier>(SITES.map(([origin]) => [origin, hubTier({ url: HUB, env: visitor.page(origin + '/').env })]))
  return { visitor, pages }
}

describe('what one site keeps in a hub', () => {
  test('is seen by each origin of that site, and by no other', async () => {
    const { pages } = world()
    for (const [origin, site] of SITES) await pages.get(origin)!.write([{ name: 'chat.token', entry: { text: site, stamp: 5, lifetime: 'device' } }, { name: 'chat.' + site, entry: { text: origin, stamp: 5, lifetime: 'device' } }])
    for (const [origin, site] of SITES) {
      const tier = pages.get(origin)!
      expect((await tier.read(['chat.token']))[0]?.text).toBe(site)
      expect((await tier.names('')).sort()).toEqual(['chat.' + site, 'chat.token'])
    }
  })

  test('is out of reach whatever another site calls its own', async () => {
    const { visitor, pages } = world()
    const [place] = visitor.tiers('https://brand.test/')
    const name = fc.oneof(
      fc.constantFrom('', '.', 'chat.token', '/', '..', 'brand/test.chat.token', '/test.chat.token', 'test.chat.token', '__proto__', 'constructor', '\0', '\u{1f9a6}'),
      fc.string({ unit: 'binary', maxLength: 12 }),
    )
    const action = fc.record({ site: fc.nat(SITES.length - 1), name, deed: fc.constantFrom('write', 'drop', 'destroy', 'mark', 'names'), stamp: fc.integer({ min: 1, max: 1000 }) })
    const key: Record<string, string> = { brand: 'brand/test.', shop: 'shop/brand/test.', other: 'other/test.', port: 'other/test:8443.', host: 'a/other/test.', local: 'http://localhost:8080.', dash: 'brand-test/test.' }
    const all = async (): Promise<string[]> => (await place!.names('')).sort()
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 8 }), async (actions) => {
        for (const { site, name, deed, stamp } of actions) {
          const [origin, own] = SITES[site]!
          const tier = pages.get(origin)!
          const others = async (): Promise<string> => {
            const names = (await all()).filter((each) => !each.startsWith(key[own]!))
            return JSON.stringify([names, await place!.read(names)])
          }
          const before = await others()
          if (deed === 'write') await tier.write([{ name, entry: { text: own, stamp, lifetime: 'device' } }])
          else if (deed === 'drop') await tier.write([{ name, drop: Infinity }])
          else if (deed === 'destroy') await tier.destroy!(name)
          else if (deed === 'mark') await tier.prove!('site')
          else {
            const names = await tier.names(name)
            const entries = await tier.read(names)
            expect(entries.every((entry) => entry?.text === own)).toBe(true)
          }
          expect(await others()).toBe(before)
        }
      }),
      { numRuns: 300 },
    )
  })

  test.each<[string, string]>([
    ['an empty name', ''],
    ['its own prefix', 'brand/test.'],
  ])('hides the mark of the hub: nothing is read, written or listed by %s', async (_case, name) => {
    const { pages } = world()
    const tier = pages.get('https://brand.test')!
    await tier.prove!('site')
    const read = await Promise.resolve(tier.read([name])).catch(() => [undefined])
    expect(read).toEqual([undefined])
    await tier.write([{ name, entry: { text: 'mine', stamp: 2 ** 41, lifetime: 'device' } }, { name, drop: Infinity }])
    expect(await tier.names('')).toEqual([])
    const sibling = pages.get('https://www.brand.test')!
    await sibling.prove!('site')
    expect(sibling.traits.reach).toBe('site')
  })

  test('is called by its site in the databases and texts of the vendor', async () => {
    const indexedDB = new IDBFactory()
    const { window } = new JSDOM('', { url: HUB })
    const jar = cookieJar()
    for (const tiers of [[indexedDBTier({ env: { indexedDB } })], [localStorageTier({ env: { localStorage: window.localStorage } })], [cookieTier({ env: jar.at(HUB) })]]) {
      const visitor = browser({ keyed: 'nothing', tiers: () => tiers })
      for (const origin of ['https://www.brand.test', 'https://other.test']) await hubTier({ url: HUB, env: visitor.page(origin + '/').env }).write([{ name: 'chat.token', entry: { text: origin, stamp: 5, lifetime: 'device' } }])
    }
    expect((await indexedDB.databases()).map(({ name }) => name).sort()).toEqual(['holdfast.brand/test', 'holdfast.other/test'])
    expect(Object.keys(window.localStorage).sort()).toEqual(['brand/test.chat.token', 'other/test.chat.token'])
    expect(jar.at(HUB).document!.cookie.split('; ').map((cookie) => decodeURIComponent(cookie.split('=')[0]!)).sort()).toEqual(['brand/test.chat.token', 'other/test.chat.token'])
  })

  test('leaves no database behind once it is destroyed', async () => {
    const indexedDB = new IDBFactory()
    const visitor = browser({ tiers: () => [indexedDBTier({ env: { indexedDB } })] })
    const tier = hubTier({ url: HUB, env: visitor.page('https://a.brand.test/').env })
    await tier.prove!('site')
    await tier.write([{ name: 'chat.token', entry: { text: 'x', stamp: 5, lifetime: 'device' } }])
    await tier.write([{ name: 'chat.token', drop: Infinity }])
    await tier.destroy!('chat.')
    expect(await indexedDB.databases()).toEqual([])
  })
})
