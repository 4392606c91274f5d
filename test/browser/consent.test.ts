import { describe, expect, it } from 'vitest'
import { engines, type Tab } from './browser.js'
import type { ChoiceName } from './consent-choices.js'
import { type ConsentGround, freshConsent } from './consent-ground.js'
import { ofOneTrust, ofThePage, withSignal } from './consent-providers.js'
import { hubFrame } from './hub-ground.js'

describe.each(engines)('%s: consent', (engine) => {
  const ground = freshConsent(engine)

  describe('of a CMP', () => {
    whileItIsLate(ground)
    whenTheVisitorChooses(ground)
    elsewhere(ground)
  })
  describe('through the hub', () => overTheHub(ground))
  describe('of the page itself', () => ofThePage(ground))
  describe('of OneTrust', () => ofOneTrust(ground))
  describe('with Global Privacy Control', () => withSignal(ground))
})

/** Where the analytics keys belong, and are once they are allowed. */
const places = ['cookie acme-chat.visitor', 'indexedDB acme-chat.heat', 'localStorage acme-chat.panel', 'sessionStorage acme-chat.step']
const necessary = ['cookie acme-chat.language', 'indexedDB acme-chat.token']
const analytics = ['heat', 'panel', 'step', 'visitor'] as const
const released = analytics.map((key) => `released ${key}`)

const fillAll = (tab: Tab) =>
  tab.evaluate(() => {
    visit.open('tcf')
    return visit.fill('token', 'language', 'heat', 'panel', 'step', 'visitor', 'advert')
  })
const choose = (tab: Tab, name: ChoiceName) => tab.evaluate((chosen) => cmp.choose(chosen), name)
const holdsAnalytics = (tab: Tab) => tab.evaluate(() => visit.holds('heat', 'panel', 'step', 'visitor'))
const readsAll = (tab: Tab) => tab.evaluate(() => visit.reads('token', 'language', 'heat', 'panel', 'step', 'visitor', 'advert'))

function whileItIsLate({ here }: ConsentGround): void {
  it('is waited for in memory while there is the stub alone, and while the banner is up', async () => {
    const receipts = await fillAll(here.tab)
    const waits = { heat: 'held: consent', panel: 'held: consent', step: 'held: consent', visitor: 'held: consent', advert: 'held: consent' }
    expect(receipts).toEqual({ token: 'indexedDB', language: 'cookie', ...waits })
    expect(await here.tab.evaluate(() => visit.told('held', 5))).toHaveLength(5)
    expect(Object.keys(await here.tab.evaluate(() => visit.contents())).sort()).toEqual(necessary)
    expect(await readsAll(here.tab)).toHaveLength(7)
    // What the banner carries is nobody's choice.
    await here.tab.evaluate(() => visit.arrive())
    await here.tab.evaluate(() => visit.storage!.flush())
    expect(Object.keys(await here.tab.evaluate(() => visit.contents())).sort()).toEqual(necessary)
    // It is this page's memory: nothing of it outlives the page.
    await here.tab.reload()
    await here.tab.evaluate(() => void visit.open('tcf'))
    expect(await readsAll(here.tab)).toEqual(['language', 'token'])
  })

  it('is found where not even a stub was there when the page began', async () => {
    await here.tab.goto(here.sites.url('a', '/consent'))
    await fillAll(here.tab)
    await here.tab.evaluate(async () => {
      await visit.load('/cmp-stub.js')
      await visit.arrive()
      cmp.choose('analytics alone')
    })
    expect(await here.tab.evaluate(() => visit.told('released', 4))).toEqual(released)
    expect(await holdsAnalytics(here.tab)).toEqual(places)
  })

  it('is not needed where the GDPR does not apply', async () => {
    await fillAll(here.tab)
    await here.tab.evaluate(async () => {
      await visit.load('/cmp.js')
      cmp.notApplicable()
    })
    expect(await here.tab.evaluate(() => visit.told('released', 5))).toHaveLength(5)
    expect(await holdsAnalytics(here.tab)).toEqual(places)
    expect(await here.tab.evaluate(() => visit.holds('advert'))).toEqual(['localStorage acme-chat.advert'])
    expect(await here.tab.evaluate(() => visit.fill('panel'))).toEqual({ panel: 'localStorage' })
  })
}

