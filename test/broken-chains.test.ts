import { describe, expect, test } from 'vitest'
import { createStorage } from 'holdfast'
import { faulty } from 'holdfast/testing'
import { domError, failureOf } from './ground/failure.js'
import { visitor } from './ground/visitor.js'

const broken = domError('SecurityError')

describe('a chain of which nothing can be read', () => {
  test('says so: a get rejects and names each tier and its reason', async () => {
    const browser = visitor('localStorage', 'sessionStorage')
    browser.plans['localStorage']!.throws = broken
    browser.plans['sessionStorage']!.throws = domError('InvalidStateError')
    const storage = browser.load()
    for (const act of [() => storage.get('token'), () => storage.has('token'), () => storage.take('token'), () => storage.getMany(['token']), () => storage.inspect('token'), () => storage.touch('token')]) {
      const error = await failureOf(act)
      expect(error).toMatchObject({ code: 'no-tier', attempts: [{ tier: 'localStorage', code: 'unavailable' }, { tier: 'sessionStorage', code: 'lost' }] })
      expect(error.cause).toBeDefined()
    }
    expect((await failureOf(() => storage.keys())).code).toBe('no-tier')
    expect((await failureOf(() => storage.clear())).code).toBe('no-tier')
  })

  test('is told apart from an absent value: one tier that answers is enough', async () => {
    const browser = visitor('localStorage', 'sessionStorage')
    browser.plans['localStorage']!.throws = broken
    expect(await browser.load().get('token')).toBeUndefined()
  })

  test('has no place for a value: set rejects and names each tier and its reason', async () => {
    const browser = visitor('localStorage', 'sessionStorage')
    browser.plans['localStorage']!.quota = 0
    browser.plans['sessionStorage']!.throws = broken
    const error = await failureOf(() => browser.load().set('token', 'abc'))
    expect(error).toMatchObject({ code: 'no-tier', attempts: [{ tier: 'localStorage', code: 'quota' }, { tier: 'sessionStorage', code: 'unavailable' }] })
    expect(error.message).toContain('token')
  })
})

describe('what faulty browsers do to a ladder', () => {
  test('each rung in turn: the value is written and read as long as one is left', async () => {
    const names = ['indexedDB', 'localStorage', 'sessionStorage', 'cookie', 'memory']
    const browser = visitor(...names)
    for (const [index, name] of names.entries()) {
      const storage = browser.load()
      expect((await storage.set('token', `value ${index}`)).tier).toBe(name)
      expect(await storage.get('token')).toBe(`value ${index}`)
      browser.plans[name]!.throws = broken
    }
    expect((await failureOf(() => browser.load().set('token', 'nowhere'))).attempts).toHaveLength(5)
  })

  test('a connection that is lost between two operations of one storage costs no value', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    const storage = createStorage({ namespace: 'acme-chat', tiers: [faulty(browser.place('indexedDB'), browser.plans['indexedDB']!), browser.tiers()[1]!], now: browser.clock.now, env: browser.clock.env })
    browser.plans['indexedDB']!.drops = 1
    await storage.set('token', 'abc')
    expect(await storage.get('token')).toBe('abc')
    await browser.clock.advance(1000)
    expect(await storage.get('token')).toBe('abc')
  })

  test('an evicted tier is empty, and that is no removal: the next one is still read', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    browser.plans['indexedDB']!.throws = broken
    await browser.load().set('token', 'abc')
    delete browser.plans['indexedDB']!.throws
    browser.plans['indexedDB']!.evicts = true
    expect(await browser.load().get('token')).toBe('abc')
  })
})
