import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import type { Tier } from 'holdfast'
import { cookieTier, indexedDBTier, localStorageTier, memoryTier, sessionStorageTier } from 'holdfast'
import { chainTier } from '../../src/chain-tier.js'
import { cookieJar, faulty, inMemory, tierCases } from 'holdfast/testing'

/** Each tier over a place that outlives it, as the page's storage outlives a script. */
const places: Record<string, () => () => Tier> = {
  memory: () => {
    const tier = memoryTier()
    return () => tier
  },
  localStorage: () => {
    const { window } = new JSDOM('', { url: 'https://brand.test/' })
    return () => localStorageTier({ env: { localStorage: window.localStorage } })
  },
  sessionStorage: () => {
    const { window } = new JSDOM('', { url: 'https://brand.test/' })
    return () => sessionStorageTier({ env: { sessionStorage: window.sessionStorage } })
  },
  indexedDB: () => {
    const indexedDB = new IDBFactory()
    return () => indexedDBTier({ env: { indexedDB } })
  },
  'cookie, for the host': () => {
    const env = cookieJar().at('https://a.brand.test/shop/')
    return () => cookieTier({ env })
  },
  'cookie, for the site': () => {
    const env = cookieJar().at('https://a.brand.test/shop/')
    return () => cookieTier({ domain: 'site', env })
  },
  'cookie, cut into several': () => {
    const env = cookieJar().at('https://a.brand.test/')
    return () => cookieTier({ maxBytes: 16_384, env })
  },
  'cookie, with a prefix': () => {
    const env = cookieJar().at('https://a.brand.test/')
    return () => cookieTier({ prefix: '__Host-', env })
  },
  "cookie, in jsdom's jar": () => {
    const { window } = new JSDOM('', { url: 'https://brand.test/' })
    return () => cookieTier({ env: { document: window.document, location: window.location } })
  },
  'faulty, while nothing fails': () => {
    const tier = memoryTier()
    return () => faulty(tier, {})
  },
  'a chain of localStorage, cookie and memory': () => {
    const { window } = new JSDOM('', { url: 'https://brand.test/' })
    const env = cookieJar().at('https://brand.test/')
    const memory = memoryTier()
    return () => chainTier([localStorageTier({ env: { localStorage: window.localStorage } }), cookieTier({ env }), memory])
  },
  'a chain of IndexedDB and sessionStorage': () => {
    const indexedDB = new IDBFactory()
    const { window } = new JSDOM('', { url: 'https://brand.test/' })
    return () => chainTier([indexedDBTier({ env: { indexedDB } }), sessionStorageTier({ env: { sessionStorage: window.sessionStorage } })])
  },
  'in memory, as localStorage': () => {
    const [tier] = inMemory('localStorage')
    return () => tier!
  },
}

describe.each(Object.entries(places))('%s', (_name, place) => {
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
