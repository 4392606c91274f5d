import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { Change, Code, Outcome, Tier } from 'holdfast'
import { createStorage, defineKeys, isStorageError, key, memoryTier, StorageError } from 'holdfast'
import { inMemory } from 'holdfast/testing'
import { domError, failureOf } from './ground/failure.js'
import { isSettled } from './ground/promises.js'
import { visitor } from './ground/visitor.js'

const SECRET = 'eyJhbGciOiJIUzI1NiJ9'

/** A tier of somebody else's making, which fails by what `write` says. */
const custom = (write: (changes: readonly Change[]) => readonly Outcome[] | Promise<readonly Outcome[]>): Tier => ({
  name: 'disk',
  traits: { lifetimes: ['device'], reach: 'origin' },
  open() {},
  read: (names) => names.map(() => undefined),
  write,
  names: () => [],
  close() {},
})

const passedBy = async (write: Parameters<typeof custom>[0]): Promise<string | undefined> => {
  const storage = createStorage({ namespace: 'acme-chat', tiers: [custom(write), memoryTier()] })
  return (await storage.set('token', SECRET)).passed[0]?.code
}

describe('an error', () => {
  test('has its code, its cause and its attempts, and is an Error', () => {
    const cause = new Error('inner')
    const error = new StorageError('quota', 'disk: full', { cause, attempts: [{ tier: 'disk', code: 'quota', message: 'full' }] })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'StorageError', message: 'disk: full', code: 'quota', cause, attempts: [{ tier: 'disk', code: 'quota', message: 'full' }] })
    expect(new StorageError('closed', 'closed')).toMatchObject({ code: 'closed', attempts: [] })
  })

  test('is known by its brand, also from another frame or another copy of this package', () => {
    const foreign: unknown = runInNewContext("Object.assign(new Error('full'), { name: 'StorageError', holdfast: true, code: 'quota', attempts: [] })")
    expect(foreign instanceof Error).toBe(false)
    expect(isStorageError(foreign)).toBe(true)
    expect(isStorageError(new StorageError('lost', ''))).toBe(true)
  })

  test.each<[string, unknown]>([['undefined', undefined], ['null', null], ['a text', 'quota'], ['a number', 1], ['an object', {}], ['a code', { code: 'quota' }], ['an Error', new Error('quota')], ['a DOMException', new DOMException('x', 'QuotaExceededError')]])('is not seen in %s', (_, value) => {
    expect(isStorageError(value)).toBe(false)
  })

  test('of every verb after close is closed; close itself may be repeated', async () => {
    const storage = visitor('localStorage').load()
    await storage.set('token', 'abc')
    await storage.close()
    await storage.close()
    const verbs: (() => Promise<unknown>)[] = [
      () => storage.get('token'), () => storage.set('token', SECRET), () => storage.has('token'), () => storage.getMany(['token']), () => storage.setMany([['token', SECRET]]), () => storage.remove('token'), () => storage.take('token'),
      () => storage.touch('token'), () => storage.keys(), () => storage.clear(), () => storage.sweep(), () => storage.inspect('token'), () => storage.destroy(), () => storage.status({ probe: true }),
    ]
    for (const verb of verbs) expect(await failureOf(verb)).toMatchObject({ code: 'closed', holdfast: true })
  })
})

describe('what a tier throws', () => {
  test.each<[string, unknown, Code]>([
    ['QuotaExceededError', domError('QuotaExceededError'), 'quota'],
    ['InvalidStateError', domError('InvalidStateError'), 'lost'],
    ['SecurityError', domError('SecurityError'), 'unavailable'],
    ['UnknownError', domError('UnknownError'), 'unavailable'],
    ['a TypeError', new TypeError('not a function'), 'unavailable'],
    ['a text', 'broken', 'unavailable'],
    ['null', null, 'unavailable'],
    ['an error of ours', new StorageError('too-large', 'too large'), 'too-large'],
    ['an error of ours from another copy of this package', { holdfast: true, code: 'refused', message: 'no' }, 'refused'],
    ['a code that is not for tiers', new StorageError('closed', 'not a reason to fall through'), 'unavailable'],
  ])('is mapped by its name: %s', async (_, thrown, code) => {
    expect(await passedBy(() => { throw thrown })).toBe(code)
    expect(await passedBy(() => Promise.reject(thrown as Error))).toBe(code)
  })

  test.each<[string, Outcome, Code]>([
    ['quota', new StorageError('quota', 'full'), 'quota'],
    ['refused', new StorageError('refused', 'no'), 'refused'],
  ])('may be answered for one change, too: %s', async (_, outcome, code) => {
    expect(await passedBy((changes) => changes.map((change) => ('entry' in change ? outcome : undefined)))).toBe(code)
  })

  test.each<[string, unknown]>([['nothing at all', undefined], ['outcomes of no known form', [true, 'ok', {}]], ['a text', 'ok'], ['a number', 1]])('is not taken for a promise, and hangs nobody: %s, where outcomes are due', async (_, answer) => {
    const storage = createStorage({ namespace: 'acme-chat', tiers: [custom(() => answer as readonly Outcome[]), memoryTier()] })
    const receipt = storage.set('token', SECRET)
    expect(await isSettled(receipt)).toBe(true)
    expect((await receipt).tier).toBe('memory')
    expect(await storage.get('token')).toBe(SECRET)
  }, 2000)

  test.each<[string, unknown]>([['nothing at all', undefined], ['null', null], ['a number', 1]])('is not taken for an answer, and hangs nobody: %s, where entries are due', async (_, answer) => {
    const tier = { ...custom(() => [new StorageError('refused', 'no')]), read: () => answer as never }
    const storage = createStorage({ namespace: 'acme-chat', tiers: [tier, memoryTier()] })
    await storage.set('token', SECRET)
    const value = storage.get('token')
    expect(await isSettled(value)).toBe(true)
    expect(await value).toBe(SECRET)
  }, 2000)

  test('is kept as the cause of the error that the caller gets', async () => {
    const cause = domError('SecurityError')
    const storage = createStorage({ namespace: 'acme-chat', tiers: [custom(() => { throw cause })] })
    const error = await failureOf(() => storage.set('token', SECRET))
    const causes = [error.cause, (error.cause as Error).cause]
    expect(causes).toContain(cause)
  })

  test('is not repeated in a message, because it may hold the value', async () => {
    const storage = createStorage({ namespace: 'acme-chat', tiers: [custom((changes) => { throw new Error(`cannot write ${JSON.stringify(changes)}`) })] })
    const error = await failureOf(() => storage.set('token', SECRET))
    expect(JSON.stringify([error.message, error.attempts])).not.toContain(SECRET)
    expect(error.message).toContain('token')
    expect(error.message).toContain('disk')
  })
})

