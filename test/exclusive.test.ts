import { describe, expect, test } from 'vitest'
import { createStorage, defineKeys, key, memoryTier } from 'holdfast'
import { fakeClock, inMemory } from 'holdfast/testing'
import type { StorageError } from '../src/errors.js'
import type { Tier } from '../src/contracts.js'
import { failureOf } from './ground/failure.js'
import { createTabs } from './ground/tabs.js'

const settled = (): Promise<void> => new Promise((done) => setImmediate(done))

/** A place that answers in a later turn of the loop, as IndexedDB does. */
const slow = (tier: Tier): Tier => ({
  ...tier,
  traits: { lifetimes: tier.traits.lifetimes, reach: tier.traits.reach },
  read: (names) => settled().then(() => tier.read(names)),
  write: (changes) => settled().then(() => tier.write(changes)),
})

const visit = ({ locks = true, tiers = inMemory('localStorage').map(slow) }: { locks?: boolean; tiers?: readonly Tier[] } = {}) => {
  const tabs = createTabs({ locks })
  const clock = fakeClock()
  const open = () => {
    const page = tabs.page(clock.env)
    return { ...page, storage: createStorage({ namespace: 'chat', tiers, env: page.env, now: clock.now }) }
  }
  return { ...tabs, clock, open, tiers }
}

describe('update', () => {
  test('loses nothing among 8 tabs', async () => {
    const { open } = visit()
    const tabs = Array.from({ length: 8 }, open)
    await Promise.all(tabs.flatMap(({ storage }) => Array.from({ length: 25 }, () => storage.update('count', (count: number = 0) => count + 1))))
    expect(await tabs[0]!.storage.get('count')).toBe(200)
  })

  test('loses nothing on one page without locks, and the status says among whom', async () => {
    const { open } = visit({ locks: false })
    const { storage } = open()
    await Promise.all(Array.from({ length: 25 }, () => storage.update('count', async (count: number = 0) => count + 1)))
    expect([await storage.get('count'), (await storage.status()).exclusive, (await visit().open().storage.status()).exclusive]).toEqual([25, 'page', 'tabs'])
  })

  test('promises no more than this page where the first tier is a copy that each tab has of its own', async () => {
    const { env } = createTabs().page()
    const exclusive = async (...tiers: readonly Tier[]) => (await createStorage({ namespace: 'chat', tiers, env }).status()).exclusive
    const [local] = inMemory('localStorage') as [Tier]
    expect([await exclusive(local), await exclusive({ ...slow(local), name: 'indexedDB' }, local), await exclusive(memoryTier())]).toEqual(['page', 'tabs', 'page'])
  })

  test('answers the new value, and removes for undefined', async () => {
    const { open, tiers } = visit()
    const { storage } = open()
    expect(await storage.update('count', () => 1)).toBe(1)
    expect(await storage.update('count', () => undefined)).toBe(undefined)
    expect([await storage.get('count'), await storage.update('count', (count) => count), (await tiers[0]!.read(['chat.none']))[0]]).toEqual([undefined, undefined, undefined])
    expect(await storage.update('count', (count: number = 5) => count + 1)).toBe(6)
  })

  test('calls again where another page wrote in between', async () => {
    const { open } = visit()
    const [one, two] = [open(), open()]
    await one.storage.set('count', 1)
    const seen: unknown[] = []
    const value = await one.storage.update('count', async (count: number = 0) => {
      seen.push(count)
      if (seen.length === 1) await two.storage.set('count', 10)
      return count + 1
    })
    expect([value, seen, await two.storage.get('count')]).toEqual([11, [1, 10], 11])
  })

  test('holds its lock across nothing else, and gives it back when what it calls throws', async () => {
    const { open, held } = visit()
    const { storage } = open()
    const updating = storage.update('count', () => {
      expect(held()).toEqual(['holdfast.chat.count'])
      throw new RangeError('mine')
    })
    expect((await failureOf(() => updating)).message).toBe('mine')
    await settled()
    expect(held()).toEqual([])
  })

  test('waits for another tab a bounded time', async () => {
    const { open, clock } = visit()
    const [one, two] = [open(), open()]
    let end: (() => void) | undefined
    const stuck = one.storage.update('count', () => new Promise<number>((done) => (end = () => done(1))))
    await settled()
    const waiting = failureOf(() => two.storage.update('count', () => 2))
    await settled()
    await clock.advance(15_000)
    expect(((await waiting) as StorageError).code).toBe('timeout')
    for (let turn = 0; turn < 9; turn++) await settled()
    end!()
    expect([await stuck, await two.storage.update('count', (count: number = 0) => count + 1)]).toEqual([1, 2])
  })

  test('refuses what cannot be stored', async () => {
    const { storage } = visit().open()
    expect(await failureOf(() => storage.update('count', () => 5n))).toMatchObject({ code: 'unencodable' })
    const strict = createStorage({ namespace: 'chat', tiers: [memoryTier()], keys: defineKeys({ count: key<number>() }) })
    expect(await failureOf(() => strict.update('cont' as never, () => 1 as never))).toMatchObject({ code: 'unknown-key' })
  })
})

