import { describe, expect, test } from 'vitest'
import { createStorage, defineKeys, key, localStorageTier, memoryTier } from 'holdfast'
import { fakeClock, inMemory } from 'holdfast/testing'
import type { Seal, StorageOptions } from 'holdfast'
import { counting } from './ground/counting.js'
import { failureOf } from './ground/failure.js'

const KEYS = Array.from({ length: 1000 }, (_, index) => `key${index}`)

/** A healthy ladder, each rung of which counts; nothing but what a test asks for happens on it. */
const ladder = (options: Partial<StorageOptions> = {}, names: string[] = ['indexedDB', 'localStorage', 'memory']) => {
  const clock = fakeClock()
  const rungs = inMemory(...names).map(counting)
  const storage = createStorage<Record<string, unknown>>({ namespace: 'acme-chat', tiers: rungs.map(({ tier }) => tier), now: clock.now, env: clock.env, ...options })
  const calls = () => rungs.map(({ calls }) => ({ reads: calls.reads.length, writes: calls.writes.length, lists: calls.lists.length }))
  /** After the first operation and the page's sweep. */
  const settled = async (): Promise<void> => {
    await storage.get('first')
    await storage.flush()
    rungs.forEach(({ reset }) => reset())
  }
  return { clock, rungs, storage, calls, settled }
}

const one = (reads: number, writes: number) => ({ reads, writes, lists: 0 })

describe('a healthy get', () => {
  test('is one read of each tier', async () => {
    const { storage, calls, settled } = ladder()
    await storage.set('token', 'abc')
    await settled()
    expect(await storage.get('token')).toBe('abc')
    expect(calls()).toEqual([one(1, 0), one(1, 0), one(1, 0)])
  })

  test('is one read of each tier where the key is absent', async () => {
    const { storage, calls, settled } = ladder()
    await settled()
    await storage.get('token')
    expect(calls()).toEqual([one(1, 0), one(1, 0), one(1, 0)])
  })

  test("is one read of each tier of the key's own chain, and of no other", async () => {
    const keys = defineKeys({ first: key(), token: key<string>({ tiers: ['localStorage'] }) })
    const { storage, calls, settled } = ladder({ keys })
    await storage.set('token', 'abc')
    await settled()
    expect(await storage.get('token')).toBe('abc')
    expect(calls()).toEqual([one(0, 0), one(1, 0), one(0, 0)])
  })

  test('of a thousand keys in one tick is one read of each tier', async () => {
    const { storage, calls, settled } = ladder()
    await Promise.all(KEYS.map((name, index) => storage.set(name, index)))
    await settled()
    expect(await Promise.all(KEYS.map((name) => storage.get(name)))).toEqual(KEYS.map((_, index) => index))
    expect(calls()).toEqual([one(1, 0), one(1, 0), one(1, 0)])
  })

  test('of many keys by getMany is one read of each tier, and answers those that are there', async () => {
    const { storage, calls, settled } = ladder()
    await storage.setMany([['a', 1], ['b', null], ['c', '']])
    await settled()
    expect([...(await storage.getMany(['c', 'none', 'a', 'b']))]).toEqual([['c', ''], ['a', 1], ['b', null]])
    expect(calls()).toEqual([one(1, 0), one(1, 0), one(1, 0)])
  })

  test('of one key, asked for many times in one tick, is one read of each tier', async () => {
    const { storage, calls, settled } = ladder()
    await storage.set('token', 'abc')
    await settled()
    expect(await Promise.all(Array.from({ length: 50 }, () => storage.get('token')))).toEqual(Array(50).fill('abc'))
    expect(calls()).toEqual([one(1, 0), one(1, 0), one(1, 0)])
  })

  test('asks a tier for each name once', async () => {
    const { storage, rungs, settled } = ladder()
    await settled()
    await Promise.all([storage.get('a'), storage.get('b'), storage.get('a')])
    const names = rungs[0]!.calls.reads[0]!
    expect(names.filter((name) => name === 'acme-chat.a')).toHaveLength(1)
    expect(names).toContain('acme-chat.b')
  })
})

