import { build } from 'esbuild'
import type * as core from 'holdfast'
import type * as disclosure from 'holdfast/disclosure'
import { beforeEach, describe, expect, it } from 'vitest'
import { undeclaredIn } from '../ground/physical-browser.js'
import { type Engine, engines, type Evaluate } from './browser.js'
import { freshPage, type Opened } from './opened.js'
import type { Pages } from './sites.js'
import { vendorPages } from './vendor-pages.js'

declare global {
  var audited: Pick<typeof disclosure, 'audit'> & Pick<typeof core, 'external' | 'defineKeys' | 'key'>
}

const day = 86_400_000
let bundled: Promise<string> | undefined

/** The audit as it was built, as a script of its own. */
const bundle = async (): Promise<string> => {
  const contents = "import { defineKeys, external, key } from 'holdfast'\nimport { audit } from 'holdfast/disclosure'\nglobalThis.audited = { audit, defineKeys, external, key }"
  const result = await build({ stdin: { contents, resolveDir: new URL('.', import.meta.url).pathname }, bundle: true, write: false, format: 'iife', target: 'es2021', logLevel: 'silent' })
  return result.outputFiles[0]?.text ?? ''
}

const pages: Pages = async (url, request, response) => {
  if (url.pathname === '/audited.js') return { body: await (bundled ??= bundle()), headers: { 'content-type': 'text/javascript; charset=utf-8' } }
  if (url.pathname === '/served') return { body: '<!doctype html><script src="/page.js"></script>', headers: { 'set-cookie': ['served=1; Max-Age=3600; Secure', 'hidden=1; HttpOnly; Secure'] } }
  if (url.pathname === '/hub-audited') return { body: '<!doctype html><script src="/audited.js"></script><script type="module" src="/vendor-hub.js"></script>' }
  return vendorPages(url, request, response)
}

const load = (where: { evaluate: Evaluate }): Promise<void> =>
  where.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const script = Object.assign(document.createElement('script'), { src: '/audited.js', onload: () => resolve(), onerror: reject })
        document.head.append(script)
      }),
  )

describe.each(engines)('%s: an audit', (engine) => {
  const here = freshPage(engine, {}, pages)
  beforeEach(() => load(here.tab))

  ofOnePage(here, engine)
  ofWhatIsHidden(here, engine)
  ofWhatIsLeft(here)
})

describe.each(engines)('%s: an audit where cookies are blocked', (engine) => {
  const here = freshPage(engine, { setting: 'all cookies blocked' }, pages)

  it('names what it cannot read, and rejects never', async () => {
    await load(here.tab)
    const { unreadable, absent, unknown, present, undeclared } = await here.tab.evaluate(() => {
      const { audit, defineKeys, key } = audited
      return audit(defineKeys({ visitor: key<string>({ tiers: ['cookie'] }) }), { namespace: 'acme-chat', ttl: '1d' })
    })
    const visitor = [{ key: 'visitor', name: 'acme-chat.visitor' }]
    // WebKit shows a page nothing of that setting: it has no cookies.
    const shown = engine !== 'webkit'
    expect({ present, undeclared, absent, unknown }).toEqual({ present: [], undeclared: [], absent: shown ? [] : visitor, unknown: shown ? visitor : [] })
    expect(unreadable.some(({ area }) => area === 'cookie')).toBe(shown)
    for (const { reason } of unreadable) expect(reason).toMatch(/^\w+: ./)
  })
})

