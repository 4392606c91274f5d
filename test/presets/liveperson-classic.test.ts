import { describe, expect, expectTypeOf, test } from 'vitest'
import { livepersonClassic } from '../../src/presets/index.js'
import { createStorage } from '../../src/storage.js'
import { attributesOf, pairsOf, recorded } from '../ground/cookies.js'
import { failureOf } from '../ground/failure.js'
import { browser, rulesOf } from './brand.js'

const PAGE = 'https://sales.vendor.test/hc/123/chat'
const BELOW = 'LivePersonID /hc/123'

const visit = () => {
  const all = browser()
  return { ...all, load: (url = PAGE) => createStorage({ ...livepersonClassic({ siteId: '123', env: all.page(url) }), now: all.clock.now }) }
}

test("LivePerson's older cookies are declared key by key, two of one name among them", () => {
  const options = livepersonClassic({ siteId: '123' })
  expect(rulesOf(options.keys)).toEqual({
    LivePersonID: 'cookie, 1y, analytics',
    [BELOW]: 'cookie, 1y, analytics, LivePersonID at /hc/123',
    HumanClickKEY: 'cookie, session, analytics, HumanClickKEY at /hc/123',
    HumanClickACTIVE: 'cookie, 1d, functional, HumanClickACTIVE at /hc/123',
    HumanClickSiteContainerID_123: 'cookie, session, functional, HumanClickSiteContainerID_123 at /hc/123',
    lpCloseInvite: 'cookie, session, functional',
    OpenX: 'cookie, 7d, marketing',
    HumanClickCHATKEY: 'cookie, session, functional',
    LPit: 'cookie, session, analytics',
  })
  expect([options.namespace, Object.keys(options).sort()]).toEqual(['', ['keys', 'namespace', 'tiers']])
  expectTypeOf(createStorage(options).get<'LivePersonID /hc/123'>).returns.resolves.toEqualTypeOf<string | undefined>()
})

describe('the two LivePersonIDs', () => {
  test('are told apart, whichever is written first, and one is removed without the other', async () => {
    for (const order of [['LivePersonID', BELOW], [BELOW, 'LivePersonID']] as const) {
      const { load, brand } = visit()
      for (const key of order) await load().set(key, 'of ' + key)
      expect(pairsOf(brand.at(PAGE)).map(([name]) => name)).toEqual(['LivePersonID', 'LivePersonID'])
      expect(await load().getMany(order)).toEqual(new Map(order.map((key) => [key, 'of ' + key])))
      await load().remove(order[0])
      expect([await load().get(order[0]), await load().get(order[1])]).toEqual([undefined, 'of ' + order[1]])
    }
  })

  test('have a path each, and a year', async () => {
    const { page, brand, clock } = visit()
    const { env, writes } = recorded(brand.at(PAGE))
    const storage = createStorage({ ...livepersonClassic({ siteId: '123', env: { ...page(PAGE), ...env } }), now: clock.now })
    await storage.set('LivePersonID', 'a')
    await storage.set(BELOW, 'b')
    const written = writes.filter((text) => text.startsWith('LivePersonID=hf1')).map((text) => attributesOf(text))
    expect(written.map(({ path, domain }) => [path, domain])).toEqual([['/', 'vendor.test'], ['/hc/123', 'vendor.test']])
    for (const { 'max-age': age } of written) expect(Math.abs(+age! - 31_536_000)).toBeLessThan(5)
  })

  test('outlive the browser; the session cookies do not', async () => {
    const { load, restart } = visit()
    await load().setMany([['LivePersonID', 'a'], [BELOW, 'b'], ['HumanClickKEY', 'c'], ['HumanClickCHATKEY', 'd']])
    restart()
    expect([...(await load().getMany(['LivePersonID', BELOW, 'HumanClickKEY', 'HumanClickCHATKEY'])).keys()]).toEqual(['LivePersonID', BELOW])
    expect(await load().keys()).toEqual(['LivePersonID', BELOW])
  })
})

test('what lives below the path cannot be seen from a page elsewhere, which is told so', async () => {
  const { load } = visit()
  await load().set(BELOW, 'b')
  const elsewhere = load('https://sales.vendor.test/hc/124/')
  await elsewhere.set('LivePersonID', 'a')
  expect(await elsewhere.get('LivePersonID')).toBe('a')
  for (const act of [() => elsewhere.get(BELOW), () => elsewhere.set(BELOW, 'c'), () => elsewhere.remove(BELOW)]) expect(await failureOf(act)).toMatchObject({ code: 'no-tier', attempts: [{ tier: 'cookie', code: 'unavailable' }] })
  expect(await load().get(BELOW)).toBe('b')
})

test.each<[string, unknown, string]>([['none', undefined, 'TypeError: siteId'], ['empty', '', 'RangeError: siteId'], ['a path', '1/2', 'RangeError: siteId'], ['the end of an attribute', '1;', 'RangeError: siteId']])('a siteId that is %s is refused', async (_, siteId, told) => {
  expect(String(await failureOf(() => livepersonClassic({ siteId: siteId as string })))).toContain(told)
})
