import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { dimTexts } from './demo/contrast.js'
import { freshVisit } from './demo/opened.js'

const out = fileURLToPath(new URL('./out/', import.meta.url))

mkdirSync(out, { recursive: true })

const here = freshVisit()

const answer = () => here.page.$eval('[data-answer]', (line) => line.textContent ?? '')
const pressed = () => here.page.$$eval('[data-consent][aria-pressed=true]', (found) => found.map((one) => one.textContent))
const log = () => here.page.$eval('[data-log]', (lines) => lines.textContent ?? '')
const says = (text: string | RegExp) => here.sees(answer, (line) => (typeof text === 'string' ? line.startsWith(text) : text.test(line)), String(text))
/** On which rungs the count is, and what is said of it there. */
const rungsOf = async (key: string) => Object.fromEntries(Object.entries(await here.ladder()).flatMap(([tier, { keys }]) => (key in keys ? [[tier, keys[key]]] : [])))
/** Of what was refused, a removal mark may stand where the count was: it says so, and nothing else. */
const countIsGone = () => here.sees(() => rungsOf('opens'), (seen) => Object.values(seen).every((what) => what === 'removal mark'), 'no count on any rung')
/** The answer holds at once, and is remembered a moment later. */
const answerIsKept = (yes: boolean) => here.sees(() => here.page.evaluate(() => document.cookie), (cookies) => new RegExp(`analytics[^;]*${yes}`).test(cookies), `a cookie that says ${yes}`)
const countIsOn = (rungs: Record<string, string>) => here.sees(() => rungsOf('opens'), (seen) => JSON.stringify(seen) === JSON.stringify(rungs), `the count on ${JSON.stringify(rungs)}`)
/** Whether localStorage really has a count: an entry ends with what it keeps. */
const stored = () => here.page.evaluate(() => /\d$/.test(localStorage.getItem('bollard-chat.opens') ?? ''))

describe('the consent of the demo', () => {
  it('keeps the count in memory until it is given, moves it in, and takes it away when it is refused', async () => {
    expect(await pressed()).toEqual([])
    await here.openChat()
    await says('Not answered. That it was opened once waits')
    await countIsOn({ memory: 'waits for consent' })
    expect(await stored()).toBe(false)
    expect(await log()).toMatch(/held The count waits/)
    // It is this page's memory: who leaves without an answer leaves nothing behind.
    await here.reload()
    await says('Not answered. Open the chat')
    await here.page.click('[data-close-chat]')
    await here.openChat()
    await here.click('[data-consent=yes]')
    await says('Allowed, and remembered: opened once')
    await countIsOn({ localStorage: '' })
    expect(await stored()).toBe(true)
    expect(await pressed()).toEqual(['Allow analytics'])
    expect(await log()).toMatch(/released The count/)
    await answerIsKept(true)

    await here.reload()
    await says('Allowed, and remembered: opened once')
    await here.click('[data-consent=no]')
    await says('Refused, and remembered')
    await countIsGone()
    expect(await stored()).toBe(false)
    expect(await log()).toMatch(/purged The count/)
    await answerIsKept(false)
    await here.page.click('[data-close-chat]')
    await here.openChat()
    await here.reload()
    await says('Refused, and remembered')
    expect([await pressed(), await stored()]).toEqual([['Refuse analytics'], false])
    await countIsGone()
  })

  it('is one for both subdomains and for every tab, and outlives the session', async () => {
    await here.openChat()
    await says(/waits/)
    const other = await here.page.browserContext().newPage()
    await other.setViewport({ width: 1280, height: 900 })
    await other.goto(`${here.demo.origin('shop')}/`)
    await other.waitForSelector('[data-answer]:not(:empty)')
    await other.click('[data-consent=yes]')
    await says('Allowed')
    await countIsOn({ localStorage: '' })
    await other.close()
    await here.say('Hello.')
    await here.click('#chat [data-log-out]')
    await here.sees(here.bubbles, ([text]) => /You are logged out/.test(text ?? ''), 'the end of the session')
    await answerIsKept(true)
    await here.follow('help')
    await says('Allowed')
    expect(await rungsOf('consent')).toEqual({ cookie: '' })
  })

  it('is given and refused by keyboard, readable by day and by night, and fits a phone', async () => {
    const { page } = here
    await page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, hasTouch: true, isMobile: true })
    await here.openChat()
    await says(/waits/)
    await countIsOn({ memory: 'waits for consent' })
    await page.click('[data-close-chat]')
    const shoot = async (name: string) => {
      await page.$eval('.asks', (part) => part.scrollIntoView({ behavior: 'instant' }))
      await page.screenshot({ path: `${out}demo-consent-${name}.png` as const })
    }
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }, { name: 'prefers-reduced-motion', value: 'reduce' }])
      expect(await page.evaluate(dimTexts)).toEqual([])
      await shoot(`phone-${scheme}`)
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await page.focus('[data-mend-all]')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => [document.activeElement?.textContent, getComputedStyle(document.activeElement!).outlineStyle])).toEqual(['Allow analytics', 'solid'])
    await page.keyboard.press('Space')
    await says('Allowed')
    expect(await page.evaluate(dimTexts)).toEqual([])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await says('Refused')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Refuse analytics')
    await page.setViewport({ width: 1280, height: 900 })
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }, { name: 'prefers-reduced-motion', value: 'reduce' }])
      expect(await page.evaluate(dimTexts)).toEqual([])
      await page.evaluate(() => scrollTo(0, 0))
      await page.screenshot({ path: `${out}demo-consent-${scheme}.png` as const })
    }
  })
})
