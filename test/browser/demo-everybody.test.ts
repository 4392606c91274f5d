import type { SerializedAXNode } from 'puppeteer-core'
import { describe, expect, it } from 'vitest'
import { dimTexts } from './demo/contrast.js'
import { freshVisit } from './demo/opened.js'

const here = freshVisit()
const { tokenIsOn } = here

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
    await tokenIsOn('hub')
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('Ask the desk')
    expect(await page.$eval('#chat', (chat) => (chat as HTMLElement).hidden)).toBe(true)
    await tabTo("Switch off Vendor's hub")
    await page.keyboard.press('Space')
    await here.sees(focused, (name) => name === "Switch on Vendor's hub", 'the same button with its new name')
    await here.sees(here.ladder, (seen) => seen.hub.keys['token'] === 'out of reach', 'the token out of reach')
  })

  it.each(['light', 'dark'])('is readable in %s: contrast as WCAG AA asks', async (scheme) => {
    await here.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }, { name: 'prefers-reduced-motion', value: 'reduce' }])
    for (const site of ['shop', 'help', 'alder'] as const) {
      await here.goto(site, '?broken=localStorage:throws&full=sessionStorage&days=1')
      if (site !== 'help') await here.openChat()
      await here.page.waitForSelector(site === 'help' ? '.bubble.visitor' : '[data-questions] button')
      expect(await here.page.evaluate(dimTexts)).toEqual([])
      await here.say('Can you read this?')
      await tokenIsOn('hub')
      expect(await here.page.evaluate(dimTexts)).toEqual([])
    }
    await here.press('hub', 'break')
    await here.sees(here.ladder, (seen) => seen.hub.keys['token'] === 'out of reach', 'the token out of reach')
    await here.say('And this?')
    await tokenIsOn('cookie')
    expect(await here.page.evaluate(dimTexts)).toEqual([])
    await here.page.goto(`${here.demo.origin('vendor')}/`)
    expect(await here.page.evaluate(dimTexts)).toEqual([])
  })

  it('moves nothing that is already there while it loads or is drawn again', async () => {
    await here.openChat()
    await here.say('Hold still.')
    await tokenIsOn('hub')
    await here.reload()
    await tokenIsOn('hub')
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
    const reach = () => here.page.evaluate(() => document.documentElement.scrollWidth)
    for (const site of ['shop', 'alder'] as const) {
      await here.goto(site, '?broken=indexedDB:throws,localStorage:throws&full=sessionStorage&days=2')
      await here.openChat()
      await here.say('Anything-that-is-one-very-long-word-without-a-place-to-break-it-and-then-some-more-of-it')
      expect(await reach()).toBeLessThanOrEqual(width)
      await here.page.keyboard.press('Escape')
      expect(await reach()).toBeLessThanOrEqual(width)
    }
    for (const site of ['help', 'vendor'] as const) {
      await here.page.goto(`${here.demo.origin(site)}/`)
      expect(await reach()).toBeLessThanOrEqual(width)
    }
  })

  it.each(['shop', 'help', 'alder'] as const)('names its parts and controls to a screen reader: %s', async (site) => {
    await here.goto(site)
    await here.openChat()
    await here.page.waitForSelector('[data-questions] button')
    const nodes: { role: string; name: string; level: number }[] = []
    const walk = (node: SerializedAXNode | null) => {
      if (!node) return
      nodes.push({ role: node.role, name: node.name ?? '', level: node.level ?? 0 })
      node.children?.forEach(walk)
    }
    walk(await here.page.accessibility.snapshot({ interestingOnly: false }))
    const named = (role: string) => nodes.filter((node) => node.role === role).map(({ name }) => name)
    expect(nodes.filter(({ role, name }) => ['button', 'link', 'radio', 'textbox'].includes(role) && !name)).toEqual([])
    expect(new Set(named('button')).size, 'buttons of one name').toBe(named('button').length - 1)
    expect(named('navigation')).toContain('The sites of this demo')
    expect(named('complementary')).toEqual(['The ladder'])
    expect(named('dialog')).toEqual(['The desk'])
    expect(named('log')).toEqual(['Conversation', 'What happened'])
    const levels = nodes.filter(({ role }) => role === 'heading').map(({ level }) => level)
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0), `heading ${index}`).toBeLessThanOrEqual(1)
    // The hub's frame is nobody's business.
    expect(nodes.filter(({ role }) => /frame/i.test(role))).toEqual([])
  })
})
