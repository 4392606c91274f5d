import { cookieJar, fakeClock } from 'holdfast/testing'
import type { Entry, Env, Tier } from '../../src/contracts.js'
import { createHandler } from '../../src/server/handler.js'
import { memoryTier } from '../../src/tiers/memory.js'
import { storageObjects } from '../ground/dom.js'

export const ENDPOINT = 'https://chat.vendor.test/entries'

type Page = Env & { fetch: typeof fetch }

/** One visitor's browser: a jar of the brand's cookies, one of the vendor's, and storage for each origin and tab. */
export const browser = () => {
  const clock = fakeClock(Date.now())
  const [brand, vendor] = [cookieJar(), cookieJar()]
  const locals = new Map<string, Storage>()
  const answer = createHandler({ allow: ['https://*.brand.test', 'https://*.shop.test'], cookies: { apart: false } })
  let down = false

  /** The vendor's server, with the cookies that the browser has for it. */
  const fetchAs = (origin: string): typeof fetch => async (url, init) => {
    if (down) throw new TypeError('Failed to fetch')
    const { document } = vendor.at(url as string)
    const headers = new Headers(init!.headers)
    headers.set('origin', origin)
    headers.set('cookie', document!.cookie)
    const response = await answer(new Request(url as string, { method: 'POST', body: init!.body as string, headers }))
    for (const line of response.headers.getSetCookie()) document!.cookie = line
    return response
  }

  return {
    clock,
    brand,
    vendor,
    set down(value: boolean) {
      down = value
    },
    /** A page in a tab of its own, or in one that is there already. */
    page(url: string, tab: Storage = storageObjects().sessionStorage): Page {
      clock.jump(1)
      const { origin } = new URL(url)
      if (!locals.has(origin)) locals.set(origin, storageObjects().localStorage)
      return { ...brand.at(url), ...clock.env, localStorage: locals.get(origin)!, sessionStorage: tab, fetch: fetchAs(origin) }
    },
    /** As when the browser is closed. */
    restart() {
      brand.restart()
      vendor.restart()
    },
  }
}

/** A hub that stands in for the vendor's page; what it keeps outlives the page. */
export const hubOver = (kept: Tier = memoryTier()): Tier => ({ ...kept, name: 'hub', traits: { lifetimes: ['device'], reach: 'origin', mayReach: 'site' } })

/** What a place holds for a name. */
export const heldIn = async (tier: Tier, name: string): Promise<Entry | undefined> => (await tier.read([name]))[0]

/** What a preset says of each key, as its own rule has it: chain, lifetime, path and reach. */
export const rulesOf = (keys: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(keys as Record<string, { tiers?: string[]; ttl?: string; path?: string; name?: string; reach?: string; category?: string; secret?: boolean }>).map(([key, { tiers, ttl, path, name, reach, category, secret }]) => [
      key,
      [tiers?.join(' > '), ttl, category, path && `${name ?? key} at ${path}`, reach, secret && 'secret'].filter(Boolean).join(', '),
    ]),
  )
