import { describe, expect, test } from 'vitest'
import type { Tier } from '../../src/contracts.js'
import { collect } from '../../src/disclosure/collect.js'
import type { TierFacts } from '../../src/disclosure/places.js'
import type { Row } from '../../src/disclosure/row.js'
import type { Rules } from '../../src/rule.js'
import { external, key } from '../../src/rule.js'
import { defineKeys } from '../../src/rules.js'
import { cookieTier } from '../../src/tiers/cookie.js'
import { httpCookieTier } from '../../src/tiers/http-cookie.js'
import { indexedDBTier } from '../../src/tiers/indexed-db.js'
import { localStorageTier } from '../../src/tiers/local-storage.js'
import { memoryTier } from '../../src/tiers/memory.js'
import { sessionStorageTier } from '../../src/tiers/session-storage.js'
import { failureOf } from '../ground/failure.js'

const DAY = 864e5
const LONGEST = 400 * DAY

const only = (registry: Rules, tiers: readonly (TierFacts | string)[], options?: Parameters<typeof collect>[2]): Row => {
  const rows = collect(registry, tiers, options)
  expect(rows).toHaveLength(1)
  return rows[0]!
}
const placesOf = (row: Row) => row.places.map(({ tier, lifetime, ms }) => [tier, lifetime, ms])

describe('a row', () => {
  test('has the facts of its rule, and nothing that the rule does not say', () => {
    const rule = key<string>({ ttl: '1d', category: 'necessary', purpose: 'p', personalData: 'd', condition: 'c', retention: 'r', source: 's', secret: true, once: true, sliding: true })
    expect(only(defineKeys({ token: rule }), ['memory'])).toEqual({
      key: 'token',
      name: 'token',
      external: false,
      places: [{ tier: 'memory', kind: 'memory', lifetime: 'page', ms: DAY, reach: 'page', onWire: false, party: 'first', httpOnly: false }],
      category: 'necessary',
      purpose: 'p',
      personalData: 'd',
      condition: 'c',
      retention: 'r',
      source: 's',
      secret: true,
      once: true,
      sliding: true,
    })
    expect(Object.keys(only({ token: key() }, ['memory']))).toEqual(['key', 'name', 'external', 'places'])
  })

  test('stands in the order of the registry, and is plain data', () => {
    const rows = collect(defineKeys({ b: key(), a: key({ ttl: () => '1d' }), c: external() }), [cookieTier(), 'memory'], { idle: '2d' })
    expect(rows.map((row) => row.key)).toEqual(['b', 'a', 'c'])
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows)
  })

  test.each<[string, Parameters<typeof key>[0], object, string]>([
    ['the key', {}, {}, 'token'],
    ['the key after the namespace', {}, { namespace: 'acme-chat' }, 'acme-chat.token'],
    ['its own name', { name: 'jwt' }, {}, 'jwt'],
    ['its own name after the namespace', { name: 'jwt' }, { namespace: 'acme-chat' }, 'acme-chat.jwt'],
    ['the key where there is no namespace', {}, { namespace: undefined }, 'token'],
  ])('is named as it is stored: by %s', (_, rule, options, name) => {
    expect(only({ token: key(rule) }, ['memory'], options).name).toBe(name)
  })

  test('tells where older code left it', () => {
    const adopt = { read: () => 'a', remove: () => {}, tier: 'cookie', name: 'old' }
    expect(only({ token: key<string>({ adopt }) }, ['memory']).earlier).toEqual({ tier: 'cookie', name: 'old' })
  })
})

