import { describe, expect, test } from 'vitest'
import type { Env } from '../src/contracts.js'
import { createStorage } from '../src/storage.js'
import { key } from '../src/rule.js'
import { defineKeys } from '../src/rules.js'
import { cookieTier } from '../src/tiers/cookie.js'
import { localStorageTier } from '../src/tiers/local-storage.js'
import { cookieJar } from '../src/testing/index.js'

const keys = defineKeys({
  visitor: key<string>({ name: 'LivePersonID', path: '/', ttl: '1y' }),
  visit: key<string>({ name: 'LivePersonID', path: '/hc/123', ttl: 'session' }),
  other: key<string>({ path: '/hc/123' }),
})

/** Pages of one browser, each with a storage of its own. */
const ground = (namespace = '') => {
  const jar = cookieJar()
  return {
    load: (path = '/hc/123/window') => createStorage({ namespace, tiers: [cookieTier({ env: jar.at('https://chat.vendor.test' + path) as Env })], keys, env: {} }),
    names: (path: string) => jar.at('https://chat.vendor.test' + path).document!.cookie.split('; ').filter(Boolean).map((cookie) => cookie.split('=')[0]),
  }
}

describe.each(['', 'classic'])("keys of one cookie name at two paths, namespace '%s'", (namespace) => {
  test('are two values, whichever is written first, and stay so on the next page', async () => {
    const { load } = ground(namespace)
    for (const order of [['visitor', 'visit'], ['visit', 'visitor']] as const) {
      const storage = load()
      for (const one of order) expect(await storage.set(one, one)).toMatchObject({ tier: 'cookie', passed: [] })
      expect([await load().get('visitor'), await load().get('visit')]).toEqual(['visitor', 'visit'])
      expect((await load().keys()).sort()).toEqual(['visit', 'visitor'])
    }
  })

  test('are removed one by one, and by clear together', async () => {
    const { load } = ground(namespace)
    const storage = load()
    await storage.setMany([['visitor', 'one'], ['visit', 'two'], ['other', 'three']])
    await storage.remove('visit')
    expect([await load().get('visitor'), await load().get('visit'), await load().get('other')]).toEqual(['one', undefined, 'three'])
    await storage.set('visit', 'four')
    await storage.remove('visitor')
    expect([await load().get('visitor'), await load().get('visit')]).toEqual([undefined, 'four'])
    await storage.clear()
    expect(await load().keys()).toEqual([])
  })

  test('are of no use to each other: one alone is no damage to the other', async () => {
    const { load } = ground(namespace)
    const storage = load()
    const heard: unknown[] = []
    storage.on('corrupt', (event) => heard.push(event))
    await storage.set('visit', 'two')
    expect(await storage.get('visitor')).toBeUndefined()
    await storage.sweep()
    expect(await storage.get('visit')).toBe('two')
    expect(heard).toEqual([])
  })

  test('leave nothing behind after destroy', async () => {
    const { load, names } = ground(namespace)
    const storage = load()
    await storage.setMany([['visitor', 'one'], ['visit', 'two'], ['other', 'three']])
    expect(await storage.destroy()).toEqual({ unreached: [] })
    expect(names('/hc/123/window')).toEqual([])
  })

  test('are seen where their path is: a page elsewhere reads the one of the whole host', async () => {
    const { load } = ground(namespace)
    await load().setMany([['visitor', 'one'], ['visit', 'two']])
    const elsewhere = load('/shop')
    expect(await elsewhere.get('visitor')).toBe('one')
    // Cannot tell, which is not absent.
    await expect(elsewhere.get('visit')).rejects.toMatchObject({ code: 'no-tier', attempts: [{ tier: 'cookie', code: 'unavailable' }] })
    await expect(elsewhere.set('visit', 'lost')).rejects.toMatchObject({ code: 'no-tier', attempts: [{ tier: 'cookie', code: 'unavailable' }] })
  })
})

test('two keys of one name are refused without paths, and in a tier that has none', () => {
  expect(() => defineKeys({ one: key({ name: 'same' }), two: key({ name: 'same' }) })).toThrow('keys.two.name')
  expect(() => defineKeys({ one: key(), two: key({ name: 'one' }) })).toThrow('keys.two.name')
  expect(() => defineKeys({ one: key({ name: '' }) })).toThrow('keys.one.name')
  expect(() => defineKeys({ one: key({ path: 'chat' }) })).toThrow('keys.one.path')
  expect(() => defineKeys({ one: key({ path: '/a; Domain=evil' }) })).toThrow('keys.one.path')
  expect(() => defineKeys({ one: key({ reach: 'world' as 'site' }) })).toThrow('keys.one.reach')
  expect(() => createStorage({ namespace: '', keys, tiers: [localStorageTier()] })).toThrow('keys.visitor.path')
})
