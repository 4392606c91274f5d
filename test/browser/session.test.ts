import { describe, expect, it } from 'vitest'
import { engines } from './browser.js'
import { freshPage, type Opened } from './opened.js'

const day = 86_400_000

describe.each(engines)('%s: a session token', (engine) => {
  const here = freshPage(engine)

  inOnePage(here)
  inTwoTabs(here)
  onTwoHosts(here)
  afterGoingBack(here)
})

function inOnePage(here: Opened): void {
  it('is there after a reload, and the receipt says where it is kept', async () => {
    const before = Date.now()
    const receipt = await here.tab.evaluate(() => page.open().set('token', 'jwt'))
    expect(receipt).toEqual({ tier: 'indexedDB', lifetime: 'device', reach: 'origin', expires: expect.any(Number), passed: [] })
    expect(receipt.expires).toBeGreaterThanOrEqual(before + day)
    expect(receipt.expires).toBeLessThanOrEqual(Date.now() + day)
    await here.tab.reload()
    expect(await here.tab.evaluate(() => page.open().get('token'))).toBe('jwt')
    // The receipt is true: the named place has it, and no other place has anything.
    const { copies } = await here.tab.evaluate(() => page.open().inspect('token'))
    expect(copies.map(({ tier }) => tier)).toEqual(['indexedDB'])
    const traces = await here.tab.evaluate(() => page.traces())
    expect(traces).toEqual({ databases: ['holdfast.acme-chat'], localStorage: [], sessionStorage: [], cookies: [] })
  })

  it('is any value that JSON keeps, of the same type from every tier', async () => {
    const values = ['1234567890123456', 1, 1.5, true, null, '', 'é中🎉;,="%', { list: [{ deep: 'yes' }] }]
    const wrong = await here.tab.evaluate(async (given) => {
      const different: string[] = []
      for (const tier of ['indexedDB', 'localStorage', 'sessionStorage', 'cookie', 'cookie of the site', 'memory'] as const) {
        const ttl = tier === 'sessionStorage' ? 'tab' : tier === 'memory' ? 'page' : '1d'
        const storage = page.open([tier], { ttl })
        for (const [index, value] of given.entries()) await storage.set(`value-${index}`, value)
        const back = await storage.getMany(given.map((_, index) => `value-${index}`))
        given.forEach((value, index) => {
          const answered = JSON.stringify(back.get(`value-${index}`))
          if (answered !== JSON.stringify(value)) different.push(`${tier}: ${JSON.stringify(value)} came back as ${answered}`)
        })
        await storage.destroy()
      }
      return different
    }, values)
    expect(wrong).toEqual([])
  })
}

function inTwoTabs(here: Opened): void {
  it('is read by a second tab; once that removes it, the first reads it no more', async () => {
    await here.tab.evaluate(() => page.open().set('token', 'jwt'))
    const second = await here.newTab()
    await second.goto(here.sites.url('a', '/second'))
    expect(await second.evaluate(() => page.open().get('token'))).toBe('jwt')
    await second.evaluate(() => page.storage?.remove('token'))
    expect(await here.tab.evaluate(async () => (await page.storage?.get('token')) ?? 'nothing')).toBe('nothing')
    expect(await here.tab.evaluate(async () => (await page.open().get('token')) ?? 'nothing')).toBe('nothing')
  })

  it('is the newer one in both tabs, whichever wrote it', async () => {
    await here.tab.evaluate(() => page.open().set('token', 'first'))
    const second = await here.newTab()
    await second.goto(here.sites.url('a'))
    await second.evaluate(() => page.open().set('token', 'second'))
    expect(await here.tab.evaluate(() => page.storage?.get('token'))).toBe('second')
    await here.tab.evaluate(() => page.storage?.set('token', 'third'))
    expect(await second.evaluate(() => page.storage?.get('token'))).toBe('third')
  })

  it('that only this tab may keep is not there in a second tab', async () => {
    const receipt = await here.tab.evaluate(() => page.open().set('draft', 'text', { ttl: 'tab' }))
    expect(receipt).toMatchObject({ tier: 'sessionStorage', lifetime: 'tab', reach: 'tab' })
    const second = await here.newTab()
    await second.goto(here.sites.url('a'))
    const readDraft = async () => (await page.open().get('draft')) ?? 'nothing'
    expect(await second.evaluate(readDraft)).toBe('nothing')
    await here.tab.reload()
    expect(await here.tab.evaluate(readDraft)).toBe('text')
  })
}

function onTwoHosts(here: Opened): void {
  it('goes to a sibling subdomain by a cookie of the site, and to no other site', async () => {
    const receipt = await here.tab.evaluate(() => page.open(['cookie of the site']).set('token', 'jwt'))
    expect(receipt).toMatchObject({ tier: 'cookie', lifetime: 'device', reach: 'site', passed: [] })
    const readCookie = async () => (await page.open(['cookie of the site']).get('token')) ?? 'nothing'
    for (const [host, expected] of [['b', 'jwt'], ['brand', 'jwt'], ['other', 'nothing']] as const) {
      await here.tab.goto(here.sites.url(host))
      expect([host, await here.tab.evaluate(readCookie)]).toEqual([host, expected])
    }
  })

  it('that a sibling subdomain removes is gone from the first', async () => {
    await here.tab.evaluate(() => page.open(['cookie of the site']).set('token', 'jwt'))
    await here.tab.goto(here.sites.url('b'))
    await here.tab.evaluate(() => page.open(['cookie of the site']).remove('token'))
    await here.tab.goto(here.sites.url('a'))
    expect(await here.tab.evaluate(async () => (await page.open(['cookie of the site']).get('token')) ?? 'nothing')).toBe('nothing')
  })
}

function afterGoingBack(here: Opened): void {
  it('does not come back with a page out of the back/forward cache, which holdfast does not keep a page out of', async () => {
    await here.tab.evaluate(async () => {
      await page.open().setMany([['token', 'jwt'], ['visitor', 'v-1']])
      window.addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { persisted }))
    })
    await here.tab.goto(here.sites.url('a', '/next'))
    await here.tab.evaluate(async () => {
      const storage = page.open()
      await storage.remove('token')
      await storage.set('visitor', 'v-2')
    })
    await here.tab.back()
    const seen = await here.tab.evaluate(async () => ({
      persisted: (globalThis as { persisted?: boolean }).persisted,
      token: (await page.storage?.get('token')) ?? 'nothing',
      visitor: await page.storage?.get('visitor'),
    }))
    expect(seen).toEqual({ persisted: true, token: 'nothing', visitor: 'v-2' })
  })
}