describe('the places of a key', () => {
  const chain = [indexedDBTier(), localStorageTier(), sessionStorageTier(), cookieTier(), memoryTier()]

  test.each<[Parameters<typeof key>[0], unknown[][]]>([
    [{ ttl: 'forever' }, [['indexedDB', 'device', undefined], ['localStorage', 'device', undefined], ['sessionStorage', 'tab', undefined], ['cookie', 'device', LONGEST], ['memory', 'page', undefined]]],
    [{ ttl: '1d' }, [['indexedDB', 'device', DAY], ['localStorage', 'device', DAY], ['sessionStorage', 'tab', DAY], ['cookie', 'device', DAY], ['memory', 'page', DAY]]],
    [{ ttl: '2y' }, [['indexedDB', 'device', 730 * DAY], ['localStorage', 'device', 730 * DAY], ['sessionStorage', 'tab', 730 * DAY], ['cookie', 'device', LONGEST], ['memory', 'page', 730 * DAY]]],
    [{ ttl: 'session' }, [['sessionStorage', 'tab', undefined], ['cookie', 'session', undefined], ['memory', 'page', undefined]]],
    [{ ttl: 'tab' }, [['sessionStorage', 'tab', undefined], ['memory', 'page', undefined]]],
    [{ ttl: 'page' }, [['memory', 'page', undefined]]],
    [{ ttl: '1d', tiers: ['cookie', 'localStorage'] }, [['cookie', 'device', DAY], ['localStorage', 'device', DAY]]],
    [{ ttl: () => '1d', tiers: ['cookie', 'localStorage', 'sessionStorage'] }, [['cookie', 'varies', LONGEST], ['localStorage', 'device', undefined], ['sessionStorage', 'tab', undefined]]],
  ])('%j are those that keep it for no longer than asked', (rule, places) => {
    expect(placesOf(only({ token: key(rule) }, chain))).toEqual(places)
  })

  test('follow the lifetime of the storage where the rule says nothing', () => {
    expect(placesOf(only({ token: key() }, ['cookie'], { ttl: 'session' }))).toEqual([['cookie', 'session', undefined]])
    expect(only({ token: key() }, ['localStorage'], { ttl: '1d', idle: '12h' })).toMatchObject({ idle: DAY / 2, places: [{ ms: DAY }] })
  })

  test('follow the tiers: a cookie for the session, a site’s cookie, a cookie of a server', () => {
    const env = { location: new URL('https://www.brand.test/') }
    const [row] = collect({ token: key() }, [cookieTier({ lifetime: 'session', domain: 'site', env }), httpCookieTier({ endpoint: 'https://chat.vendor.test/entries' })])
    expect(row!.places).toEqual([
      { tier: 'cookie', kind: 'cookie', lifetime: 'session', reach: 'site', onWire: true, party: 'first', httpOnly: false, path: '/' },
      { tier: 'httpCookie', kind: 'cookie', lifetime: 'device', ms: LONGEST, reach: 'origin', mayReach: 'site', onWire: true, party: 'third', httpOnly: true, path: '/' },
    ])
  })

  test('tell of a site’s cookie as that where there is no page, as in CI', () => {
    expect(only({ token: key() }, [cookieTier({ domain: 'site', env: {} })]).places).toMatchObject([{ reach: 'site' }])
    expect(only({ token: key() }, [cookieTier({ env: {} })]).places).toMatchObject([{ reach: 'origin' }])
  })

  test('put what is too narrow for the asked reach last', () => {
    expect(only({ token: key({ reach: 'site' }) }, ['localStorage', 'hub', 'memory', 'cookie']).places.map(({ tier }) => tier)).toEqual(['hub', 'cookie', 'localStorage', 'memory'])
  })

  test('have the path of the rule where they are cookies', () => {
    expect(only({ token: key({ path: '/chat' }) }, ['cookie', 'localStorage']).places.map(({ path }) => path)).toEqual(['/chat', undefined])
  })

  test('are told of a tier of one’s own by its traits', () => {
    const { traits, ...rest } = memoryTier()
    const tier: Tier = { ...rest, name: 'vault', traits: { ...traits, lifetimes: ['device'], reach: 'origin', onWire: true, maxAge: DAY } }
    expect(only({ token: key() }, [tier]).places).toEqual([{ tier: 'vault', kind: 'web', lifetime: 'device', ms: DAY, reach: 'origin', onWire: true, party: 'first', httpOnly: false }])
  })

  test('are what the caller says of a tier', () => {
    const places = { hub: { provider: 'chat.vendor.test' }, httpCookie: { party: 'first', path: '/api' }, vault: { kind: 'cookie', lifetimes: ['session'] } } as const
    expect(only({ token: key() }, ['hub', 'httpCookie', 'vault'], { places }).places).toMatchObject([
      { tier: 'hub', party: 'third', provider: 'chat.vendor.test' },
      { tier: 'httpCookie', party: 'first', path: '/api', httpOnly: true },
      { tier: 'vault', kind: 'cookie', lifetime: 'session' },
    ])
  })

  test('are two at once where a tier holds each value twice, each for as long as it can', () => {
    const parts = [cookieTier(), httpCookieTier({ endpoint: 'https://chat.vendor.test/entries', lifetime: 'session' })]
    const both = { name: 'visitors', traits: parts[0]!.traits, parts }
    expect(only({ token: key() }, [both, 'memory']).places.map(({ tier, lifetime, also }) => [tier, lifetime, also])).toEqual([['cookie', 'device', undefined], ['httpCookie', 'session', true], ['memory', 'page', undefined]])
    expect(only({ token: key() }, ['cookie+httpCookie']).places.map(({ tier, also }) => [tier, also])).toEqual([['cookie', undefined], ['httpCookie', true]])
  })
})

