import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { IndexedDBOptions, StorageOptions } from 'holdfast'
import { createStorage, indexedDBTier, localStorageTier, memoryTier } from 'holdfast'
import { fakeClock } from 'holdfast/testing'
import { answerOf, recordsOf } from '../ground/database.js'
import { storageObjects } from '../ground/dom.js'

const DATABASE = 'holdfast.acme-chat'

afterEach(() => {
  vi.restoreAllMocks()
})

/** A browser with an empty IndexedDB, localStorage behind it, and a clock. */
const browser = () => {
  const indexedDB = new IDBFactory()
  const clock = fakeClock()
  const web = storageObjects()
  const load = (options: Partial<StorageOptions> = {}, own: IndexedDBOptions = {}) =>
    createStorage<Record<string, unknown>>({ namespace: 'acme-chat', tiers: [indexedDBTier({ env: { indexedDB }, ...own }), localStorageTier({ env: web }), memoryTier()], now: clock.now, env: clock.env, ...options })
  const databases = async (): Promise<(string | undefined)[]> => (await indexedDB.databases()).map(({ name }) => name).sort()
  return { indexedDB, clock, load, databases }
}

/** The modes of the transactions from now on. */
const transactions = () => {
  const spy = vi.spyOn(IDBDatabase.prototype, 'transaction')
  return { of: (mode: IDBTransactionMode) => spy.mock.calls.filter(([, asked = 'readonly']) => asked === mode), reset: () => spy.mockClear() }
}

/** As Chromium does it: every put succeeds, and a transaction that holds too much fails when it is to be written. */
const limitTo = (units: number): void => {
  const { put } = IDBObjectStore.prototype
  const under = new Map<IDBTransaction, { waiting: number; full: boolean }>()
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
    const request = put.apply(this, args)
    const { transaction } = this
    const state = under.get(transaction) ?? { waiting: 0, full: false }
    under.set(transaction, { waiting: state.waiting + 1, full: state.full || JSON.stringify(args[0]).length > units })
    request.addEventListener('success', () => {
      const now = under.get(transaction)!
      now.waiting--
      if (!now.waiting && now.full) (transaction as unknown as { _abort(name: string): void })._abort('QuotaExceededError')
    })
    return request
  })
}

describe('the database', () => {
  test('is one for each namespace, of version 1, with one store', async () => {
    const { indexedDB, load } = browser()
    await load().set('token', 'abc')
    await load({ namespace: 'other' }).set('token', 'abc')
    const found = await indexedDB.databases()
    expect(found.sort((one, other) => (one.name! < other.name! ? -1 : 1))).toEqual([{ name: DATABASE, version: 1 }, { name: 'holdfast.other', version: 1 }])
    const database = await answerOf(indexedDB.open(DATABASE))
    expect([...database.objectStoreNames]).toEqual(['entries'])
    expect(await recordsOf(indexedDB, DATABASE).keys()).toEqual(['acme-chat.token'])
    database.close()
  })

  test('is made by the first write: neither making a storage nor reading makes one', async () => {
    const { load, databases } = browser()
    const storage = load()
    await storage.get('token')
    await storage.has('token')
    await storage.getMany(['a', 'b'])
    await storage.keys()
    await storage.inspect('token')
    await storage.take('token')
    await storage.touch('token')
    await storage.sweep()
    await storage.status()
    await storage.flush()
    expect(await databases()).toEqual([])
    expect((await storage.set('token', 'abc')).tier).toBe('indexedDB')
    expect(await databases()).toEqual([DATABASE])
  })

  test.each<[string, (factory: IDBFactory) => void]>([
    ['cannot list its databases', (factory) => Object.assign(factory, { databases: undefined })],
    ['fails to list its databases', (factory) => Object.assign(factory, { databases: () => Promise.reject(new DOMException('', 'UnknownError')) })],
  ])('is made by no read either where the browser %s', async (_, change) => {
    const { indexedDB, load } = browser()
    const list = indexedDB.databases.bind(indexedDB)
    change(indexedDB)
    const storage = load()
    expect(await storage.get('token')).toBeUndefined()
    expect((await list()).filter(({ version }) => version)).toEqual([])
    await storage.set('token', 'abc')
    expect(await load().get('token')).toBe('abc')
  })
})

