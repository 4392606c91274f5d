import { fileURLToPath } from 'node:url'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { descendants, endTree, own, scratchDirectory, start, until } from './processes.js'
import { program } from './programs.js'

const limit = 15_000

export const rungs = ['indexedDB', 'localStorage', 'sessionStorage', 'cookie', 'memory'] as const

export type Rung = (typeof rungs)[number]

/** The demo as `npm run demo` serves it, on a port of its own. */
export async function openShop(): Promise<{ url: string; close(): Promise<void> }> {
  const server = start(process.execPath, [fileURLToPath(new URL('../../demo/server.mjs', import.meta.url))], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const url = await until(() => /http:\/\/\S+/.exec(server.log())?.[0], limit, `the demo's server: ${server.log()}`)
  return { url, close: () => endTree(server.pid) }
}

/** Chromium by its own driver: this test needs keys, sizes and colour schemes, which no other test does. */
export async function openChromium(): Promise<{ driver: Browser; close(): Promise<void> }> {
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

export interface RungSeen {
  state: string
  /** What is said of each key on the rung. */
  keys: Record<string, string>
}

/** One visitor at the shop, in one tab. What goes wrong in the page is in `problems`. */
export interface Visit {
  page: Page
  problems: string[]
  /** The tokens that went to the desk, newest last. */
  tokens: string[]
  goto(path?: string): Promise<void>
  reload(): Promise<void>
  openChat(): Promise<void>
  /** Sends a message and waits until the desk has answered. */
  say(text: string): Promise<void>
  /** What stands in the chat, without the notes and the times. */
  bubbles(): Promise<string[]>
  notes(): Promise<string>
  press(rung: Rung, act: 'break' | 'fill'): Promise<void>
  click(selector: string): Promise<void>
  ladder(): Promise<Record<Rung, RungSeen>>
  /** The rung where the token counts. */
  tokenRung(): Promise<string | undefined>
  /** Waits until the page says so. */
  sees<T>(ask: () => Promise<T>, wanted: (seen: T) => boolean, what: string): Promise<void>
}

const texts = (page: Page, selector: string): Promise<string[]> =>
  page.$$eval(selector, (found) => found.map((one) => [...one.childNodes].filter((part) => part.nodeType === 3).map((part) => part.textContent).join('').trim()))

function readLadder(page: Page): Promise<Record<Rung, RungSeen>> {
  return page.$$eval('.rung', (found) => {
    const text = (within: Element, selector: string) => within.querySelector(selector)?.textContent ?? ''
    const keysOf = (rung: Element) =>
      Object.fromEntries([...rung.querySelectorAll<HTMLElement>('.chip')].map((chip) => [chip.dataset['key'], text(chip, '.what')]))
    return Object.fromEntries(found.map((rung) => [(rung as HTMLElement).dataset['tier'], { state: text(rung, '.state span'), keys: keysOf(rung) }]))
  }) as Promise<Record<Rung, RungSeen>>
}

export async function visit(driver: Browser, url: string): Promise<Visit> {
  const page = await (await driver.createBrowserContext()).newPage()
  const problems: string[] = []
  const tokens: string[] = []
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) problems.push(`${message.type()}: ${message.text()}`)
  })
  // An unhandled rejection is a page error to the driver.
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('requestfailed', (request) => problems.push(`${request.url()}: ${request.failure()?.errorText}`))
  page.on('request', (request) => {
    const token = request.headers()['authorization']
    if (token) tokens.push(token)
  })
  await page.setViewport({ width: 1280, height: 900 })

  const sees: Visit['sees'] = async (ask, wanted, what) => {
    let last: unknown
    const check = async () => wanted((last = await ask()) as never)
    await until(check, limit, what).catch((error: Error) => {
      throw new Error(`${error.message}; the page shows ${JSON.stringify(last)}`)
    })
  }
  const ladder = () => readLadder(page)
  const drawn = () => sees(() => page.$$('.rung[data-state], .bubble'), (found) => found.length > rungs.length, 'the page')

  return {
    page,
    problems,
    tokens,
    sees,
    ladder,
    goto: async (path = '') => {
      await page.goto(url + path)
      await drawn()
    },
    reload: async () => {
      await page.reload()
      await drawn()
    },
    openChat: async () => {
      await page.click('.hero [data-open-chat]')
      await page.waitForSelector('#chat:not([hidden])')
    },
    async say(text) {
      const before = (await page.$$('.bubble.desk')).length
      await page.type('#message', text)
      await page.keyboard.press('Enter')
      await sees(() => page.$$('.bubble.desk'), (found) => found.length > before, `an answer to "${text}"`)
      await sees(() => page.$eval('#chat form', (form) => form.ariaBusy), (busy) => busy !== 'true', 'the form to be free')
    },
    bubbles: () => texts(page, '.bubble:not(.note) p'),
    notes: async () => (await texts(page, '.bubble.note p')).join(' '),
    async press(rung, act) {
      const button = `[data-tier=${rung}] [data-act=${act}]`
      const before = await page.$eval(button, (one) => one.textContent)
      await page.click(button)
      await sees(() => page.$eval(button, (one) => one.textContent), (now) => now !== before, `${act} ${rung}`)
    },
    click: (selector) => page.click(selector),
    tokenRung: () => page.$$eval('.rung.holds', (found) => (found[0] as HTMLElement | undefined)?.dataset['tier']),
  }
}
