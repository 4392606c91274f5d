import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Browser, Cookie, Frame, PuppeteerNode } from 'puppeteer-core'
import type { Kept, Sight } from './audit-sight.js'
import { lookText } from './audit-sight.js'
import { messageOf, refuse } from './command-terminal.js'

/** A page to be visited, and with what. */
export interface Visit {
  url: string
  /** The browser's program. */
  browser: string
  /** For its command line. */
  parameters: readonly string[]
  /** The ms that the page may work once it is loaded. */
  wait: number
  cwd: string
}

/** The ms in which a browser must list one area. */
const PATIENCE = 5000

/** Where the caller has it, or beside this package. It brings no browser: that is the caller's choice. */
const loadDriver = async (cwd: string): Promise<PuppeteerNode> => {
  for (const from of [join(cwd, 'package.json'), import.meta.url]) {
    for (const name of ['puppeteer-core', 'puppeteer']) {
      let path
      try {
        path = createRequire(from).resolve(name)
      } catch {
        continue
      }
      const { default: main } = (await import(pathToFileURL(path).href)) as { default: PuppeteerNode & { default?: PuppeteerNode } }
      return main.default ?? main
    }
  }
  return refuse('puppeteer-core is not installed, and drives the browser: npm install --save-dev puppeteer-core')
}

const start = async ({ browser, parameters, cwd }: Visit): Promise<Browser> => {
  const driver = await loadDriver(cwd)
  const firefox = /firefox/i.test(basename(browser))
  // Chromium refuses to start its sandbox as root, which is what a container is.
  const args = [...(!firefox && process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...parameters]
  try {
    return await driver.launch({ executablePath: browser, browser: firefox ? 'firefox' : 'chrome', headless: true, args })
  } catch (cause) {
    return refuse(`${browser}: did not start: ${messageOf(cause).split('\n')[0]!}`, cause)
  }
}

/** Of a value, only what may be ours. */
const keptOf = ({ name, value, domain, expires }: Cookie): Kept => ({
  area: 'cookie',
  name,
  ...((value.startsWith('hf1') || name.includes('|')) && { text: value }),
  expires: expires > 0 ? Math.round(expires * 1000) : null,
  domain: domain.replace(/^\./, ''),
})

/** What each origin of the page keeps. What a frame of somebody else's does not show is his business. */
const lookInto = async (frames: readonly Frame[]): Promise<Sight> => {
  const seen = new Set<string>()
  const sight: Sight = { kept: [], unreadable: [] }
  for (const [index, frame] of frames.entries()) {
    const { origin, host } = new URL(frame.url(), 'about:blank')
    if (origin === 'null' || seen.has(origin)) continue
    seen.add(origin)
    try {
      const { kept, unreadable } = (await frame.evaluate(lookText(PATIENCE))) as Sight
      // Cookies are listed by the browser, which sees them all.
      sight.kept.push(...kept.filter(({ area }) => area !== 'cookie').map((one) => (index ? { ...one, domain: host } : one)))
      if (!index) sight.unreadable.push(...unreadable.filter(({ area }) => area !== 'cookie'))
    } catch (cause) {
      if (!index) refuse(`${frame.url()}: not looked into: ${messageOf(cause)}`, cause)
    }
  }
  return sight
}

/** Opens the page in a new profile, as a visitor's first visit, and lists what is kept then. */
export const visit = async (asked: Visit): Promise<Sight> => {
  const { url, wait } = asked
  const browser = await start(asked)
  try {
    const page = await browser.newPage()
    const response = await page.goto(url).catch((cause: unknown) => refuse(`${url}: not loaded: ${messageOf(cause)}`, cause))
    if (response && response.status() >= 400) refuse(`${url}: answered ${response.status()}`)
    await pause(wait)
    const { kept, unreadable } = await lookInto(page.frames())
    return { kept: [...(await browser.cookies()).map(keptOf), ...kept], unreadable }
  } finally {
    await browser.close()
  }
}