function ofOnePage(here: Opened, engine: Engine): void {
  it('finds what is declared and there, what is not there, and what nobody declared; and says no value', async () => {
    const seen = await here.tab.evaluate(async () => {
      const { audit } = audited
      const { defineKeys, external, key } = page.holdfast
      const keys = defineKeys({
        token: key<string>({ tiers: ['indexedDB'] }),
        sound: key<boolean>({ tiers: ['localStorage'] }),
        draft: key<string>({ tiers: ['sessionStorage'], ttl: 'tab' }),
        visitor: key<string>({ tiers: ['cookie'] }),
        never: key<string>({ tiers: ['localStorage'] }),
        tracker: external({ name: '_gat_gtag_UA_*' }),
      })
      const storage = page.open(['indexedDB', 'localStorage', 'sessionStorage', 'cookie of the site'], { keys })
      for (const [name, ttl] of [['token', '1d'], ['sound', '1d'], ['draft', 'tab'], ['visitor', '1d']] as const) await storage.set(name, 'S3CRET', { ttl })
      localStorage.setItem('stray', 'S3CRET')
      sessionStorage.setItem('stray', 'S3CRET')
      document.cookie = 'stray=S3CRET'
      document.cookie = '_gat_gtag_UA_1_2=S3CRET'
      await page.settled(indexedDB.open('theirs'))
      const found = await audit(keys, { namespace: 'acme-chat', ttl: '1d' })
      const again = await audit(keys, { namespace: 'acme-chat', ttl: '1d' })
      // It holds no connection: everything can go.
      const destroyed = await storage.destroy()
      return { found, same: JSON.stringify(found) === JSON.stringify(again), destroyed }
    })
    const { present, absent, undeclared, longer, unreadable, unknown } = seen.found
    const names = (list: readonly { area: string; name: string }[]): string[] => list.map(({ area, name }) => `${area} ${name}`).sort()
    expect(names(present)).toEqual(['cookie _gat_gtag_UA_1_2', 'cookie acme-chat.visitor', 'database holdfast.acme-chat', 'indexedDB acme-chat.token', 'localStorage acme-chat.sound', 'sessionStorage acme-chat.draft'])
    expect(names(undeclared)).toEqual(['cookie stray', 'database theirs', 'localStorage stray', 'sessionStorage stray'])
    expect({ absent, longer, unreadable, unknown }).toEqual({ absent: [{ key: 'never', name: 'acme-chat.never' }], longer: [], unreadable: [], unknown: [] })
    expect(seen.same).toBe(true)
    expect(seen.destroyed).toEqual({ unreached: [] })
    expect(JSON.stringify(seen.found)).not.toContain('S3CRET')
  })

  it('finds what was written for longer than declared, in every area, and a large cookie in its pieces', async () => {
    const longer = await here.tab.evaluate(async () => {
      const { audit } = audited
      const { defineKeys, key } = page.holdfast
      const keys = defineKeys({
        token: key<string>({ tiers: ['indexedDB'], ttl: '1h' }),
        sound: key<boolean>({ tiers: ['localStorage'], ttl: '1h' }),
        visit: key<string>({ tiers: ['cookie'], ttl: 'session' }),
        large: key<string>({ tiers: ['cookie'], ttl: '1h' }),
        fine: key<string>({ tiers: ['localStorage'], ttl: '1y' }),
      })
      const storage = page.open(['indexedDB', 'localStorage', 'cookie in chunks'], { keys })
      for (const name of Object.keys(keys)) await storage.set(name, name === 'large' ? 'x'.repeat(9000) : 'x', { ttl: '1d' })
      return (await audit(keys, { namespace: 'acme-chat' })).longer
    })
    expect(longer.map(({ area, key, ttl }) => [area, key, ttl]).sort()).toEqual([['cookie', 'large', '1h'], ['cookie', 'visit', 'session'], ['indexedDB', 'token', '1h'], ['localStorage', 'sound', '1h']])
    for (const { expires } of longer) expect(Math.abs(expires! - Date.now() - day)).toBeLessThan(60_000)
  })

  it('of an empty page makes nothing', async () => {
    const traces = await here.tab.evaluate(async () => {
      const { present, undeclared, unreadable } = await audited.audit(undefined, { namespace: 'acme-chat' })
      return { present, undeclared, unreadable, ...(await page.traces()) }
    })
    expect(traces).toEqual({ present: [], undeclared: [], unreadable: [], databases: [], localStorage: [], sessionStorage: [], cookies: [] })
  })

  it('knows when a cookie of others ends only where the browser tells a page: none of them does for sure', async () => {
    await here.tab.goto(here.sites.url('a', '/served'))
    await load(here.tab)
    const { found, told } = await here.tab.evaluate(async () => {
      const { audit, defineKeys, external } = audited
      const keys = defineKeys({ served: external({ ttl: '1m' }), hidden: external({ httpOnly: true }) })
      const { cookieStore } = globalThis as { cookieStore?: { getAll(): Promise<{ name?: string; expires?: number | null }[]> } }
      return { found: await audit(keys), told: (await cookieStore?.getAll())?.some(({ expires }) => expires) ?? false }
    })
    expect(found.present.map(({ name }) => name)).toEqual(['served'])
    expect(found.longer.map(({ key }) => key), engine).toEqual(told ? ['served'] : [])
    // No script can see it, so nobody says that it is not there.
    expect(found.unknown).toEqual([{ key: 'hidden', name: 'hidden' }])
  })
}

