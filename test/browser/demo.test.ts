import { describe, expect, it } from 'vitest'
import { dimTexts } from './demo/contrast.js'
import { freshVisit } from './demo/shop.js'
import { rungs } from './demo/visit.js'

const greeting = 'Hello. What has the sea done to it?'

const here = freshVisit()
const { tokenIsOn } = here

describe('the demo', () => {
  it('keeps the conversation through a reload, and says which rung it came back from', async () => {
    await here.openChat()
    expect(await here.bubbles()).toEqual([greeting])
    await here.say('A split seam.')
    await tokenIsOn('indexedDB')
    const before = await here.bubbles()
    expect(before).toHaveLength(3)
    await here.reload()
    await tokenIsOn('indexedDB')
    expect(await here.bubbles()).toEqual(before)
    expect(await here.notes()).toContain('came back from IndexedDB')
    // The window is open as it was left, and the visitor is known for longer than the session.
    expect(await here.page.$eval('#chat', (chat) => (chat as HTMLElement).hidden)).toBe(false)
    expect(Object.keys((await here.ladder()).cookie.keys).sort()).toEqual(['panel', 'visitor'])
  })

  it('writes nothing before there is something to keep', async () => {
    const kept = await here.page.evaluate(async () => [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie, ...(await indexedDB.databases()).map(({ name }) => name)])
    expect(kept).toEqual([''])
  })

  it('finds the token one rung lower each time that one breaks, and the conversation with it', async () => {
    await here.openChat()
    const said = [greeting]
    for (const [index, rung] of rungs.entries()) {
      await here.say(`Message ${index}`)
      await tokenIsOn(rung)
      said.push(`Message ${index}`)
      if (rung === 'memory') break
      await here.reload()
      await tokenIsOn(rung)
      expect((await here.bubbles()).filter((text) => text.startsWith('Message'))).toEqual(said.slice(1))
      await here.press(rung, 'break')
      expect((await here.ladder())[rung].state).toBe('Down: refused by the browser')
    }
    // Memory promises no more than this page, and keeps no more.
    await here.reload()
    await here.sees(here.bubbles, (texts) => texts.length === 1, 'an empty conversation')
    expect(await here.tokenRung()).toBeUndefined()
  })

  it('waits for a rung that hangs, once, and goes on below it', async () => {
    await here.click('[value=hangs]')
    await here.press('indexedDB', 'break')
    await here.sees(here.ladder, (seen) => seen.indexedDB.state === 'Down: did not answer in time', 'the rung to be given up')
    await here.openChat()
    await here.say('Is anybody there?')
    await tokenIsOn('localStorage')
    await here.reload()
    await tokenIsOn('localStorage')
    expect(await here.bubbles()).toHaveLength(3)
  })

  it('does not keep a visitor waiting for rungs that hang', async () => {
    await here.openChat()
    await here.say('All is well.')
    await here.click('[value=hangs]')
    for (const rung of rungs) await here.press(rung, 'break')
    for (const text of ['One.', 'Two.', 'Three.']) await here.say(text)
    expect((await here.bubbles()).filter((text) => /^(One|Two|Three)\.$/.test(text))).toEqual(['One.', 'Two.', 'Three.'])
  })

  it('passes a localStorage that is really full, and says so on the receipt', async () => {
    await here.press('indexedDB', 'break')
    await here.press('localStorage', 'fill')
    expect(await here.page.evaluate(() => JSON.stringify(localStorage).length)).toBeGreaterThan(5_000_000)
    await here.openChat()
    await here.say('No room for this?')
    await tokenIsOn('sessionStorage')
    await here.sees(() => here.page.$eval('[data-log]', (log) => log.textContent), (log) => /Session token went past IndexedDB .*, localStorage \(full\) to sessionStorage/.test(log ?? ''), 'the way down in the log')
    await here.press('localStorage', 'fill')
    await here.say('And now?')
    await tokenIsOn('localStorage')
  })

  it('does not bring back what was logged out while rungs were broken', async () => {
    await here.openChat()
    await here.say('On IndexedDB.')
    await tokenIsOn('indexedDB')
    await here.press('indexedDB', 'break')
    await here.say('On localStorage.')
    await tokenIsOn('localStorage')
    await here.press('localStorage', 'break')
    await here.say('On sessionStorage.')
    await tokenIsOn('sessionStorage')
    await here.click('#chat [data-log-out]')
    await here.sees(here.bubbles, ([text]) => /You are logged out/.test(text ?? ''), 'the end of the session')
    await tokenIsOn(undefined)
    // The desk still has the conversation, so a token that came back would show.
    const answer = await fetch(`${here.url}api/conversation`, { headers: { Authorization: here.tokens.at(-1) ?? '' } })
    expect(((await answer.json()) as { messages: unknown[] }).messages).toHaveLength(6)
    await here.click('[data-mend-all]')
    await here.sees(here.ladder, (seen) => rungs.every((rung) => seen[rung].state === 'Ready'), 'every rung to be mended')
    expect(await here.tokenRung()).toBeUndefined()
    for (const time of ['first', 'second']) {
      await here.reload()
      expect(await here.bubbles(), `after the ${time} reload`).toEqual([greeting])
      expect(await here.tokenRung()).toBeUndefined()
    }
  })

  it('shows the newer conversation when a rung with an older token is mended', async () => {
    await here.openChat()
    await here.say('The first session.')
    await tokenIsOn('indexedDB')
    await here.press('indexedDB', 'break')
    await here.reload()
    expect(await here.bubbles()).toEqual([greeting])
    await here.say('The second session.')
    await tokenIsOn('localStorage')
    await here.press('indexedDB', 'break')
    await here.reload()
    await tokenIsOn('localStorage')
    expect(await here.bubbles()).toContain('The second session.')
  })

  it('ends the session when a day has passed, and only that', async () => {
    await here.openChat()
    await here.say('See you in two days.')
    await tokenIsOn('indexedDB')
    await here.click('[data-next-day]')
    await here.sees(here.bubbles, ([text]) => /has ended/.test(text ?? ''), 'the end of the session')
    await tokenIsOn(undefined)
    await here.reload()
    expect(await here.bubbles()).toEqual([greeting])
    expect(Object.keys((await here.ladder()).cookie.keys)).toContain('visitor')
    await here.say('Here I am.')
    expect((await here.bubbles())[0]).toContain('Hello again')
  })

  it('keeps a draft in this tab alone', async () => {
    await here.openChat()
    await here.page.type('#message', 'I was about to')
    await here.sees(here.ladder, (seen) => 'draft' in seen.sessionStorage.keys, 'the draft')
    await here.reload()
    expect(await here.page.$eval('#message', (field) => (field as HTMLTextAreaElement).value)).toBe('I was about to')
    expect((await here.ladder()).localStorage.keys).toEqual({})
  })

  it('notices that another tab has logged out', async () => {
    await here.openChat()
    await here.say('In this tab.')
    await tokenIsOn('indexedDB')
    const other = await here.page.browserContext().newPage()
    await other.goto(here.url)
    await other.waitForSelector('.bubble.visitor')
    await other.click('.ladder [data-log-out]')
    await here.sees(() => other.$$('.bubble'), (found) => found.length === 1, 'the end of the session in the other tab')
    await here.sees(here.bubbles, ([text]) => /You are logged out/.test(text ?? ''), 'the end of the session in this tab')
    await tokenIsOn(undefined)
  })

  it('says that the visitor is logged out when it is so, not before', async () => {
    await here.openChat()
    await here.say('On IndexedDB.')
    await tokenIsOn('indexedDB')
    await here.click('[value=hangs]')
    await here.click('[data-tier=localStorage] [data-act=break]')
    await here.click('#chat [data-log-out]')
    expect(await here.bubbles()).toEqual(['Logging you out…'])
    await here.sees(here.bubbles, ([text]) => /You are logged out/.test(text ?? ''), 'the end of the session')
    await here.reload()
    expect(await here.bubbles()).toEqual([greeting])
  })

  it('holds on to a session at work when its rung breaks, and still lets it end', async () => {
    const lookAgain = () => here.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await here.openChat()
    await here.say('On IndexedDB.')
    await tokenIsOn('indexedDB')
    await here.press('indexedDB', 'break')
    await lookAgain()
    await here.say('Still the same session.')
    await tokenIsOn('localStorage')
    expect(await here.bubbles()).toHaveLength(5)
    await here.click('[data-next-day]')
    await here.sees(here.bubbles, ([text]) => /has ended/.test(text ?? ''), 'the end of the session')
  })

  it('lets a visitor talk of whom nothing can be kept', async () => {
    await here.goto(`?broken=${rungs.map((rung) => `${rung}:throws`).join(',')}`)
    await here.openChat()
    await here.say('Anybody there?')
    await here.say('Good.')
    expect(await here.bubbles()).toHaveLength(5)
    expect(await here.page.$eval('[data-log]', (log) => log.textContent)).toContain('no tier could')
    await here.reload()
    expect(await here.bubbles()).toHaveLength(1)
  })

  it('never shows the token', async () => {
    await here.openChat()
    await here.say('A secret.')
    await tokenIsOn('indexedDB')
    const [header = ''] = here.tokens.slice(-1)
    const html = await here.page.content()
    for (const part of header.replace('Bearer ', '').split('.')) expect(html).not.toContain(part)
    expect((await here.ladder()).indexedDB.keys['token']).toMatch(/^JWT, \d+ B$/)
  })
})

