import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import type { Env, Tier } from 'holdfast'
import { cookieTier, createStorage, defineKeys, external, indexedDBTier, key, localStorageTier, memoryTier, sessionStorageTier } from 'holdfast'
import { livepersonClassic } from 'holdfast/presets'
import { cookieJar, fakeClock } from 'holdfast/testing'
import { describe, expect, test } from 'vitest'
import type { AuditOptions } from '../../src/disclosure/audit.js'
import { audit } from '../../src/disclosure/audit.js'
import type { SightEnv } from '../../src/disclosure/audit-sight.js'
import type { Rules } from '../../src/rule.js'
import { blocked, storageObjects } from '../ground/dom.js'

const URL_OF_PAGE = 'https://www.brand.test/'

/** A page with everything in it, and its clock. */
const page = (url = URL_OF_PAGE) => {
  const clock = fakeClock()
  const jar = cookieJar({ now: clock.now })
  const env = { ...storageObjects(url), indexedDB: new IDBFactory(), ...jar.at(url) } satisfies Env
  const tiers: Record<'indexedDB' | 'localStorage' | 'sessionStorage' | 'cookie', Tier> = {
    indexedDB: indexedDBTier({ env }),
    localStorage: localStorageTier({ env }),
    sessionStorage: sessionStorageTier({ env }),
    cookie: cookieTier({ env, domain: 'site', maxBytes: 20_000 }),
  }
  /** A storage with these keys over them all, and what an audit of it needs. */
  const open = <Declared extends Rules>(keys: Declared, namespace = 'acme-chat') => {
    const options = { namespace, keys, tiers: Object.values(tiers), now: clock.now, env: { ...env, ...clock.env } }
    return { options, storage: createStorage(options), look: (more: AuditOptions = {}) => audit(keys, { namespace, tiers: options.tiers, now: clock.now, env: env as SightEnv, ...more }) }
  }
  return { clock, env, open }
}

const said = (list: readonly { area: string; name: string }[]): string[] => list.map(({ area, name }) => `${area} ${name}`)

