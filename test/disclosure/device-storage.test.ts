import { describe, expect, test } from 'vitest'
import { collect } from '../../src/disclosure/collect.js'
import type { DeviceStorageOptions } from '../../src/disclosure/device-storage.js'
import { toDeviceStorage } from '../../src/disclosure/device-storage.js'
import { sprinklr } from '../../src/presets/sprinklr.js'
import type { Rules } from '../../src/rule.js'
import { external, key } from '../../src/rule.js'
import { failureOf } from '../ground/failure.js'
import { hubOver } from '../presets/brand.js'
import { HOSTILE } from './hostile.js'

const purposes = { analytics: [1, 8], functional: [] }
const disclosed = (registry: Rules, tiers: readonly string[], options: DeviceStorageOptions = {}) => JSON.parse(toDeviceStorage(collect(registry, tiers), { purposes, ...options }))

describe('a disclosure', () => {
  const visitor = key({ ttl: '1y', category: 'analytics', purpose: 'Counts visitors' })

  test('has the fields that the specification asks for', () => {
    expect(disclosed({ visitor }, ['cookie'])).toEqual({
      disclosures: [{ identifier: 'visitor', type: 'cookie', maxAgeSeconds: 31_536_000, cookieRefresh: false, domains: ['*'], purposes: [1, 8], description: 'Counts visitors' }],
      domains: [],
    })
  })

  test('is made for each kind of place, and not for the memory of a page', () => {
    const { disclosures } = disclosed({ visitor }, ['indexedDB', 'localStorage', 'sessionStorage', 'cookie', 'memory'])
    expect(disclosures.map(({ type, maxAgeSeconds }: { type: string; maxAgeSeconds: number | null }) => [type, maxAgeSeconds])).toEqual([['web', null], ['cookie', 31_536_000]])
    expect(disclosed({ draft: key({ category: 'functional' }) }, ['memory']).disclosures).toEqual([])
  })

  test.each<[string, Parameters<typeof key>[0], number]>([
    ['0 for a session', { ttl: 'session' }, 0],
    ['what a browser allows at the most', { ttl: 'forever' }, 34_560_000],
    ['what is allowed where a function decides', { ttl: () => '1d' }, 34_560_000],
    ['whole seconds', { ttl: 1500 }, 2],
  ])('gives a cookie an age: %s', (_, rule, age) => {
    expect(disclosed({ visitor: key({ category: 'functional', ...rule }) }, ['cookie']).disclosures).toMatchObject([{ maxAgeSeconds: age }])
  })

  test('says whether a cookie is refreshed', () => {
    const sliding = key({ ttl: '1d', sliding: true, category: 'functional' })
    expect(disclosed({ sliding }, ['cookie', 'localStorage']).disclosures.map(({ cookieRefresh }: { cookieRefresh: boolean }) => cookieRefresh)).toEqual([true, false])
  })

  test('names the domains: the site’s own, and the vendor’s', () => {
    const tiers = ['cookie+httpCookie', 'hub', 'localStorage']
    const options = { first: ['*.brand.test'], third: ['chat.vendor.test'] }
    expect(disclosed({ visitor }, tiers, options).disclosures).toMatchObject([
      { type: 'cookie', domains: ['*.brand.test', 'chat.vendor.test'] },
      { type: 'web', domains: ['chat.vendor.test', '*.brand.test'] },
    ])
    const rows = collect({ visitor }, ['hub'], { places: { hub: { provider: 'chat.vendor.test' } } })
    expect(JSON.parse(toDeviceStorage(rows, { purposes })).disclosures).toMatchObject([{ domains: ['chat.vendor.test'] }])
  })

  test('takes the purposes by category, and exempts what is necessary', () => {
    const options = { specialPurposes: { necessary: [1] }, optOut: ['refusal'] }
    const necessary = key({ category: 'necessary', ttl: 'session' })
    expect(disclosed({ refusal: necessary, token: necessary }, ['cookie'], options).disclosures).toEqual([
      { identifier: 'refusal', type: 'cookie', maxAgeSeconds: 0, cookieRefresh: false, domains: ['*'], purposes: [], specialPurposes: [1], optOut: true },
      { identifier: 'token', type: 'cookie', maxAgeSeconds: 0, cookieRefresh: false, domains: ['*'], purposes: [], specialPurposes: [1] },
    ])
  })

  test('keeps patterns, and takes an age that the registry does not know', () => {
    const registry = { '_gat_gtag_UA_*': external({ category: 'analytics' }) }
    expect(disclosed(registry, [], { ages: { '_gat_gtag_UA_*': 60 } }).disclosures).toMatchObject([{ identifier: '_gat_gtag_UA_*', maxAgeSeconds: 60 }])
  })

  test('is made of a preset', () => {
    const options = sprinklr({ appId: 'APP', userId: 'USER', sessionStorage: true, hub: hubOver() })
    const text = toDeviceStorage(collect(options.keys, options.tiers, options), { purposes, third: ['*.vendor.test'], ages: { AWSALB: 604_800, AWSALBCORS: 604_800 } })
    expect(JSON.parse(text).disclosures.map(({ identifier, type }: { identifier: string; type: string }) => `${identifier}: ${type}`)).toEqual([
      'spr-chat-token-APP: web',
      'spr-chat-token-APP: cookie',
      'spr-chat-trigger-hide-USER: cookie',
      'spr-chat-user-USER: web',
      'spr-chat-state-USER: cookie',
      'AWSALB: cookie',
      'AWSALBCORS: cookie',
      'spr-cobrowse-state: cookie',
      'spr-chat-analytics-USER: web',
    ])
  })
})

