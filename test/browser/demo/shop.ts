import { fileURLToPath } from 'node:url'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { descendants, endTree, own, scratchDirectory, start, until } from '../processes.js'
import { program } from '../programs.js'
import { type Visit, visitBy } from './visit.js'

const limit = 15_000

/** The demo as `npm run demo` serves it, on a port of its own. */
export async function openShop(): Promise<{ url: string; close(): Promise<void> }> {
  const server = start(process.execPath, [fileURLToPath(new URL('../../../demo/server.mjs', import.meta.url))], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const url = await until(() => /http:\/\/\S+/.exec(server.log())?.[0], limit, `the demo's server: ${server.log()}`)
  return { url, close: () => endTree(server.pid) }
}

/** Chromium by its own driver: this test needs keys, sizes and colour schemes, which no other test does. */
async function openChromium(): Promise<{ driver: Browser; close(): Promise<void> }> {
  const profile = scratchDirectory('demo')
  const driver = await puppeteer.launch({
    executablePath: program('chromium'),
    userDataDir: profile.path,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-component-update', '--hide-scrollbars'],
  })
  const pid = driver.process()?.pid
  if (pid === undefined) throw new Error('Chromium started without a process')
  own(pid)
  return {
    driver,
    async close() {
      const all = descendants(pid)
      await driver.close().catch(() => undefined)
      await endTree(pid, all)
      profile.remove()
    },
  }
}

/** The shop and a browser for all tests of a file; for each test a new visitor, of whom nothing is known. */
export function freshVisit(): Visit {
  let shop: Awaited<ReturnType<typeof openShop>> | undefined
  let chromium: Awaited<ReturnType<typeof openChromium>> | undefined
  let page: Page | undefined
  const here = visitBy({
    get page() {
      if (!page) throw new Error('there is no page between tests')
      return page
    },
    get url() {
      return shop?.url ?? ''
    },
    problems: [],
    tokens: [],
  })
  beforeAll(async () => {
    shop = await openShop()
    chromium = await openChromium()
  })
  afterAll(async () => {
    await chromium?.close()
    await shop?.close()
  })
  beforeEach(async () => {
    here.problems.length = here.tokens.length = 0
    page = await (await chromium?.driver.createBrowserContext())?.newPage()
    await page?.setViewport({ width: 1280, height: 900 })
    here.listen()
    await here.goto()
  })
  afterEach(async () => {
    await page?.browserContext().close()
    page = undefined
    expect(here.problems, 'what went wrong in the page').toEqual([])
  })
  return here
}
