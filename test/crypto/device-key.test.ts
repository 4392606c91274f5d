import 'fake-indexeddb/auto'
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb'
import { describe, expect, test, vi } from 'vitest'
import type { KeyOptions } from '../../src/crypto/index.js'
import { aesGcm, deviceKey } from '../../src/crypto/index.js'
import { fakeClock } from '../../src/testing/fake-clock.js'
import { answerOf, connectionsTo, holdUp } from '../ground/database.js'
import { turns } from '../ground/promises.js'
import { rejectionOf, tab } from './tab.js'

const CONTEXT = '["acme-chat","token",1]'
const damaged = 'seal: does not open'

/** One browser: its database, its clock, and a seal for each tab that is opened. */
const browser = () => {
  const indexedDB = new IDBFactory()
  const clock = fakeClock()
  const openTab = (options: KeyOptions = {}) => aesGcm(deviceKey({ now: clock.now, env: tab({ indexedDB, ...clock.env }), ...options }))
  const databases = async (): Promise<(string | undefined)[]> => (await indexedDB.databases()).map(({ name }) => name)
  const records = async (name = 'holdfast-keys.'): Promise<{ id: string; key: CryptoKey; at: number }[]> => {
    const database = await answerOf(indexedDB.open(name))
    const all = await answerOf(database.transaction('entries').objectStore('entries').getAll())
    database.close()
    return all
  }
  return { indexedDB, clock, openTab, databases, records }
}

describe('a device key', () => {
  test('is made by the first seal, cannot be exported, and serves the tabs of later', async () => {
    const { openTab, databases, records } = browser()
    const seal = openTab()
    await turns()
    expect(await databases()).toEqual([])
    const sealed = await seal.seal('abc', CONTEXT)
    expect(await databases()).toEqual(['holdfast-keys.'])
    const [record, ...others] = await records()
    expect(others).toEqual([])
    expect(record!.key).toMatchObject({ extractable: false, algorithm: { name: 'AES-GCM', length: 256 }, usages: ['encrypt', 'decrypt'] })
    await expect(crypto.subtle.exportKey('raw', record!.key)).rejects.toThrow()
    expect(sealed.startsWith(`1${record!.id}.`)).toBe(true)
    expect(await openTab().open(sealed, CONTEXT)).toBe('abc')
  })

  test('is one, though ten tabs begin together and each seals ten texts at once', async () => {
    const { openTab, records } = browser()
    const tabs = Array.from({ length: 10 }, () => openTab())
    const sealed = await Promise.all(tabs.flatMap((seal) => Array.from({ length: 10 }, (_, index) => seal.seal(`text ${index}`, CONTEXT))))
    expect(new Set(sealed.map((text) => text.split('.')[0])).size).toBe(1)
    expect(await records()).toHaveLength(1)
    for (const seal of tabs) expect(await Promise.all(sealed.map((text) => seal.open(text, CONTEXT)))).toEqual(sealed.map((_, index) => `text ${index % 10}`))
  })

  test('is not made by opening, which leaves no database behind', async () => {
    const { openTab, databases } = browser()
    const sealed = await browser().openTab().seal('abc', CONTEXT)
    expect((await rejectionOf(openTab().open(sealed, CONTEXT))).message).toBe(damaged)
    expect(await databases()).toEqual([])
  })

  test('that is lost takes its texts along, and a new one begins, in a tab that is open too', async () => {
    const { indexedDB, clock, openTab } = browser()
    const seal = openTab()
    const lost = await seal.seal('abc', CONTEXT)
    await answerOf(indexedDB.deleteDatabase('holdfast-keys.'))
    await clock.advance(1001)
    const sealed = await seal.seal('def', CONTEXT)
    expect(sealed.split('.')[0]).not.toBe(lost.split('.')[0])
    for (const any of [seal, openTab()]) expect(await any.open(sealed, CONTEXT)).toBe('def')
    const error = await rejectionOf(openTab().open(lost, CONTEXT))
    expect([error.message, error.code]).toEqual([damaged, undefined])
  })

  test('belongs to its namespace, or to the name that it was given', async () => {
    const { openTab, databases } = browser()
    const [one, other] = ['one', 'other'].map((namespace) => openTab().within(namespace))
    const sealed = await one!.seal('abc', CONTEXT)
    expect(await databases()).toEqual(['holdfast-keys.one'])
    expect((await rejectionOf(other!.open(sealed, CONTEXT))).message).toBe(damaged)
    const named = await openTab({ name: 'ours' }).within('one').seal('abc', CONTEXT)
    expect(await openTab({ name: 'ours' }).within('other').open(named, CONTEXT)).toBe('abc')
    expect(await databases()).toEqual(['holdfast-keys.one', 'holdfast-keys.ours'])
  })

  test('goes with `destroy`, which leaves nothing, and takes nobody else’s', async () => {
    const { openTab, databases } = browser()
    const [mine, theirs] = ['mine', 'theirs'].map((namespace) => openTab().within(namespace))
    const [gone, kept] = await Promise.all([mine!.seal('abc', CONTEXT), theirs!.seal('abc', CONTEXT)])
    // Another tab has the database open: it gives way.
    expect(await openTab().within('mine').open(gone, CONTEXT)).toBe('abc')
    // What was opened before is not remembered beyond its key.
    expect(await mine!.open(gone, CONTEXT)).toBe('abc')
    await mine!.destroy!()
    expect(await databases()).toEqual(['holdfast-keys.theirs'])
    expect((await rejectionOf(mine!.open(gone, CONTEXT))).message).toBe(damaged)
    expect(await theirs!.open(kept, CONTEXT)).toBe('abc')
    await openTab().destroy!()
    expect(await databases()).toEqual(['holdfast-keys.theirs'])
  })

  test('is looked up once for what is opened and sealed within a second', async () => {
    const { indexedDB, clock, openTab } = browser()
    const sealed = await openTab().seal('abc', CONTEXT)
    connectionsTo(indexedDB)
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const seal = openTab()
    await Promise.all(Array.from({ length: 50 }, () => seal.open(sealed, CONTEXT)))
    await Promise.all(Array.from({ length: 50 }, () => seal.seal('abc', CONTEXT)))
    expect(transaction).toHaveBeenCalledTimes(1)
    await clock.advance(1001)
    await seal.seal('abc', CONTEXT)
    await seal.open(sealed, CONTEXT)
    expect(transaction).toHaveBeenCalledTimes(2)
    clock.jump(-3_600_000)
    await seal.seal('abc', CONTEXT)
    expect(transaction).toHaveBeenCalledTimes(3)
    transaction.mockRestore()
  })
})

