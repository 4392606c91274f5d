import { describe, expect, test } from 'vitest'
import { domError, failureOf } from './ground/failure.js'
import { later } from './ground/promises.js'
import { visitor } from './ground/visitor.js'

const broken = domError('SecurityError')

/** The text that a place holds of a key, past every fault; `null`: a tombstone. */
const held = async ({ place }: ReturnType<typeof visitor>, tier: string, key: string): Promise<string | null | undefined> => (await place(tier).read([`acme-chat.${key}`]))[0]?.text

describe('a removed value', () => {
  test('reads as absent, on this page and on the next', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const storage = browser.load()
    await storage.set('token', 'abc')
    await storage.remove('token')
    expect(await storage.get('token')).toBeUndefined()
    expect(await storage.has('token')).toBe(false)
    expect(await storage.keys()).toEqual([])
    expect(await browser.load().get('token')).toBeUndefined()
  })

  test('stays removed when the tier that held it was down and comes back', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const storage = browser.load()
    await storage.set('token', 'abc')
    browser.plans['indexedDB']!.throws = broken
    await storage.remove('token')
    expect(await storage.get('token')).toBeUndefined()
    delete browser.plans['indexedDB']!.throws
    await browser.clock.advance(60_000)
    expect(await storage.get('token')).toBeUndefined()
    expect(await storage.keys()).toEqual([])
    await storage.flush()
    expect(await held(browser, 'indexedDB', 'token')).not.toBe('"abc"')
  })

  test('stays removed on a page that is loaded before and after the tier comes back', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    await browser.load().set('token', 'abc')
    browser.plans['indexedDB']!.throws = broken
    await browser.load().remove('token')
    expect(await browser.load().get('token')).toBeUndefined()
    delete browser.plans['indexedDB']!.throws
    expect(await browser.load().get('token')).toBeUndefined()
    const last = browser.load()
    expect(await last.has('token')).toBe(false)
    await last.flush()
    expect(await held(browser, 'indexedDB', 'token')).not.toBe('"abc"')
    expect(await browser.load().get('token')).toBeUndefined()
  })

  test('stays removed where the tier hung while it was removed', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const storage = browser.load()
    await storage.set('token', 'abc')
    browser.plans['indexedDB']!.hangs = true
    const removed = storage.remove('token')
    await browser.clock.advance(1500)
    await removed
    browser.plans['indexedDB']!.hangs = false
    expect(await browser.load().get('token')).toBeUndefined()
    await browser.clock.advance(1000)
    expect(await storage.get('token')).toBeUndefined()
  })
})

describe('a removed value of which an older copy is elsewhere', () => {
  test('stays removed after a year, when nothing else is left that could remember', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    await browser.load().set('token', 'abc')
    browser.plans['indexedDB']!.throws = broken
    await browser.load().remove('token')
    delete browser.plans['indexedDB']!.throws
    await browser.clock.advance(365 * 86_400_000)
    expect(await browser.load().get('token')).toBeUndefined()
  })

  test('stays removed when another tab still holds a copy in its sessionStorage', async () => {
    const browser = visitor('localStorage', 'sessionStorage')
    const other = visitor('sessionStorage')
    browser.plans['localStorage']!.throws = broken
    const tab = browser.load({ tiers: [browser.tiers()[0]!, other.tiers()[0]!] })
    await tab.set('token', 'of the other tab')
    delete browser.plans['localStorage']!.throws
    const here = browser.load()
    await browser.clock.advance(1)
    await here.set('token', 'of this tab')
    await here.remove('token')
    await browser.clock.advance(60_000)
    expect(await tab.get('token')).toBeUndefined()
  })

  test('may be set again, and the new value is read wherever the old one was', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    await browser.load().set('token', 'old')
    browser.plans['indexedDB']!.throws = broken
    const storage = browser.load()
    await storage.remove('token')
    await storage.set('token', 'new')
    delete browser.plans['indexedDB']!.throws
    await browser.clock.advance(60_000)
    expect(await storage.get('token')).toBe('new')
    expect(await browser.load().get('token')).toBe('new')
  })
})

describe('a removal', () => {
  test('that no tier could be told of is not removed: it rejects and names each tier', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    const storage = browser.load()
    await storage.set('token', 'abc')
    browser.plans['indexedDB']!.throws = broken
    browser.plans['localStorage']!.throws = domError('InvalidStateError')
    const error = await failureOf(() => storage.remove('token'))
    expect(error.code).toBe('no-tier')
    expect(error.attempts?.map(({ tier, code }) => [tier, code])).toEqual([['indexedDB', 'unavailable'], ['localStorage', 'lost']])
  })

  test('removing what is not there is no error', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    expect(await browser.load().remove('token')).toBeUndefined()
  })

  test('stays removed when the clock is set back', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const storage = browser.load()
    await storage.set('token', 'abc')
    browser.clock.jump(-86_400_000)
    await storage.remove('token')
    expect(await storage.get('token')).toBeUndefined()
    expect(await browser.load().get('token')).toBeUndefined()
  })

  test('stays removed on a page whose clock is behind the one that wrote it', async () => {
    const browser = visitor('localStorage', 'memory')
    await browser.load().set('token', 'abc')
    browser.clock.jump(-86_400_000)
    await browser.load().remove('token')
    expect(await browser.load().get('token')).toBeUndefined()
  })
})

