import 'fake-indexeddb/auto'
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createStorage, indexedDBTier, localStorageTier } from 'holdfast'
import { fakeClock } from 'holdfast/testing'
import { answerOf, connectionsTo, holdUp } from '../ground/database.js'
import { blocked, storageObjects } from '../ground/dom.js'
import { domError } from '../ground/failure.js'
import { isSettled, turns } from '../ground/promises.js'

const DATABASE = 'holdfast.acme-chat'

afterEach(() => {
  vi.restoreAllMocks()
})

const browser = () => {
  const indexedDB = new IDBFactory()
  const clock = fakeClock()
  const web = storageObjects()
  const load = () => {
    clock.jump(1)
    return createStorage<Record<string, unknown>>({ namespace: 'acme-chat', tiers: [indexedDBTier({ env: { indexedDB } }), localStorageTier({ env: web })], now: clock.now, env: clock.env })
  }
  return { indexedDB, clock, load, web }
}

describe('a connection', () => {
  test.each<[string, (connection: IDBDatabase) => void]>([
    ['with a close event', (connection) => forceCloseDatabase(connection as never)],
    ['without any event', (connection) => connection.close()],
  ])('that is lost %s is opened anew, and the operation after it does not notice', async (_, lose) => {
    const { indexedDB, load } = browser()
    const connections = connectionsTo(indexedDB)
    const storage = load()
    await storage.set('token', 'abc')
    lose(connections[0]!)
    expect(await storage.get('token')).toBe('abc')
    expect(connections).toHaveLength(2)
    lose(connections[1]!)
    expect(await storage.set('token', 'def')).toMatchObject({ tier: 'indexedDB', passed: [] })
    expect(connections).toHaveLength(3)
    expect((await storage.status()).tiers[0]).toMatchObject({ state: 'ready' })
  })

  test('that is lost each time is opened three times, then the next tier takes over', async () => {
    const { indexedDB, load } = browser()
    const storage = load()
    await storage.set('token', 'abc')
    const connections = connectionsTo(indexedDB)
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new DOMException('The database connection is closing.', 'InvalidStateError')
    })
    expect(await storage.set('token', 'def')).toMatchObject({ tier: 'localStorage', passed: [{ tier: 'indexedDB', code: 'lost' }] })
    expect(transaction.mock.calls.length).toBeLessThanOrEqual(3)
    expect(connections.length).toBeLessThanOrEqual(3)
    expect((await storage.status()).tiers[0]).toMatchObject({ state: 'down', reason: 'lost' })
    vi.restoreAllMocks()
    expect(await storage.get('token')).toBe('def')
    expect(await load().get('token')).toBe('def')
  })

  test('that failed is closed before another one is opened', async () => {
    const { indexedDB, load } = browser()
    const connections = connectionsTo(indexedDB)
    const storage = load()
    await storage.set('token', 'abc')
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
      throw new DOMException('Connection to Indexed Database server lost.', 'UnknownError')
    })
    expect(await storage.get('token')).toBe('abc')
    expect(connections).toHaveLength(2)
    expect(() => connections[0]!.transaction('entries')).toThrow('InvalidStateError')
  })

  test('that failed late leaves the one that has taken its place alone', async () => {
    const { indexedDB } = browser()
    const connections = connectionsTo(indexedDB)
    const tier = indexedDBTier({ env: { indexedDB } })
    await tier.write([{ name: 'acme-chat.token', entry: { text: 'abc', stamp: 1, lifetime: 'device' } }])
    vi.spyOn(connections[0]!, 'transaction').mockImplementation(() => {
      throw new DOMException('The database connection is closing.', 'InvalidStateError')
    })
    const late = tier.read(['acme-chat.token'])
    await tier.open()
    expect((await Promise.all([late, tier.read(['acme-chat.token'])])).map((entries) => entries[0]?.text)).toEqual(['abc', 'abc'])
    expect(connections).toHaveLength(2)
    await tier.close()
    expect(() => connections[1]!.transaction('entries')).toThrow('InvalidStateError')
  })

  test('is one, however much is asked of it', async () => {
    const { indexedDB, load } = browser()
    const connections = connectionsTo(indexedDB)
    const storage = load()
    await Promise.all([storage.set('a', 1), storage.set('b', 2), storage.get('c')])
    await storage.get('a')
    await storage.set('d', 4)
    expect(connections).toHaveLength(1)
  })
})

describe('the end of a connection', () => {
  test('closes when another tab upgrades or deletes the database, which then need not wait', async () => {
    const { indexedDB, load } = browser()
    const storage = load()
    await storage.set('token', 'abc')
    const request = indexedDB.deleteDatabase(DATABASE)
    const waited = vi.fn()
    request.onblocked = waited
    await answerOf(request)
    expect(waited).not.toHaveBeenCalled()
    expect(await storage.get('token')).toBeUndefined()
    expect((await storage.set('token', 'def')).tier).toBe('indexedDB')
    expect(await storage.get('token')).toBe('def')
  })

  test('is closed by the last storage that leaves it', async () => {
    const { indexedDB, clock } = browser()
    const tiers = [indexedDBTier({ env: { indexedDB } })]
    const [one, other] = [1, 2].map(() => createStorage({ namespace: 'acme-chat', tiers, now: clock.now, env: clock.env }))
    await one!.set('token', 'abc')
    await one!.close()
    expect(await other!.get('token')).toBe('abc')
    const close = vi.spyOn(IDBDatabase.prototype, 'close')
    await other!.close()
    expect(close).toHaveBeenCalledTimes(1)
  })
})