describe('a healthy set', () => {
  test('is one write to each tier', async () => {
    const { storage, calls, settled } = ladder()
    await settled()
    await storage.set('token', 'abc')
    expect(calls()).toEqual([one(0, 1), one(0, 1), one(0, 1)])
    await storage.set('token', 'def')
    expect(calls()).toEqual([one(0, 2), one(0, 2), one(0, 2)])
  })

  test("is one write to each tier of the key's own chain, and to no other", async () => {
    const keys = defineKeys({ first: key(), token: key<string>({ tiers: ['memory', 'localStorage'] }) })
    const { storage, calls, settled } = ladder({ keys })
    await settled()
    expect((await storage.set('token', 'abc')).tier).toBe('memory')
    expect(calls()).toEqual([one(0, 0), one(0, 1), one(0, 1)])
  })

  test('of a thousand keys in one tick is one write to each tier', async () => {
    const { storage, calls, settled } = ladder()
    await settled()
    const receipts = await Promise.all(KEYS.map((name, index) => storage.set(name, index)))
    expect(new Set(receipts.map(({ tier }) => tier))).toEqual(new Set(['indexedDB']))
    expect(calls()).toEqual([one(0, 1), one(0, 1), one(0, 1)])
  })

  test('of many keys by setMany is one write to each tier, with a receipt for each key', async () => {
    const { storage, calls, settled } = ladder()
    await settled()
    const receipts = await storage.setMany([['a', 1], ['b', 2]], { ttl: '1h' })
    expect([...receipts].map(([name, { tier }]) => [name, tier])).toEqual([['a', 'indexedDB'], ['b', 'indexedDB']])
    expect(calls()).toEqual([one(0, 1), one(0, 1), one(0, 1)])
  })

  test('of two secrets in one tick is one write to each tier, though one takes longer to seal', async () => {
    const keys = defineKeys({ first: key(), long: key<string>({ secret: true }), short: key<string>({ secret: true }) })
    const turns = async (text: string): Promise<void> => {
      for (let left = text.length; left > 0; left--) await undefined
    }
    const seal: Seal = { id: 'slow', seal: async (text) => (await turns(text), 'x' + text), open: async (text) => text.slice(1) }
    const { storage, calls, settled } = ladder({ keys, seal })
    await settled()
    await Promise.all([storage.set('long', 'abc'.repeat(30)), storage.set('short', 'abc')])
    expect(calls()).toEqual([one(0, 1), one(0, 1), one(0, 1)])
  })

  test('writes first and removes then: the new copy stands before an old one goes', async () => {
    const { rungs, storage, settled } = ladder()
    await settled()
    const order: string[] = []
    rungs.forEach(({ tier }, index) => {
      const { write } = tier
      tier.write = (changes) => {
        for (const change of changes) if (change.name === 'acme-chat.token') order.push('entry' in change ? `entry ${index}` : `drop ${index}`)
        return write(changes)
      }
    })
    await storage.set('token', 'abc')
    expect(order[0]).toBe('entry 0')
    expect(order.slice(1).sort()).toEqual(['drop 1', 'drop 2'])
  })
})

describe('the first operation', () => {
  test('is the first that touches a tier: making a storage does not', () => {
    const { rungs, calls, clock } = ladder()
    expect(calls()).toEqual([one(0, 0), one(0, 0), one(0, 0)])
    expect(rungs.map(({ calls }) => calls.opens)).toEqual([0, 0, 0])
    expect(clock.next()).toBeUndefined()
  })

  test('opens each tier once, however many follow in the same tick', async () => {
    const { rungs, storage } = ladder()
    await Promise.all(KEYS.map((name) => storage.get(name)))
    await Promise.all(KEYS.map((name) => storage.set(name, 1)))
    expect(rungs.map(({ calls }) => calls.opens)).toEqual([1, 1, 1])
  })

  test('that reads writes nothing', async () => {
    const { rungs, storage } = ladder()
    await storage.get('token')
    await storage.has('token')
    await storage.getMany(['token'])
    await storage.keys()
    await storage.inspect('token')
    await storage.flush()
    expect(rungs.map(({ calls }) => calls.writes.flat())).toEqual([[], [], []])
  })
})

