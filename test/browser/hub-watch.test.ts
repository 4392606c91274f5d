import { describe, expect, it } from 'vitest'
import { engines, type Tab } from './browser.js'
import { freshHub, hubFrame, type HubGround, shares } from './hub-ground.js'

describe.each(engines)('%s: a change made through the hub', (engine) => {
  const ground = freshHub(engine)

  isHeard(ground)
  isNotHeard(ground)
})

/** The names that a tab hears of from now on. */
const listen = (tab: Tab) =>
  tab.evaluate(async () => {
    const hub = page.hubTier({ url: 'https://chat.vendor.test/hub' })
    await page.open(['hub', 'memory']).get('token')
    const heard: string[] = []
    Object.assign(globalThis, { heard, deaf: hub.watch!((name) => heard.push(name)) })
    // What watches is told to the hub like anything else: after an answer it is known there.
    await page.storage!.get('token')
  })

/** What it has heard once it has heard of `last`. */
const heardBy = (tab: Tab, last: string) =>
  tab.evaluate(async (name) => {
    const { heard } = globalThis as unknown as { heard: string[] }
    const end = performance.now() + 10_000
    while (!heard.includes(name) && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
    return heard
  }, last)

const change = (tab: Tab, key: string) => tab.evaluate((changed) => page.open(['hub', 'memory']).set(changed, 'jwt'), key)

function isHeard({ engine, here }: HubGround): void {
  it(`is heard by another tab of the same host${shares(engine) ? ', and by one of a sibling' : ', and by none of a sibling, whose partition is another'}`, async () => {
    await listen(here.tab)
    const [sibling, same] = [await here.newTab(), await here.newTab()]
    await sibling.goto(here.sites.url('b'))
    await same.goto(here.sites.url('a', '/second'))
    await change(sibling, 'by-sibling')
    await change(same, 'by-same-host')
    const heard = await heardBy(here.tab, 'acme-chat.by-same-host')
    expect(heard.filter((name) => name.startsWith('acme-chat.by-'))).toEqual(shares(engine) ? ['acme-chat.by-sibling', 'acme-chat.by-same-host'] : ['acme-chat.by-same-host'])
    // No value travels: what it is, the listener reads.
    expect(await here.tab.evaluate(() => page.storage?.get('by-same-host'))).toBe('jwt')
  })

  it('is heard after the hub has reloaded, and a removal is heard, too', async () => {
    await listen(here.tab)
    await here.tab.inFrame(hubFrame).evaluate(() => void setTimeout(() => location.reload()))
    const same = await here.newTab()
    await same.goto(here.sites.url('a', '/second'))
    await change(same, 'first')
    await here.tab.evaluate(() => page.storage?.get('first'))
    await same.evaluate(() => page.storage?.remove('first'))
    await change(same, 'last')
    expect((await heardBy(here.tab, 'acme-chat.last')).filter((name) => name === 'acme-chat.first').length).toBeGreaterThan(0)
  })
}

function isNotHeard({ here }: HubGround): void {
  it('is not heard by the page that made it, by another brand, or by a listener that has left', async () => {
    await here.tab.goto(here.sites.url('a', '/', { frame: here.sites.url('other', '/') }))
    await listen(here.tab)
    const brand = here.tab.inFrame('#frame')
    await brand.evaluate(() => page.open(['hub', 'memory']).set('by-brand', 'x'))
    await change(here.tab, 'by-itself')
    const same = await here.newTab()
    await same.goto(here.sites.url('a', '/second'))
    await change(same, 'by-other')
    expect((await heardBy(here.tab, 'acme-chat.by-other')).filter((name) => name.startsWith('acme-chat.by-'))).toEqual(['acme-chat.by-other'])

    await here.tab.evaluate(async () => {
      const { heard, deaf } = globalThis as unknown as { heard: string[]; deaf: () => void }
      deaf()
      heard.length = 0
      // A listener that throws takes nothing from the next one.
      const hub = page.hubTier({ url: 'https://chat.vendor.test/hub' })
      hub.watch!(() => {
        throw new Error('a listener')
      })
      Object.assign(globalThis, { heard: [], late: heard })
      hub.watch!((name) => (globalThis as unknown as { heard: string[] }).heard.push(name))
      await page.storage!.get('token')
    })
    await change(same, 'by-other-again')
    await heardBy(here.tab, 'acme-chat.by-other-again')
    expect(await here.tab.evaluate(() => (globalThis as unknown as { late: string[] }).late)).toEqual([])
  })
}
