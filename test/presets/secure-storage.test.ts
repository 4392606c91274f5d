import { describe, expect, expectTypeOf, test } from 'vitest'
import { secureStorage } from '../../src/presets/index.js'
import { createStorage } from '../../src/storage.js'
import { memoryTier } from '../../src/tiers/memory.js'
import { failureOf } from '../ground/failure.js'
import { browser, hubOver, rulesOf } from './brand.js'

const seal = { id: 's', seal: (text: string) => Promise.resolve(text), open: (text: string) => Promise.resolve(text) }
const DAY = 864e5

const visit = () => {
  const { clock, page } = browser()
  const kept = memoryTier()
  const load = (siteId = '123') => createStorage({ ...secureStorage({ siteId, hub: hubOver(kept), env: page('https://a.brand.test/') }), now: clock.now })
  return { clock, kept, load }
}

describe("LivePerson's SecureStorage", () => {
  test('is declared key by key: one day each, in the hub, a namespace for each account', () => {
    const options = secureStorage({ siteId: '123', hub: hubOver() })
    const each = 'hub, 1d, functional'
    expect(rulesOf(options.keys)).toEqual({ 'Storage_expiration-123': each, lpStrMap: each, windowUIState: each, UIConf: each, chatServiceLocations: each, 'lpMessaging-123': each, '123-lpuw': each })
    expect(options).toMatchObject({ namespace: 'SecureStorage-123', ttl: '1d', idle: '1d' })
    expect(options.tiers.map(({ name }) => name)).toEqual(['hub'])
    expect(Object.keys(options).sort()).toEqual(['idle', 'keys', 'namespace', 'tiers', 'ttl'])
  })

  test('is typed', () => {
    const { load } = visit()
    expectTypeOf(createStorage(secureStorage({ siteId: '9', hub: hubOver() })).get<'9-lpuw'>).returns.resolves.toEqualTypeOf<Record<string, unknown> | undefined>()
    expect(typeof load().get).toBe('function')
  })

  test('keeps what it is given for a day, for each page of the visitor', async () => {
    const { clock, load } = visit()
    expect(await load().set('UIConf', { sound: false })).toMatchObject({ tier: 'hub', expires: clock.now() + DAY })
    expect(await load().get('UIConf')).toEqual({ sound: false })
    // A page that is looked at now and then: the day of the key counts from its write.
    for (let hour = 0; hour < 3; hour++) {
      clock.jump(DAY / 3)
      await load().get('UIConf')
    }
    expect(await load().get('UIConf')).toBeUndefined()
  })

  test('is forgotten as a whole once unused for a day', async () => {
    const { clock, kept, load } = visit()
    await load().set('UIConf', { sound: false }, { ttl: '1w' })
    clock.jump(DAY - DAY / 32)
    expect(await load().get('UIConf')).toEqual({ sound: false })
    clock.jump(DAY + DAY / 32)
    expect(await load().get('UIConf')).toBeUndefined()
    expect(await kept.names('SecureStorage-123.')).toEqual(['SecureStorage-123.'])
  })

  test('knows accounts apart, though their keys have the same names', async () => {
    const { load } = visit()
    await load('1').set('UIConf', { of: 1 })
    expect([await load('1').get('UIConf'), await load('2').get('UIConf')]).toEqual([{ of: 1 }, undefined])
  })

  test('seals the key that holds a token where a seal is given, and passes it on', () => {
    const options = secureStorage({ siteId: '123', hub: hubOver(), seal })
    expect(Object.entries(options.keys).filter(([, { secret }]) => secret).map(([name]) => name)).toEqual(['lpMessaging-123'])
    expect(options.seal).toBe(seal)
  })

  test.each<[string, object, string]>([
    ['no siteId', { hub: hubOver() }, 'TypeError: siteId'],
    ['a siteId with a dot, which would end the namespace', { siteId: '1.2', hub: hubOver() }, 'RangeError: siteId'],
    ['no hub', { siteId: '123' }, 'TypeError: hub'],
    ['a hub at no http address', { siteId: '123', hub: 'javascript:0' }, 'TypeError: hub'],
  ])('refuses %s at once', async (_, options, told) => {
    expect(String(await failureOf(() => secureStorage(options as never)))).toContain(told)
  })

  test("takes the address of the vendor's page, and touches nothing for it", () => {
    const env = new Proxy({ location: { hostname: 'a.brand.test', protocol: 'https:', pathname: '/' } }, { get: (target, name) => (name === 'location' ? { ...target.location, href: 'https://a.brand.test/' } : expect.unreachable(String(name))) })
    expect(secureStorage({ siteId: '123', hub: 'https://chat.vendor.test/hub', env: env as never }).tiers.map(({ name }) => name)).toEqual(['hub'])
  })
})