describe('a message', () => {
  test('names the key and never the value, whatever fails', async () => {
    const browser = visitor('localStorage')
    const storage = browser.load()
    browser.plans['localStorage']!.throws = domError('SecurityError')
    const keyed = createStorage({ namespace: 'acme-chat', tiers: inMemory('localStorage'), keys: defineKeys({ token: key<string>({ secret: true }), step: key<string>({ ttl: 'page' }) }) })
    const acts: [string, () => Promise<unknown>][] = [
      ['token', () => storage.set('token', SECRET)],
      ['token', () => storage.setMany([['token', SECRET]])],
      ['token', () => keyed.set('token', SECRET)],
      ['step', () => keyed.set('step', SECRET)],
      ['other', () => keyed.set('other' as 'token', SECRET)],
    ]
    for (const [name, act] of acts) {
      const error = await failureOf(act)
      expect(error.message).toContain(name)
      expect(JSON.stringify([error.message, error.attempts, String(error.cause)])).not.toContain(SECRET)
    }
  })

  test('of a codec that throws names the key, and keeps what it threw as the cause', async () => {
    const cause = new Error(`cannot encode ${SECRET}`)
    const storage = createStorage({ namespace: 'acme-chat', tiers: [memoryTier()], codec: { encode: () => { throw cause }, decode: (text) => text } })
    const error = await failureOf(() => storage.set('token', SECRET))
    expect(error).toMatchObject({ code: 'unencodable', cause })
    expect(error.message).toContain('token')
    expect(error.message).not.toContain(SECRET)
  })

  test.each([[undefined], [1], [null], [{}]])('of a codec that gives %o instead of text is unencodable', async (text) => {
    const storage = createStorage({ namespace: 'acme-chat', tiers: [memoryTier()], codec: { encode: () => text as unknown as string, decode: (text) => text } })
    expect((await failureOf(() => storage.set('token', SECRET))).code).toBe('unencodable')
  })
})

describe('a listener that throws', () => {
  test('harms neither the caller nor the listeners beside it', async () => {
    const browser = visitor('localStorage', 'memory')
    const storage = browser.load()
    const heard: string[] = []
    for (const event of ['fallback', 'recovered', 'expired', 'corrupt'] as const) {
      storage.on(event, () => { throw new Error('of the host page') })
      storage.on(event, () => heard.push(event))
    }
    browser.plans['localStorage']!.throws = domError('SecurityError')
    await storage.set('token', 'abc')
    delete browser.plans['localStorage']!.throws
    await browser.clock.advance(1000)
    expect(await storage.get('token')).toBe('abc')
    await storage.set('short', 1, { ttl: 10 })
    await browser.clock.advance(10)
    expect(await storage.get('short')).toBeUndefined()
    expect(heard).toEqual(['fallback', 'recovered', 'expired'])
  })

  test('or one that has left, or that asks the storage for more, is no trouble either', async () => {
    const browser = visitor('localStorage', 'memory')
    const storage = browser.load()
    const heard: string[] = []
    const leave = storage.on('fallback', () => {
      heard.push('first')
      leave()
      void storage.get('token')
    })
    browser.plans['localStorage']!.throws = domError('SecurityError')
    await storage.set('token', 1)
    await storage.set('token', 2)
    leave()
    expect(heard).toEqual(['first'])
  })
})
