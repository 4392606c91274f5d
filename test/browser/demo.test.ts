import { describe, expect, it } from 'vitest'
import { freshVisit } from './demo/opened.js'
import { rungs, tiers } from './demo/visit.js'

const greeting = 'Hello. What has the sea done to it?'

const here = freshVisit()
const { tokenIsOn } = here

const isDown = { hub: 'Down: no answer in time' } as Partial<Record<string, string>>
const conversation = async () => JSON.parse((await here.demo.api('shop', '/api/conversation', { headers: { authorization: here.tokens.at(-1) ?? '' } })).body) as { messages: unknown[] }

/** Breaks a rung and waits until the ladder says so: the hub costs a deadline. */
const breakRung = async (rung: (typeof tiers)[number]) => {
  await here.press(rung, 'break')
  await here.sees(here.ladder, (seen) => seen[rung].state === (isDown[rung] ?? 'Down: refused by the browser'), `${rung} to be down`)
}

describe('the demo', () => {
  it('keeps the conversation through a reload, and says which rung it came back from', async () => {
    await here.openChat()
    expect(await here.bubbles()).toEqual([greeting])
    await here.say('A split seam.')
    await tokenIsOn('hub')
    const before = await here.bubbles()
    expect(before).toHaveLength(3)
    await here.reload()
    await tokenIsOn('hub')
    expect(await here.bubbles()).toEqual(before)
    expect(await here.notes()).toContain('came back from the hub')
    // The window is open as it was left, and the visitor is known for longer than the session.
    expect(await here.page.$eval('#chat', (chat) => (chat as HTMLElement).hidden)).toBe(false)
    expect(Object.keys((await here.ladder()).hub.keys).sort()).toEqual(['token', 'visitor'])
  })

  it('writes nothing before there is something to keep', async () => {
    const kept = () => here.page.evaluate(async () => [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie, ...(await indexedDB.databases()).map(({ name }) => name)])
    await here.sees(here.ladder, (seen) => seen.hub.state === 'Ready', 'the hub')
    expect(await kept()).toEqual([''])
    const [hub] = here.page.frames().filter((frame) => frame.url().startsWith(here.demo.origin('vendor')))
    expect(await hub?.evaluate(async () => [...Object.keys(localStorage), ...(await indexedDB.databases()).map(({ name }) => name)])).toEqual([])
  })

  it('finds the token one rung lower each time that one breaks, and the conversation with it', async () => {
    await here.openChat()
    const said: string[] = []
    for (const [index, rung] of rungs.entries()) {
      await here.say(`Message ${index}`)
      await tokenIsOn(rung)
      said.push(`Message ${index}`)
      if (rung === 'memory') break
      await here.reload()
      await tokenIsOn(rung)
      expect((await here.bubbles()).filter((text) => text.startsWith('Message'))).toEqual(said)
      await breakRung(rung)
    }
    // Memory promises no more than this page, and keeps no more.
    await here.reload()
    await here.sees(here.bubbles, (texts) => texts.length === 1, 'an empty conversation')
    expect(await here.tokenRung()).toBeUndefined()
  })

  it('waits for a rung that hangs, once, and goes on below it', async () => {
    await here.click('[value=hangs]')
    for (const rung of ['hub', 'cookie'] as const) {
      await here.press(rung, 'break')
      await here.sees(here.ladder, (seen) => seen[rung].state === 'Down: no answer in time', 'the rung to be given up')
    }
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
    for (const tier of tiers) await here.press(tier, 'break')
    for (const text of ['One.', 'Two.', 'Three.']) await here.say(text)
    expect((await here.bubbles()).filter((text) => /^(One|Two|Three)\.$/.test(text))).toEqual(['One.', 'Two.', 'Three.'])
  })

  it('passes a localStorage that is really full, and says so on the receipt', async () => {
    await breakRung('hub')
    await here.press('cookie', 'break')
    await here.press('localStorage', 'fill')
    expect(await here.page.evaluate(() => JSON.stringify(localStorage).length)).toBeGreaterThan(5_000_000)
    await here.openChat()
    await here.say('No room for this?')
    await tokenIsOn('memory')
    await here.sees(() => here.page.$eval('[data-log]', (log) => log.textContent), (log) => /Session token went past Vendor's hub .*, Cookie .*, localStorage \(full\) to Memory/.test(log ?? ''), 'the way down in the log')
    await here.press('localStorage', 'fill')
    await here.say('And now?')
    await tokenIsOn('localStorage')
  })

  it('goes past a hub that is full, and comes back when it has room', async () => {
    await here.openChat()
    await here.press('hub', 'fill')
    await here.say('No room for this?')
    await tokenIsOn('cookie')
    expect((await here.ladder()).hub).toMatchObject({ state: 'Full', keys: {} })
    await here.press('hub', 'fill')
    await here.say('And now?')
    await tokenIsOn('hub')
  })

  it('does not bring back what was logged out while rungs were broken', async () => {
    await here.openChat()
    await here.say('On the hub.')
    await tokenIsOn('hub')
    await breakRung('hub')
    await here.say('On a cookie.')
    await tokenIsOn('cookie')
    await breakRung('cookie')
    await here.say('On localStorage.')
    await tokenIsOn('localStorage')
    await here.click('#chat [data-log-out]')
    await here.sees(here.bubbles, ([text]) => /You are logged out/.test(text ?? ''), 'the end of the session')
    await tokenIsOn(undefined)
    // The desk still has the conversation, so a token that came back would show.
    expect((await conversation()).messages).toHaveLength(6)
    await here.click('[data-mend-all]')
    await here.sees(here.ladder, (seen) => tiers.every((tier) => seen[tier].state === 'Ready'), 'every rung to be mended')
    expect(await here.tokenRung()).toBeUndefined()
    for (const time of ['first', 'second']) {
      await here.reload()
      expect(await here.bubbles(), `after the ${time} reload`).toEqual([greeting])
      expect(await here.tokenRung()).toBeUndefined()
    }
  })

  it('shows the newer conversation when a rung with an older token is mended', async () => {
    await here.openChat()
    await here.press('cookie', 'break')
    await here.say('The first session.')
    await tokenIsOn('hub')
    await breakRung('hub')
    await here.reload()
    await here.sees(here.bubbles, (texts) => texts.length === 1, 'no conversation')
    await here.say('The second session.')
    await tokenIsOn('localStorage')
    await here.press('hub', 'break')
    await here.sees(here.ladder, (seen) => seen.hub.state === 'Ready', 'the hub to be back')
    await here.reload()
    await tokenIsOn('localStorage')
    expect(await here.bubbles()).toContain('The second session.')
  })

  it('ends the session when a day has passed, and only that', async () => {
    await here.openChat()
    await here.say('See you in two days.')
    await tokenIsOn('hub')
    await here.click('[data-next-day]')
    await here.sees(here.bubbles, ([text]) => /has ended/.test(text ?? ''), 'the end of the session')
    await tokenIsOn(undefined)
    await here.reload()
    expect(await here.bubbles()).toEqual([greeting])
    await here.sees(here.ladder, (seen) => 'visitor' in seen.hub.keys, 'the visitor id')
    await here.say('Here I am.')
    expect((await here.bubbles())[0]).toContain('Hello again')
  })

  it('keeps a draft in this tab alone', async () => {
    await here.openChat()
    await here.page.type('#message', 'I was about to')
    await here.sees(here.ladder, (seen) => 'draft' in seen.sessionStorage.keys, 'the draft')
    await here.reload()
    await here.sees(() => here.page.$eval('#message', (field) => (field as HTMLTextAreaElement).value), (text) => text === 'I was about to', 'the draft in its field')
    expect((await here.ladder()).localStorage.keys).toEqual({})
  })

  it('notices that another tab has logged out', async () => {
    await here.openChat()
    await here.say('In this tab.')
    await tokenIsOn('hub')
    const other = await here.page.browserContext().newPage()
    await other.goto(`${here.demo.origin('shop')}/`)
    await other.waitForSelector('.bubble.visitor')
    await other.click('.ladder [data-log-out]')
    await here.sees(() => other.$$('.bubble'), (found) => found.length === 1, 'the end of the session in the other tab')
    await here.sees(here.bubbles, ([text]) => /You are logged out/.test(text ?? ''), 'the end of the session in this tab')
    await tokenIsOn(undefined)
  })

  it('says that the visitor is logged out when it is so, not before', async () => {
    await here.openChat()
    await here.say('On the hub.')
    await tokenIsOn('hub')
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
    await here.press('cookie', 'break')
    await here.say('On the hub.')
    await tokenIsOn('hub')
    await breakRung('hub')
    await lookAgain()
    await here.say('Still the same session.')
    await tokenIsOn('localStorage')
    expect(await here.bubbles()).toHaveLength(5)
    await here.click('[data-next-day]')
    await here.sees(here.bubbles, ([text]) => /has ended/.test(text ?? ''), 'the end of the session')
  })

  it('lets a visitor talk of whom nothing can be kept', async () => {
    await here.demo.turn('off')
    await here.goto('shop', `?broken=${tiers.map((tier) => `${tier}:throws`).join(',')}`)
    await here.openChat()
    await here.say('Anybody there?')
    await here.say('Good.')
    expect(await here.bubbles()).toHaveLength(5)
    expect(await here.page.$eval('[data-log]', (log) => log.textContent)).toContain('no tier could')
    await here.reload()
    expect(await here.bubbles()).toHaveLength(1)
  })

  it('never shows the token, and never asks for an address with it', async () => {
    await here.openChat()
    await here.say('A secret.')
    await tokenIsOn('hub')
    await here.follow('help')
    await here.say('Still one.')
    const [header = ''] = here.tokens.slice(-1)
    const seen = [await here.page.content(), ...here.addresses].join('\n')
    for (const part of header.replace('Bearer ', '').split('.')) expect(seen).not.toContain(part)
    expect((await here.ladder()).hub.keys['token']).toMatch(/^JWT, \d+ B$/)
  })
})
