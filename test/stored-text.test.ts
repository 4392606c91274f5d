import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, test } from 'vitest'
import type { Tier } from 'holdfast'
import { cookieTier, createStorage, indexedDBTier, localStorageTier, memoryTier, sessionStorageTier } from 'holdfast'
import { cookieJar } from 'holdfast/testing'
import { recordsOf } from './ground/database.js'
import { storageObjects } from './ground/dom.js'

/** A place that the test can look into and write to, past the tier. */
interface Place {
  /** A tier of a page that is loaded now. */
  make: () => Tier
  plant(name: string, text: string): Promise<void> | void
  peek(name: string): Promise<string | undefined> | string | undefined
}

const webStorage = (name: 'localStorage' | 'sessionStorage', make: (options: { env: ReturnType<typeof storageObjects> }) => Tier) => (): Place => {
  const env = storageObjects()
  return {
    make: () => make({ env }),
    plant: (key, text) => env[name].setItem(key, text),
    peek: (key) => env[name].getItem(key) ?? undefined,
  }
}

const cookies = (): Place => {
  const env = cookieJar().at('https://www.brand.test/')
  return {
    make: () => cookieTier({ env }),
    plant: (name, text) => void (env.document!.cookie = `${name}=${encodeURIComponent(text)}; Path=/; Max-Age=3600`),
    peek: (name) => {
      const pair = env.document!.cookie.split('; ').find((one) => one.startsWith(name + '='))
      return pair && decodeURIComponent(pair.slice(name.length + 1))
    },
  }
}

const database = (): Place => {
  const indexedDB = new IDBFactory()
  const records = recordsOf(indexedDB, 'holdfast.acme-chat')
  return { make: () => indexedDBTier({ env: { indexedDB } }), plant: (name, text) => records.put(name, { raw: text }), peek: async (name) => (await records.get(name))?.raw }
}

const places: [string, () => Place][] = [
  ['localStorage', webStorage('localStorage', localStorageTier)],
  ['sessionStorage', webStorage('sessionStorage', sessionStorageTier)],
  ['cookies', cookies],
  ['IndexedDB', database],
]

const TOKEN = 'acme-chat.token'

