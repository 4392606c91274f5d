import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'
import { freshVisit } from './demo/opened.js'

const out = fileURLToPath(new URL('./out/', import.meta.url))
const picture = fileURLToPath(new URL('../../docs/ladder.png', import.meta.url)) as `${string}.png`

mkdirSync(out, { recursive: true })

const here = freshVisit()
const { tokenIsOn } = here

const question = 'A split seam on the left shoulder. Can you do it by Friday?'

describe('the demo in pictures', () => {
  const still = (scheme: 'light' | 'dark') =>
    here.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }, { name: 'prefers-reduced-motion', value: 'reduce' }])
  /** From the top of the ladder to its foot. */
  const ladderClip = () =>
    here.page.$eval('#ladder', (ladder) => ({ x: ladder.getBoundingClientRect().x, y: 0, width: ladder.clientWidth, height: (ladder.querySelector('.foot')?.getBoundingClientRect().bottom ?? 0) + 16 }))
  const shoot = (name: string, whole = false) => here.page.screenshot({ path: `${out}demo-${name}.png` as const, fullPage: whole })

  it('shows the sites on a desktop, by day and by night, and the hub before and after its proof', async () => {
    await still('light')
    await here.sees(here.ladder, (seen) => seen.hub.state === 'Ready', 'the hub')
    await shoot('shop')
    await here.openChat()
    await here.page.waitForSelector('[data-questions] button')
    await shoot('questions')
    await here.say(question)
    await tokenIsOn('hub')
    await shoot('not-proven')
    await here.follow('help')
    await tokenIsOn('hub')
    await here.sees(here.ladder, (seen) => !('token' in seen.cookie.keys), 'the cookie to be given up')
    await shoot('proven')
    await still('dark')
    await shoot('dark')
    await here.follow('alder')
    await here.sees(here.ladder, (seen) => seen.hub.state === 'Ready', 'the hub')
    await shoot('alder-dark')
    await still('light')
    await here.openChat()
    await shoot('alder')
    await here.page.goto(`${here.demo.origin('vendor')}/`)
    await shoot('vendor')
  })

  it('shows the hub switched off, a way down the ladder, and the end of a session', async () => {
    await still('light')
    await here.openChat()
    await here.say(question)
    // The desk answers before the token is kept, and who leaves then leaves without it.
    await tokenIsOn('hub')
    await here.follow('help')
    await tokenIsOn('hub')
    await here.press('hub', 'break')
    await here.sees(here.ladder, (seen) => seen.hub.keys['token'] === 'out of reach', 'the hub to be given up')
    await here.page.mouse.move(0, 0)
    await shoot('off')
    await here.say('And is the loan board free?')
    await tokenIsOn('cookie')
    await shoot('cookie')
    await here.page.setViewport({ width: 1280, height: 900, deviceScaleFactor: 1.25 })
    // The picture of the README is taken on request only, because a countdown makes it another one each time.
    await here.page.screenshot({ path: process.env['PICTURE'] ? picture : `${out}ladder.png`, clip: await ladderClip() })
    await here.page.setViewport({ width: 1280, height: 900 })
    await here.press('cookie', 'break')
    await here.say('Still there?')
    await tokenIsOn('localStorage')
    await shoot('local', true)
    await here.click('#chat [data-log-out]')
    await here.sees(here.bubbles, ([text]) => /You are logged out/.test(text ?? ''), 'the end of the session')
    await shoot('logged-out')
  })

  it('shows the chat and the ladder on a phone', async () => {
    await here.page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, hasTouch: true, isMobile: true })
    await still('light')
    await here.openChat()
    await here.page.waitForSelector('[data-questions] button')
    await shoot('phone-questions')
    await here.say(question)
    await tokenIsOn('hub')
    await shoot('phone-chat')
    await here.click('[data-close-chat]')
    await here.page.$eval('#ladder', (ladder) => ladder.scrollIntoView({ behavior: 'instant' }))
    await shoot('phone-ladder')
    await still('dark')
    await shoot('phone-dark')
  })
})