test.each<[string, string | undefined, number]>([
  ['Chromium', 'Google Inc.', 0],
  ['Firefox', '', 0],
  ['Safari', 'Apple Computer, Inc.', 1],
  ['something else', undefined, 1],
])('the first read in %s, whose vendor is %j, lists the databases %i times before it opens one', async (_, vendor, times) => {
  const indexedDB = new IDBFactory()
  const listed = vi.spyOn(indexedDB, 'databases')
  const tier = indexedDBTier({ env: { indexedDB, navigator: vendor === undefined ? {} : { vendor } } })
  expect(await tier.read(['chat.token'])).toEqual([undefined])
  expect(listed).toHaveBeenCalledTimes(times)
  expect((await indexedDB.databases()).filter(({ version }) => version)).toEqual([])
  await tier.close()
})

test('a database is read in a frame whose browser lists none there, as WebKit does in frames of another site', async () => {
  const indexedDB = new IDBFactory()
  const framed = () => indexedDBTier({ env: { indexedDB: Object.create(indexedDB, { databases: { value: async () => [] }, open: { value: indexedDB.open.bind(indexedDB) } }), parent: {} } })
  await framed().write([{ name: 'hub.token', entry: { text: 'abc', stamp: 1, lifetime: 'device' } }])
  expect((await framed().read(['hub.token']))[0]?.text).toBe('abc')
})

describe('the database, shared and taken away', () => {
  test('is read by the page that wrote it, by the next one and by another that is open', async () => {
    const { load } = browser()
    const [one, other] = [load(), load()]
    expect(await other.get('token')).toBeUndefined()
    await one.set('token', 'abc')
    expect(await one.get('token')).toBe('abc')
    expect(await other.get('token')).toBe('abc')
    expect(await load().get('token')).toBe('abc')
  })

  test('is gone after destroy, also where another tab has it open', async () => {
    const { load, databases } = browser()
    const [one, other] = [load(), load()]
    await one.set('token', 'abc')
    await other.get('token')
    expect(await one.destroy()).toEqual({ unreached: [] })
    expect(await databases()).toEqual([])
    expect(await other.get('token')).toBeUndefined()
    await other.set('token', 'anew')
    expect(await load().get('token')).toBe('anew')
  })

  test('holds no value any more when clear resolves, without waiting for anything else', async () => {
    const { indexedDB, load } = browser()
    const storage = load()
    await storage.setMany(Array.from({ length: 50 }, (_, index) => [`key${index}`, index] as const))
    await storage.clear()
    expect(await recordsOf(indexedDB, DATABASE).keys()).toEqual(['acme-chat.'])
  })

  test('is made by no probe that outlives its question', async () => {
    const { load, databases } = browser()
    const storage = load()
    expect((await storage.status({ probe: true })).tiers[0]).toMatchObject({ name: 'indexedDB', state: 'ready' })
    expect(await databases()).toEqual([])
  })
})