describe('an audit', () => {
  test('tells what is declared and there, what is declared and not there, and what is there and not declared', async () => {
    const { env, open } = page()
    const { storage, look } = open(
      defineKeys({
        token: key<string>({ tiers: ['indexedDB'] }),
        draft: key<string>({ tiers: ['sessionStorage'], ttl: 'tab' }),
        sound: key<boolean>({ tiers: ['localStorage'] }),
        visitor: key<string>({ tiers: ['cookie'] }),
        tracker: external({ name: '_gat_gtag_UA_*' }),
        consent: external({ name: 'OptanonConsent' }),
      }),
    )
    await storage.set('token', 'jwt')
    await storage.set('draft', 'text')
    await storage.set('visitor', 'v-1')
    env.localStorage.setItem('stray', 'x')
    env.document!.cookie = '_gat_gtag_UA_123_4=1; Path=/'
    env.document!.cookie = 'PHPSESSID=1; Path=/'
    const found = await look()
    expect(said(found.present).sort()).toEqual(['cookie _gat_gtag_UA_123_4', 'cookie acme-chat.visitor', 'database holdfast.acme-chat', 'indexedDB acme-chat.token', 'sessionStorage acme-chat.draft'])
    expect(found.present.find(({ name }) => name.startsWith('_gat'))).toEqual({ area: 'cookie', name: '_gat_gtag_UA_123_4', role: 'external', key: 'tracker' })
    expect(found.absent).toEqual([{ key: 'sound', name: 'acme-chat.sound' }, { key: 'consent', name: 'OptanonConsent' }])
    expect(said(found.undeclared)).toEqual(['cookie PHPSESSID', 'localStorage stray'])
    expect(found).toMatchObject({ longer: [], unreadable: [], unknown: [] })
  })

  test('changes nothing: no database is made, no text is touched', async () => {
    const { env, open } = page()
    const { look } = open(defineKeys({ token: key<string>() }))
    env.localStorage.setItem('acme-chat.token', 'hf1 damaged')
    expect(await look()).toMatchObject({ present: [{ area: 'localStorage', name: 'acme-chat.token', key: 'token' }], longer: [] })
    expect(await env.indexedDB.databases()).toEqual([])
    expect({ ...env.localStorage }).toEqual({ 'acme-chat.token': 'hf1 damaged' })
  })

  test('answers no value, whatever is kept and wherever', async () => {
    const { env, open } = page()
    const { storage, look } = open(defineKeys({ token: key<string>({ ttl: '1d' }), visitor: key<string>({ tiers: ['cookie'] }), draft: key<string>({ tiers: ['sessionStorage'], ttl: 'tab' }) }))
    const secret = 'S3CRET'
    await storage.set('token', secret, { ttl: '1y' })
    await storage.set('visitor', secret + 'x'.repeat(9000))
    await storage.set('draft', secret)
    for (const area of [env.localStorage, env.sessionStorage]) area.setItem('stray', secret)
    env.document!.cookie = 'stray=' + secret
    const found = await look()
    expect(found.present.length).toBeGreaterThan(5)
    expect(JSON.stringify(found)).not.toContain(secret)
  })

  test('knows the namespace from another that begins alike, and that of another key', async () => {
    const { env, open } = page()
    const { look } = open(defineKeys({ token: key<string>() }))
    for (const name of ['acme-chatter.token', 'acme-chat', 'token', 'acme-chat.tokens']) env.localStorage.setItem(name, 'x')
    expect(said((await look()).undeclared).sort()).toEqual(['localStorage acme-chat', 'localStorage acme-chat.tokens', 'localStorage acme-chatter.token', 'localStorage token'])
  })

  test('takes a key in a tier that is none of its own for undeclared', async () => {
    const { env, open } = page()
    const { look } = open(defineKeys({ token: key<string>({ tiers: ['indexedDB'] }) }))
    env.document!.cookie = 'acme-chat.token=x'
    expect(await look()).toMatchObject({ undeclared: [{ area: 'cookie', name: 'acme-chat.token' }], absent: [{ key: 'token' }] })
  })

  test('tells what older code left apart from the key that takes it over', async () => {
    const { env, open } = page()
    const { look } = open(defineKeys({ token: key<string>({ adopt: { tier: 'localStorage', name: 'oldToken', read: () => undefined, remove: () => {} } }) }))
    env.localStorage.setItem('oldToken', 'x')
    expect(await look()).toMatchObject({ present: [{ name: 'oldToken', role: 'legacy', key: 'token' }], absent: [{ key: 'token', name: 'acme-chat.token' }] })
  })

  test('tells that a value was removed, and that its note holds none', async () => {
    const { open } = page()
    const { storage, look } = open(defineKeys({ draft: key<string>({ ttl: '1h' }) }))
    await storage.set('draft', 'x')
    await storage.remove('draft')
    const found = await look()
    expect(found.present.filter((one) => one.key === 'draft')).toMatchObject([{ removed: true }])
    expect(found.longer).toEqual([])
  })

  test('tells two keys of one name apart, which differ in their path', async () => {
    const { env, clock } = page('https://www.brand.test/hc/123/page')
    const preset = livepersonClassic({ siteId: '123', env })
    const storage = createStorage({ ...preset, now: clock.now })
    const look = () => audit(preset.keys, { ...preset, env: env as SightEnv, now: clock.now })
    await storage.set('LivePersonID', 'one')
    expect((await look()).present.map((one) => one.key)).toEqual(['LivePersonID'])
    await storage.set('LivePersonID /hc/123', 'two')
    expect(new Set((await look()).present.map((one) => one.key))).toEqual(new Set(['LivePersonID', 'LivePersonID /hc/123']))
    await storage.remove('LivePersonID')
    expect((await look()).present.filter((one) => !one.removed).map((one) => one.key)).toEqual(['LivePersonID /hc/123'])
  })
})

