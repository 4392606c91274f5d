import { afterAll, expect, vi } from 'vitest'
import { declareHub, declareSite, declareStorage, serverWrites, takeUnexplained, watchAreas, watchCookies, watchDatabases, watchKey, watchTier } from './physical-writes.js'

/** Before each test file: see physical-writes.ts. A file in which something undeclared was written fails. */

vi.mock(import('../../src/storage.js'), async (original) => {
  const { createStorage } = await original()
  const create = (options: Parameters<typeof createStorage>[0]) => {
    const storage = createStorage(options)
    declareStorage(options)
    return storage
  }
  return { createStorage: create as typeof createStorage }
})

vi.mock(import('../../src/tiers/web-storage.js'), async (original) => {
  const { webStorageTier } = await original()
  return { webStorageTier: (name, lifetime, reach, env = globalThis) => watchTier(webStorageTier(name, lifetime, reach, watchAreas(env))) }
})

vi.mock(import('../../src/tiers/cookie.js'), async (original) => {
  const { cookieTier } = await original()
  return { cookieTier: (options = {}) => watchTier(cookieTier({ ...options, env: watchCookies(options.env ?? globalThis) })) }
})

vi.mock(import('../../src/tiers/indexed-db.js'), async (original) => {
  const { indexedDBTier } = await original()
  return { indexedDBTier: (options) => watchTier(indexedDBTier(options)) }
})

vi.mock(import('../../src/chain-tier.js'), async (original) => {
  const { chainTier } = await original()
  return { chainTier: (tiers, options) => watchTier(chainTier(tiers, options)) }
})

vi.mock(import('../../src/tiers/connections.js'), async (original) => {
  const { createConnections, ...rest } = await original()
  return {
    ...rest,
    createConnections(env, gone) {
      watchDatabases()
      return createConnections(env, gone)
    },
  }
})

vi.mock(import('../../src/hub/proof.js'), async (original) => {
  const { createJudge } = await original()
  return {
    createJudge(page, hub) {
      declareHub()
      return createJudge(watchCookies(page as never) as never, hub)
    },
  }
})

vi.mock(import('../../src/hub/host/place.js'), async (original) => {
  const { createPlace } = await original()
  return {
    createPlace(page, chain, site, ...more) {
      declareSite(site)
      return createPlace(page, chain, site, ...more)
    },
  }
})

vi.mock(import('../../src/server/cookie-entries.js'), async (original) => {
  const { entriesIn } = await original()
  return {
    entriesIn(header, prefix, site) {
      const { wireName, ...entries } = entriesIn(header, prefix, site)
      return { ...entries, wireName: (name) => serverWrites(name, wireName(name)) }
    },
  }
})

vi.mock(import('../../src/crypto/device-key.js'), async (original) => {
  const { deviceKey } = await original()
  return { deviceKey: (options = {}) => watchKey(deviceKey(options), options.name) }
})

vi.mock(import('../../src/crypto/session-key.js'), async (original) => {
  const { sessionKey } = await original()
  return { sessionKey: (options = {}) => watchKey(sessionKey(options), options.name) }
})

afterAll(() => {
  expect(takeUnexplained(), 'names that holdfast wrote, and that `physicalNames` does not tell').toEqual([])
})
