import { describe, expect, it } from 'vitest'
import { engines } from './browser.js'
import { freshPage, type Opened } from './opened.js'

describe.each(engines)('%s', (engine) => {
  const here = freshPage(engine)

  describe('localStorage that others have filled', () => fullLocalStorage(here))
  describe('a value that is too long for a cookie', () => longForCookie(here))
})

function fullLocalStorage(here: Opened): void {
  it('sends the token to the cookie, and is not taken for broken', async () => {
    const seen = await here.tab.evaluate(async () => {
      const storage = page.open(['localStorage', 'cookie', 'memory'])
      await storage.set('older', 'before it was full')
      const foreign = page.fillLocalStorage()
      const receipt = await storage.set('token', 'jwt'.repeat(100))
      const { tiers } = await storage.status()
      await storage.remove('older')
      return {
        foreign,
        receipt,
        state: tiers.find(({ name }) => name === 'localStorage')?.state,
        token: await storage.get('token'),
        older: (await storage.get('older')) ?? 'nothing',
        stillForeign: page.foreignInLocalStorage(),
      }
    })
    expect(seen.receipt).toMatchObject({ tier: 'cookie', lifetime: 'device', passed: [{ tier: 'localStorage', code: 'quota' }] })
    expect(seen.state).toBe('ready')
    expect(seen.token).toBe('jwt'.repeat(100))
    expect(seen.older).toBe('nothing')
    expect(seen.foreign.characters).toBeGreaterThan(5_000_000)
    expect(seen.stillForeign).toEqual(seen.foreign)
    await here.tab.reload()
    expect(await here.tab.evaluate(() => page.open(['localStorage', 'cookie', 'memory']).get('token'))).toBe('jwt'.repeat(100))
  })

  it('is used again by the first write after there is room, and the newer value wins', async () => {
    const receipts = await here.tab.evaluate(async () => {
      const storage = page.open(['localStorage', 'cookie', 'memory'])
      page.fillLocalStorage()
      const full = await storage.set('token', 'while full')
      localStorage.removeItem('foreign-0')
      const free = await storage.set('token', 'with room')
      return { full, free, token: await storage.get('token') }
    })
    expect(receipts.full.tier).toBe('cookie')
    expect(receipts.free).toMatchObject({ tier: 'localStorage', passed: [] })
    expect(receipts.token).toBe('with room')
    await here.tab.reload()
    expect(await here.tab.evaluate(() => page.open(['localStorage', 'cookie', 'memory']).get('token'))).toBe('with room')
    expect(await here.tab.evaluate(() => document.cookie)).not.toContain('while')
  })

  it('loses nothing when a longer value has no room where the shorter one stood', async () => {
    const seen = await here.tab.evaluate(async () => {
      const storage = page.open(['localStorage', 'cookie', 'memory'])
      await storage.set('token', 'short')
      page.fillLocalStorage()
      const receipt = await storage.set('token', 'long '.repeat(200))
      return { receipt, token: await storage.get('token') }
    })
    expect(seen.receipt.tier).toBe('cookie')
    expect(seen.token).toBe('long '.repeat(200))
    await here.tab.reload()
    expect(await here.tab.evaluate(() => page.open(['localStorage', 'cookie', 'memory']).get('token'))).toBe('long '.repeat(200))
  })
}

function longForCookie(here: Opened): void {
  it('goes to the next tier, and the older, shorter cookie goes away', async () => {
    const seen = await here.tab.evaluate(async () => {
      const storage = page.open(['cookie', 'localStorage'])
      const short = await storage.set('token', 'short')
      const cookie = document.cookie
      const long = await storage.set('token', 'x'.repeat(5000))
      return { short, cookie, long, after: document.cookie, token: await storage.get('token') }
    })
    expect(seen.short).toMatchObject({ tier: 'cookie', passed: [] })
    expect(seen.cookie).toContain('short')
    expect(seen.long).toMatchObject({ tier: 'localStorage', passed: [{ tier: 'cookie', code: 'too-large' }] })
    expect(seen.after).not.toContain('short')
    expect(seen.token).toBe('x'.repeat(5000))
    await here.tab.reload()
    expect(await here.tab.evaluate(() => page.open(['cookie', 'localStorage']).get('token'))).toBe('x'.repeat(5000))
  })

  it('is cut into several where that is allowed, and comes back to the byte', async () => {
    const long = Array.from({ length: 1500 }, (_, index) => `${index}é🎉;=,%"\\`).join('').slice(0, 3000)
    const seen = await here.tab.evaluate(async (value) => {
      const receipt = await page.open(['cookie in chunks']).set('token', value)
      return { receipt, lengths: Object.entries(page.cookies()).map(([name, text]) => name.length + text.length) }
    }, long)
    expect(seen.receipt).toMatchObject({ tier: 'cookie', passed: [] })
    expect(seen.lengths.length).toBeGreaterThan(2)
    expect(Math.max(...seen.lengths)).toBeLessThanOrEqual(4096)
    await here.tab.reload()
    expect(await here.tab.evaluate(() => page.open(['cookie in chunks']).get('token'))).toBe(long)
    const left = await here.tab.evaluate(async () => {
      await page.open(['cookie in chunks']).set('token', 'short')
      return Object.keys(page.cookies()).length
    })
    expect(left).toBe(1)
  })

  it('reads as absent when any one of its cookies is gone, and can be written again', async () => {
    const seen = await here.tab.evaluate(async () => {
      const value = 'x'.repeat(9000)
      const answers: string[] = []
      await page.open(['cookie in chunks']).set('token', value)
      const names = Object.keys(page.cookies())
      for (const [index] of names.entries()) {
        const storage = page.open(['cookie in chunks'])
        await storage.set('token', value)
        page.expire(Object.keys(page.cookies())[index] ?? 'none')
        answers.push(String(await storage.get('token')))
      }
      await page.storage?.set('token', 'again')
      return { chunks: names.length, answers, again: await page.storage?.get('token') }
    })
    expect(seen.chunks).toBeGreaterThan(2)
    expect(seen.answers).toEqual(Array(seen.chunks).fill('undefined'))
    expect(seen.again).toBe('again')
  })
}
