import { cookieTier, httpCookieTier, indexedDBTier, localStorageTier, memoryTier, mirror, sessionStorageTier, type Tier } from 'holdfast'
import { hubTier } from 'holdfast/hub'

/** The places of a browser, each by the name that the tests use for it. */
export const tiers = {
  indexedDB: () => indexedDBTier(),
  localStorage: () => localStorageTier(),
  sessionStorage: () => sessionStorageTier(),
  cookie: () => cookieTier(),
  'cookie in chunks': () => cookieTier({ maxBytes: 16_384 }),
  'cookie of the site': () => cookieTier({ domain: 'site' }),
  // The brand's own server: WebKit takes no cookies of another site's.
  'HTTP cookie': () => httpCookieTier({ endpoint: 'https://brand.test/entries' }),
  mirror: () => mirror(localStorageTier(), cookieTier()),
  hub: () => hubTier({ url: 'https://chat.vendor.test/hub' }),
  memory: () => memoryTier(),
} satisfies Record<string, () => Tier>

export type TierName = keyof typeof tiers

export const tierNames = Object.keys(tiers) as TierName[]
