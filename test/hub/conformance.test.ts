import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import type { Tier } from 'holdfast'
import { localStorageTier } from 'holdfast'
import { inMemory, tierCases } from 'holdfast/testing'
import { hubTier } from '../../src/hub/client.js'
import { browser, HUB } from './windows.js'

/** The hub as a page sees it, over places that outlive the page. */
const places: Record<string, () => () => Tier> = {
  'one page': () => {
    const { env } = browser().page('https://www.brand.test/')
    return () => hubTier({ url: HUB, env })
  },
  'a page for each tier': () => {
    const visitor = browser()
    return () => hubTier({ url: HUB, env: visitor.page('https://www.brand.test/').env })
  },
  'siblings, one after the other': () => {
    const visitor = browser()
    let count = 0
    return () => hubTier({ url: HUB, env: visitor.page(`https://${count++ % 2 ? 'a' : 'b'}.brand.test/`).env })
  },
  'a vendor with a chain of three': () => {
    const tiers = inMemory('indexedDB', 'localStorage', 'sessionStorage')
    const { env } = browser({ tiers: () => tiers }).page('https://brand.test/')
    return () => hubTier({ url: HUB, env })
  },
  'a vendor that keeps texts': () => {
    const { window } = new JSDOM('', { url: HUB })
    const tiers = [localStorageTier({ env: { localStorage: window.localStorage } })]
    const { env } = browser({ tiers: () => tiers }).page('https://brand.test/')
    return () => hubTier({ url: HUB, env })
  },
}

describe.each(Object.entries(places))('the hub, from %s', (_name, place) => {
  const make = place()
  for (const { title, skip, run } of tierCases) {
    const reason = skip?.(make().traits)
    test(reason ? `${title} (does not concern it: ${reason})` : title, async () => {
      if (reason) expect(reason).toBeTruthy()
      else await run(make)
    })
  }
})
