import { describe, expect, it } from 'vitest'
import { engines } from './browser.js'
import { expectCalmFrame, freshHub, hubFrame, type HubGround, nothing } from './hub-ground.js'

describe.each(engines)('%s: the hub', (engine) => {
  const ground = freshHub(engine)

  keepsTokens(ground)
  asksOnce(ground)
  keepsBrandsApart(ground)
  comesBack(ground)
  asksForAccess(ground)
})

function keepsTokens({ here, contents, vendor }: HubGround): void {
  it('is not asked before the first operation, then has one frame, which nobody sees', async () => {
    await here.tab.evaluate(() => void page.open(['hub', 'memory']))
    expect(vendor.asked).toEqual([])
    const seen = await here.tab.evaluate(async () => {
      await Promise.all([page.storage?.get('token'), page.open(['hub', 'memory']).set('token', 'jwt'), page.open(['hub', 'memory'], { namespace: 'other-widget' }).get('token')])
      const frames = [...document.querySelectorAll('iframe')]
      return {
        frames: frames.map((frame) => [frame.src, frame.tabIndex, frame.getAttribute('aria-hidden'), frame.getClientRects().length]),
        focus: document.activeElement?.tagName,
      }
    })
    expect(seen).toEqual({ frames: [['https://chat.vendor.test/hub', -1, 'true', 0]], focus: 'BODY' })
    expect(vendor.asked).toEqual(['/hub'])
  })

  it("keeps a token on the vendor's domain, in the vendor's chain, and nothing on the brand's", async () => {
    const receipt = await here.tab.evaluate(() => page.open(['hub', 'memory']).set('token', 'jwt'))
    expect(receipt).toMatchObject({ tier: 'hub', lifetime: 'device', reach: 'origin', passed: [] })
    expect(await here.tab.evaluate(() => page.traces())).toEqual(nothing)
    const kept = Object.entries(await contents()).filter(([, text]) => text.includes('jwt'))
    expect(kept.map(([name]) => name)).toEqual([expect.stringMatching(/^indexedDB .*acme-chat\.token$/)])
    await here.tab.reload()
    expect(await here.tab.evaluate(() => page.open(['hub', 'memory']).get('token'))).toBe('jwt')
    await expectCalmFrame(here.tab)
  })

  it("says what the vendor's place really gave", async () => {
    const kept = await here.tab.evaluate(async () => {
      const storage = page.open(['hub', 'memory'])
      const receipts = [await storage.set('draft', 'x', { ttl: 'tab' }), await storage.set('visit', 'x', { ttl: 'session' }), await storage.set('visitor', 'x', { ttl: 'forever' })]
      return receipts.map(({ tier, lifetime }) => `${tier} ${lifetime}`)
    })
    // In the vendor's order sessionStorage comes before the cookies, which end with the browser.
    expect(kept).toEqual(['hub tab', 'hub tab', 'hub device'])
  })

  it('leaves nothing where the storage is destroyed', async () => {
    await here.tab.evaluate(() => page.open(['hub', 'cookie of the site', 'memory'], { keys: { token: { reach: 'site' } } }).set('token', 'jwt'))
    expect(Object.keys(await contents())).not.toEqual([])
    expect(await here.tab.evaluate(() => page.storage?.destroy())).toEqual({ unreached: [] })
    expect(await here.tab.evaluate(() => page.traces())).toEqual(nothing)
    await here.tab.evaluate(() => page.open(['hub', 'memory']).get('token'))
    expect(await contents()).toEqual({})
  })
}

function asksOnce({ here }: HubGround): void {
  it('is asked by one message, and answers by one, for a hundred gets at once', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `key-${index}`)
    await here.tab.evaluate((keys) => page.open(['hub', 'memory']).setMany(keys.map((key) => [key, key])), names)
    const before = await here.tab.inFrame(hubFrame).evaluate(() => vendor.counts.sent)
    const seen = await here.tab.evaluate(async (keys) => {
      const count = page.countMessages()
      const values = await Promise.all(keys.map((key) => page.storage?.get(key)))
      return { values, sent: count.sent }
    }, names)
    expect(seen).toEqual({ values: names, sent: 1 })
    expect(await here.tab.inFrame(hubFrame).evaluate(() => vendor.counts.sent)).toBe(before + 1)
  })
}

function keepsBrandsApart({ here, visit, contents }: HubGround): void {
  it('shows another brand nothing, though its frame stands in the same page and meets the same partition', async () => {
    await visit('a', { frame: here.sites.url('other', '/') })
    await here.tab.evaluate(() => page.open(['hub', 'memory']).set('token', 'jwt'))
    const frame = here.tab.inFrame('#frame')
    const theirs = await frame.evaluate(async () => {
      const storage = page.open(['hub', 'memory'])
      const before = { token: (await storage.get('token')) ?? 'nothing', keys: await storage.keys() }
      await storage.set('token', 'theirs')
      await storage.clear()
      await storage.set('token', 'theirs again')
      return before
    })
    expect(theirs).toEqual({ token: 'nothing', keys: [] })
    expect(await here.tab.evaluate(() => page.storage?.get('token'))).toBe('jwt')
    // Both are there: it is the hub that tells them apart, not the browser.
    const texts = Object.values(await contents()).join()
    expect([texts.includes('jwt'), texts.includes('theirs again')]).toEqual([true, true])
    await visit('other')
    expect(await here.tab.evaluate(async () => (await page.open(['hub', 'memory']).get('token')) ?? 'nothing')).toBe('nothing')
  })
}

function comesBack({ here, vendor }: HubGround): void {
  it('that reloads is shaken hands with again, and what was asked meanwhile is not lost', async () => {
    await here.tab.evaluate(() => page.open(['hub', 'memory']).set('token', 'jwt'))
    await here.tab.inFrame(hubFrame).evaluate(() => void setTimeout(() => location.reload()))
    const seen = await here.tab.evaluate(async () => {
      const storage = page.storage!
      for (let round = 0; round < 50; round++) await storage.set(`key-${round}`, round)
      const values = await storage.getMany(Array.from({ length: 50 }, (_, round) => `key-${round}`))
      const { tiers } = await storage.status()
      return { token: await storage.get('token'), values: [...values.values()], state: tiers[0]?.state, frames: document.querySelectorAll('iframe').length }
    })
    expect(seen).toEqual({ token: 'jwt', values: Array.from({ length: 50 }, (_, round) => round), state: 'ready', frames: 1 })
    expect(vendor.asked).toEqual(['/hub', '/hub'])
    await expectCalmFrame(here.tab)
  })

  it('whose frame the page removed gets another', async () => {
    const seen = await here.tab.evaluate(async () => {
      await page.open(['hub', 'memory']).set('token', 'jwt')
      document.querySelector('iframe')?.remove()
      return page.open(['hub', 'memory']).get('token')
    })
    expect(seen).toBe('jwt')
  })
}

function asksForAccess({ here }: HubGround): void {
  it('answers within its deadline whether the browser gives it its own cookies, and status tells', async () => {
    const seen = await here.tab.evaluate(async () => {
      const hub = page.hubTier({ url: 'https://chat.vendor.test/hub' })
      await page.open(['hub', 'memory']).get('token')
      const from = performance.now()
      const granted = await hub.requestAccess()
      const ms = performance.now() - from
      const { tiers } = await page.storage!.status()
      return { granted, inTime: ms < 2500, access: tiers[0]?.access }
    })
    // Nobody has clicked: Chromium and WebKit refuse, Firefox never settles.
    expect(seen).toEqual({ granted: false, inTime: true, access: false })
  })
}
