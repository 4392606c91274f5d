import type { Page } from 'puppeteer-core'
import { until } from '../processes.js'
import type { Demo, Site } from './server.js'

const limit = 15_000


/** Where the token may go, best place first. */
export const rungs = ['hub', 'cookie', 'localStorage', 'memory'] as const

/** All that can be broken. */
export const tiers = [...rungs, 'indexedDB', 'sessionStorage'] as const

export type Rung = (typeof rungs)[number]
export type TierName = (typeof tiers)[number]

export interface RungSeen {
  state: string
  /** What is said of the hub's reach. */
  proof: string
  /** What is said of each key on the rung. */
  keys: Record<string, string>
}

export interface Visitor {
  readonly page: Page
  readonly demo: Demo
  /** What went wrong in the page. */
  problems: string[]
  /** What went to the desk as `Authorization`, newest last. */
  tokens: string[]
  /** Every address that was asked for. */
  addresses: string[]
}

/** One visitor, in one tab. */
export interface Visit extends Visitor {
  /** Takes down what goes wrong, and what goes to the desk. */
  listen(): void
  goto(site: Site, query?: string): Promise<void>
  /** Follows the page's own link to another site. */
  follow(site: Site): Promise<void>
  reload(): Promise<void>
  openChat(): Promise<void>
  /** Sends a message and waits until the desk has answered. */
  say(text: string): Promise<void>
  /** What stands in the chat, without the notes and the times. */
  bubbles(): Promise<string[]>
  notes(): Promise<string>
  press(tier: TierName, act: 'break' | 'fill'): Promise<void>
  click(selector: string): Promise<void>
  ladder(): Promise<Record<TierName, RungSeen>>
  /** The rung where the token counts. */
  tokenRung(): Promise<string | undefined>
  /** Waits until the token is on that rung; `undefined`: on none. */
  tokenIsOn(rung: Rung | undefined): Promise<void>
  /** Waits until the page says so. */
  sees<T>(ask: () => Promise<T>, wanted: (seen: T) => boolean, what: string): Promise<void>
}

const texts = (page: Page, selector: string): Promise<string[]> =>
  page.$$eval(selector, (found) => found.map((one) => [...one.childNodes].filter((part) => part.nodeType === 3).map((part) => part.textContent).join('').trim()))

function readLadder(page: Page): Promise<Record<TierName, RungSeen>> {
  return page.$$eval('.rung', (found) => {
    const text = (within: Element, selector: string) => within.querySelector(selector)?.textContent ?? ''
    const keysOf = (rung: Element) =>
      Object.fromEntries([...rung.querySelectorAll<HTMLElement>('.chip')].map((chip) => [chip.dataset['key'], text(chip, '.what')]))
    return Object.fromEntries(found.map((rung) => [(rung as HTMLElement).dataset['tier'], { state: text(rung, '.state span'), proof: text(rung, '.proof span'), keys: keysOf(rung) }]))
  }) as Promise<Record<TierName, RungSeen>>
}

function listenTo({ page, problems, tokens, addresses }: Visitor): void {
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) problems.push(`${message.type()}: ${message.text()}`)
  })
  // An unhandled rejection is a page error to the driver.
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('requestfailed', (request) => {
    // Whoever gives up a hub that never answers ends the request with its frame.
    if (!request.url().endsWith('/hub')) problems.push(`${request.url()}: ${request.failure()?.errorText}`)
  })
  page.on('request', (request) => {
    addresses.push(request.url())
    const token = request.headers()['authorization']
    if (token) tokens.push(token)
  })
}

const sees: Visit['sees'] = async (ask, wanted, what) => {
  let last: unknown
  const check = async () => wanted((last = await ask()) as never)
  await until(check, limit, what).catch((error: Error) => {
    throw new Error(`${error.message}; the page shows ${JSON.stringify(last)}`)
  })
}

/** @param visitor whose page may be another one at each call */
export function visitBy(visitor: Visitor): Visit {
  const ladder = () => readLadder(visitor.page)
  const tokenRung = () => visitor.page.$$eval('.rung.holds', (found) => (found[0] as HTMLElement | undefined)?.dataset['tier'])
  const drawn = async () => {
    await sees(() => visitor.page.$$('.bubble'), (found) => found.length > 0, 'the chat')
    await sees(() => texts(visitor.page, '.rung .promise'), (promises) => promises.filter(Boolean).length === tiers.length, 'the ladder')
  }

  /** Waits for another document. Not as the driver does: for it a page has not arrived while a hub's frame hangs. */
  const arrive = async (leave: () => Promise<unknown>) => {
    const { page } = visitor
    const document = () => page.evaluate(() => performance.timeOrigin).catch(() => undefined)
    const before = await document()
    await leave()
    await sees(document, (now) => now !== undefined && now !== before, 'another page')
    await drawn()
  }

  return {
    get page() {
      return visitor.page
    },
    get demo() {
      return visitor.demo
    },
    problems: visitor.problems,
    tokens: visitor.tokens,
    addresses: visitor.addresses,
    listen: () => listenTo(visitor),
    sees,
    ladder,
    goto: async (site, query = '') => {
      const address = `${visitor.demo.origin(site)}/${query}`
      await arrive(() => visitor.page.evaluate((address) => location.assign(address), address))
    },
    follow: (site) => arrive(() => visitor.page.click(`.sites [data-sister=${site}]`)),
    reload: () => arrive(() => visitor.page.evaluate(() => location.reload())),
    openChat: async () => {
      await visitor.page.click('.hero [data-open-chat]')
      await visitor.page.waitForSelector('#chat:not([hidden])')
    },
    async say(text) {
      // Where no cookie can be read, nobody knows that the window was open.
      if (await visitor.page.$eval('#chat', (chat) => (chat as HTMLElement).hidden)) await visitor.page.click('.launcher')
      const before = (await visitor.page.$$('.bubble.desk')).length
      await visitor.page.type('#message', text)
      await visitor.page.keyboard.press('Enter')
      await sees(() => visitor.page.$$('.bubble.desk'), (found) => found.length > before, `an answer to "${text}"`)
      await sees(() => visitor.page.$eval('#chat form', (form) => form.ariaBusy), (busy) => busy !== 'true', 'the form to be free')
    },
    bubbles: () => texts(visitor.page, '.bubble:not(.note) p'),
    notes: async () => (await texts(visitor.page, '.bubble.note p')).join(' '),
    async press(tier, act) {
      const button = `[data-tier=${tier}] [data-act=${act}]`
      const before = await visitor.page.$eval(button, (one) => one.textContent)
      await visitor.page.click(button)
      await sees(() => visitor.page.$eval(button, (one) => one.textContent), (now) => now !== before, `${act} ${tier}`)
    },
    click: (selector) => visitor.page.click(selector),
    tokenRung,
    tokenIsOn: (rung) => sees(tokenRung, (seen) => seen === rung, `the token on ${rung ?? 'no rung'}`),
  }
}
