import * as holdfast from '../../src/index.js'
import * as testing from '../../src/testing/index.js'
import * as chained from '../../src/chain-tier.js'
import * as client from '../../src/hub/client.js'
import * as host from '../../src/hub/host/serve.js'
import * as mirrored from '../../src/tiers/mirror.js'

/** A build of the package: the one under test, or one with a fault planted in it. */
export type Implementation = Pick<
  typeof holdfast & typeof testing & typeof chained & typeof mirrored & typeof client & typeof host,
  | 'createStorage' | 'defineKeys' | 'isStorageError' | 'localStorageTier' | 'sessionStorageTier' | 'cookieTier' | 'indexedDBTier'
  | 'faulty' | 'fakeClock' | 'cookieJar' | 'inMemory' | 'chainTier' | 'mirror' | 'hubTier' | 'serveHub'
>

export const implementation: Implementation = { ...holdfast, ...testing, ...chained, ...mirrored, ...client, ...host }
