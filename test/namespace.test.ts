import { describe, expect, test } from 'vitest'
import type { Tier } from 'holdfast'
import { createStorage, defineKeys, key, localStorageTier, memoryTier, sessionStorageTier } from 'holdfast'
import { inMemory } from 'holdfast/testing'
import { contentsOf, storageObjects } from './ground/dom.js'
import { domError, failureOf } from './ground/failure.js'
import { turns } from './ground/promises.js'
import { visitor } from './ground/visitor.js'

const broken = domError('SecurityError')

describe('a namespace', () => {
  test('is kept apart from one whose name begins with it', async () => {
    const env = storageObjects()
    const of = (namespace: string) => createStorage({ namespace, tiers: [localStorageTier({ env }), sessionStorageTier({ env })] })
    const [chat, chatbot] = [of('chat'), of('chatbot')]
    await chat.set('token', 'of chat')
    await chatbot.set('token', 'of chatbot')
    await chatbot.set('step', 1, { ttl: 'tab' })
    expect(await chat.keys()).toEqual(['token'])
    await chat.clear()
    expect(await chat.get('token')).toBeUndefined()
    expect(await chatbot.get('token')).toBe('of chatbot')
    await chat.destroy()
    expect((await chatbot.keys()).sort()).toEqual(['step', 'token'])
  })

  test('stores names as namespace.key, and holds nothing else', async () => {
    const env = storageObjects()
    await createStorage({ namespace: 'acme-chat', tiers: [localStorageTier({ env })] }).set('a.b', 1)
    expect(Object.keys(contentsOf(env.localStorage))).toEqual(['acme-chat.a.b'])
  })

  test('leaves what the page keeps beside it alone, whatever is asked of it', async () => {
    const env = storageObjects()
    const foreign = { 'acme-chat': 'bare', 'acme-chat-legacy': '1', 'acme-chat.settings': '{"theme":"dark"}', acme: '', 'other.token': 'x' }
    for (const [name, text] of Object.entries(foreign)) env.localStorage.setItem(name, text)
    const storage = createStorage({ namespace: 'acme-chat', tiers: [localStorageTier({ env })], idle: '1d' })
    await storage.set('token', 'abc')
    await storage.keys()
    await storage.sweep()
    await storage.clear()
    await storage.status({ probe: true })
    await storage.flush()
    await storage.destroy()
    expect(contentsOf(env.localStorage)).toEqual(foreign)
  })
})

describe('the keys of a namespace', () => {
  test('lists its keys once each, from every tier, and neither tombstones nor what has expired', async () => {
    const browser = visitor('indexedDB', 'sessionStorage', 'memory')
    const storage = browser.load()
    await storage.set('lasting', 1)
    await storage.set('of the tab', 1, { ttl: 'tab' })
    await storage.set('of the page', 1, { ttl: 'page' })
    await storage.set('short', 1, { ttl: 1000 })
    await storage.set('gone', 1)
    await storage.remove('gone')
    await browser.clock.advance(1000)
    expect((await storage.keys()).sort()).toEqual(['lasting', 'of the page', 'of the tab'])
  })

  test("named '' keeps the names of its keys as they are, and knows no others", async () => {
    const env = storageObjects()
    env.localStorage.setItem('lpLastVisit', '1')
    env.localStorage.setItem('other', 'x')
    const keys = defineKeys({ 'lp-session': key<string>(), 'lp.visitor': key<number>() })
    const storage = createStorage({ namespace: '', tiers: [localStorageTier({ env }), memoryTier()], keys })
    await storage.set('lp-session', 'abc')
    expect(Object.keys(contentsOf(env.localStorage)).sort()).toEqual(['lp-session', 'lpLastVisit', 'other'])
    expect(await storage.keys()).toEqual(['lp-session'])
    expect((await failureOf(() => storage.get('other' as 'lp-session'))).code).toBe('unknown-key')
    await storage.sweep()
    await storage.clear()
    expect(await storage.get('lp-session')).toBeUndefined()
    await storage.set('lp.visitor', 7)
    await storage.destroy()
    expect(contentsOf(env.localStorage)).toEqual({ lpLastVisit: '1', other: 'x' })
  })
})

describe('clear', () => {
  test('removes every key of every tier, and leaves no value and one small epoch', async () => {
    const env = storageObjects()
    const storage = createStorage({ namespace: 'acme-chat', tiers: [localStorageTier({ env }), sessionStorageTier({ env }), memoryTier()] })
    for (const ttl of ['forever', 'tab', 'page'] as const) await storage.set(`key ${ttl}`, ttl, { ttl })
    await storage.clear()
    expect(await storage.keys()).toEqual([])
    expect(await storage.getMany(['key forever', 'key tab', 'key page'])).toEqual(new Map())
    for (const area of [env.localStorage, env.sessionStorage]) {
      const texts = Object.entries(contentsOf(area))
      expect(texts.length).toBeLessThanOrEqual(1)
      expect(texts.flat().join('').length).toBeLessThan(100)
    }
  })

  test('beats the copies of a tier that cannot be reached, on this page and on the next', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const storage = browser.load()
    await storage.setMany([['one', 1], ['two', 2]])
    browser.plans['indexedDB']!.throws = broken
    await storage.clear()
    expect(await storage.keys()).toEqual([])
    delete browser.plans['indexedDB']!.throws
    expect(await browser.load().get('one')).toBeUndefined()
    expect(await browser.load().keys()).toEqual([])
    await browser.clock.advance(60_000)
    expect(await storage.get('two')).toBeUndefined()
    expect(await storage.keys()).toEqual([])
    await storage.flush()
    const copies = await browser.place('indexedDB').read(['acme-chat.one', 'acme-chat.two'])
    expect(copies.map((copy) => copy?.text ?? null)).toEqual([null, null])
  })

  test('beats the copies of a tier that hangs, and costs one deadline', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    const storage = browser.load()
    await storage.set('token', 'abc')
    browser.plans['indexedDB']!.hangs = true
    const cleared = storage.clear()
    await browser.clock.advance(1500)
    await cleared
    browser.plans['indexedDB']!.hangs = false
    expect(await browser.load().get('token')).toBeUndefined()
  })
})

