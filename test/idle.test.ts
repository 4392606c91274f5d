import { describe, expect, test } from 'vitest'
import { createStorage } from 'holdfast'
import { fakeClock, inMemory } from 'holdfast/testing'
import { domError } from './ground/failure.js'
import { visitor } from './ground/visitor.js'

const DAY = 86_400_000

describe('a namespace that is forgotten once idle', () => {
  test('is kept as long as it is used, by reads as well as by writes', async () => {
    const browser = visitor('localStorage', 'memory')
    await browser.load({ idle: '2d' }).set('token', 'abc')
    for (let day = 0; day < 5; day++) {
      await browser.clock.advance(DAY)
      expect(await browser.load({ idle: '2d' }).get('token')).toBe('abc')
    }
    await browser.clock.advance(DAY)
    await browser.load({ idle: '2d' }).set('step', 1)
    await browser.clock.advance(1.5 * DAY)
    expect(await browser.load({ idle: '2d' }).get('token')).toBe('abc')
  })

  test('is gone once it was not used for so long, on a page that stayed open too', async () => {
    const browser = visitor('localStorage', 'memory')
    const open = browser.load({ idle: '2d' })
    await open.set('token', 'abc')
    await open.set('visitor', 'def', { ttl: '30d' })
    await browser.clock.advance(2.1 * DAY)
    const next = browser.load({ idle: '2d' })
    expect(await next.get('token')).toBeUndefined()
    expect(await next.keys()).toEqual([])
    expect(await open.get('visitor')).toBeUndefined()
  })

  test('may be used anew afterwards', async () => {
    const browser = visitor('localStorage', 'memory')
    await browser.load({ idle: '2d' }).set('token', 'old')
    await browser.clock.advance(3 * DAY)
    const storage = browser.load({ idle: '2d' })
    await storage.set('token', 'new')
    expect(await storage.get('token')).toBe('new')
    await browser.clock.advance(DAY)
    expect(await browser.load({ idle: '2d' }).get('token')).toBe('new')
  })

  test('is gone from a tier, too, that could not be reached when its time came', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    await browser.load({ idle: '2d' }).set('token', 'abc')
    await browser.clock.advance(3 * DAY)
    browser.plans['indexedDB']!.throws = domError('SecurityError')
    expect(await browser.load({ idle: '2d' }).get('token')).toBeUndefined()
    delete browser.plans['indexedDB']!.throws
    expect(await browser.load({ idle: '2d' }).get('token')).toBeUndefined()
  })
})

describe('the note of the last use', () => {
  test('writes no note where it is only read from and holds nothing', async () => {
    const browser = visitor('localStorage')
    const storage = browser.load({ idle: '2d' })
    await storage.get('token')
    await storage.flush()
    expect(await browser.place('localStorage').names('')).toEqual([])
  })

  test('does not write its note anew with each read', async () => {
    const clock = fakeClock()
    const [tier] = inMemory('localStorage')
    let writes = 0
    const { write } = tier!
    tier!.write = (changes) => {
      writes++
      return write(changes)
    }
    const storage = createStorage({ namespace: 'acme-chat', tiers: [tier!], now: clock.now, env: clock.env, idle: '2d' })
    await storage.set('token', 'abc')
    await storage.get('token')
    const before = writes
    for (let time = 0; time < 100; time++) {
      await clock.advance(1000)
      await storage.get('token')
    }
    expect(writes - before).toBeLessThan(5)
  })

  test('spares the namespaces beside it', async () => {
    const browser = visitor('localStorage')
    await browser.load({ idle: '2d' }).set('token', 'abc')
    await browser.load({ namespace: 'acme-chatbot' }).set('token', 'def')
    await browser.clock.advance(3 * DAY)
    await browser.load({ idle: '2d' }).get('token')
    expect(await browser.load({ namespace: 'acme-chatbot' }).get('token')).toBe('def')
  })
})