describe('a database of a higher version', () => {
  test('is left alone: the next tier takes over, and no read fails', async () => {
    const { indexedDB, load } = browser()
    const request = indexedDB.open(DATABASE, 2)
    request.onupgradeneeded = () => request.result.createObjectStore('of the future')
    ;(await answerOf(request)).close()
    const storage = load()
    expect(await storage.get('token')).toBeUndefined()
    const receipt = await storage.set('token', 'abc')
    expect(receipt).toMatchObject({ tier: 'localStorage', passed: [{ tier: 'indexedDB' }] })
    expect(await storage.get('token')).toBe('abc')
    await storage.clear()
    await storage.destroy()
    const database = await answerOf(indexedDB.open(DATABASE))
    expect([database.version, ...database.objectStoreNames]).toEqual([2, 'of the future'])
    database.close()
  })

  test('that comes while the page is open lets the next tier take over', async () => {
    const { indexedDB, load } = browser()
    const storage = load()
    await storage.set('token', 'abc')
    ;(await answerOf(indexedDB.open(DATABASE, 2))).close()
    expect((await storage.set('token', 'def')).tier).toBe('localStorage')
    expect(await storage.get('token')).toBe('def')
  })
})

describe('an open that never answers', () => {
  test('costs one deadline; what comes after it waits for nothing', async () => {
    const { indexedDB, clock, load } = browser()
    await load().set('token', 'abc')
    const release = await holdUp(indexedDB, DATABASE)
    const storage = load()
    const receipt = storage.set('token', 'def')
    await turns()
    await clock.advance(1499)
    expect(await isSettled(receipt)).toBe(false)
    await clock.advance(1)
    expect(await receipt).toMatchObject({ tier: 'localStorage', passed: [{ tier: 'indexedDB', code: 'timeout' }] })
    expect(await isSettled(Promise.all([storage.get('token'), storage.set('other', 1), storage.keys()]))).toBe(true)
    await clock.advance(1000)
    expect(await isSettled(storage.get('token'))).toBe(true)
    release()
    await turns()
  })

  test('is adopted when it answers late, by stamp: an older value there does not win', async () => {
    const { indexedDB, clock, load } = browser()
    await load().set('token', 'old')
    await load().set('kept', 'there all the while')
    const release = await holdUp(indexedDB, DATABASE)
    const storage = load()
    const receipt = storage.set('token', 'new')
    await turns()
    await clock.advance(1500)
    await receipt
    expect(await storage.get('kept')).toBeUndefined()
    release()
    await turns()
    await clock.advance(1000)
    await storage.get('token')
    await turns()
    expect(await storage.get('token')).toBe('new')
    expect(await storage.get('kept')).toBe('there all the while')
    expect((await storage.status()).tiers[0]).toMatchObject({ state: 'ready' })
    expect(await load().get('token')).toBe('new')
  })

  test('brings nothing back that was removed meanwhile', async () => {
    const { indexedDB, clock, load } = browser()
    await load().set('token', 'old')
    const release = await holdUp(indexedDB, DATABASE)
    const storage = load()
    const receipt = storage.set('token', 'new')
    await turns()
    await clock.advance(1500)
    await receipt
    await storage.remove('token')
    release()
    await turns()
    expect(await load().get('token')).toBeUndefined()
    await clock.advance(60_000)
    expect(await storage.get('token')).toBeUndefined()
  })
})

describe('a deletion that is blocked', () => {
  test('by a tab that does not let go is told by destroy, after one deadline', async () => {
    const { indexedDB, clock, load } = browser()
    const storage = load()
    await storage.set('token', 'abc')
    const stubborn = await answerOf(indexedDB.open(DATABASE))
    const destroyed = storage.destroy()
    await turns()
    await clock.advance(1500)
    expect(await destroyed).toMatchObject({ unreached: [{ tier: 'indexedDB', code: 'timeout' }] })
    stubborn.close()
    await turns()
    expect(await indexedDB.databases()).toEqual([])
  })
})

describe('an IndexedDB that is not to be used', () => {
  const falls = async (env: object): Promise<string> => {
    const { clock, web } = browser()
    const storage = createStorage({ namespace: 'acme-chat', tiers: [indexedDBTier({ env }), localStorageTier({ env: web })], now: clock.now, env: clock.env })
    expect(await storage.get('token')).toBeUndefined()
    const { tier, passed } = await storage.set('token', 'abc')
    expect(tier).toBe('localStorage')
    expect(await storage.get('token')).toBe('abc')
    expect(await storage.keys()).toEqual(['token'])
    return passed[0]!.code
  }
  /** A factory whose requests fail with an event, as those of Firefox's private windows do. */
  const failing = (name: string): object => {
    const indexedDB = new IDBFactory()
    const open = indexedDB.open.bind(indexedDB)
    indexedDB.open = (database) => {
      const request = open(database, 1)
      request.addEventListener('upgradeneeded', () => queueMicrotask(() => request.transaction!.abort()))
      request.addEventListener('error', () => Object.defineProperty(request, 'error', { value: domError(name) }))
      return request
    }
    return { indexedDB }
  }

  test.each<[string, () => object, string]>([
    ['is absent', () => ({}), 'unavailable'],
    ['is null', () => ({ indexedDB: null }), 'unavailable'],
    ['throws when it is looked at', () => blocked('indexedDB'), 'unavailable'],
    ['is an empty object', () => ({ indexedDB: {} }), 'unavailable'],
    ['throws when a database is opened', () => ({ indexedDB: { open: () => { throw domError('SecurityError') } } }), 'unavailable'],
    ['fails with UnknownError', () => failing('UnknownError'), 'unavailable'],
    ['fails with InvalidStateError, as in private windows', () => failing('InvalidStateError'), 'lost'],
  ])('because it %s lets the next tier take over', async (_, make, code) => {
    expect(await falls(make())).toBe(code)
  })
})
