import { cookieTier, indexedDBTier, localStorageTier, memoryTier, sessionStorageTier, type Tier } from 'holdfast'
import { hubTier } from 'holdfast/hub'

/** The places of a browser, each by the name that the tests use for it. */
export const tiers = {
  indexedDB: () => indexedDBTier(),
  localStorage: () => localStorageTier(),
  sessionStorage: () => sessionStorageTier(),
  cookie: () => cookieTier(),
  'cookie in chunks': () => cookieTier({ maxBytes: 16_384 }),
  'cookie of the site': () => cookieTier({ domain: 'site' }),
  hub: () => hubTier({ url: 'https://chat.vendor.test/hub' }),
  memory: () => memoryTier(),
} satisfies Record<string, () => Tier>

export type TierName = keyof typeof tiers

export const tierNames = Object.keys(tiers) as TierName[]