/** What may stand under our name, made from the text of a valid entry there and of another key's. */
const DAMAGE: [string, (valid: string, neighbour: string) => string][] = [
  ['a text cut short by one unit', (valid) => valid.slice(0, -1)],
  ['the first half of a text', (valid) => valid.slice(0, valid.length / 2)],
  ['the mark of this package alone', () => 'hf1'],
  ['a text in which one letter differs', (valid) => valid.replace(/b/, 'd')],
  ['a text with something after it', (valid) => valid + 'x'],
  ['random bytes', () => '\u0001\u00ff{"\u2028;=%'],
  ["a newer version's text", (valid) => valid.replace(/^hf1/, 'hf2')],
  ["another library's text", () => '{"value":"abc","expires":1999999999999}'],
  ['a bare token', () => 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl'],
  ["a valid entry of another key's", (_, neighbour) => neighbour],
]
const FOREIGN = DAMAGE.filter(([what]) => ['random bytes', "a newer version's text", "another library's text", 'a bare token'].includes(what))

describe.each(places)('under a name of ours in %s', (_, place) => {
  const planted = async (damage: (valid: string, neighbour: string) => string) => {
    const { make, plant, peek } = place()
    const open = () => createStorage<Record<string, string>>({ namespace: 'acme-chat', tiers: [make()] })
    const writer = open()
    await writer.set('token', 'abc')
    await writer.set('neighbour', 'unhurt')
    const text = damage((await peek(TOKEN))!, (await peek('acme-chat.neighbour'))!)
    await plant(TOKEN, text)
    return { open, peek, text }
  }

  test.each(DAMAGE)('%s reads as absent, is reported, and hurts no neighbour', async (_, damage) => {
    const { open } = await planted(damage)
    const storage = open()
    const corrupt: unknown[] = []
    storage.on('corrupt', (detail) => corrupt.push(detail))
    expect(await storage.get('token')).toBeUndefined()
    expect(corrupt).toEqual([{ key: 'token', tier: expect.any(String) as string }])
    expect(await storage.has('token')).toBe(false)
    expect(await storage.take('token')).toBeUndefined()
    expect(await storage.touch('token')).toBeUndefined()
    expect(await storage.keys()).toEqual(['neighbour'])
    expect([...(await storage.getMany(['token', 'neighbour']))]).toEqual([['neighbour', 'unhurt']])
    expect(await storage.get('neighbour')).toBe('unhurt')
  })

  test.each(DAMAGE)('%s is healed by the next set', async (_, damage) => {
    const { open } = await planted(damage)
    const storage = open()
    await storage.set('token', 'new')
    expect(await storage.get('token')).toBe('new')
    expect(await open().get('token')).toBe('new')
    await storage.remove('token')
    expect(await open().get('token')).toBeUndefined()
  })

  test.each(FOREIGN)('%s is not ours to remove: reads, sweeps, clear and destroy leave it', async (_, damage) => {
    const { open, peek, text } = await planted(damage)
    const storage = open()
    await storage.get('token')
    await storage.sweep()
    await storage.clear()
    await storage.flush()
    expect(await peek(TOKEN)).toBe(text)
    await open().destroy()
    expect(await peek(TOKEN)).toBe(text)
  })

  test.each(FOREIGN)('%s is not removed by remove, though a tombstone may take its place', async (_, damage) => {
    const { open, peek, text } = await planted(damage)
    await open().remove('token')
    expect([text, expect.stringMatching(/^hf1/)]).toContainEqual(await peek(TOKEN))
  })
})

describe('a text that does not decode', () => {
  test('though it is whole reads as absent and is reported', async () => {
    const env = storageObjects()
    const tiers = [localStorageTier({ env })]
    await createStorage({ namespace: 'acme-chat', tiers, codec: { encode: () => '{broken', decode: (text) => text } }).set('token', 'abc')
    const storage = createStorage({ namespace: 'acme-chat', tiers })
    const corrupt: unknown[] = []
    storage.on('corrupt', (detail) => corrupt.push(detail))
    expect(await storage.get('token')).toBeUndefined()
    expect(corrupt).toEqual([{ key: 'token', tier: 'localStorage' }])
  })

  test('hides no copy that does: the next tier is read', async () => {
    const env = storageObjects()
    await createStorage({ namespace: 'acme-chat', tiers: [sessionStorageTier({ env })] }).set('token', 'abc')
    env.localStorage.setItem(TOKEN, 'hf13.damaged')
    const storage = createStorage({ namespace: 'acme-chat', tiers: [localStorageTier({ env }), sessionStorageTier({ env }), memoryTier()] })
    expect(await storage.get('token')).toBe('abc')
  })
})

describe('a record that somebody else shaped', () => {
  test.each([['a number', 42], ['a text', 'abc'], ['an empty object', {}], ['another raw', { raw: { deep: 1 } }]])('%s reads as absent, is reported, and is healed by the next set', async (_, record) => {
    const indexedDB = new IDBFactory()
    const tiers = () => [indexedDBTier({ env: { indexedDB } })]
    await createStorage({ namespace: 'acme-chat', tiers: tiers() }).set('neighbour', 'unhurt')
    await recordsOf(indexedDB, 'holdfast.acme-chat').put(TOKEN, record)
    const storage = createStorage({ namespace: 'acme-chat', tiers: tiers() })
    const corrupt: unknown[] = []
    storage.on('corrupt', (detail) => corrupt.push(detail))
    expect(await storage.get('token')).toBeUndefined()
    expect(corrupt).toEqual([{ key: 'token', tier: 'indexedDB' }])
    expect(await storage.get('neighbour')).toBe('unhurt')
    expect(await storage.sweep()).toBe(0)
    await storage.set('token', 'new')
    expect(await storage.get('token')).toBe('new')
  })

  test('null reads as absent, and is healed by the next set', async () => {
    const indexedDB = new IDBFactory()
    const storage = createStorage({ namespace: 'acme-chat', tiers: [indexedDBTier({ env: { indexedDB } })] })
    await storage.set('neighbour', 'unhurt')
    await recordsOf(indexedDB, 'holdfast.acme-chat').put(TOKEN, null)
    expect(await storage.get('token')).toBeUndefined()
    await storage.set('token', 'new')
    expect(await storage.get('token')).toBe('new')
  })
})