describe('a write', () => {
  test('of a thousand keys is one readwrite transaction', async () => {
    const { load } = browser()
    const storage = load()
    const { of } = transactions()
    const receipts = await Promise.all(Array.from({ length: 1000 }, (_, index) => storage.set(`key${index}`, index)))
    expect(new Set(receipts.map(({ tier }) => tier))).toEqual(new Set(['indexedDB']))
    expect(of('readwrite')).toHaveLength(1)
    expect(await load().getMany(['key0', 'key999'])).toEqual(new Map([['key0', 0], ['key999', 999]]))
  })

  test('of one key is one readwrite transaction, and a read is none', async () => {
    const { load } = browser()
    const storage = load()
    await storage.set('token', 'abc')
    await storage.flush()
    const { of, reset } = transactions()
    await storage.set('token', 'def')
    expect(of('readwrite')).toHaveLength(1)
    reset()
    await storage.get('token')
    expect([of('readwrite').length, of('readonly').length]).toEqual([0, 1])
  })

  test.each<[IndexedDBOptions, string]>([[{}, 'relaxed'], [{ durability: 'relaxed' }, 'relaxed'], [{ durability: 'strict' }, 'strict']])('with the options %o is as durable as that: %s', async (options, durability) => {
    const { indexedDB, load } = browser()
    const storage = load({}, { env: { indexedDB }, ...options })
    const { of } = transactions()
    await storage.set('token', 'abc')
    expect(of('readwrite').map(([, , given]) => given)).toEqual([{ durability }])
  })

  test('counts when its transaction is complete: a put that succeeds and is aborted then does not', async () => {
    const { load } = browser()
    const storage = load()
    await storage.set('token', 'before')
    const { put } = IDBObjectStore.prototype
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
      const request = put.apply(this, args)
      request.addEventListener('success', () => request.transaction!.abort())
      return request
    })
    // A page cannot abort what it has committed; a browser can.
    vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(() => {})
    const receipt = await storage.set('token', 'after')
    expect(receipt.tier).toBe('localStorage')
    expect(receipt.passed.map(({ tier }) => tier)).toEqual(['indexedDB'])
    vi.restoreAllMocks()
    expect(await storage.get('token')).toBe('after')
    expect(await load().get('token')).toBe('after')
  })

  test('puts at once, and takes it back where something later stands, which it then leaves', async () => {
    const { indexedDB, load } = browser()
    const tier = indexedDBTier({ env: { indexedDB } })
    const entryOf = (text: string, stamp: number) => ({ text, stamp, lifetime: 'device' as const })
    await tier.write([{ name: 'chat.a', entry: entryOf('later', 9) }])
    const outcomes = await tier.write([{ name: 'chat.b', entry: entryOf('new', 5) }, { name: 'chat.a', entry: entryOf('earlier', 5) }, { name: 'chat.', drop: 0 }])
    expect(outcomes).toEqual([undefined, 9, undefined])
    expect((await tier.read(['chat.a', 'chat.b'])).map((entry) => entry?.text)).toEqual(['later', 'new'])
    // Of one name in one batch the later stamp wins, whichever comes first.
    expect(await tier.write([{ name: 'chat.c', entry: entryOf('two', 2) }, { name: 'chat.c', entry: entryOf('one', 1) }])).toEqual([undefined, 2])
    expect((await tier.read(['chat.c']))[0]?.text).toBe('two')
    await tier.close()
    // In a browser that cannot be told to commit, a transaction ends by itself.
    const { commit } = IDBTransaction.prototype
    Object.assign(IDBTransaction.prototype, { commit: undefined })
    expect((await load().set('token', 'abc')).tier).toBe('indexedDB')
    Object.assign(IDBTransaction.prototype, { commit })
  })

  test('that exceeds the quota fails alone: its neighbours of the same tick are kept', async () => {
    const { load } = browser()
    const storage = load()
    limitTo(500)
    const receipts = await Promise.all([storage.set('a', 1), storage.set('large', 'x'.repeat(500)), storage.set('b', 2)])
    expect(receipts.map(({ tier, passed }) => [tier, passed])).toEqual([['indexedDB', []], ['localStorage', [{ tier: 'indexedDB', code: 'quota' }]], ['indexedDB', []]])
    expect((await storage.status()).tiers[0]).toMatchObject({ state: 'ready' })
    expect(await load().getMany(['a', 'large', 'b'])).toEqual(new Map<string, unknown>([['a', 1], ['large', 'x'.repeat(500)], ['b', 2]]))
  })
})

describe('a sweep', () => {
  test('finds what has expired by the index, without reading every value', async () => {
    const { load, clock, indexedDB } = browser()
    const storage = load()
    await storage.flush()
    await storage.setMany(Array.from({ length: 200 }, (_, index) => [`lives${index}`, index] as const), { ttl: '1d' })
    await storage.setMany(Array.from({ length: 100 }, (_, index) => [`for ever${index}`, index] as const))
    await storage.setMany([['dead1', 1], ['dead2', 2], ['dead3', 3]], { ttl: 1000 })
    await clock.advance(1000)
    const gets = vi.spyOn(IDBObjectStore.prototype, 'get')
    const bulk = [vi.spyOn(IDBObjectStore.prototype, 'getAll'), vi.spyOn(IDBObjectStore.prototype, 'openCursor'), vi.spyOn(IDBIndex.prototype, 'getAll')]
    expect(await storage.sweep()).toBe(3)
    await storage.flush()
    const read = new Set(gets.mock.calls.map(([name]) => name as string))
    expect([...read].filter((name) => !name.startsWith('acme-chat.dead') && name !== 'acme-chat.')).toEqual([])
    expect(bulk.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0])
    vi.restoreAllMocks()
    const names = (await recordsOf(indexedDB, DATABASE).keys()) as string[]
    expect(names.filter((name) => /lives|for ever/.test(name))).toHaveLength(300)
    expect(await storage.getMany(['dead1', 'dead2', 'dead3', 'lives7'])).toEqual(new Map([['lives7', 7]]))
  })
})

