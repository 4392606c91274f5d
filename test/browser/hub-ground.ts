import { beforeEach, expect } from 'vitest'
import type { Engine, LaunchOptions, Tab } from './browser.js'
import { type Opened, opened } from './opened.js'
import type { hosts } from './sites.js'
import type { TierName } from './tiers.js'
import { createVendor, type Vendor } from './vendor-pages.js'

/** The chain of a brand that wants one session on all its subdomains, and a rule that asks for it. */
export const siteChain: TierName[] = ['hub', 'cookie of the site', 'localStorage', 'memory']
export const siteKeys = { token: { reach: 'site', ttl: '1d' } } as const

/** The frame that holdfast makes. */
export const hubFrame = 'iframe[title=holdfast]'

export const nothing = { databases: [], localStorage: [], sessionStorage: [], cookies: [] }

/** A vendor's frame under `a.` and one under `b.` share their storage: not in WebKit, which keys it by the whole origin (H9). */
export const shares = (engine: Engine): boolean => engine !== 'webkit'

export interface HubGround {
  readonly engine: Engine
  readonly here: Opened
  readonly vendor: Vendor
  /** A page of that host in the first tab. */
  visit(host: keyof typeof hosts, query?: Record<string, string>): Promise<void>
  /** What the vendor's frame keeps: names and texts. */
  contents(): Promise<Record<string, string>>
}

/** A browser in which nothing is stored before each test, neither by the brands nor by the vendor within their pages. */
export function freshHub(engine: Engine, options: Omit<LaunchOptions, 'proxy'> = {}): HubGround {
  const vendor = createVendor()
  const here = opened(engine, options, vendor.pages)
  const visit: HubGround['visit'] = (host, query = {}) => here.tab.goto(here.sites.url(host, '/', query))
  beforeEach(async () => {
    for (const host of ['b', 'other', 'a'] as const) {
      // What siblings share is emptied once, from `a`.
      const apart = host !== 'b' || !shares(engine)
      await visit(host, apart ? { frame: here.sites.url('vendor', '/hub') } : {})
      if (apart) await here.tab.inFrame('#frame').evaluate(() => globalThis.vendor.wipe())
      await here.tab.evaluate(async (jars) => {
        await page.wipe()
        if (jars) await page.forgetHttpCookies()
      }, apart)
    }
    await visit('a')
    vendor.asked.length = 0
  })
  return { engine, here, vendor, visit, contents: () => here.tab.inFrame(hubFrame).evaluate(() => globalThis.vendor.contents()) }
}

/** What went unhandled in the vendor's frame. */
export async function expectCalmFrame(tab: Tab): Promise<void> {
  expect(await tab.inFrame(hubFrame).evaluate(() => globalThis.vendor.problems)).toEqual([])
}