describe('the demo for everybody', () => {
  it('works by keyboard alone, with the focus in sight', async () => {
    const { page } = here
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim())
    const tabTo = async (name: string) => {
      for (let step = 0; step < 40 && (await focused()) !== name; step++) {
        await page.keyboard.press('Tab')
        expect(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)).not.toBe('none')
      }
      expect(await focused()).toBe(name)
    }
    await tabTo('Skip to the ladder')
    await tabTo('Ask the desk')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#message:focus')
    await here.say('By keyboard.')
    await tokenIsOn('indexedDB')
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('Ask the desk')
    expect(await page.$eval('#chat', (chat) => (chat as HTMLElement).hidden)).toBe(true)
    await tabTo('Break IndexedDB')
    await page.keyboard.press('Space')
    await here.sees(focused, (name) => name === 'Mend IndexedDB', 'the same button with its new name')
    await here.sees(here.ladder, (seen) => seen.indexedDB.keys['token'] === 'out of reach', 'the token out of reach')
  })

  it.each(['light', 'dark'])('is readable in %s: contrast as WCAG AA asks', async (scheme) => {
    await here.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }, { name: 'prefers-reduced-motion', value: 'reduce' }])
    await here.goto('?broken=indexedDB:throws&full=sessionStorage&days=1')
    await here.openChat()
    await here.say('Can you read this?')
    await tokenIsOn('localStorage')
    expect(await here.page.evaluate(dimTexts)).toEqual([])
  })

  it('moves nothing that is already there while it loads or is drawn again', async () => {
    await here.openChat()
    await here.say('Hold still.')
    await tokenIsOn('indexedDB')
    await here.reload()
    await tokenIsOn('indexedDB')
    const moved = await here.page.evaluate(
      () =>
        new Promise<number>((done) => {
          let sum = 0
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value
          }).observe({ type: 'layout-shift', buffered: true })
          setTimeout(() => done(sum), 1500)
        }),
    )
    expect(moved).toBeLessThan(0.01)
  })

  it.each([360, 390, 768, 1024, 1280, 1920])('has no horizontal scroll at %i px', async (width) => {
    await here.page.setViewport({ width, height: 800 })
    await here.goto('?broken=indexedDB:throws,cookie:throws&full=sessionStorage&days=2')
    await here.openChat()
    await here.say('Anything-that-is-one-very-long-word-without-a-place-to-break-it-and-then-some-more-of-it')
    expect(await here.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    await here.page.keyboard.press('Escape')
    expect(await here.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  })
})
