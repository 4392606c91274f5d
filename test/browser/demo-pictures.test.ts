import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'
import { freshVisit } from './demo/shop.js'

const out = fileURLToPath(new URL('./out/', import.meta.url))
const picture = fileURLToPath(new URL('../../docs/ladder.png', import.meta.url)) as `${string}.png`

mkdirSync(out, { recursive: true })

const here = freshVisit()
const { tokenIsOn } = here

describe('the demo in pictures', () => {
  const still = (scheme: 'light' | 'dark') =>
    here.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }, { name: 'prefers-reduced-motion', value: 'reduce' }])
  const shoot = (name: string) => here.page.screenshot({ path: `${out}demo-${name}.png` as const })

  it('shows the shop, the chat and the ladder on a desktop, by day and by night', async () => {
    await still('light')
    await shoot('shop')
    await here.openChat()
    await here.say('A split seam on the left shoulder. Can you do it by Friday?')
    await tokenIsOn('indexedDB')
    await here.reload()
    await tokenIsOn('indexedDB')
    await shoot('light')
    await still('dark')
    await shoot('dark')
  })

  it('shows a way down the ladder, and the end of a session', async () => {
    await still('light')
    await here.openChat()
    await here.say('A split seam on the left shoulder. Can you do it by Friday?')
    await tokenIsOn('indexedDB')
    await here.press('indexedDB', 'break')
    await here.press('localStorage', 'fill')
    await here.say('And is the loan board free?')
    await tokenIsOn('sessionStorage')
    await here.page.mouse.move(0, 0)
    await shoot('broken')
    await here.page.setViewport({ width: 1280, height: 900, deviceScaleFactor: 1.25 })
    // The picture of the README is taken on request only, because a countdown makes it another one each time.
    await here.page.screenshot({ path: process.env['PICTURE'] ? picture : `${out}ladder.png`, clip: await here.page.$eval('#ladder', (ladder) => ({ x: ladder.getBoundingClientRect().x, y: 0, width: ladder.clientWidth, height: 900 })) })
    await here.page.setViewport({ width: 1280, height: 900 })
    await here.click('#chat [data-log-out]')
    await here.sees(here.bubbles, ([text]) => /You are logged out/.test(text ?? ''), 'the end of the session')
    await shoot('logged-out')
  })

  it('shows the chat and the ladder on a phone', async () => {
    await here.page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, hasTouch: true, isMobile: true })
    await still('light')
    await here.openChat()
    await here.say('A split seam on the left shoulder. Can you do it by Friday?')
    await tokenIsOn('indexedDB')
    await shoot('phone-chat')
    await here.click('[data-close-chat]')
    await here.page.$eval('#ladder', (ladder) => ladder.scrollIntoView({ behavior: 'instant' }))
    await shoot('phone-ladder')
  })
})
