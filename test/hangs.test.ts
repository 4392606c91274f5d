import { describe, expect, test } from 'vitest'
import { isSettled, later } from './ground/promises.js'
import { visitor, windowOf } from './ground/visitor.js'

describe('a tier that hangs', () => {
  test('costs one deadline, once, whatever the number of storages and keys', async () => {
    const browser = visitor('localStorage', 'memory')
    const { clock, load } = browser
    const chain = browser.tiers()
    browser.plans['localStorage']!.hangs = true
    const storages = ['one', 'two', 'three'].map((namespace) => load({ tiers: chain, namespace }))
    const work = storages.flatMap((storage) => Array.from({ length: 20 }, (_, index) => (index % 2 ? storage.get(`key${index}`) : storage.set(`key${index}`, index))))
    const all = Promise.all(work)
    await clock.advance(1499)
    expect(await isSettled(all)).toBe(false)
    await clock.advance(1)
    expect(await isSettled(all)).toBe(true)
    await clock.advance(1000)
    const next = Promise.all(storages.flatMap((storage) => [storage.get('key1'), storage.set('key2', 2), storage.remove('key3'), storage.keys()]))
    expect(await isSettled(next)).toBe(true)
    await clock.advance(30_000)
    expect(await isSettled(Promise.all(storages.map((storage) => storage.get('key1'))))).toBe(true)
  })

  test('is bounded by the deadline that was asked for', async () => {
    const browser = visitor('localStorage', 'memory')
    browser.plans['localStorage']!.hangs = true
    const storage = browser.load({ deadline: 200 })
    const receipt = storage.set('token', 'abc')
    await browser.clock.advance(199)
    expect(await isSettled(receipt)).toBe(false)
    await browser.clock.advance(1)
    expect((await receipt).passed).toEqual([{ tier: 'localStorage', code: 'timeout' }])
  })

  test('is used again once a late answer shows that it is well', async () => {
    const browser = visitor('localStorage', 'memory')
    const storage = browser.load()
    const answer = later()
    browser.plans['localStorage']!.late = answer.promise
    const slow = storage.set('token', 'slow')
    await browser.clock.advance(1500)
    expect((await slow).tier).toBe('memory')
    delete browser.plans['localStorage']!.late
    answer.settle()
    await browser.clock.advance(0)
    expect((await storage.status()).tiers[0]?.state).toBe('ready')
    expect(await storage.set('token', 'fast')).toMatchObject({ tier: 'localStorage', passed: [] })
    expect(await storage.get('token')).toBe('fast')
  })

  test('is used again once its trial is answered, also where others are told meanwhile why it was down', async () => {
    const browser = visitor('localStorage', 'memory')
    const storage = browser.load()
    browser.plans['localStorage']!.hangs = true
    const slow = storage.set('token', 'slow')
    await browser.clock.advance(1500)
    expect((await slow).tier).toBe('memory')
    delete browser.plans['localStorage']!.hangs
    await browser.clock.advance(1000)
    await Promise.all([storage.keys(), storage.get('token')])
    expect(await storage.set('token', 'fast')).toMatchObject({ tier: 'localStorage', passed: [] })
  })
})

describe('every verb over a tier that hangs', () => {
  test.each(['get', 'has', 'take', 'touch', 'inspect', 'remove', 'keys', 'clear', 'sweep', 'status', 'flush', 'close', 'destroy'] as const)('%s answers after one deadline', async (verb) => {
    const browser = visitor('indexedDB', 'localStorage')
    browser.plans['indexedDB']!.hangs = true
    const storage = browser.load()
    const verbs = { ...storage, status: () => storage.status({ probe: true }) } as unknown as Record<string, (key: string) => Promise<unknown>>
    const answer = verbs[verb]!('token')
    await browser.clock.advance(1500)
    expect(await isSettled(answer)).toBe(true)
    await answer
  })

  test('a page that is looked at again tries it in the background, and flush waits for one deadline', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    const page = windowOf(browser.clock)
    browser.plans['indexedDB']!.hangs = true
    const storage = browser.load({ env: page.env })
    const receipt = storage.set('token', 'abc')
    await browser.clock.advance(1500)
    await receipt
    page.fire('pageshow')
    page.show('visible')
    expect(await isSettled(storage.get('token'))).toBe(true)
    const flushed = storage.flush()
    await browser.clock.advance(1500)
    expect(await isSettled(flushed)).toBe(true)
  })

  test('close waits for a write that is under way, and for no longer than its deadline', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    browser.plans['indexedDB']!.hangs = true
    const storage = browser.load()
    const receipt = storage.set('token', 'abc')
    const closed = storage.close()
    await browser.clock.advance(1500)
    expect([await isSettled(receipt), await isSettled(closed)]).toEqual([true, true])
    expect((await receipt).tier).toBe('localStorage')
  })
})
