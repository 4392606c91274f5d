import { describe, expect, test } from 'vitest'
import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import type { Tier } from 'holdfast'
import { cookieTier, createStorage, defineKeys, indexedDBTier, key, localStorageTier, memoryTier } from 'holdfast'
import { cookieJar } from 'holdfast/testing'
import { storageObjects } from './ground/dom.js'
import { failureOf } from './ground/failure.js'

const SECRET = 'eyJhbGciOiJIUzI1NiJ9'

/** One tier of each kind of place, each over a place of its own. */
const places: [string, () => Tier][] = [
  ['indexedDB', () => indexedDBTier({ env: { indexedDB: new IDBFactory() } })],
  ['localStorage', () => localStorageTier({ env: storageObjects() })],
  ['cookie', () => cookieTier({ maxBytes: 40_000, env: cookieJar().at('https://www.brand.test/') })],
  ['memory', () => memoryTier()],
]

const over = (tier: Tier) => createStorage({ namespace: 'acme-chat', tiers: [tier] })

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'a\0b', 'a;b', 'a=b', 'a\r\nb', '🪸', '%', '%41', 'A', 'a.b', '.', '..', ' ', 'acme-chat.token', 'probe', 'é', 'e\u0301']

describe.each(places)('an odd name in %s', (_, make) => {
  test('is a key like any other: it keeps its value apart from its neighbours', async () => {
    const storage = over(make())
    await storage.setMany(NAMES.map((name, index) => [name, index]))
    for (const [index, name] of NAMES.entries()) expect(await storage.get(name), JSON.stringify(name)).toBe(index)
    expect((await storage.keys()).sort()).toEqual([...NAMES].sort())
    for (const name of NAMES) {
      await storage.remove(name)
      expect(await storage.has(name)).toBe(false)
    }
    expect(await storage.keys()).toEqual([])
  })
})

describe('a name', () => {
  test.each(['set', 'get', 'has', 'remove', 'take', 'touch', 'inspect'] as const)('that is empty, or holds a lone surrogate, is a RangeError of %s, and one that is no string a TypeError', async (verb) => {
    const storage = over(memoryTier())
    const call = storage[verb] as (name: unknown, value?: unknown) => Promise<unknown>
    for (const name of ['', '\ud800', 'a\udc00b', '\ude00\ud83d']) {
      const error = await failureOf(() => call(name, ...(verb === 'set' ? [SECRET] : [])))
      expect(error).toBeInstanceOf(RangeError)
      expect(error.message).toContain('key')
      expect(error.message).not.toContain(SECRET)
    }
    for (const name of [undefined, null, 1, {}, Symbol('a')]) expect(await failureOf(() => call(name, ...(verb === 'set' ? [SECRET] : [])))).toBeInstanceOf(TypeError)
  })

  test.each(places)('of 10 kB in %s is kept whole, or refused with a reason', async (_, make) => {
    const storage = over(make())
    const name = 'n'.repeat(10_000)
    await storage.set('neighbour', 1)
    const outcome = await storage.set(name, 'abc').then(() => 'kept', (error: { code: string; attempts: { code: string }[] }) => [error.code, ...error.attempts.map(({ code }) => code)])
    if (outcome === 'kept') expect(await storage.get(name)).toBe('abc')
    else expect(outcome).toEqual(['no-tier', 'too-large'])
    expect(await storage.get('neighbour')).toBe(1)
  })

  test('that the registry does not know is unknown, also one that every object has', async () => {
    const storage = createStorage({ namespace: 'acme-chat', tiers: [memoryTier()], keys: defineKeys({ token: key<string>() }) })
    for (const name of ['other', '__proto__', 'constructor', 'toString'])
      expect(await failureOf(() => storage.get(name as 'token'))).toMatchObject({ code: 'unknown-key', message: expect.stringContaining(name) })
    expect((await failureOf(() => storage.set('other' as 'token', SECRET))).message).not.toContain(SECRET)
  })
})

class Session {
  id = 1
}
const cycle: { self?: unknown } = {}
cycle.self = { inner: [cycle] }
const hole: unknown[] = [1, 2, 3]
delete hole[1]