describe('the bytes', () => {
  const estimating = (estimate: () => Promise<{ usage?: number; quota?: number }>) => {
    const { indexedDB, load } = browser()
    return load({}, { env: { indexedDB, navigator: { storage: { estimate } } } })
  }

  test('are what the browser estimates for the origin', async () => {
    const storage = estimating(() => Promise.resolve({ usage: 1234, quota: 5678 }))
    await storage.set('token', 'abc')
    expect((await storage.status()).tiers[0]).toMatchObject({ state: 'ready', bytes: 1234, quota: 5678 })
  })

  test('are not told where the browser fails to estimate, and nothing else is hurt', async () => {
    const storage = estimating(() => Promise.reject(new TypeError('no')))
    await storage.set('token', 'abc')
    expect((await storage.status()).tiers[0]).not.toHaveProperty('bytes')
    expect(await storage.get('token')).toBe('abc')
  })
})

describe('many names at once', () => {
  const valueOf = (text: string) => ({ text, stamp: 1, lifetime: 'device' as const })
  const store = IDBObjectStore.prototype as unknown as Record<'get' | 'getAll' | 'getAllRecords', () => unknown>
  const { getAllRecords } = store
  /** How often each request of a store was made. */
  const requests = () => {
    const spies = (['get', 'getAll', 'getAllRecords'] as const).filter((method) => store[method]).map((method) => vi.spyOn(store, method))
    return () => [spies[0]!.mock.calls.length, spies.slice(1).reduce((sum, { mock }) => sum + mock.calls.length, 0)]
  }
  afterEach(() => {
    vi.restoreAllMocks()
    store.getAllRecords = getAllRecords
  })

  test.each([
    ['a few each by itself', true, 20, 0, [21, 0]],
    ['more by their range', true, 200, 10, [0, 1]],
    ['more each by itself, where much else is between them', true, 200, 1000, [201, 1]],
    ['more by their range, where names and records are asked for apart', false, 200, 10, [0, 1]],
    ['more each by itself, where they are and much else is between them', false, 200, 1000, [201, 1]],
  ])('are read: %s', async (_, together, count, others, expected) => {
    expect(getAllRecords).toBeTypeOf('function')
    if (!together) store.getAllRecords = undefined as never
    const tier = indexedDBTier({ env: { indexedDB: new IDBFactory() } })
    const names = Array.from({ length: count }, (_, index) => `chat.key${index}`)
    await tier.write([...names, ...Array.from({ length: others }, (_, index) => `chat.key1~${index}`)].map((name) => ({ name, entry: valueOf(name) })))
    const made = requests()
    const asked = ['chat.absent', ...[...names].reverse()]
    expect(await tier.read(asked)).toEqual([undefined, ...asked.slice(1).map(valueOf)])
    expect(made()).toEqual(expected)
    await tier.close()
  })

  test('are written as each would be alone: what is older than what stands there answers that', async () => {
    const tier = indexedDBTier({ env: { indexedDB: new IDBFactory() } })
    const names = Array.from({ length: 100 }, (_, index) => `chat.key${index}`)
    await tier.write(names.filter((_, index) => index % 2).map((name) => ({ name, entry: { ...valueOf('later'), stamp: 5 } })))
    const outcomes = await tier.write(names.map((name) => ({ name, entry: { ...valueOf('now'), stamp: 3 } })))
    expect(outcomes).toEqual(names.map((_, index) => (index % 2 ? 5 : undefined)))
    expect((await tier.read(names)).map((entry) => entry!.text)).toEqual(names.map((_, index) => (index % 2 ? 'later' : 'now')))
    await tier.close()
  })

  test('are written as each would be alone where much else is between them, and are looked at first from then on', async () => {
    const tier = indexedDBTier({ env: { indexedDB: new IDBFactory() } })
    const names = Array.from({ length: 60 }, (_, index) => `chat.key${100 + index}`)
    await tier.write(Array.from({ length: 200 }, (_, index) => ({ name: `chat.key110~${index}`, entry: valueOf('other') })))
    await tier.write([{ name: names[7]!, entry: { ...valueOf('later'), stamp: 5 } }])
    const put = vi.spyOn(IDBObjectStore.prototype, 'put')
    for (const [stamp, puts] of [[3, 60 + 59], [4, 59]] as const) {
      put.mockClear()
      const outcomes = await tier.write(names.map((name) => ({ name, entry: { ...valueOf(`of ${stamp}`), stamp } })))
      expect(outcomes).toEqual(names.map((_, index) => (index === 7 ? 5 : undefined)))
      expect((await tier.read(names)).map((entry) => entry!.text)).toEqual(names.map((_, index) => (index === 7 ? 'later' : `of ${stamp}`)))
      expect(put).toHaveBeenCalledTimes(puts)
    }
    await tier.close()
  })
})

