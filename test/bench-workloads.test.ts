import { describe, expect, test } from 'vitest'
import { textOf, token } from '../bench/page/tokens.js'
import { createWorkloads } from '../bench/page/workloads.js'
import type { Store } from '../bench/stores/store.js'
import { byTick } from '../bench/stores/store.js'
import { type Work, works } from '../bench/workloads.js'

const KEYS = 40
const size: Partial<Record<Work, number>> = { keys: KEYS, sweep: 30, 'large-value': 4 }

/** A store that does all that a library could, over a map. */
function honest(map = new Map<string, string>(), sync = false): Required<Omit<Store, 'settle'>> {
  const late = <T>(value: T): T | Promise<T> => (sync ? value : Promise.resolve(value))
  return {
    sync,
    set: (key, value) => late(void map.set(key, value)),
    get: (key) => late(map.get(key)),
    setMany: (entries) => late(entries.forEach(([key, value]) => map.set(key, value))),
    getMany: (keys) => late(keys.map((key) => map.get(key))),
    keys: () => late([...map.keys()]),
    expire: (entries) => late(entries.forEach(([key, value]) => map.set(key, value))),
    sweep: () => late([...map.keys()].filter((key) => key.startsWith('s') && map.delete(key)).length),
  }
}

/** What the driver does: fills, and takes a sample. */
async function sample(store: Store, work: Work, rounds = 1): Promise<void> {
  const { tasks, fill, put, expire } = createWorkloads(store, KEYS)
  await put('token', 'x')
  await put('live', 'y')
  await fill(0, KEYS)
  if (work === 'sweep') await expire(0, size.sweep!)
  const { run, check } = tasks[work](size[work] ?? 30)
  for (let round = 0; round < rounds; round++) await run()
  await check()
}

describe('a workload', () => {
  test.each(works)('passes a store that works: %s', async (work) => {
    await sample(honest(), work, work === 'sweep' ? 1 : 2)
    await sample(honest(new Map(), true), work)
  })

  test.each(['hot-gets', 'concurrent-gets', 'bulk-gets', 'mixed', 'awaited-sets', 'large-value'] as const)('fails a store that answers another value: %s', async (work) => {
    const store = honest()
    const other: Store = { ...store, get: async () => 'other', getMany: async (keys) => keys.map(() => 'other') }
    await expect(sample(other, work)).rejects.toThrow(/k\d+ holds|large\d holds/)
  })

  test.each(['awaited-sets', 'concurrent-sets', 'bulk-sets', 'large-value'] as const)('fails a store that keeps nothing: %s', async (work) => {
    const forgetful: Store = { ...honest(), set: async () => undefined, setMany: async () => undefined }
    await expect(sample(forgetful, work)).rejects.toThrow(/holds undefined/)
  })

  test('fails a store that finds what was never set', async () => {
    await expect(sample({ ...honest(), get: async () => 'found' }, 'misses')).rejects.toThrow(/absent0 holds found/)
  })

  test('fails a bulk call that answers too little, and takes maps, values and objects', async () => {
    const store = honest()
    const get = store.getMany as (keys: readonly string[]) => Promise<string[]>
    await expect(sample({ ...store, getMany: async (keys) => (await get(keys)).slice(1) }, 'bulk-gets')).rejects.toThrow(/29 answers to 30/)
    await sample({ ...store, getMany: async (keys) => new Map((await get(keys)).map((value, index) => [keys[index], value])) }, 'bulk-gets')
    await sample({ ...store, getMany: async (keys) => (await get(keys)).map((value, index) => ({ key: keys[index], value })) }, 'bulk-gets')
  })

  test('fails a list without all keys', async () => {
    await expect(sample({ ...honest(), keys: async () => ['k0'] }, 'keys')).rejects.toThrow(/1 keys of 40/)
  })

  test('fails a sweep that leaves something, takes too much, or counts wrong', async () => {
    await expect(sample({ ...honest(), sweep: async () => undefined }, 'sweep')).rejects.toThrow(/still there/)
    await expect(sample({ ...honest(), sweep: async () => 29 }, 'sweep')).rejects.toThrow(/swept 29 of 30/)
    const map = new Map<string, string>()
    const greedy = honest(map)
    await expect(sample({ ...greedy, sweep: async () => map.clear() }, 'sweep')).rejects.toThrow(/live holds undefined/)
  })

  test('writes other values each time, so that no write is one that changes nothing', async () => {
    const written: string[] = []
    const map = new Map<string, string>()
    const { tasks } = createWorkloads({ ...honest(map), set: async (key, value) => void (key === 'k0' && written.push(value), map.set(key, value)) }, KEYS)
    for (let round = 0; round < 5; round++) await tasks['awaited-sets'](1).run()
    expect(new Set(written).size).toBe(5)
  })

  test('does not wait for a library that answers at once', async () => {
    const order: string[] = []
    const store: Store = { ...honest(new Map(), true), get: (key) => void order.push(key) }
    const { tasks } = createWorkloads(store, KEYS)
    const done = tasks['hot-gets'](30).run()
    expect(order).toHaveLength(30)
    await done
  })
})

describe('a token', () => {
  test('is 200 bytes of what a token is made of, and another one by key and by round', () => {
    expect(token(3)).toMatch(/^[\w-]{200}$/)
    expect(new Set([token(0), token(1), token(0, 1), token(5, 3)]).size).toBe(4)
    expect(textOf(1000)).not.toBe(textOf(1000))
  })
})

describe('what one tick asks for', () => {
  test('is one call, and each is answered its own', async () => {
    const calls: number[][] = []
    const ask = byTick<number, number>(async (items) => {
      calls.push(items)
      return items.map((item) => item * 2)
    })
    expect(await Promise.all([ask(1), ask(2)])).toEqual([2, 4])
    expect(await ask(3)).toBe(6)
    expect(calls).toEqual([[1, 2], [3]])
  })

  test('fails as one', async () => {
    const ask = byTick<number, number>(async () => Promise.reject(new Error('aborted')))
    await expect(Promise.allSettled([ask(1), ask(2)])).resolves.toMatchObject([{ status: 'rejected' }, { status: 'rejected' }])
  })
})