const REFUSED: [string, unknown, string][] = [
  ['undefined', undefined, 'value'],
  ['a function', () => 1, 'value'],
  ['a symbol', Symbol('a'), 'value'],
  ['a BigInt', 1n, 'value'],
  ['NaN', NaN, 'value'],
  ['Infinity', -Infinity, 'value'],
  ['-0', -0, 'value'],
  ['a Date', new Date(0), 'value'],
  ['a Map', new Map([[1, 2]]), 'value'],
  ['a Set', new Set([1]), 'value'],
  ['bytes', new Uint8Array([1]), 'value'],
  ['an instance of a class', new Session(), 'value'],
  ['a regular expression', /a/, 'value'],
  ['a boxed string', new String('a'), 'value'],
  ['a cycle', cycle, 'value.self.inner[0]'],
  ['an undefined property', { a: { b: undefined } }, 'value.a.b'],
  ['a Date inside', { list: [{ at: new Date(0) }] }, 'value.list[0].at'],
  ['a -0 inside', [[0], [1, -0]], 'value[1][1]'],
  ['a NaN inside', { a: [NaN] }, 'value.a[0]'],
  ['a function inside', { a: { toJSON: () => 1 } }, 'value.a.toJSON'],
  ['a BigInt inside', { a: 1n }, 'value.a'],
  ['a hole', { list: hole }, 'value.list'],
  ['a hole beside a property', { list: Object.assign(new Array(1), { extra: 2 }) }, 'value.list'],
  ['a symbol key', { a: { [Symbol('b')]: 1 } }, 'value.a'],
  ['a hidden property', { a: Object.defineProperty({}, 'b', { value: 1 }) }, 'value.a'],
  ['a list with a property', { a: Object.assign([1], { extra: 2 }) }, 'value.a'],
]

describe('a value that JSON would change', () => {
  test.each(REFUSED)('is refused as unencodable, with its path: %s', async (_, value, path) => {
    const storage = over(memoryTier())
    await storage.set('token', 'before')
    const error = await failureOf(() => storage.set('token', value))
    expect(error.code).toBe('unencodable')
    expect(error.message).toMatch(new RegExp(`(^|[\\s'"])${path.replace(/[.[\]]/g, '\\$&')}[:,'" [.]`))
    expect(await storage.get('token')).toBe('before')
  })

  test('is refused without its text in the message', async () => {
    const error = await failureOf(() => over(memoryTier()).set('token', { token: SECRET, at: new Date(0) }))
    expect(error.code).toBe('unencodable')
    expect(JSON.stringify([error.message, error.attempts])).not.toContain(SECRET)
  })

  test.each<[string, Record<string, unknown> | unknown[]]>([['an object', { a: SECRET, toJSON: undefined }], ['a list', [SECRET, undefined]]])('is refused wherever it stands: %s', async (_, value) => {
    expect((await failureOf(() => over(memoryTier()).set('token', value))).code).toBe('unencodable')
  })
})

const own = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') as object
const shared = { a: 1 }

const KEPT: [string, unknown][] = [
  ['a string of digits', '1234567890123456'],
  ['an empty string', ''],
  ["'null'", 'null'],
  ["'undefined'", 'undefined'],
  ['what looks like an entry', 'hf13.0.0...'],
  ['null', null],
  ['false', false],
  ['0', 0],
  ['a small number', 5e-324],
  ['a large number', Number.MAX_SAFE_INTEGER],
  ['an empty list', []],
  ['an empty object', {}],
  ['a nested value', { a: [1, { b: null, c: [[]] }], 'é;=%\r\n': '🪸' }],
  ['a name that every object has', own],
  ['one object in two places', [shared, shared]],
  ['NUL, line ends and separators', '\0\r\n\u2028\u2029;,="\\%'],
  ['emoji', '🪸👩‍👩‍👧'],
]

describe.each(places)('a value in %s', (_, make) => {
  test.each(KEPT)('reads back equal and of its type: %s', async (_, value) => {
    const storage = over(make())
    await storage.set('token', value)
    const back: unknown = await storage.get('token')
    expect(back).toStrictEqual(value)
    expect(JSON.stringify(back)).toBe(JSON.stringify(value))
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test('with a lone surrogate reads back unit for unit, or is refused', async () => {
    const storage = over(make())
    const outcome = await storage.set('token', 'a\ud800b').then(() => 'kept', ({ code }: { code: string }) => code)
    if (outcome === 'kept') expect(await storage.get('token')).toBe('a\ud800b')
    else expect(outcome).toBe('unencodable')
  })
})

test('a value of another frame, whose Object is another one, is kept', async () => {
  const { runInNewContext } = await import('node:vm')
  const storage = over(memoryTier())
  await storage.set('token', runInNewContext('({ a: [1] })'))
  expect(await storage.get('token')).toEqual({ a: [1] })
})

test('a value that the caller changes later stays as it was set', async () => {
  const storage = over(memoryTier())
  const value = { list: [1] }
  const written = storage.set('token', value)
  value.list.push(2)
  await written
  const back = (await storage.get('token')) as { list: number[] }
  expect(back).toEqual({ list: [1] })
  back.list.push(3)
  expect(await storage.get('token')).toEqual({ list: [1] })
})
