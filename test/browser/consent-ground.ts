import { beforeEach } from 'vitest'
import type { Engine, Tab } from './browser.js'
import { consentPages } from './consent-pages.js'
import { type Opened, opened } from './opened.js'
import { vendorPages } from './vendor-pages.js'

export interface ConsentGround {
  readonly here: Opened
  /** A further tab with the page of that path. */
  second(path: string): Promise<Tab>
}

/** A page of a.brand.test with a CMP's stub before each test, and nothing stored. */
export function freshConsent(engine: Engine): ConsentGround {
  const here = opened(engine, {}, consentPages(vendorPages))
  beforeEach(async () => {
    await here.tab.goto(here.sites.url('a', '/consent-with-stub'))
    await here.tab.evaluate(() => page.wipe())
  })
  const second: ConsentGround['second'] = async (path) => {
    const tab = await here.newTab()
    await tab.goto(here.sites.url('a', path))
    return tab
  }
  return { here, second }
}
