import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { descendants, endTree, own, scratchDirectory } from '../processes.js'
import { program } from '../programs.js'
import { type Demo, openDemo } from './server.js'
import { type Visit, visitBy } from './visit.js'

/** Chromium by its own driver: these tests need keys, sizes and colour schemes, which no other test does. */
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

/** The demo and a browser for all tests of a file; for each test a new visitor, of whom nothing is known. */
export function freshVisit(): Visit {
  let demo: Demo | undefined
  let chromium: Awaited<ReturnType<typeof openChromium>> | undefined
  let page: Page | undefined
  const here = visitBy({
    get page() {
      if (!page) throw new Error('there is no page between tests')
      return page
    },
    get demo() {
      if (!demo) throw new Error('the demo is not up yet')
      return demo
    },
    problems: [],
    tokens: [],
    addresses: [],
  })
  beforeAll(async () => {
    demo = await openDemo()
    chromium = await openChromium()
  })
  afterAll(async () => {
    await chromium?.close()
    await demo?.close()
  })
  beforeEach(async () => {
    await demo?.turn('on')
    here.problems.length = here.tokens.length = here.addresses.length = 0
    page = await (await chromium?.driver.createBrowserContext())?.newPage()
    await page?.setViewport({ width: 1280, height: 900 })
    here.listen()
    await here.goto('shop')
  })
  afterEach(async () => {
    await page?.browserContext().close()
    page = undefined
    expect(here.problems, 'what went wrong in the page').toEqual([])
  })
  return here
}