function ofWhatIsLeft(here: Opened): void {
  it('would tell what holdfast left in the page of a test, and nothing declares', async () => {
    await here.tab.evaluate(async () => {
      await page.open(['localStorage']).set('token', 'x')
      localStorage.setItem('foreign', 'x')
      localStorage.setItem('planted.token', localStorage.getItem('acme-chat.token')!)
      document.cookie = 'planted|a00|0=x'
      await page.settled(indexedDB.open('holdfast.planted'))
    })
    expect(await undeclaredIn((run) => here.tab.evaluate(run))).toEqual(['cookie planted|a00|0', 'localStorage planted.token', 'database holdfast.planted'])
    await here.tab.reload()
    await here.tab.evaluate(() => page.wipe())
    expect(await undeclaredIn((run) => here.tab.evaluate(run))).toEqual([])
  })
}

function ofWhatIsHidden(here: Opened, engine: Engine): void {
  it('in a frame without an origin of its own names each area as not readable', async () => {
    await here.tab.goto(here.sites.url('a', '/', { frame: here.sites.url('a', '/'), sandbox: 'allow-scripts' }))
    const frame = here.tab.inFrame('#frame')
    await load(frame)
    const { unreadable, unknown } = await frame.evaluate(() => {
      const { audit, defineKeys, key } = audited
      return audit(defineKeys({ token: key<string>() }), { namespace: 'acme-chat' })
    })
    expect([...new Set(unreadable.map(({ area }) => area))].sort()).toEqual(['cookie', 'database', 'indexedDB', 'localStorage', 'sessionStorage'])
    expect(unknown).toEqual([{ key: 'token', name: 'acme-chat.token' }])
  })

  it('on the vendor\'s page knows what its hub keeps for a site, and the mark', async () => {
    await here.tab.goto(here.sites.url('a'))
    await here.tab.evaluate(async () => {
      const keys = page.holdfast.defineKeys({ token: { reach: 'site', ttl: '1d' } })
      await page.openHub('/hub-audited', ['memory'], { keys }).set('token', 'S3CRET')
    })
    const found = await here.tab.inFrame('iframe[title=holdfast]').evaluate(async () => {
      const { audit, defineKeys, key } = audited
      const keys = defineKeys({ token: key<string>({ ttl: '1d' }) })
      return { own: await audit(keys, { namespace: 'acme-chat', site: 'brand.test' }), every: await audit(keys, { namespace: 'acme-chat', site: '*' }), other: await audit(keys, { namespace: 'acme-chat', site: 'other.test' }) }
    })
    // WebKit lists no databases in a frame of another site: then nobody says that it is not there.
    if (engine === 'webkit') expect(found.own).toMatchObject({ unreadable: [{ area: 'database' }, { area: 'indexedDB' }], unknown: [{ key: 'token' }], absent: [] })
    for (const each of [found.own, found.every]) {
      expect(each).toMatchObject({ undeclared: [], longer: [] })
      expect(each.present.map(({ role, key }) => key ?? role).sort()).toEqual(engine === 'webkit' ? [] : ['database', 'mark', 'token'])
    }
    expect(found.other.undeclared.map(({ name }) => name).sort()).toEqual(found.own.present.map(({ name }) => name).sort())
    expect(JSON.stringify(found)).not.toContain('S3CRET')
  })
}
