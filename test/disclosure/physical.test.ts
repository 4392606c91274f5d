import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import type { Env, Tier } from 'holdfast'
import { cookieTier, createStorage, defineKeys, external, indexedDBTier, key, localStorageTier, memoryTier, mirror, sessionStorageTier } from 'holdfast'
import { liveperson, livepersonClassic, secureStorage, sprinklr } from 'holdfast/presets'
import { cookieJar } from 'holdfast/testing'
import { describe, expect, test } from 'vitest'
import type { Area, PhysicalOptions } from '../../src/disclosure/physical.js'
import { explain, physicalNames } from '../../src/disclosure/physical.js'
import type { Rules } from '../../src/rule.js'
import { storageObjects } from '../ground/dom.js'

const shown = (registry: Rules | undefined, options?: PhysicalOptions): string[] => physicalNames(registry, options).map(({ area, name, role }) => `${area} ${name} (${role})`)

/** A page of a host of the brand's, with everything that a browser keeps. */
const browserAt = (url: string) => {
  const jar = cookieJar()
  const areas = storageObjects(url)
  const indexedDB = new IDBFactory()
  const writes: string[] = []
  const { document, location } = jar.at(url)
  const env: Env = {
    ...areas,
    indexedDB,
    location,
    document: {
      get cookie() {
        return document!.cookie
      },
      set cookie(text: string) {
        writes.push(text.split('=')[0]!)
        document!.cookie = text
      },
    },
  }
  return { env, writes, areas, indexedDB }
}