describe('take', () => {
  test('has one winner across tabs', async () => {
    const { open } = visit()
    const tabs = Array.from({ length: 5 }, open)
    await tabs[0]!.storage.set('code', 'x')
    const taken = await Promise.all(tabs.map(({ storage }) => storage.take('code')))
    expect(taken.filter((value) => value !== undefined)).toEqual(['x'])
  })
})

describe('getOrSet', () => {
  /** A token server, which counts. */
  const server = () => {
    const waiting: ((token: string | Error) => void)[] = []
    const make = () => new Promise<string>((done, fail) => waiting.push((token) => (token instanceof Error ? fail(token) : done(token))))
    return { waiting, make }
  }
  const turns = async (count = 40): Promise<void> => {
    for (let turn = 0; turn < count; turn++) await settled()
  }

  test('asks the server once for 10 tabs that open together, and for all their callers', async () => {
    const { open } = visit()
    const { waiting, make } = server()
    const asked = Array.from({ length: 10 }, open).flatMap(({ storage }) => [storage.getOrSet('token', make, { ttl: '1h' }), storage.getOrSet('token', make, { ttl: '1h' })])
    await turns()
    expect(waiting.length).toBe(1)
    waiting[0]!('t1')
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['t1']))
    expect(waiting.length).toBe(1)
  })

  test('answers what is there without asking, and asks again once that has expired', async () => {
    const { open, clock } = visit()
    const { storage } = open()
    expect(await storage.getOrSet('token', () => 't1', { ttl: 1000 })).toBe('t1')
    expect(await storage.getOrSet('token', () => 't2')).toBe('t1')
    clock.jump(1000)
    expect([await storage.getOrSet('token', () => 't3'), (await storage.inspect('token')).copies[0]!.expires]).toEqual(['t3', undefined])
  })

  test('lets the next one make it where a request fails', async () => {
    const { open } = visit()
    const { waiting, make } = server()
    const [one, two] = [open(), open()]
    const first = failureOf(() => one.storage.getOrSet('token', make))
    await turns()
    const second = two.storage.getOrSet('token', make)
    await turns()
    waiting[0]!(new Error('server down'))
    expect((await first).message).toBe('server down')
    await turns()
    waiting[1]!('t2')
    expect(await second).toBe('t2')
  })

  test('lets the next one make it where the making tab goes away', async () => {
    const { open } = visit()
    const { waiting, make } = server()
    const [one, two] = [open(), open()]
    void one.storage.getOrSet('token', make)
    await turns()
    const second = two.storage.getOrSet('token', make)
    await turns()
    expect(waiting.length).toBe(1)
    one.tell('pagehide', { persisted: true })
    await turns()
    waiting[1]!('t2')
    expect(await second).toBe('t2')
  })

  test('lets one of those who wait make it where a tab hangs at it', async () => {
    const { open, clock } = visit()
    const { waiting, make } = server()
    const tabs = [open(), open(), open()]
    const answers: unknown[] = []
    for (const { storage } of tabs) void storage.getOrSet('token', make, { patience: 5000 }).then((value) => answers.push(value))
    await turns()
    await clock.advance(5000)
    await turns()
    expect(waiting.length).toBe(2)
    waiting[1]!('t2')
    await turns()
    expect([answers, waiting.length]).toEqual([['t2', 't2'], 2])
  })

  test('does not keep what was made for somebody who logged out meanwhile', async () => {
    for (const here of [true, false]) {
      const { open } = visit({ tiers: inMemory('localStorage') })
      const { waiting, make } = server()
      const [one, two] = [open(), open()]
      one.storage.watch('other', () => {})
      const asked = one.storage.getOrSet('token', make)
      await turns()
      await (here ? one : two).storage.remove('token')
      await turns()
      waiting[0]!('t1')
      expect([await asked, await one.storage.get('token')]).toEqual(['t1', undefined])
    }
  })

  test('renews ahead of expiry in one tab, while all go on with the old value', async () => {
    const { open, clock } = visit()
    const { waiting, make } = server()
    const tabs = [open(), open()]
    await tabs[0]!.storage.set('token', 'old', { ttl: '10m' })
    clock.jump(4 * 60_000)
    const ask = () => Promise.all(tabs.map(({ storage }) => storage.getOrSet('token', make, { ttl: '10m', refreshBefore: '5m' })))
    expect([await ask(), waiting.length]).toEqual([['old', 'old'], 0])
    clock.jump(2 * 60_000)
    expect(await ask()).toEqual(['old', 'old'])
    await turns()
    expect([await ask(), waiting.length]).toEqual([['old', 'old'], 1])
    waiting[0]!('new')
    await turns()
    expect([await ask(), waiting.length]).toEqual([['new', 'new'], 1])
  })

  test('goes on with the old value where a renewal fails, and tries again', async () => {
    const { open, clock } = visit()
    const { storage } = open()
    await storage.set('token', 'old', { ttl: '10m' })
    clock.jump(6 * 60_000)
    let calls = 0
    const make = (): Promise<string> => Promise.reject(new Error(`no ${++calls}`))
    for (let call = 0; call < 2; call++) {
      expect(await storage.getOrSet('token', make, { refreshBefore: '5m' })).toBe('old')
      await storage.flush()
    }
    expect(calls).toBe(2)
  })

  test('names what is wrong with its options', async () => {
    const { storage } = visit().open()
    expect((await failureOf(() => storage.getOrSet('token', () => 'x', { refreshBefore: 'session' }))).message).toContain('refreshBefore')
    expect((await failureOf(() => storage.getOrSet('token', () => 'x', { ttl: -1 }))).message).toContain('ttl')
  })
})

test('a page that goes away gives its locks back', async () => {
  const { open, held } = visit()
  const { storage, tell } = open()
  void storage.update('count', () => new Promise<number>(() => {}))
  for (let turn = 0; turn < 5; turn++) await settled()
  expect(held().length).toBe(1)
  tell('pagehide')
  await settled()
  expect(held()).toEqual([])
})

test('a frame that may not ask for locks does without', async () => {
  const request = (): never => { throw new DOMException('', 'SecurityError') }
  for (const ask of [request, () => Promise.reject(new DOMException('', 'SecurityError'))]) {
    const { env } = createTabs().page({ navigator: { locks: { request: ask } as never } })
    const storage = createStorage({ namespace: 'chat', tiers: inMemory('localStorage'), env })
    expect(await storage.update('count', () => 1)).toBe(1)
  }
})