describe('where its database', () => {
  test('was asked, no connection to it stays open, which nothing would ever collect', async () => {
    const { indexedDB, clock, openTab } = browser()
    const connections = connectionsTo(indexedDB)
    const seal = openTab()
    const sealed = await seal.seal('abc', CONTEXT)
    await clock.advance(1001)
    expect((await seal.seal('abc', CONTEXT)).split('.')[0]).toBe(sealed.split('.')[0])
    await rejectionOf(seal.open('1none.AAAA', CONTEXT))
    await turns()
    expect(connections.length).toBeGreaterThan(1)
    for (const connection of connections) expect(() => connection.transaction('entries')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
  })

  test.each<[string, (connection: IDBDatabase) => void]>([
    ['with a close event', (connection) => forceCloseDatabase(connection as never)],
    ['without a word', (connection) => connection.close()],
  ])('loses its connection %s while it is asked, it is opened anew', async (_, lose) => {
    const { indexedDB, openTab } = browser()
    const sealed = await openTab().seal('abc', CONTEXT)
    const open = indexedDB.open.bind(indexedDB)
    let losses = 0
    indexedDB.open = (...request) => {
      const opening = open(...request)
      opening.addEventListener('success', () => losses++ || lose(opening.result))
      return opening
    }
    expect(await openTab().open(sealed, CONTEXT)).toBe('abc')
    expect(losses).toBe(2)
  })

  test('hangs, one deadline is waited for, once, and what it answers late serves at once', async () => {
    const { indexedDB, clock, openTab } = browser()
    const sealed = await openTab().seal('abc', CONTEXT)
    const release = await holdUp(indexedDB, 'holdfast-keys.')
    const seal = openTab()
    const first = rejectionOf(seal.open(sealed, CONTEXT))
    const second = rejectionOf(seal.seal('abc', CONTEXT))
    await turns()
    expect(clock.next()).toBe(1500)
    await clock.advance(1500)
    for (const waiting of [first, second]) expect(await waiting).toMatchObject({ code: 'locked', cause: { code: 'timeout' } })
    expect(await rejectionOf(seal.open(sealed, CONTEXT))).toMatchObject({ code: 'locked' })
    expect(clock.next()).toBeUndefined()
    release()
    await turns()
    expect(await seal.open(sealed, CONTEXT)).toBe('abc')
  })

  test.each<[string, () => IDBFactory | undefined]>([
    ['is not there at all', () => undefined],
    ['throws when it is asked', () => ({ open: () => { throw new DOMException('Denied.', 'SecurityError') } }) as never],
  ])('%s, it is `locked`, to read and to write', async (_, indexedDB) => {
    const { openTab } = browser()
    const sealed = await openTab().seal('abc', CONTEXT)
    const seal = openTab({ env: tab({ indexedDB: indexedDB() }) })
    expect(await rejectionOf(seal.seal('abc', CONTEXT))).toMatchObject({ code: 'locked' })
    expect(await rejectionOf(seal.open(sealed, CONTEXT))).toMatchObject({ code: 'locked' })
  })

  test('does not take a key, as where one cannot be cloned, nothing is sealed', async () => {
    const { openTab, records } = browser()
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('CryptoKey could not be cloned.', 'DataCloneError')
    })
    const seal = openTab()
    expect(await rejectionOf(seal.seal('abc', CONTEXT))).toMatchObject({ code: 'locked' })
    put.mockRestore()
    expect(await seal.open(await seal.seal('abc', CONTEXT), CONTEXT)).toBe('abc')
    expect(await records()).toHaveLength(1)
  })
})
