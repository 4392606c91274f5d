import { describe, expect, it } from 'vitest'
import { type Engine, engines, type LaunchOptions } from './browser.js'
import { freshHub, type HubGround } from './hub-ground.js'

const own = 'https://brand.test/entries'
const vendors = { plain: 'https://chat.vendor.test/entries', partitioned: 'https://chat.vendor.test/entries-partitioned' }

describe.each(engines)("%s: an HttpOnly cookie of the brand's own server", (engine) => {
  const ground = freshHub(engine)

  isKept(ground)
  isRead(ground)
  isGuarded(ground)
})

/** Which of the vendor's cookies a browser takes from a page of a brand. */
const taken: Record<string, [Engine, Omit<LaunchOptions, 'proxy'>, { plain: boolean; partitioned: boolean }]> = {
  'Chromium that blocks third-party cookies, as Debian builds it': ['chromium', {}, { plain: false, partitioned: true }],
  'Chromium that allows them': ['chromium', { preferences: { profile: { cookie_controls_mode: 0 } } }, { plain: true, partitioned: true }],
  'Firefox, which gives each site a jar': ['firefox', {}, { plain: true, partitioned: true }],
  'WebKit, which takes none': ['webkit', {}, { plain: false, partitioned: false }],
}

describe.each(Object.entries(taken))("an HttpOnly cookie of the vendor's server, in %s", (_, [engine, options, takes]) => {
  const ground = freshHub(engine, options)
  for (const kind of ['plain', 'partitioned'] as const) isThirdParty(ground, kind, takes[kind])
})

/** What a page of that host reads through a server. */
const read = ({ here, visit }: HubGround, host: 'a' | 'b' | 'other', endpoint: string) =>
  visit(host).then(() => here.tab.evaluate(async (at) => ((await page.openServer(at, ['memory']).get('token')) as string | undefined) ?? 'nothing', endpoint))

function isKept(ground: HubGround): void {
  const { here, visit } = ground

  it('is in no script’s sight, outlives a reload, and is there on a sibling', async () => {
    const seen = await here.tab.evaluate(async (at) => ({ receipt: await page.openServer(at, ['memory']).set('token', 'jwt'), cookie: document.cookie }), own)
    expect(seen).toEqual({ receipt: { tier: 'httpCookie', lifetime: 'device', reach: 'site', expires: expect.any(Number), passed: [] }, cookie: '' })
    await here.tab.reload()
    expect(await here.tab.evaluate((at) => page.openServer(at, ['memory']).get('token'), own)).toBe('jwt')
    expect(await read(ground, 'b', own)).toBe('jwt')
    await visit('brand')
    expect(await here.tab.evaluate(() => document.cookie)).toBe('')
  })

  it('that a sibling removes is gone from the first, and another brand never sees it', async () => {
    await here.tab.evaluate((at) => page.openServer(at, ['memory']).set('token', 'jwt'), own)
    expect(await read(ground, 'other', own)).toBe('nothing')
    await visit('b')
    await here.tab.evaluate((at) => page.openServer(at, ['memory']).remove('token'), own)
    expect(await read(ground, 'a', own)).toBe('nothing')
  })
}

function isRead({ here, visit }: HubGround): void {
  it("is read by the brand's backend, and so is what a page's cookie tier wrote", async () => {
    await here.tab.evaluate(async (at) => {
      await page.open(['cookie of the site']).set('token', 'of the page')
      await page.openServer(at, ['memory']).set('token', 'of the server')
    }, own)
    await visit('b')
    expect(await here.tab.evaluate(async () => (await fetch('/session')).json() as unknown)).toEqual({ page: 'of the page', server: 'of the server' })
  })
}

function isGuarded(ground: HubGround): void {
  const { here, visit } = ground

  it('cannot be read or written by a page that the server does not know, nor by a form', async () => {
    await here.tab.evaluate((at) => page.openServer(at, ['memory']).set('token', 'jwt'), own)
    await visit('evil')
    const seen = await here.tab.evaluate(async (at) => {
      const storage = page.openServer(at, ['memory'])
      const { tier, passed } = await storage.set('token', 'theirs')
      // What a form can send: no header of its own, and no JSON by name.
      const body = JSON.stringify({ write: [{ name: 'acme-chat.token', drop: 8e15 }] })
      for (const url of [at, 'https://chat.vendor.test/entries']) await fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body })
      const form = Object.assign(document.createElement('form'), { method: 'post', action: at, enctype: 'text/plain', target: 'sink' })
      const sink = Object.assign(document.createElement('iframe'), { name: 'sink' })
      const field = Object.assign(document.createElement('input'), { name: body.slice(0, -1) + ',"x":"', value: '"}' })
      form.append(field)
      document.body.append(sink, form)
      const sent = new Promise((resolve) => (sink.onload = resolve))
      form.submit()
      await sent
      return { tier, passed }
    }, own)
    expect(seen).toMatchObject({ tier: 'memory', passed: [{ tier: 'httpCookie' }] })
    expect(await read(ground, 'a', own)).toBe('jwt')
  })
}

function isThirdParty(ground: HubGround, kind: 'plain' | 'partitioned', takes: boolean): void {
  const { here, visit } = ground

  it(`${kind === 'plain' ? 'without' : 'with'} Partitioned ${takes ? 'is kept, for the brand alone' : 'is refused, which the receipt tells, and the next tier has the value'}`, async () => {
    const endpoint = vendors[kind]
    const receipt = await here.tab.evaluate((at) => page.openServer(at, ['localStorage']).set('token', 'jwt'), endpoint)
    expect(receipt).toMatchObject(takes ? { tier: 'httpCookie', reach: 'site', passed: [] } : { tier: 'localStorage', reach: 'origin', passed: [{ tier: 'httpCookie', code: 'refused' }] })
    await here.tab.reload()
    expect(await here.tab.evaluate((at) => page.openServer(at, ['localStorage']).get('token'), endpoint)).toBe('jwt')
    expect(await read(ground, 'b', endpoint)).toBe(takes ? 'jwt' : 'nothing')
    expect(await read(ground, 'other', endpoint)).toBe('nothing')
    // Not even the vendor's own scripts see it.
    await visit('a', { frame: here.sites.url('vendor', '/blank') })
    expect(await here.tab.inFrame('#frame').evaluate(() => document.cookie)).toBe('')
  })
}
