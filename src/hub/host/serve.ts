import { chainTier } from '../../chain-tier.js'
import type { Env, Tier } from '../../contracts.js'
import { parseOrigins } from '../../origins.js'
import type { Hello, Page, Reply } from '../protocol.js'
import { calm, isToken, NEWEST, OLDEST } from '../protocol.js'
import { createPlace } from './place.js'

/** What `serveHub` takes. */
export interface HostOptions {
  /** Who may use the hub: exact origins, or `https://*.brand.test` for every name below it. Each site sees its own entries alone. */
  allow: readonly string[]
  /** The chain in which the hub keeps what it is given. */
  tiers: readonly Tier[]
  env?: Env
  now?: () => number
  /** The ms that an operation of one of its tiers may take: default 1,000, less than the page waits for the hub. */
  deadline?: number
}

/** A hub at work. */
export interface Hub {
  /**
   * For a click handler in a frame of the vendor's own: asks the browser for its unpartitioned cookies (Storage Access
   * API). Answers whether it has them now, after `ms` (default 30,000) at the latest; never rejects.
   */
  requestAccess(ms?: number): Promise<boolean>
  close(): void
}

/**
 * Serves the hub: to be called by the script of the vendor's page, in the frame that `hubTier` makes. It talks to the
 * window above alone, and only if its origin is allowed. Throws a RangeError that names what is wrong in `allow`.
 *
 * @example
 * import { indexedDBTier, localStorageTier } from 'holdfast'
 * import { serveHub } from 'holdfast/hub/host'
 * const hub = serveHub({ allow: ['https://brand.test', 'https://*.brand.test'], tiers: [indexedDBTier(), localStorageTier()] })
 * await hub.requestAccess() // => false
 * hub.close()
 */
export const serveHub = ({ allow, tiers, env = globalThis, now = Date.now, deadline = 1000 }: HostOptions): Hub => {
  const page = env as Page
  const siteOf = parseOrigins(allow)
  const chain = chainTier(tiers, { now, env, deadline })
  const seen = new Set<string>()
  let close: (() => void) | undefined

  /** Either call of the Storage Access API; it may never settle (H10). */
  const access = async (call: 'hasStorageAccess' | 'requestStorageAccess', ms = deadline): Promise<boolean> => {
    try {
      return !!(await Promise.race([page.document![call](), new Promise<void>((resolve) => (page.setTimeout ?? setTimeout)(resolve, ms))]))
    } catch {
      return false
    }
  }
  const hear = calm(async ({ data, source, origin }: MessageEvent<Hello>) => {
    const { holdfast, speaks } = data
    if (source !== page.parent || source === page || typeof holdfast !== 'string' || !isToken(holdfast) || seen.has(holdfast)) return
    // A nonce is answered once.
    seen.add(holdfast)
    // To an opaque origin nothing can be posted: it throws.
    const reply = (message: Omit<Reply, 'holdfast'>, ports: MessagePort[] = []): void => (source as Window).postMessage({ holdfast, ...message }, origin, ports)
    const site = siteOf(origin)
    const version = Math.min(speaks[1], NEWEST)
    if (!site) return reply({ refused: 'origin' })
    if (!(version >= speaks[0] && version >= OLDEST)) return reply({ refused: 'version' })
    close?.()
    const place = createPlace(page, chain, site, now, access)
    close = place.close
    reply({ version, state: await place.state() }, [place.port])
  })

  page.addEventListener?.('message', hear)
  return {
    async requestAccess(ms = 3e4) {
      await access('requestStorageAccess', ms)
      return access('hasStorageAccess')
    },
    close() {
      page.removeEventListener?.('message', hear)
      close?.()
      void chain.close()
    },
  }
}