function whenTheVisitorChooses({ here, second }: ConsentGround): void {
  it('moves in what was accepted, and that alone, and it is there after a reload', async () => {
    await fillAll(here.tab)
    await here.tab.evaluate(() => visit.arrive())
    await choose(here.tab, 'analytics alone')
    expect(await here.tab.evaluate(() => visit.told('released', 4))).toEqual(released)
    expect(await here.tab.evaluate(() => visit.told('purged', 1))).toEqual(['purged advert'])
    expect(await holdsAnalytics(here.tab)).toEqual(places)
    expect(Object.keys(await here.tab.evaluate(() => visit.contents())).sort()).toEqual([...places, ...necessary, 'cookie euconsent-v2'].sort())
    expect(await readsAll(here.tab)).toEqual(['heat', 'language', 'panel', 'step', 'token', 'visitor'])

    await here.tab.reload()
    const again = await here.tab.evaluate(async () => {
      visit.open('tcf')
      const waiting = [await visit.fill('panel'), await visit.holds('panel')]
      await visit.arrive()
      return { waiting, kept: await visit.fill('step') }
    })
    // Until the CMP has said so, it is not known that it may: what is kept stays kept.
    expect(again).toEqual({ waiting: [{ panel: 'held: consent' }, ['localStorage acme-chat.panel']], kept: { step: 'sessionStorage' } })
    expect(await here.tab.evaluate(() => visit.told('released', 1))).toEqual(['released panel'])
    expect(await readsAll(here.tab)).toEqual(['heat', 'language', 'panel', 'step', 'token', 'visitor'])
  })

  it.each(['nothing', 'all purposes for another vendor'] as const)('forgets what waited where the visitor allows %s', async (chosen) => {
    await fillAll(here.tab)
    await here.tab.evaluate(() => visit.arrive())
    await choose(here.tab, chosen)
    expect(await here.tab.evaluate(() => visit.told('purged', 5))).toHaveLength(5)
    expect(await readsAll(here.tab)).toEqual(['language', 'token'])
    expect(Object.keys(await here.tab.evaluate(() => visit.contents())).sort()).toEqual([...necessary, 'cookie euconsent-v2'].sort())
  })

  it('takes what was withdrawn out of every place, and out of a second tab', async () => {
    await fillAll(here.tab)
    await here.tab.evaluate(() => visit.arrive())
    await choose(here.tab, 'everything')
    await here.tab.evaluate(() => visit.told('released', 5))
    const other = await second('/consent-with-stub')
    await other.evaluate(async () => {
      visit.open('tcf')
      await visit.arrive()
      await visit.fill('step')
    })
    expect(await readsAll(other)).toHaveLength(7)
    expect(await holdsAnalytics(other)).toEqual(places)

    await choose(here.tab, 'nothing')
    for (const tab of [here.tab, other]) {
      // Each has a sessionStorage of its own; of the rest, whoever comes first takes it away, and tells.
      await tab.evaluate(() => visit.until(() => visit.events.includes('purged step'), 'the end of its own sessionStorage'))
      await tab.evaluate(() => visit.storage!.flush())
    }
    for (const tab of [here.tab, other]) {
      expect(await readsAll(tab)).toEqual(['language', 'token'])
      expect(await tab.evaluate(() => visit.holds('heat', 'panel', 'step', 'visitor', 'advert'))).toEqual([])
      expect(await tab.evaluate(() => visit.holds('token', 'language'))).toEqual(necessary)
    }
    await here.tab.reload()
    await here.tab.evaluate(async () => {
      visit.open('tcf')
      await visit.arrive()
    })
    expect(await readsAll(here.tab)).toEqual(['language', 'token'])
  })

  it('takes away, at the next visit, what was left from a time in which it was allowed', async () => {
    await fillAll(here.tab)
    await here.tab.evaluate(() => visit.arrive())
    await choose(here.tab, 'everything')
    await here.tab.evaluate(() => visit.told('released', 5))
    await here.tab.goto(here.sites.url('a', '/consent-with-stub'))
    // Withdrawn on a page without holdfast.
    await here.tab.evaluate(async () => {
      await visit.arrive()
      cmp.choose('nothing')
    })
    await here.tab.reload()
    await here.tab.evaluate(async () => {
      visit.open('tcf')
      await visit.arrive()
      await visit.reads('token')
      await visit.told('purged', 5)
    })
    expect(await here.tab.evaluate(() => visit.holds('heat', 'panel', 'step', 'visitor', 'advert'))).toEqual([])
    expect(await readsAll(here.tab)).toEqual(['language', 'token'])
  })
}

