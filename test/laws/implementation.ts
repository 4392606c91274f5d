import * as holdfast from '../../src/index.js'
import * as testing from '../../src/testing/index.js'
import * as composed from '../../src/chain-tier.js'

/** A build of the package: the one under test, or one with a fault planted in it. */
export type Implementation = Pick<
  typeof holdfast & typeof testing & typeof composed,
  | 'createStorage' | 'defineKeys' | 'isStorageError' | 'localStorageTier' | 'sessionStorageTier' | 'cookieTier' | 'indexedDBTier'
  | 'faulty' | 'fakeClock' | 'cookieJar' | 'inMemory' | 'chainTier'
>

export const implementation: Implementation = { ...holdfast, ...testing, ...composed }