describe('operations of one key', () => {
  test('follow one another in the order in which they were asked for', async () => {
    const { storage } = ladder()
    const [, , taken, , last] = await Promise.all([storage.set('token', 1), storage.set('token', 2), storage.take('token'), storage.set('token', 3), storage.take('token')])
    expect([taken, last]).toEqual([2, 3])
    await Promise.all([storage.set('token', 4), storage.remove('token'), storage.set('token', 5)])
    expect(await storage.get('token')).toBe(5)
    await Promise.all([storage.set('token', 6), storage.clear()])
    expect(await storage.get('token')).toBeUndefined()
    await Promise.all([storage.clear(), storage.set('token', 7)])
    expect(await storage.get('token')).toBe(7)
  })

  test('go on after one of them has failed', async () => {
    const { storage } = ladder()
    const results = await Promise.allSettled([storage.set('token', () => 1), storage.set('token', 2)])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(await storage.get('token')).toBe(2)
  })

  test('taken by several at once have one winner', async () => {
    const { storage } = ladder()
    await storage.set('token', 'abc')
    const taken = await Promise.all(Array.from({ length: 20 }, () => storage.take('token')))
    expect(taken.filter((value) => value !== undefined)).toEqual(['abc'])
  })

  test('taken by two storages of one page have one winner', async () => {
    const tiers = inMemory('localStorage', 'memory')
    const storages = [1, 2].map(() => createStorage({ namespace: 'acme-chat', tiers }))
    await storages[0]!.set('token', 'abc')
    const taken = await Promise.all(storages.map((storage) => storage.take('token')))
    expect(taken.filter((value) => value !== undefined)).toEqual(['abc'])
  })
})

describe('a batch of which one change fails', () => {
  /** localStorage has room for one large value at most. */
  const cramped = () => {
    const clock = fakeClock()
    const items = new Map<string, string>()
    const localStorage = {
      getItem: (name: string) => items.get(name) ?? null,
      setItem: (name: string, text: string) => {
        if (text.length > 100) throw new DOMException('full', 'QuotaExceededError')
        items.set(name, text)
      },
      removeItem: (name: string) => void items.delete(name),
      key: (index: number) => [...items.keys()][index] ?? null,
      clear: () => items.clear(),
      get length() {
        return items.size
      },
    }
    return { clock, tier: localStorageTier({ env: { localStorage } }) }
  }

  test('keeps the rest, and rejects with the reason of the one that has no place', async () => {
    const { clock, tier } = cramped()
    const storage = createStorage({ namespace: 'acme-chat', tiers: [tier], now: clock.now, env: clock.env })
    const error = await failureOf(() => storage.setMany([['a', 1], ['large', 'x'.repeat(200)], ['b', 2]]))
    expect(error).toMatchObject({ code: 'no-tier', attempts: [{ tier: 'localStorage', code: 'quota' }] })
    expect(error.message).toContain('large')
    expect([...(await storage.getMany(['a', 'large', 'b']))]).toEqual([['a', 1], ['b', 2]])
  })

  test('keeps the rest where a value cannot be encoded', async () => {
    const { clock, tier } = cramped()
    const storage = createStorage({ namespace: 'acme-chat', tiers: [tier], now: clock.now, env: clock.env })
    const error = await failureOf(() => storage.setMany([['a', 1], ['odd', new Date(0)], ['b', 2]]))
    expect(error.code).toBe('unencodable')
    expect([...(await storage.getMany(['a', 'odd', 'b']))]).toEqual([['a', 1], ['b', 2]])
  })

  test('lets the next tier take that one alone', async () => {
    const { clock, tier } = cramped()
    const storage = createStorage({ namespace: 'acme-chat', tiers: [tier, memoryTier()], now: clock.now, env: clock.env })
    const receipts = await storage.setMany([['a', 1], ['large', 'x'.repeat(200)], ['b', 2]])
    expect([...receipts].map(([name, { tier, passed }]) => [name, tier, passed.length])).toEqual([['a', 'localStorage', 0], ['large', 'memory', 1], ['b', 'localStorage', 0]])
  })
})