describe('clear, and what comes after it', () => {
  test('spares what is set after it, also where the clock was set back', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const storage = browser.load()
    await storage.set('token', 'before')
    await storage.clear()
    await storage.set('token', 'after')
    expect(await storage.get('token')).toBe('after')
    expect(await browser.load().get('token')).toBe('after')
    await storage.clear()
    browser.clock.jump(-86_400_000)
    const behind = browser.load()
    await behind.set('token', 'behind')
    expect(await behind.get('token')).toBe('behind')
    expect(await browser.load().get('token')).toBe('behind')
  })

  test('resolves when the values are gone, also from a tier that takes its time', async () => {
    const [place] = inMemory('indexedDB')
    const slow: Tier = {
      ...place!,
      traits: { lifetimes: ['device'], reach: 'origin' },
      async write(changes) {
        await turns(3)
        return place!.write(changes)
      },
    }
    const storage = createStorage({ namespace: 'acme-chat', tiers: [slow, memoryTier()] })
    await storage.setMany([['a', 1], ['b', 2]])
    await storage.clear()
    expect(await place!.names('')).toEqual(['acme-chat.'])
  })

  test('is compared within its own chain by each key', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    const keys = defineKeys({ token: key<string>({ tiers: ['localStorage'] }), step: key<number>() })
    const storage = browser.load({ keys })
    await storage.set('token', 'abc')
    await storage.set('step', 1)
    await storage.clear()
    expect(await storage.keys()).toEqual([])
    await storage.set('token', 'def')
    expect(await browser.load({ keys }).get('token')).toBe('def')
  })
})

describe('destroy', () => {
  test('leaves nothing, tombstones and epochs included, and ends the storage', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'sessionStorage', 'cookie', 'memory')
    const storage = browser.load()
    await storage.set('one', 1)
    await storage.set('two', 2, { ttl: 'tab' })
    await storage.set('three', 3)
    browser.plans['indexedDB']!.throws = broken
    await storage.remove('three')
    await storage.clear()
    await storage.set('four', 4)
    delete browser.plans['indexedDB']!.throws
    await browser.clock.advance(60_000)
    expect(await storage.destroy()).toEqual({ unreached: [] })
    for (const name of ['indexedDB', 'localStorage', 'sessionStorage', 'cookie']) expect([name, await browser.place(name).names('')]).toEqual([name, []])
    expect((await failureOf(() => storage.get('one'))).code).toBe('closed')
    const next = browser.load()
    expect(await next.get('one')).toBeUndefined()
    await next.set('one', 'anew')
    expect(await browser.load().get('one')).toBe('anew')
  })

  test('says which tiers did not answer, and why', async () => {
    const browser = visitor('indexedDB', 'localStorage', 'memory')
    const storage = browser.load()
    await storage.set('token', 'abc')
    browser.plans['indexedDB']!.throws = broken
    expect(await storage.destroy()).toMatchObject({ unreached: [{ tier: 'indexedDB', code: 'unavailable' }] })
    expect(await browser.place('localStorage').names('')).toEqual([])
  })

  test('waits for a tier that hangs one deadline, and no longer', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    const storage = browser.load()
    await storage.set('token', 'abc')
    browser.plans['indexedDB']!.hangs = true
    const destroyed = storage.destroy()
    await browser.clock.advance(1500)
    expect(await destroyed).toMatchObject({ unreached: [{ tier: 'indexedDB', code: 'timeout' }] })
  })
})

describe('destroy, and what stands beside it', () => {
  test('brings nothing back that it was still planning', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    const storage = browser.load()
    await storage.set('token', 'abc')
    browser.plans['indexedDB']!.throws = broken
    await storage.set('token', 'def')
    delete browser.plans['indexedDB']!.throws
    await browser.clock.advance(1000)
    await storage.destroy()
    await browser.clock.advance(3_600_000)
    for (const name of ['indexedDB', 'localStorage']) expect([name, await browser.place(name).names('')]).toEqual([name, []])
  })

  test('of one namespace spares another over the same tiers', async () => {
    const tiers = inMemory('localStorage', 'memory')
    const [chat, shop] = ['chat', 'shop'].map((namespace) => createStorage({ namespace, tiers }))
    await chat!.set('token', 1)
    await shop!.set('token', 2)
    await chat!.destroy()
    expect(await shop!.get('token')).toBe(2)
    await shop!.set('token', 3)
    expect(await shop!.get('token')).toBe(3)
  })
})