describe('a superseded value', () => {
  test('stays superseded when the tier that held it comes back', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const storage = browser.load()
    await storage.set('token', 'old')
    browser.plans['indexedDB']!.throws = broken
    await storage.set('token', 'new')
    delete browser.plans['indexedDB']!.throws
    await browser.clock.advance(60_000)
    expect(await storage.get('token')).toBe('new')
    expect(await browser.load().get('token')).toBe('new')
  })

  test('stays superseded after the newer value has expired', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    await browser.load().set('token', 'old')
    browser.plans['indexedDB']!.throws = broken
    await browser.load().set('token', 'new', { ttl: '1h' })
    await browser.clock.advance(3_600_000)
    expect(await browser.load().get('token')).toBeUndefined()
    delete browser.plans['indexedDB']!.throws
    expect(await browser.load().get('token')).toBeUndefined()
    const last = browser.load()
    await last.sweep()
    await last.flush()
    expect(await browser.load().get('token')).toBeUndefined()
  })

  test('stays superseded after a sweep took the newer value away while the tier was still down', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    await browser.load().set('token', 'old')
    browser.plans['indexedDB']!.throws = broken
    const storage = browser.load()
    await storage.set('token', 'new', { ttl: '1h' })
    await browser.clock.advance(3_600_000)
    await storage.sweep()
    await storage.flush()
    delete browser.plans['indexedDB']!.throws
    expect(await browser.load().get('token')).toBeUndefined()
  })
})

describe('a value superseded by one in another kind of place', () => {
  test('stays superseded when the newer one went to memory and the page is gone', async () => {
    const browser = visitor('localStorage', 'memory')
    const storage = browser.load()
    await storage.set('token', 'old')
    browser.plans['localStorage']!.quota = 0
    expect((await storage.set('token', 'far too long for what is left')).tier).toBe('memory')
    expect(await held(browser, 'localStorage', 'token')).not.toBe('"old"')
    expect(await browser.load().get('token')).toBeUndefined()
  })

  test('goes from a tier whose quota is hit, though the newer one has no place there', async () => {
    const browser = visitor('localStorage', 'sessionStorage')
    const storage = browser.load()
    await storage.set('token', 'old')
    browser.plans['localStorage']!.quota = 60
    const receipt = await storage.set('token', 'x'.repeat(100))
    expect([receipt.tier, receipt.passed]).toEqual(['sessionStorage', [{ tier: 'localStorage', code: 'quota' }]])
    expect(await held(browser, 'localStorage', 'token')).not.toBe('"old"')
    expect(await storage.get('token')).toBe('x'.repeat(100))
  })

  test('stays superseded when the newer one was asked for a shorter lifetime', async () => {
    const browser = visitor('indexedDB', 'sessionStorage', 'memory')
    await browser.load().set('step', 'old')
    await browser.load().set('step', 'new', { ttl: 'page' })
    expect(await browser.load().get('step')).toBeUndefined()
  })
})

describe('a write that answers late', () => {
  test('never beats a newer write', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const answer = later()
    const storage = browser.load()
    browser.plans['indexedDB']!.late = answer.promise
    const slow = storage.set('token', 'slow')
    await browser.clock.advance(1500)
    expect((await slow).tier).toBe('localStorage')
    await storage.set('token', 'newer')
    answer.settle()
    delete browser.plans['indexedDB']!.late
    await browser.clock.advance(0)
    expect(await storage.get('token')).toBe('newer')
    await browser.clock.advance(60_000)
    expect(await storage.get('token')).toBe('newer')
    expect(await browser.load().get('token')).toBe('newer')
  })

  test('never undoes a removal', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const answer = later()
    const storage = browser.load()
    browser.plans['indexedDB']!.late = answer.promise
    const slow = storage.set('token', 'slow')
    await browser.clock.advance(1500)
    await slow
    await storage.remove('token')
    answer.settle()
    delete browser.plans['indexedDB']!.late
    await browser.clock.advance(0)
    expect(await browser.load().get('token')).toBeUndefined()
    expect(await storage.get('token')).toBeUndefined()
    await browser.clock.advance(60_000)
    expect(await storage.get('token')).toBeUndefined()
  })
})

describe('a write that answers late, after a clear or alone', () => {
  test('never undoes a clear', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const answer = later()
    const storage = browser.load()
    browser.plans['indexedDB']!.late = answer.promise
    const slow = storage.set('token', 'slow')
    await browser.clock.advance(1500)
    await slow
    await storage.clear()
    answer.settle()
    delete browser.plans['indexedDB']!.late
    await browser.clock.advance(0)
    expect(await browser.load().get('token')).toBeUndefined()
    await browser.clock.advance(60_000)
    expect(await storage.get('token')).toBeUndefined()
  })

  test('that fell through is still read once, with its own value', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const answer = later()
    const storage = browser.load()
    browser.plans['indexedDB']!.late = answer.promise
    const slow = storage.set('token', 'slow')
    await browser.clock.advance(1500)
    await slow
    answer.settle()
    delete browser.plans['indexedDB']!.late
    await browser.clock.advance(60_000)
    expect(await storage.get('token')).toBe('slow')
    await storage.remove('token')
    expect(await browser.load().get('token')).toBeUndefined()
  })
})