function elsewhere({ here }: ConsentGround): void {
  it('is heard in a frame of another site, of a CMP in the page above', async () => {
    await here.tab.goto(here.sites.url('a', '/consent-with-stub', { frame: here.sites.url('other', '/consent') }))
    const frame = here.tab.inFrame('#frame')
    const receipts = await frame.evaluate(() => {
      visit.open('tcf')
      return visit.fill('panel', 'step')
    })
    expect(receipts).toEqual({ panel: 'held: consent', step: 'held: consent' })
    await here.tab.evaluate(() => visit.arrive())
    expect(await frame.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)])).toEqual([[], []])
    await choose(here.tab, 'everything')
    await frame.evaluate(() => visit.told('released', 2))
    expect(await frame.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)])).toEqual([['acme-chat.panel'], ['acme-chat.step']])
    await choose(here.tab, 'nothing')
    await frame.evaluate(() => visit.told('purged', 2))
    expect(await frame.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)])).toEqual([[], []])
    expect(await frame.evaluate(() => visit.reads('panel', 'step'))).toEqual([])
  })
}

function overTheHub({ here, second }: ConsentGround): void {
  const contents = () => here.tab.inFrame(hubFrame).evaluate(() => globalThis.vendor.contents())

  it('keeps a value from the vendor until it is given, and takes it from there when it is withdrawn', async () => {
    await here.tab.goto(here.sites.url('a', '/consent-with-stub', { frame: here.sites.url('vendor', '/hub') }))
    await here.tab.inFrame('#frame').evaluate(() => globalThis.vendor.wipe())
    await here.tab.goto(here.sites.url('a', '/consent-with-stub'))
    await here.tab.evaluate(() => void visit.open('tcf', 'hub'))
    expect(await here.tab.evaluate(() => visit.fill('insight', 'token'))).toEqual({ insight: 'held: consent', token: 'hub' })
    expect(JSON.stringify(await contents())).toContain('text-of-token')
    expect(JSON.stringify(await contents())).not.toContain('text-of-insight')

    await here.tab.evaluate(() => visit.arrive())
    await choose(here.tab, 'everything')
    await here.tab.evaluate(() => visit.told('released', 1))
    expect(JSON.stringify(await contents())).toContain('text-of-insight')
    const other = await second('/consent-with-stub')
    await other.evaluate(async () => {
      visit.open('tcf', 'hub')
      await visit.arrive()
    })
    expect(await other.evaluate(() => visit.reads('insight', 'token'))).toEqual(['insight', 'token'])

    await choose(other, 'nothing')
    // Both tabs hear of it, and whoever comes first takes it away.
    await other.evaluate(() => visit.storage!.flush())
    expect(JSON.stringify(await contents())).toContain('text-of-token')
    expect(JSON.stringify(await contents())).not.toContain('text-of-insight')
    for (const tab of [here.tab, other]) expect(await tab.evaluate(() => visit.reads('insight', 'token'))).toEqual(['token'])
  })
}
