import { cookieTier, indexedDBTier, localStorageTier, sessionStorageTier } from 'holdfast'
import { serveHub } from 'holdfast/hub/host'

/** The vendor's page. `?chain=localStorage` keeps all where cross-storage's hub does; else the chain that the guide shows. */
export function serve(): void {
  const chain = new URLSearchParams(location.search).get('chain')
  serveHub({
    allow: [new URL(document.referrer).origin],
    tiers: chain === 'localStorage' ? [localStorageTier()] : [indexedDBTier(), localStorageTier(), sessionStorageTier(), cookieTier({ sameSite: 'None', partitioned: true })],
    deadline: 20_000,
  })
}