describe('the names under which a registry is kept', () => {
  test('are those of its keys in their own tiers, with what holdfast needs beside them', () => {
    const keys = defineKeys({ token: key<string>({ tiers: ['localStorage', 'memory'] }), visitor: key<string>({ name: 'v', tiers: ['cookie'] }) })
    expect(shown(keys, { namespace: 'acme-chat' })).toEqual([
      'localStorage acme-chat.token (value)',
      'cookie acme-chat.v (value)',
      'cookie acme-chat.v|*|* (piece)',
      'localStorage acme-chat. (epoch)',
      'cookie acme-chat. (epoch)',
      'localStorage acme-chat.probe-* (probe)',
      'cookie acme-chat.probe-* (probe)',
      'cookie holdfast.0.* (probe)',
    ])
  })

  test('are in a database of their own, where the chain has IndexedDB', () => {
    const keys = defineKeys({ token: key<string>() })
    expect(shown(keys, { namespace: 'acme-chat', tiers: [indexedDBTier()] })).toEqual([
      'indexedDB acme-chat.token (value)',
      'database holdfast.acme-chat (database)',
      'indexedDB acme-chat. (epoch)',
      'indexedDB acme-chat.probe-* (probe)',
    ])
    expect(shown(defineKeys({ 'spr.chat': key(), token: key() }), { tiers: [indexedDBTier()] })).toEqual(
      expect.arrayContaining(['indexedDB spr.chat (value)', 'database holdfast.spr (database)', 'indexedDB token (value)', 'database holdfast. (database)', 'indexedDB holdfast.probe-* (probe)', 'database holdfast.holdfast (database)']),
    )
  })

  test('are any names of the namespace where there is no registry', () => {
    const names = physicalNames(undefined, { namespace: 'acme-chat' })
    for (const area of ['cookie', 'localStorage', 'sessionStorage', 'indexedDB'] as const) {
      expect(explain(names, area, 'acme-chat.anything'), area).toMatchObject({ role: 'value' })
      expect(explain(names, area, 'acme-chatter.token'), area).toBeUndefined()
    }
    expect(explain(names, 'database', 'holdfast.acme-chat')).toMatchObject({ role: 'database' })
  })

  test('are encoded as a cookie has them, and may bear a prefix or the site for which a server keeps them', () => {
    const names = physicalNames(defineKeys({ 'to ken;é': key<string>({ tiers: ['cookie'] }) }), { namespace: 'chat' })
    expect(names[0]!.name).toBe('chat.to%20ken%3B%C3%A9')
    for (const before of ['', '__Host-', '__Secure-', 'brand.test!', '__Host-http%3A%2F%2Flocalhost!']) expect(explain(names, 'cookie', before + names[0]!.name), before).toMatchObject({ key: 'to ken;é' })
    expect(explain(names, 'cookie', 'other-' + names[0]!.name)).toBeUndefined()
  })

  test('follow the patterns of what others set, which are no patterns of a key of the registry', () => {
    const names = physicalNames(defineKeys({ tracker: external({ name: '_gat_gtag_UA_*' }), 'a*b': key({ tiers: ['localStorage'] }), '.+': external({ tier: 'localStorage' }) }))
    expect(explain(names, 'cookie', '_gat_gtag_UA_123_4')).toMatchObject({ key: 'tracker', role: 'external', name: '_gat_gtag_UA_*' })
    expect(explain(names, 'cookie', '_gat_gtag')).toBeUndefined()
    expect(explain(names, 'localStorage', '_gat_gtag_UA_1')).toBeUndefined()
    expect(explain(names, 'localStorage', 'a*b')).toMatchObject({ key: 'a*b' })
    expect(explain(names, 'localStorage', 'axb')).toBeUndefined()
    expect(explain(names, 'localStorage', '.+')).toMatchObject({ key: '.+' })
    expect(explain(names, 'localStorage', 'xxx')).toBeUndefined()
  })

  test('are an exact name before a pattern that fits as well', () => {
    const names = physicalNames(defineKeys({ rest: external({ name: '*' }), token: key({ tiers: ['cookie'] }) }))
    expect(explain(names, 'cookie', 'token')).toMatchObject({ key: 'token' })
    expect(explain(names, 'cookie', 'anything')).toMatchObject({ key: 'rest' })
  })

  test('tell where older code left a value, and whose database others have', () => {
    const adopt = { tier: 'localStorage', name: 'oldToken', read: () => undefined, remove: () => {} }
    const keys = defineKeys({ token: key<string>({ tiers: ['cookie'], adopt }), theirs: external({ tier: 'indexedDB', name: 'firebase-*' }) })
    expect(shown(keys)).toEqual(expect.arrayContaining(['localStorage oldToken (legacy)', 'database firebase-* (external)']))
    expect(shown(keys)).not.toContain('indexedDB firebase-* (external)')
  })

  test('of a tier that nobody knows may be anywhere, unless the caller says where', () => {
    const custom = { ...memoryTier(), name: 'vault' }
    const keys = defineKeys({ token: key<string>() })
    const areasOf = (options: PhysicalOptions): Area[] => physicalNames(keys, options).flatMap(({ area, role }) => (role === 'value' ? area : []))
    expect(areasOf({ tiers: [custom] })).toEqual(['cookie', 'localStorage', 'sessionStorage', 'indexedDB'])
    expect(areasOf({ tiers: [custom], areas: { vault: ['localStorage'] } })).toEqual(['localStorage'])
    expect(areasOf({ tiers: [memoryTier()] })).toEqual([])
    expect(areasOf({ tiers: [{ name: 'cookie+httpCookie' }] })).toEqual(['cookie'])
    expect(areasOf({ tiers: [{ name: 'localStorage', parts: [localStorageTier(), cookieTier()] }] })).toEqual(['localStorage', 'cookie'])
    expect(areasOf({ tiers: [{ name: 'both', parts: [localStorageTier(), { name: 'other', parts: [cookieTier(), sessionStorageTier()] }] }] })).toEqual(['localStorage', 'cookie', 'sessionStorage'])
    expect(areasOf({ tiers: [{ name: '__proto__' }], areas: {} })).toEqual(['cookie', 'localStorage', 'sessionStorage', 'indexedDB'])
  })

  test('under a hub begin with the site on the vendor\'s page; the brand\'s page has its mark alone', () => {
    const keys = defineKeys({ token: key<string>({ tiers: ['hub', 'memory'] }) })
    expect(shown(keys, { namespace: 'acme-chat' })).toEqual(['cookie holdfast.hub.* (mark)'])
    const vendors = physicalNames(defineKeys({ token: key<string>() }), { namespace: 'acme-chat', tiers: [localStorageTier(), indexedDBTier()], site: 'brand.test' })
    expect(vendors.map(({ area, name, role }) => `${area} ${name} (${role})`)).toEqual(
      expect.arrayContaining(['localStorage brand/test.acme-chat.token (value)', 'localStorage brand/test. (mark)', 'database holdfast.brand/test (database)']),
    )
    const all = physicalNames(undefined, { namespace: 'acme-chat', site: '*' })
    expect(explain(all, 'localStorage', 'other/test.acme-chat.token')).toMatchObject({ role: 'value' })
    expect(explain(all, 'localStorage', 'other/test.')).toMatchObject({ role: 'mark' })
    expect(explain(all, 'localStorage', 'other/test.acme-chatter.token')).toBeUndefined()
  })

  test('of the keys that seal are there where a key is secret', () => {
    const keys = defineKeys({ token: key<string>({ tiers: ['localStorage'], secret: true }) })
    expect(shown(keys, { namespace: 'acme-chat' })).toEqual(expect.arrayContaining(['database holdfast-keys.acme-chat (seal)', 'cookie holdfast-key.acme-chat.* (seal)']))
    expect(shown(keys, { namespace: 'acme-chat', keyName: 'shared' })).toEqual(expect.arrayContaining(['database holdfast-keys.shared (seal)', 'cookie holdfast-key.shared.* (seal)']))
    expect(shown(defineKeys({ token: key<string>() }), { namespace: 'acme-chat' }).filter((line) => line.includes('seal'))).toEqual([])
  })

  test.each<[string, { keys: Rules; namespace: string; tiers: readonly Tier[] }]>([
    ['liveperson', liveperson({ siteId: '123', solution: 'first-party' })],
    ['livepersonClassic', livepersonClassic({ siteId: '123' })],
    ['secureStorage', secureStorage({ siteId: '123', hub: { ...memoryTier(), name: 'hub' } })],
    ['sprinklr', sprinklr({ appId: 'app', userId: 'u1', sessionStorage: true, hub: { ...memoryTier(), name: 'hub' } })],
  ])('take the options of the preset %s as they are', (_, options) => {
    const names = physicalNames(options.keys, options)
    const values = new Set(names.flatMap(({ role, key }) => (role === 'value' ? key : [])))
    for (const [name, rule] of Object.entries(options.keys)) if (!('external' in rule) && rule.tiers?.some((tier) => tier !== 'hub')) expect(values).toContain(name)
  })
})

