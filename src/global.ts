/** What the plain script holds: a page that needs a server's cookies, a mirror or a hub has a bundler as well. */
export { isStorageError, StorageError } from './errors.js'
export { defineKeys, key } from './rules.js'
export { createStorage } from './storage.js'
export { cookieTier } from './tiers/cookie.js'
export { indexedDBTier } from './tiers/indexed-db.js'
export { localStorageTier } from './tiers/local-storage.js'
export { memoryTier } from './tiers/memory.js'
export { sessionStorageTier } from './tiers/session-storage.js'
