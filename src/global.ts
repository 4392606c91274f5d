import { isStorageError, StorageError } from './errors.js'
import { defineKeys } from './plain-rules.js'
import { key } from './rule.js'
import { createStorage } from './storage.js'
import { cookieTier } from './tiers/cookie.js'
import { indexedDBTier } from './tiers/indexed-db.js'
import { localStorageTier } from './tiers/local-storage.js'
import { memoryTier } from './tiers/memory.js'
import { sessionStorageTier } from './tiers/session-storage.js'

/** The build's banner declares it (tsup.config.ts): exports of a plain script would cost 200 bytes more. */
declare const holdfast: object

// What the plain script holds: a page that needs consent, a seal, a server's cookies, a mirror or a hub has a bundler as well.
Object.assign(holdfast, { isStorageError, StorageError, defineKeys, key, createStorage, cookieTier, indexedDBTier, localStorageTier, memoryTier, sessionStorageTier })
