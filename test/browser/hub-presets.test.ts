import type { StorageError } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { engines, type Tab } from './browser.js'
import { freshHub, type HubGround } from './hub-ground.js'
import { freshPage } from './opened.js'

describe.each(engines)('%s: a preset', (engine) => {
  // Of the three, WebKitGTK alone keeps scripts from opening tabs here.
  const ground = freshHub(engine, engine === 'webkit' ? { parameters: ['--javascript-can-open-windows-automatically=TRUE'] } : {})

  tellsPathsApart(ground)
  givesTabsAnId(ground)
})

const [rootName, belowName] = ['`livepersonClassic`: LivePersonID', '`livepersonClassic`: LivePersonID below /hc/123'] as const

function tellsPathsApart({ here }: HubGround): void {
  it('tells two cookies of one name apart by their paths', async () => {
    await here.tab.goto(here.sites.url('a', '/hc/123/chat'))
    const both = () =>
      here.tab.evaluate(
        async (names) => {
          const values: unknown[] = []
          for (const name of names) {
            const { storage, key } = page.openSequence(name)
            values.push(await storage.get(key).then((value) => value ?? 'nothing', (error: Error) => error.message))
          }
          return values
        },
        [rootName, belowName],
      )
    await here.tab.evaluate(
      async (names) => {
        for (const name of names) {
          const { storage, key } = page.openSequence(name)
          await storage.set(key, `visitor of ${key}`)
        }
      },
      [rootName, belowName],
    )
    expect(await both()).toEqual(['visitor of LivePersonID', 'visitor of LivePersonID /hc/123'])
    expect((await here.tab.evaluate(() => document.cookie)).match(/LivePersonID=/g)).toHaveLength(2)
    await here.tab.goto(here.sites.url('b', '/hc/123/'))
    expect(await both()).toEqual(['visitor of LivePersonID', 'visitor of LivePersonID /hc/123'])
    // Elsewhere the one below is out of sight, and that is not called absent.
    await here.tab.goto(here.sites.url('a'))
    expect(await both()).toEqual(['visitor of LivePersonID', expect.stringContaining('no tier could')])
    await here.tab.goto(here.sites.url('a', '/hc/123/chat'))
    await here.tab.evaluate((name) => {
      const { storage, key } = page.openSequence(name)
      return storage.remove(key)
    }, belowName)
    expect(await both()).toEqual(['visitor of LivePersonID', 'nothing'])
  })
}

describe.each(engines)('%s: a visitor who blocks all cookies', (engine) => {
  const here = freshPage(engine, { setting: 'all cookies blocked' })

  it('makes a token that has no fallback an error, and no silent loss', async () => {
    const outcomes = await here.tab.evaluate(async (names) => {
      const seen: unknown[] = []
      for (const name of names) {
        const { storage, key } = page.openSequence(name)
        seen.push(await storage.set(key, 'x').then(({ tier, passed }) => ({ tier, passed }), ({ code, attempts }: StorageError) => ({ code, tiers: attempts.map(({ tier }) => tier) })))
      }
      return seen
    }, ['`liveperson`, each solution: LPCID', '`liveperson`, first-party: LPVID'])
    expect(outcomes).toEqual([
      { code: 'no-tier', tiers: ['cookie'] },
      // Chromium and Firefox count every storage as a cookie.
      engine === 'webkit' ? { tier: 'sessionStorage', passed: [{ tier: 'cookie', code: 'refused' }] } : { code: 'no-tier', tiers: ['cookie', 'sessionStorage'] },
    ])
  })
})

function givesTabsAnId({ here }: HubGround): void {
  const idOf = (tab: Tab) => tab.evaluate(() => page.idOfTab())

  it("gives a tab an ID that stays on reload, and that a tab made from it does not share", async () => {
    const first = await idOf(here.tab)
    expect(first).toMatch(/^[\da-f]{32}$/)
    await here.tab.reload()
    expect(await idOf(here.tab)).toBe(first)
    const other = await here.newTab()
    await other.goto(here.sites.url('a'))
    expect(await idOf(other)).not.toBe(first)

    // A tab that is opened by a script starts with a copy of this tab's sessionStorage.
    const seen = await here.tab.evaluate(async () => {
      const opened = window.open('/opened') as (Window & typeof globalThis) | null
      if (!opened) throw new Error('the browser opened no tab')
      const end = performance.now() + 10_000
      while (!(opened as { page?: unknown }).page && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20))
      const copied = opened.sessionStorage.getItem('lpTabId') === sessionStorage.getItem('lpTabId')
      const id = await opened.page.idOfTab()
      opened.close()
      return { copied, id }
    })
    expect(seen.copied).toBe(true)
    expect(seen.id).toMatch(/^[\da-f]{32}$/)
    expect(seen.id).not.toBe(first)
    await here.tab.reload()
    expect(await idOf(here.tab)).toBe(first)
  })
}
