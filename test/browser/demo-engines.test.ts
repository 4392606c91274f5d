import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, engines } from './browser.js'
import { type Demo, openDemo } from './demo/server.js'
import { closeDisplay } from './display.js'
import { launch } from './engines.js'
import { until } from './processes.js'

const out = fileURLToPath(new URL('./out/', import.meta.url))
const limit = 20_000

let demo: Demo

beforeAll(async () => {
  mkdirSync(out, { recursive: true })
  demo = await openDemo()
})

afterAll(async () => {
  await demo?.close()
  await closeDisplay()
})

/** What the page shows. */
const look = ({ tab }: Browser) =>
  tab.evaluate(() => {
    const text = (selector: string) => document.querySelector(selector)?.textContent ?? ''
    const said = [...document.querySelectorAll('.bubble.visitor p')].map((one) => one.lastChild?.textContent ?? '')
    return { said, token: text('.rung.holds h3'), also: text('.rung.also h3'), proof: text('.proof span'), hub: text('[data-tier=hub] .state span') }
  })

type Seen = Awaited<ReturnType<typeof look>>

async function sees(browser: Browser, wanted: Partial<Seen>): Promise<void> {
  let last: Partial<Seen> = {}
  const fits = async () => {
    const all = await look(browser)
    last = Object.fromEntries(Object.keys(wanted).map((name) => [name, all[name as keyof Seen]]))
    return JSON.stringify(last) === JSON.stringify(wanted)
  }
  await until(fits, limit, 'the page').catch(() => expect(last).toEqual(wanted))
}

const say = ({ tab }: Browser, text: string) =>
  tab.evaluate((text) => {
    const field = document.querySelector('textarea')
    document.querySelector<HTMLElement>('.hero [data-open-chat]')?.click()
    if (!field) return
    field.value = text
    field.form?.requestSubmit()
  }, text)

const click = ({ tab }: Browser, selector: string) => tab.evaluate((selector) => document.querySelector<HTMLElement>(selector)?.click(), selector)

/** The ladder, wherever the window ends. */
async function shoot({ tab, engine }: Browser, name: string): Promise<void> {
  await tab.evaluate(async () => {
    document.querySelector('.hint')?.scrollIntoView({ behavior: 'instant' })
    const settled = [...document.querySelectorAll('.chip')].flatMap((chip) => chip.getAnimations().map(({ finished }) => finished))
    await Promise.allSettled(settled)
  })
  await tab.screenshot(`${out}demo-${engine}-${name}.png`)
}

const hub = "Vendor's hub"
const notProven = 'Not proven yet to reach the whole site'

/** What each engine gives a vendor's frame: one storage for all subdomains of a brand, or one for each. */
const shares = { chromium: true, firefox: true, webkit: false }

describe.each(engines)('the demo in %s', (engine) => {
  it('takes a conversation along to the other subdomain, says how, and keeps it from the other brand', async () => {
    const browser = await launch(engine)
    const open = (site: 'shop' | 'help' | 'alder') => browser.tab.goto(`${demo.origin(site)}/`)
    const ready = () => sees(browser, { hub: 'Ready' })
    const home = shares[engine] ? hub : 'Cookie'
    const proof = shares[engine] ? 'Proven to reach the whole site' : 'Known to stay on this origin'
    try {
      await open('shop')
      await sees(browser, { proof: notProven, hub: 'Ready' })
      await say(browser, 'A split seam.')
      await sees(browser, { said: ['A split seam.'], token: hub, also: 'Cookie', proof: notProven })
      await open('help')
      await sees(browser, { said: ['A split seam.'], token: home, also: '', proof })
      await shoot(browser, 'help')
      await say(browser, 'And a ding?')
      await sees(browser, { said: ['A split seam.', 'And a ding?'], token: home, also: '', proof })
      await open('alder')
      await ready()
      await sees(browser, { said: [], token: '', proof: notProven })
      await open('shop')
      await sees(browser, { said: ['A split seam.', 'And a ding?'], token: home, proof })
      await click(browser, '[data-tier=hub] [data-act=break]')
      await sees(browser, { hub: 'Down: no answer in time' })
      await say(browser, 'Without the hub.')
      await sees(browser, { said: ['A split seam.', 'And a ding?', 'Without the hub.'], token: 'Cookie', hub: 'Down: no answer in time' })
      await shoot(browser, 'off')
      await click(browser, '[data-mend-all]')
      await ready()
    } finally {
      await browser.close()
      await demo.turn('on')
    }
  })
})
