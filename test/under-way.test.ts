import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, test } from 'vitest'
import type { Holdfast, StorageOptions } from 'holdfast'
import { createStorage, defineKeys, indexedDBTier, key, localStorageTier } from 'holdfast'
import type { Faults } from 'holdfast/testing'
import { fakeClock, faulty } from 'holdfast/testing'
import { connectionsTo } from './ground/database.js'
import { storageObjects } from './ground/dom.js'
import { turns } from './ground/promises.js'
import { createTabs } from './ground/tabs.js'

const keys = defineKeys({ token: key<string>({ ttl: '1d', sliding: true }), draft: key<number>({ ttl: '1d' }) })
type Storage = Holdfast<{ token: string; draft: number }>

const isOpen = (connection: IDBDatabase): boolean => {
  try {
    connection.transaction('entries')
    return true
  } catch {
    return false
  }
}

/** One browser, in which two values stand; each page has tiers of its own. */
const browser = async () => {
  const indexedDB = new IDBFactory()
  const clock = fakeClock()
  const web = storageObjects()
  const tabs = createTabs()
  const load = (options?: Partial<StorageOptions>) => {
    const { env } = tabs.page(clock.env)
    const plan: Faults = {}
    const tiers = [faulty(indexedDBTier({ env: { indexedDB } }), plan), localStorageTier({ env: web })]
    const open = (): Storage => createStorage({ namespace: 'chat', keys, tiers, env, now: clock.now, ...options }) as Storage
    return { env, plan, open, storage: open() }
  }
  const { storage } = load()
  await storage.setMany([['token', 'abc'], ['draft', 1]] as never)
  await storage.close()
  const connections = connectionsTo(indexedDB)
  /** Whatever is late has come by then. */
  const rest = async (): Promise<void> => {
    for (let second = 0; second < 3; second++) {
      await turns(20)
      await clock.advance(1000)
    }
  }
  return { clock, load, rest, connections, open: () => connections.filter(isOpen).length, kept: async () => [await indexedDB.databases(), Object.keys(web.localStorage)] }
}

/** What is asked for, and what it answers although its storage ends meanwhile. */
const ASKED: [string, (storage: Storage) => Promise<unknown>, unknown][] = [
  ['get', (storage) => storage.get('token'), 'abc'],
  ['has', (storage) => storage.has('draft'), true],
  ['getMany', async (storage) => [...(await storage.getMany(['token', 'draft']))], [['token', 'abc'], ['draft', 1]]],
  ['keys', async (storage) => (await storage.keys()).sort(), ['draft', 'token']],
  ['sweep', (storage) => storage.sweep(), 0],
  ['inspect', async (storage) => (await storage.inspect('token')).copies.map(({ tier }) => tier), ['indexedDB']],
  ['set', async (storage) => (await storage.set('token', 'def')).tier, 'indexedDB'],
  ['remove', (storage) => storage.remove('token'), undefined],
  ['take', (storage) => storage.take('token'), 'abc'],
  ['touch', async (storage) => (await storage.touch('draft'))?.tier, 'indexedDB'],
  ['update', (storage) => storage.update('draft', (count = 0) => count + 1), 2],
  ['a trial of each tier', async (storage) => (await storage.status({ probe: true })).tiers.map(({ state }) => state), ['ready', 'ready']],
]

/** How far a page has come with its database by then. */
const PAGES: [string, Partial<StorageOptions>, (storage: Storage) => Promise<unknown>][] = [
  ['that has used the database', {}, (storage) => storage.get('draft')],
  ['that has not used the database', {}, async () => {}],
  ['that looks first how long it was unused', { idle: '30d' }, async () => {}],
]

describe.each(PAGES)('under way as the last storage closes, of a page %s', (_, options, begin) => {
  test.each(ASKED)('%s answers as ever, and the database is not opened once more', async (_, ask, answer) => {
    const { load, rest, connections, open } = await browser()
    const { storage } = load(options)
    await begin(storage)
    const asked = ask(storage)
    await storage.close()
    const before = connections.length
    expect(await asked).toEqual(answer)
    await rest()
    expect([connections.length, open()]).toEqual([before, 0])
  })

  test.each(ASKED)('%s leaves nothing where the storage is destroyed', async (_, ask) => {
    const { load, rest, open, kept } = await browser()
    const { storage } = load(options)
    await begin(storage)
    const asked = ask(storage)
    expect(await storage.destroy()).toEqual({ unreached: [] })
    await asked
    await rest()
    expect([open(), await kept()]).toEqual([0, [[], []]])
  })
})

describe('after the last storage has closed', () => {
  test('a watch that would look again, the state of the tiers and a lifetime that slides do not open the database', async () => {
    const { clock, load, rest, connections, open } = await browser()
    const { env, storage } = load()
    storage.watch('token', () => {})
    await turns()
    // A notice of a write that is nowhere to be seen yet.
    const channel = new env.BroadcastChannel!('holdfast.chat.')
    channel.postMessage([{ name: 'chat.token', stamp: clock.now() + 5000 }])
    clock.jump(80_000_000)
    const read = storage.get('token')
    await turns()
    const late = storage.get('token')
    await storage.close()
    const before = connections.length
    expect([await read, await late]).toEqual(['abc', 'abc'])
    expect((await storage.status()).tiers.map(({ name }) => name)).toEqual(['indexedDB', 'localStorage'])
    await rest()
    expect([connections.length, open()]).toEqual([before, 0])
  })

  test('a tier that was down by then has no connection open', async () => {
    const { load, rest, open } = await browser()
    const { plan, storage } = load()
    await storage.get('token')
    plan.throws = new Error('broken')
    expect(await storage.set('token', 'def')).toMatchObject({ tier: 'localStorage' })
    await storage.close()
    await rest()
    expect(open()).toBe(0)
  })

  test('its tiers serve the next one, none of them is down', async () => {
    const { load, rest, open } = await browser()
    const page = load()
    void page.storage.keys()
    await page.storage.close()
    const next = page.open()
    expect(await next.get('token')).toBe('abc')
    expect(await next.set('token', 'def')).toMatchObject({ tier: 'indexedDB', passed: [] })
    expect((await next.status()).tiers.map(({ state }) => state)).toEqual(['ready', 'ready'])
    await next.close()
    await rest()
    expect(open()).toBe(0)
  })
})
