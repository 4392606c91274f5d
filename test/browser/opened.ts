import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { undeclaredIn } from '../ground/physical-browser.js'
import type { Browser, Engine, LaunchOptions, Tab } from './browser.js'
import { launch } from './engines.js'
import { type Pages, type Sites, startSites } from './sites.js'
import { vendorPages } from './vendor-pages.js'

export interface Opened {
  readonly sites: Sites
  /** The browser's first tab. */
  readonly tab: Tab
  /** A further tab, which is closed after the test, unless the test does. */
  newTab(): Promise<Tab>
}

/** One browser for all tests of a `describe`. A test fails when something in its page went unhandled. */
export function opened(engine: Engine, options: Omit<LaunchOptions, 'proxy'> = {}, pages: Pages = vendorPages): Opened {
  let sites: Sites | undefined
  let browser: Browser | undefined
  let further: Tab[] = []
  beforeAll(async () => {
    sites = await startSites(pages)
    browser = await launch(engine, { ...options, proxy: sites.proxy })
  })
  afterAll(async () => {
    await browser?.close()
    await sites?.close()
  })
  afterEach(async () => {
    if (!browser) return
    const tabs = [browser.tab, ...further]
    further = []
    const left = await Promise.all(tabs.map((tab) => undeclaredIn((run) => tab.evaluate(run))))
    const problems = await Promise.all(tabs.map((tab) => tab.evaluate(() => globalThis.page?.takeProblems() ?? [])))
    for (const tab of tabs.slice(1)) await tab.close()
    expect(problems.flat(), 'errors that nobody handled in the page').toEqual([])
    expect(left.flat(), 'names that holdfast wrote, and that `physicalNames` does not tell').toEqual([])
  })
  return {
    get sites() {
      if (!sites) throw new Error('the sites are not up yet')
      return sites
    },
    get tab() {
      if (!browser) throw new Error('the browser is not open yet')
      return browser.tab
    },
    newTab: async () => {
      if (!browser) throw new Error('the browser is not open yet')
      const tab = await browser.newTab()
      further.push(tab)
      const close = (): Promise<void> => {
        further = further.filter((one) => one !== tab)
        return tab.close()
      }
      return { ...tab, close }
    },
  }
}

/** The same, with a page of a.brand.test in the first tab before each test, and nothing stored. */
export function freshPage(engine: Engine, options: Omit<LaunchOptions, 'proxy'> = {}, pages: Pages = vendorPages): Opened {
  const here = opened(engine, options, pages)
  beforeEach(async () => {
    await here.tab.goto(here.sites.url('a'))
    await here.tab.evaluate(() => page.wipe())
  })
  return here
}
