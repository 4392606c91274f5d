import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, test } from 'vitest'
import { indexedDBTier, localStorageTier, memoryTier, sessionStorageTier } from 'holdfast'
import { cookieJar, faulty, inMemory, tierCases } from 'holdfast/testing'
import type { Tier } from '../../src/contracts.js'
import { cookieTier } from '../../src/tiers/cookie.js'
import { mirror } from '../../src/tiers/mirror.js'
import { storageObjects } from '../ground/dom.js'

const PAGE = 'https://a.brand.test/shop/'

/** Each mirror over places that outlive it. */
const places: Record<string, () => () => Tier> = {
  'memory and memory': () => {
    const [one, other] = [memoryTier(), memoryTier()]
    return () => mirror(one, other)
  },
  'a cookie and localStorage': () => {
    const env = { ...cookieJar().at(PAGE), ...storageObjects() }
    return () => mirror(cookieTier({ env }), localStorageTier({ env }))
  },
  'localStorage and a cookie of the session': () => {
    const env = { ...cookieJar().at(PAGE), ...storageObjects() }
    return () => mirror(localStorageTier({ env }), cookieTier({ env, lifetime: 'session' }))
  },
  'a cookie of the host and one of the site': () => {
    const env = cookieJar().at(PAGE)
    return () => mirror(cookieTier({ env }), cookieTier({ env, domain: 'site', prefix: '__Secure-' }))
  },
  'a cookie below a path, twice': () => {
    const env = cookieJar().at(PAGE)
    return () => mirror(cookieTier({ env }), cookieTier({ env, domain: 'site', prefix: '__Secure-', lifetime: 'session' })).at!('/shop')
  },
  'IndexedDB and sessionStorage': () => {
    const indexedDB = new IDBFactory()
    const env = storageObjects()
    return () => mirror(indexedDBTier({ env: { indexedDB } }), sessionStorageTier({ env }))
  },
  'sessionStorage and IndexedDB': () => {
    const indexedDB = new IDBFactory()
    const env = storageObjects()
    return () => mirror(sessionStorageTier({ env }), indexedDBTier({ env: { indexedDB } }))
  },
  'a mirror and memory': () => {
    const [one, other] = inMemory('localStorage', 'cookie') as [Tier, Tier]
    const memory = memoryTier()
    return () => mirror(mirror(one, other), memory)
  },
  'memory and one that may fail': () => {
    const [one, other] = [memoryTier(), memoryTier()]
    return () => mirror(one, faulty(other, {}))
  },
  'one that may fail and memory': () => {
    const [one, other] = [memoryTier(), memoryTier()]
    return () => mirror(faulty(one, {}), other)
  },
  'a cookie, and a place that keeps nothing': () => {
    const env = cookieJar().at(PAGE)
    return () => mirror(cookieTier({ env }), faulty(memoryTier(), { ignores: true }))
  },
  'a cookie, and one of the site that has little room': () => {
    const env = cookieJar().at(PAGE)
    const session = cookieTier({ env, domain: 'site', prefix: '__Secure-' })
    return () => mirror(cookieTier({ env }), faulty(session, { quota: 1e6 }))
  },
}

describe.each(Object.entries(places))('a mirror of %s', (_name, place) => {
  const make = place()
  const { traits } = make()
  for (const { title, skip, run } of tierCases) {
    const reason = skip?.(traits)
    test(reason ? `${title} (does not concern it: ${reason})` : title, async () => {
      if (reason) expect(reason).toBeTruthy()
      else await run(make)
    })
  }
})

describe('whatever the second does', () => {
  /** What a removal leaves behind is a tombstone then, so these expect none. */
  const removes = ['a drop forgets what is stamped at or below it', 'names lists what begins with the prefix, tombstones included, and nothing that was dropped']

  test.each([
    ['throws', { throws: new Error('blocked') }],
    ['aborts', { aborts: true }],
    ['has no room', { quota: 0 }],
  ] as const)('it %s: the first passes every case alone', async (_, plan) => {
    let count = 0
    for (const { title, skip, run } of tierCases) {
      const env = cookieJar().at(PAGE)
      const tier = (): Tier => mirror(cookieTier({ env }), faulty(memoryTier(), plan))
      if (skip?.(tier().traits) || (!('quota' in plan) && removes.includes(title))) continue
      await run(tier)
      count++
    }
    expect(count).toBeGreaterThan(15)
  })
})