describe('what lives longer than declared', () => {
  const rules = {
    brief: key<string>({ ttl: '1d' }),
    visit: key<string>({ ttl: 'session', tiers: ['cookie'] }),
    varying: key<string>({ ttl: () => '1d' }),
    usual: key<string>(),
    large: key<string>({ ttl: '1d', tiers: ['cookie'] }),
  }

  test('is a value that was written for longer than its rule says, in each area', async () => {
    for (const area of ['indexedDB', 'localStorage', 'cookie'] as const) {
      const { clock, open } = page()
      const keys = defineKeys({ token: key<string>({ ttl: '1d', tiers: [area] }) })
      const { storage, look } = open(keys)
      await storage.set('token', 'x')
      expect((await look()).longer, area).toEqual([])
      await storage.set('token', 'x', { ttl: '2d' })
      expect((await look()).longer, area).toEqual([{ area, name: 'acme-chat.token', role: 'value', key: 'token', ttl: '1d', expires: clock.now() + 2 * 864e5 }])
      await storage.set('token', 'x', { ttl: 'forever' })
      expect((await look()).longer, area).toEqual([{ area, name: 'acme-chat.token', role: 'value', key: 'token', ttl: '1d' }])
    }
  })

  test('is a session\'s value that outlives the session, and a large one whose cookies were cut', async () => {
    const { open } = page()
    const { storage, look } = open(defineKeys(rules))
    await storage.set('visit', 'x')
    await storage.set('large', 'x'.repeat(9000))
    expect((await look()).longer).toEqual([])
    await storage.set('visit', 'x', { ttl: '1h' })
    await storage.set('large', 'x'.repeat(9000), { ttl: '1y' })
    const { longer, present } = await look()
    expect(longer.map(({ key, ttl }) => [key, ttl])).toEqual([['visit', 'session'], ['large', '1d']])
    expect(present.filter(({ role }) => role === 'piece')).toHaveLength(3)
  })

  test('is judged by the storage\'s own ttl where a rule has none, and not where a function decides', async () => {
    const { open } = page()
    const { storage, look } = open(defineKeys(rules))
    await storage.set('usual', 'x')
    await storage.set('varying', 'x', { ttl: '1y' })
    expect((await look()).longer).toEqual([])
    expect((await look({ ttl: '1d' })).longer.map(({ key }) => key)).toEqual(['usual'])
  })

  test('is no value that is used again and again: a sliding one has as much left as declared', async () => {
    const { clock, open } = page()
    const { storage, look } = open(defineKeys({ token: key<string>({ ttl: '1d', sliding: true }) }))
    await storage.set('token', 'x')
    for (let hours = 0; hours < 72; hours += 12) {
      clock.jump(12 * 36e5)
      expect(await storage.get('token')).toBe('x')
      await storage.flush()
      expect((await look()).longer).toEqual([])
    }
  })

  test('is what others set, where the browser tells when it ends, or where nothing ever ends it', async () => {
    const { env, clock, open } = page()
    const keys = defineKeys({ _ga: external({ ttl: '2y' }), _gid: external({ ttl: '1d' }), visit: external({ ttl: 'session' }), flag: external({ tier: 'localStorage', ttl: 'session' }), any: external() })
    const { look } = open(keys)
    for (const name of ['_ga', '_gid', 'visit', 'any']) env.document!.cookie = name + '=x; Max-Age=31536000'
    env.localStorage.setItem('flag', '1')
    expect((await look()).longer.map(({ key }) => key)).toEqual(['flag'])
    const expires = clock.now() + 365 * 864e5
    const cookieStore = { getAll: async () => ['_ga', '_gid', 'visit', 'any'].map((name) => ({ name, expires })) }
    const { longer } = await look({ env: { ...env, cookieStore } as SightEnv })
    expect(longer.map(({ key, ttl, expires }) => [key, ttl, expires])).toEqual([['flag', 'session', undefined], ['_gid', '1d', expires], ['visit', 'session', expires]])
  })

  test('is no cookie of a browser that says nothing of its end, or that it ends with the session', async () => {
    const { env, open } = page()
    const { look } = open(defineKeys({ visit: external({ ttl: 'session' }) }))
    env.document!.cookie = 'visit=x'
    for (const cookie of [{ name: 'visit' }, { name: 'visit', expires: null }, {}]) expect((await look({ env: { ...env, cookieStore: { getAll: async () => [cookie] } } as SightEnv })).longer).toEqual([])
    const broken = { getAll: () => Promise.reject(new DOMException('opaque origin', 'SecurityError')) }
    expect(await look({ env: { ...env, cookieStore: broken } as SightEnv })).toMatchObject({ longer: [], unreadable: [], present: [{ key: 'visit' }] })
  })
})