describe('what somebody else sets', () => {
  test('is a first-party cookie of unknown age where nothing else is said, and its pattern stays', () => {
    expect(only(defineKeys({ '_gat_*': external() }), [])).toEqual({ key: '_gat_*', name: '_gat_*', external: true, places: [{ tier: 'cookie', kind: 'cookie', reach: 'origin', mayReach: 'site', onWire: true, party: 'first' }] })
  })

  test.each<[string, Parameters<typeof external>[0], object]>([
    ['a third party’s, which it alone can read', { party: 'third', provider: 'Vendor', ttl: '2y' }, { party: 'third', provider: 'Vendor', lifetime: 'device', ms: 730 * DAY, reach: undefined }],
    ['HttpOnly, which the server alone can read', { httpOnly: true, ttl: 'session' }, { httpOnly: true, lifetime: 'session', reach: undefined }],
    ['in local storage, which has one lifetime', { tier: 'localStorage' }, { kind: 'web', lifetime: 'device', ms: undefined, reach: 'origin', onWire: false, httpOnly: false }],
    ['below a path', { path: '/hc' }, { path: '/hc' }],
  ])('may be %s', (_, facts, place) => {
    const [told] = only({ a: external(facts) }, []).places
    expect(told).toMatchObject(Object.fromEntries(Object.entries(place).filter(([, fact]) => fact !== undefined)))
    for (const [field, fact] of Object.entries(place)) if (fact === undefined) expect(told).not.toHaveProperty(field)
  })

  test('has no namespace', () => {
    expect(only({ _ga: external() }, [], { namespace: 'acme-chat' }).name).toBe('_ga')
  })

  test('is not told by what the storage’s own cookie is', () => {
    const env = { location: new URL('https://www.brand.test/') }
    expect(only({ _ga: external({ ttl: '2y' }) }, [cookieTier({ lifetime: 'session', domain: 'site', env })]).places).toMatchObject([{ lifetime: 'device', ms: 730 * DAY, reach: 'origin', mayReach: 'site' }])
  })
})

describe('what cannot be told is refused', () => {
  test.each<[string, () => unknown, string]>([
    ['a tier that nobody knows', () => collect({ token: key() }, ['vault']), 'RangeError: keys.token.tiers: no tier vault'],
    ['a chain of a key that has such a tier', () => collect({ token: key({ tiers: ['constructor'] }) }, ['memory']), 'RangeError: keys.token.tiers: no tier constructor'],
    ['no tier at all', () => collect({ token: key() }, []), 'RangeError: tiers: none'],
    ['a tier of an external entry that nobody knows', () => collect({ a: external({ tier: 'vault' }) }, []), 'RangeError: keys.a.tier: no tier vault'],
    ['a ttl that is none', () => collect({ token: key({ ttl: 'soon' as never }) }, ['memory']), 'RangeError: keys.token.ttl'],
    ['a ttl of an external entry that is none', () => collect({ a: external({ ttl: 'soon' as never }) }, []), 'RangeError: keys.a.ttl'],
  ])('%s', async (_, act, told) => {
    expect(String(await failureOf(act))).toContain(told)
  })
})
