import { describe, expect, it } from 'vitest'
import { engines } from './browser.js'
import { freshPage } from './opened.js'

const nothing = { databases: [], localStorage: [], sessionStorage: [], cookies: [] }

describe.each(engines)('%s: destroy', (engine) => {
  const here = freshPage(engine)

  it('leaves no trace of the namespace in any place, and leaves the page owner\'s alone', async () => {
    const seen = await here.tab.evaluate(async () => {
      localStorage.setItem('owner', 'stays')
      localStorage.setItem('acme-chatter.token', 'stays')
      document.cookie = 'owner=stays; path=/'
      for (const tier of ['indexedDB', 'localStorage', 'sessionStorage', 'cookie of the site'] as const) {
        const storage = page.open([tier], { ttl: tier === 'sessionStorage' ? 'tab' : '1d' })
        await storage.set(`in-${tier.replaceAll(' ', '-')}`, 'value')
        await storage.close()
      }
      const storage = page.open()
      await storage.set('token', 'jwt')
      await storage.remove('token')
      const before = await page.traces()
      const answer = await storage.destroy()
      return { before, answer, after: await page.traces() }
    })
    expect(seen.answer).toEqual({ unreached: [] })
    expect(seen.before.databases).toEqual(['holdfast.acme-chat'])
    for (const place of ['localStorage', 'sessionStorage', 'cookies'] as const) {
      expect(seen.before[place].filter((name) => name.startsWith('acme-chat.')), place).not.toEqual([])
    }
    expect(seen.after).toEqual({ ...nothing, localStorage: expect.arrayContaining(['owner', 'acme-chatter.token']), cookies: ['owner'] })
    expect(seen.after.localStorage).toHaveLength(2)
  })

  it('leaves no trace though a second tab uses the same namespace, and that tab reads nothing and brings nothing back', async () => {
    await here.tab.evaluate(() => page.open().set('token', 'jwt'))
    const second = await here.newTab()
    await second.goto(here.sites.url('a'))
    expect(await second.evaluate(() => page.open().get('token'))).toBe('jwt')
    await second.evaluate(() => page.storage?.set('visitor', 'v-1'))
    const after = await here.tab.evaluate(async () => {
      await page.storage?.destroy()
      return page.traces()
    })
    expect(after).toEqual(nothing)
    expect(await second.evaluate(async () => [...((await page.storage?.getMany(['token', 'visitor'])) ?? [])])).toEqual([])
    expect(await second.evaluate(() => page.traces())).toEqual(nothing)
  })

  it('can be followed by a new storage of the same name', async () => {
    const seen = await here.tab.evaluate(async () => {
      await page.open().set('token', 'jwt')
      await page.storage?.destroy()
      const storage = page.open()
      const old = (await storage.get('token')) ?? 'nothing'
      const receipt = await storage.set('token', 'new')
      return { old, receipt, token: await storage.get('token') }
    })
    expect(seen).toMatchObject({ old: 'nothing', receipt: { tier: 'indexedDB', passed: [] }, token: 'new' })
  })
})
