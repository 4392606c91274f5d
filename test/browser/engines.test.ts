import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, engines } from './browser.js'
import { launch } from './engines.js'
import { isAlive, scratchDirectory } from './processes.js'
import { hosts, type Sites, startSites } from './sites.js'

let sites: Sites
const scratch = scratchDirectory('pictures')

beforeAll(async () => {
  sites = await startSites((url) => (url.pathname === '/own' ? { body: 'a page of the test' } : undefined))
})
afterAll(async () => {
  scratch.remove()
  await sites.close()
})

describe.each(engines)('%s: driving the browser', (engine) => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch(engine, { proxy: sites.proxy })
  })
  afterAll(async () => {
    await browser?.close()
  })

  reachesPages(() => browser)
  drivesTabs(() => browser)
})

function reachesPages(browser: () => Browser): void {
  it('opens each host over https, in a secure context', async () => {
    for (const host of Object.keys(hosts) as (keyof typeof hosts)[]) {
      await browser().tab.goto(sites.url(host))
      const seen = await browser().tab.evaluate(() => ({ href: location.href, secure: isSecureContext, page: 'page' in globalThis }))
      expect(seen).toEqual({ href: sites.url(host), secure: true, page: true })
    }
  })

  it('reaches into a sandboxed frame, where storage throws', async () => {
    await browser().tab.goto(sites.url('a', '/', { frame: sites.url('a', '/inner'), sandbox: 'allow-scripts' }))
    const frame = browser().tab.inFrame('#frame')
    expect(await frame.evaluate(() => [location.pathname, globalThis.origin])).toEqual(['/inner', 'null'])
    await expect(frame.evaluate(() => localStorage.length)).rejects.toMatchObject({ name: 'SecurityError' })
    expect(await browser().tab.evaluate(() => location.pathname)).toBe('/')
  })

  it('serves headers that an address asks for, and pages that a test brings', async () => {
    await browser().tab.goto(sites.url('vendor', '/blank', { header: 'Content-Security-Policy: sandbox allow-scripts' }))
    expect(await browser().tab.evaluate(() => [globalThis.origin, 'page' in globalThis])).toEqual(['null', false])
    await browser().tab.goto(sites.url('vendor', '/own'))
    expect(await browser().tab.evaluate(() => document.body.textContent)).toBe('a page of the test')
  })

  it('lets nothing leave the machine', async () => {
    await browser().tab.goto(sites.url('a'))
    const elsewhere = `${browser().engine}.example`
    // Refused by the proxy: WebKitGTK hands that answer to the page, the others an error; neither gets through by CORS.
    const reached = browser().tab.evaluate((host) => fetch(`https://${host}/`).then(() => host), elsewhere)
    await expect(reached).rejects.toMatchObject({ name: 'TypeError' })
    expect(sites.refused).toContain(elsewhere)
  })
}

function drivesTabs(browser: () => Browser): void {
  it('carries arguments in and answers out, and throws here what the page threw', async () => {
    await browser().tab.goto(sites.url('a'))
    const given = ['é中"\n\u2028', 1.5, null, { deep: [true] }]
    expect(await browser().tab.evaluate(async (...echoed: unknown[]) => echoed, ...given)).toEqual(given)
    expect(await browser().tab.evaluate(() => undefined)).toBeUndefined()
    const thrown = browser().tab.evaluate(() => {
      throw new DOMException('no more room', 'QuotaExceededError')
    })
    await expect(thrown).rejects.toMatchObject({ name: 'QuotaExceededError', message: 'no more room' })
  })

  it('keeps tabs apart, in any order, over one localStorage', async () => {
    await browser().tab.goto(sites.url('a'))
    const second = await browser().newTab()
    await second.goto(sites.url('a', '/second'))
    await browser().tab.evaluate(() => localStorage.setItem('shared', 'yes'))
    const ask = () => [location.pathname, localStorage.getItem('shared')]
    expect(await Promise.all([second.evaluate(ask), browser().tab.evaluate(ask)])).toEqual([['/second', 'yes'], ['/', 'yes']])
    await second.close()
    await browser().tab.reload()
    expect(await browser().tab.evaluate(ask)).toEqual(['/', 'yes'])
  })

  it('leaves no process behind when it closes', async () => {
    const another = await launch(browser().engine, { proxy: sites.proxy })
    const pids = another.pids()
    expect(pids.length).toBeGreaterThan(1)
    await another.close()
    expect(pids.filter(isAlive)).toEqual([])
  })

  it('takes a picture', async () => {
    await browser().tab.goto(sites.url('a'))
    await browser().tab.focus()
    const path = join(scratch.path, `${browser().engine}.png`)
    await browser().tab.screenshot(path)
    expect(readFileSync(path).subarray(1, 4).toString()).toBe('PNG')
  })
}