test('the vendor’s domains are listed as they are given', () => {
  const domains = [{ domain: '*.vendor.test', purposes: [1], specialPurposes: [2], use: 'Counts visitors' }, { domain: 'static.vendor.test', purposes: [] }]
  expect(disclosed({}, [], { domains })).toEqual({ disclosures: [], domains })
})

test('hostile text is a string on one line, and ends no script element', () => {
  for (const text of HOSTILE) {
    const json = toDeviceStorage(collect({ a: external({ name: 'n' + text, purpose: text, ttl: 'session', category: text }) }, []), { purposes: JSON.parse(`{${JSON.stringify(text)}:[1]}`) })
    const [{ identifier, description, purposes }] = JSON.parse(json).disclosures
    expect([identifier[0], purposes]).toEqual(['n', [1]])
    expect(identifier + description).not.toMatch(/[\n\r\u0000-\u001f]/)
    expect(json).not.toMatch(/[<\u2028\u2029]/)
  }
})

describe('what the specification asks for and nobody gave is an error that names it', () => {
  const cookie = (facts: Parameters<typeof external>[0]) => collect({ a: external({ category: 'analytics', ttl: '1d', ...facts }) }, [])

  test.each<[string, () => unknown, string]>([
    ['a category', () => toDeviceStorage(collect({ a: key() }, ['cookie'])), 'keys.a.category'],
    ['the purposes of a category', () => toDeviceStorage(cookie({ category: 'chat' }), { purposes }), 'purposes: none for the category chat'],
    ['the purposes of a category that is a name of Object.prototype', () => toDeviceStorage(cookie({ category: 'constructor' }), { purposes }), 'purposes: none for the category constructor'],
    ['purposes that are numbers', () => toDeviceStorage(cookie({}), { purposes: { analytics: [0] } }), 'purposes.analytics'],
    ['the age of a cookie', () => toDeviceStorage(collect({ a: external({ category: 'analytics' }) }, []), { purposes }), "keys.a.ttl: not known, and a cookie needs an age; give ages['a']"],
    ['the age of a cookie that never ends', () => toDeviceStorage(cookie({ ttl: 'forever' }), { purposes }), 'keys.a.ttl'],
    ['an age that is a number', () => toDeviceStorage(cookie({}), { purposes, ages: { a: 0.5 } }), 'ages.a'],
    ['the domain of a third party', () => toDeviceStorage(cookie({ party: 'third', provider: 'Vendor' }), { purposes }), 'third: not given, and keys.a'],
    ['a domain without a scheme', () => toDeviceStorage(cookie({}), { purposes, first: ['https://brand.test'] }), "first: not a domain like '*.vendor.test'"],
    ['a domain in the list', () => toDeviceStorage([], { domains: [{ domain: 'brand.test/', purposes: [] }] }), 'domains: not a domain'],
    ['more than a wildcard for a name', () => toDeviceStorage(cookie({ name: '*' }), { purposes }), 'keys.a.name'],
  ])('%s', async (_, act, told) => {
    const failure = await failureOf(act)
    expect(failure).toBeInstanceOf(RangeError)
    expect(String(failure)).toContain(told)
  })
})