describe('what a storage really writes', () => {
  const url = 'https://a.b.brand.test/hc/123/page'
  const keys = defineKeys({
    token: key<string>({ tiers: ['indexedDB'] }),
    large: key<string>({ tiers: ['cookie'] }),
    'odd é;|*': key<string>({ tiers: ['localStorage'] }),
    step: key<string>({ ttl: 'tab', tiers: ['sessionStorage'] }),
    twin: key<string>({ tiers: ['cookie'], name: 'shared' }),
    below: key<string>({ tiers: ['cookie'], name: 'shared', path: '/hc/123' }),
  })

  test.each(['acme-chat', ''])('in the namespace %j is all declared: values, pieces, probes, epoch, databases', async (namespace) => {
    const { env, writes, areas, indexedDB } = browserAt(url)
    const tiers = [indexedDBTier({ env }), cookieTier({ env, domain: 'site', maxBytes: 20_000 }), localStorageTier({ env }), sessionStorageTier({ env }), mirror(localStorageTier({ env }), cookieTier({ env }), { name: 'both' })]
    const options = { namespace, keys, tiers, areas: { both: ['localStorage', 'cookie'] as const } }
    const storage = createStorage({ namespace, keys, tiers })
    for (const name of Object.keys(keys) as (keyof typeof keys)[]) await storage.set(name, name === 'large' || name === 'below' ? 'x'.repeat(9000) : 'abc')
    await storage.status({ probe: true })
    await storage.clear()
    await storage.set('token', 'again')
    const names = physicalNames(keys, options)
    const found: [Area, string][] = [
      ...writes.map((name) => ['cookie', name] as [Area, string]),
      ...Object.keys(areas.localStorage).map((name) => ['localStorage', name] as [Area, string]),
      ...Object.keys(areas.sessionStorage).map((name) => ['sessionStorage', name] as [Area, string]),
      ...(await indexedDB.databases()).map(({ name }) => ['database', name] as [Area, string]),
    ]
    expect(found.filter(([area, name]) => !explain(names, area, name))).toEqual([])
    const roles = new Set(found.map(([area, name]) => explain(names, area, name)!.role))
    expect(roles).toEqual(new Set(['value', 'piece', 'probe', 'database', ...(namespace && ['epoch'])]))
    // The pieces of a key with a path bear it.
    expect(writes.some((name) => name.includes('shared%00%2Fhc%2F123|'))).toBe(true)
    await storage.close()
  })
})