describe('many removals at once', () => {
  const entryOf = (stamp: number) => ({ text: 'abc', stamp, lifetime: 'device' as const })
  const namesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `chat.key${1000 + index}`)

  test('are a request for each run of neighbours that all go', async () => {
    const tier = indexedDBTier({ env: { indexedDB: new IDBFactory() } })
    const names = namesOf(200)
    await tier.write(names.map((name, index) => ({ name, entry: entryOf(index === 70 ? 9 : 1) })))
    await tier.write([{ name: 'chat.key1150~', entry: entryOf(1) }])
    const deletes = vi.spyOn(IDBObjectStore.prototype, 'delete')
    const outcomes = await tier.write(names.map((name) => ({ name, drop: 5 })))
    expect(outcomes).toEqual(names.map((_, index) => (index === 70 ? 9 : undefined)))
    expect(deletes).toHaveBeenCalledTimes(3)
    expect((await tier.names('chat.')).sort()).toEqual(['chat.key1070', 'chat.key1150~'])
    await tier.close()
  })

  test('and other changes of the same names follow one another', async () => {
    const tier = indexedDBTier({ env: { indexedDB: new IDBFactory() } })
    const names = namesOf(100)
    await tier.write(names.slice(50).map((name) => ({ name, entry: entryOf(1) })))
    const [absent, held, buried] = [names[3]!, names[60]!, names[61]!]
    const more = [{ name: held, entry: entryOf(6) }, { name: absent, entry: entryOf(2) }, { name: absent, drop: 3 }, { name: buried, drop: 4, bury: 9 }]
    expect(await tier.write([...names.filter((name) => name !== buried).map((name) => ({ name, drop: 5 })), ...more])).toEqual([...names, 0, 0, 0].map(() => undefined))
    expect((await tier.names('chat.')).sort()).toEqual([held, buried].sort())
    expect((await tier.read([held, buried])).map((entry) => entry?.stamp)).toEqual([6, 4])
    await tier.close()
  })
})

describe('what is read from memory', () => {
  /** A tier that is at home in its page, and has read this name. */
  const settled = async () => {
    const indexedDB = new IDBFactory()
    let at = 0
    class Silent {
      addEventListener(): void {}
      postMessage(): void {}
      close(): void {}
    }
    const env = { indexedDB, BroadcastChannel: Silent as never, performance: { now: () => at }, setTimeout: (run: () => void) => setImmediate(run), clearTimeout: (timer: never) => clearImmediate(timer) }
    const tier = indexedDBTier({ env })
    await tier.write([{ name: 'chat.token', entry: { text: 'abc', stamp: 1, lifetime: 'device' } }])
    at += 100
    await tier.read(['chat.token'])
    const made = transactions()
    return { indexedDB, tier, made, read: async () => (await tier.read(['chat.token']))[0]?.text, pass: (ms: number) => (at += ms) }
  }

  test('needs no transaction, and one again after a while', async () => {
    const { tier, made, read, pass } = await settled()
    expect([await read(), await read()]).toEqual(['abc', 'abc'])
    expect(made.of('readonly')).toHaveLength(0)
    pass(30)
    expect(await read()).toBe('abc')
    expect(made.of('readonly')).toHaveLength(1)
    await tier.close()
  })

  test('is also what this tab has written, and what a write has only asked for', async () => {
    const { tier, made, read } = await settled()
    const outcomes = await tier.write([{ name: 'chat.token', entry: { text: 'def', stamp: 2, lifetime: 'device' } }, { name: 'chat.', drop: 0 }])
    expect(outcomes).toEqual([undefined, undefined])
    expect(await read()).toBe('def')
    expect(made.of('readonly')).toHaveLength(0)
    // Not what it could not write, nor what it removed.
    expect(await tier.write([{ name: 'chat.token', entry: { text: 'old', stamp: 1, lifetime: 'device' } }])).toEqual([2])
    expect(await read()).toBe('def')
    await tier.write([{ name: 'chat.token', drop: 3 }])
    expect(await read()).toBeUndefined()
    expect(made.of('readonly')).toHaveLength(2)
    await tier.close()
  })

  test('is gone at once where the browser, or another tab, deletes the database', async () => {
    const { indexedDB, tier, read } = await settled()
    expect(await read()).toBe('abc')
    await answerOf(indexedDB.deleteDatabase('holdfast.chat'))
    expect(await read()).toBeUndefined()
    await tier.close()
  })
})