describe('what cannot be seen', () => {
  const keys = defineKeys({
    token: key<string>({ tiers: ['localStorage'] }),
    far: key<string>({ tiers: ['hub', 'memory'] }),
    server: external({ httpOnly: true }),
    partner: external({ party: 'third' }),
    here: external({ name: 'own' }),
  })

  test('from a page is told as not known, never as absent', async () => {
    const { env } = page()
    const found = await audit(keys, { env: env as SightEnv, tiers: [localStorageTier({ env }), { ...memoryTier(), name: 'hub' }, memoryTier()] })
    expect(found.unknown.map(({ key }) => key)).toEqual(['far', 'server', 'partner'])
    expect(found.absent.map(({ key }) => key)).toEqual(['token', 'here'])
  })

  test('because it throws, is absent, or never answers, is named with the reason, and nothing is thrown', async () => {
    const throwing = blocked('localStorage', 'sessionStorage', 'indexedDB', 'document')
    const found = await audit(keys, { env: throwing as SightEnv })
    expect(found.unreadable.map(({ area }) => area)).toEqual(['cookie', 'localStorage', 'sessionStorage', 'database', 'indexedDB'])
    expect(found.unreadable[1]!.reason).toBe('SecurityError: Access is denied for this document.')
    expect(found.unknown.map(({ key }) => key)).toEqual(['token', 'far', 'server', 'partner', 'here'])
    for (const env of [{}, { localStorage: null, document: undefined, indexedDB: {} as IDBFactory }]) expect((await audit(keys, { env })).unreadable).toHaveLength(5)
    // Half of a character has no place in a cookie, but a registry may have it.
    expect(await audit({ 'token\ud800': {} }, { env: {} })).toMatchObject({ unknown: [{}], present: [] })
    const { env } = page()
    const silent = { ...env, indexedDB: { databases: () => new Promise(() => {}) } }
    expect(await audit(keys, { env: silent as unknown as SightEnv, deadline: 5 })).toMatchObject({ unreadable: [{ area: 'database', reason: 'Error: no answer in 5 ms' }, { area: 'indexedDB' }] })
  })

  test('because cookies are switched off, which shows as no cookies, is told', async () => {
    const { env } = page()
    const found = await audit(keys, { env: { ...env, navigator: { cookieEnabled: false } } as SightEnv })
    expect(found.unreadable).toEqual([{ area: 'cookie', reason: 'Error: cookies are blocked' }])
    expect(found.unknown.map(({ key }) => key)).toContain('here')
    // Chromium says that they are enabled, and lets nobody look at other storage.
    const chromium = Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(env), localStorage: Object.getOwnPropertyDescriptor(blocked('localStorage'), 'localStorage')! })
    expect((await audit(keys, { env: chromium as SightEnv })).unreadable.map(({ area }) => area)).toEqual(['cookie', 'localStorage'])
    env.document!.cookie = 'own=x'
    expect((await audit(keys, { env: chromium as SightEnv })).unreadable.map(({ area }) => area)).toEqual(['localStorage'])
  })

  test('in a frame is whether there are no databases, or only none that are listed', async () => {
    const { env, open } = page()
    const { storage, look } = open(defineKeys({ token: key<string>({ tiers: ['indexedDB'] }) }))
    const frame = { ...env, parent: {} } as SightEnv
    expect(await look({ env: frame })).toMatchObject({ unreadable: [{ area: 'database' }, { area: 'indexedDB' }], unknown: [{ key: 'token' }], absent: [] })
    expect(await look({ env: { ...env, parent: undefined } as SightEnv })).toMatchObject({ unreadable: [], absent: [{ key: 'token' }] })
    await storage.set('token', 'x')
    expect(await look({ env: frame })).toMatchObject({ unreadable: [], present: [{ area: 'database' }, { key: 'token' }] })
  })

  test('of a database that somebody else shaped is its records, and the rest goes on', async () => {
    const { env, open } = page()
    const { look } = open(defineKeys({ token: key<string>() }))
    const done = (request: IDBOpenDBRequest) => new Promise<void>((resolve) => (request.onsuccess = () => (request.result.close(), resolve())))
    await done(env.indexedDB.open('holdfast.acme-chat', 7))
    await done(env.indexedDB.open('theirs', 1))
    const odd = env.indexedDB.open('holdfast.other', 1)
    odd.onupgradeneeded = () => odd.result.createObjectStore('entries').put({ raw: { toString: null } }, ['a', 1])
    await done(odd)
    const found = await look()
    expect(said(found.present)).toEqual(['database holdfast.acme-chat'])
    expect(said(found.undeclared)).toEqual(expect.arrayContaining(['database holdfast.other', 'database theirs']))
  })

  test('without a registry nothing of the namespace is undeclared, and all else is', async () => {
    const { env } = page()
    env.localStorage.setItem('acme-chat.any', 'x')
    env.localStorage.setItem('stray', 'x')
    const found = await audit(undefined, { namespace: 'acme-chat', env: env as SightEnv })
    expect(said(found.undeclared)).toEqual(['localStorage stray'])
    expect(found).toMatchObject({ present: [{ name: 'acme-chat.any', role: 'value' }], absent: [], unknown: [] })
  })
})
