import fc from 'fast-check'
import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import { cookieTier, createStorage, httpCookieTier } from 'holdfast'
import { cookieJar } from 'holdfast/testing'
import { createHandler, readEntry } from 'holdfast/server'
import { entry } from './asking.js'
import { ENDPOINT, visit } from './visit.js'

const PAGE = 'https://a.brand.test/shop/'

/** What JSON keeps exactly, without what no text can carry. */
const value = fc.jsonValue({ noUnicodeString: false, maxDepth: 3 }).map((each) => JSON.parse(JSON.stringify(each).replace(/\\ud[89a-f]../gi, '')) as unknown)
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })

describe('readEntry answers what a page stored', () => {
  test('with the cookie tier, whatever the key and the value', async () => {
    await fc.assert(
      fc.asyncProperty(name, value, async (key, stored) => {
        const env = cookieJar().at(PAGE)
        const storage = createStorage({ namespace: 'chat', tiers: [cookieTier({ env, maxBytes: 16_384 })] })
        await storage.set(key, stored)
        await storage.set('other', 'other')
        expect(readEntry(env.document!.cookie, 'chat.' + key)).toEqual(stored)
      }),
      { numRuns: 200 },
    )
  })

  test("in jsdom's jar as in a strict one, with a prefix, and cut into pieces", async () => {
    const { window } = new JSDOM('', { url: PAGE })
    const storage = createStorage({ namespace: 'chat', tiers: [cookieTier({ env: window, prefix: '__Secure-', maxBytes: 16_384 })] })
    const long = Array.from({ length: 900 }, (_, index) => `é${index}`)
    await storage.set('long', long)
    await storage.set('short', { a: [1, null, 'b'] })
    expect(readEntry(window.document.cookie, 'chat.long', { prefix: '__Secure-' })).toEqual(long)
    expect(readEntry(window.document.cookie, 'chat.short', { prefix: '__Secure-' })).toEqual({ a: [1, null, 'b'] })
    expect(readEntry(window.document.cookie, 'chat.short')).toBeUndefined()
  })

  test('through the handler, for one site, and for one of several', async () => {
    for (const [allow, site] of [[['https://*.brand.test'], undefined], [['https://*.brand.test', 'https://other.test'], 'brand.test']] as const) {
      const jar = cookieJar()
      const { env } = visit(createHandler({ allow, cookies: {} }), jar)
      const storage = createStorage({ namespace: 'chat', tiers: [httpCookieTier({ endpoint: ENDPOINT, env })] })
      await storage.set('token', 'abc')
      const header = jar.at('https://chat.vendor.test/any/path').document!.cookie
      expect(readEntry(header, 'chat.token', site ? { site } : {})).toBe('abc')
      expect(readEntry(header, 'chat.token', { site: 'other.test' })).toBeUndefined()
    }
  })

  test('until it is removed', async () => {
    const env = cookieJar().at(PAGE)
    const storage = createStorage({ namespace: 'chat', tiers: [cookieTier({ env })] })
    await storage.set('token', 'abc')
    await storage.remove('token')
    expect(readEntry(env.document!.cookie, 'chat.token')).toBeUndefined()
  })

  test('until it expires, by the clock that is given', () => {
    const header = 'a=' + entry('a', '"abc"', 5, { expires: 1000 })[1]
    expect([999, 1000].map((time) => readEntry(header, 'a', { now: () => time }))).toEqual(['abc', undefined])
    expect(readEntry(header, 'a')).toBeUndefined()
  })

  test('by the codec that is given', () => {
    const header = 'a=' + entry('a', 'abc', 5)[1]
    expect([readEntry(header, 'a', { decode: (text) => text + '!' }), readEntry(header, 'a')]).toEqual(['abc!', undefined])
  })

  test('of twins, the newest', () => {
    const twins = [entry('a', '"old"', 4), entry('a', '"new"', 6), entry('a', '"older"', 3)].map(([, text]) => `a=${text.replaceAll('"', '%22')}`)
    for (const header of [twins.join('; '), [...twins].reverse().join('; ')]) expect(readEntry(header, 'a')).toBe('new')
    expect(readEntry([...twins, `a=${entry('a', null, 7)[1]}`].join('; '), 'a')).toBeUndefined()
  })
})

describe('readEntry answers nothing for', () => {
  const text = entry('a', '"abc"', 5)[1].replaceAll('"', '%22')
  test.each([
    ['no header', null],
    ['no header at all', undefined],
    ['an empty one', ''],
    ['another name', `b=${text}`],
    ['a name that begins alike', `ab=${text}; a.b=${text}`],
    ['foreign text', 'a=abc'],
    ['damaged text', `a=${text.slice(0, -4)}`],
    ['text of another name', `a=${entry('b', '1', 5)[1]}`],
    ['text of a newer version', `a=hf2${text.slice(3)}`],
    ['a broken percent', 'a=hf13.%zz'],
    ['a torn set', 'a|g|0=x; a=hf13.x|g|2'],
    ['text that is no JSON', `a=${entry('a', 'abc', 5)[1]}`],
    ['a header that is no text', 7 as never],
  ])('%s', (_, header) => expect(readEntry(header, 'a')).toBeUndefined())

  test('a name that no cookie can have', () => expect(readEntry('a=1', '\ud800')).toBeUndefined())

  test('whatever else a visitor sends', () => {
    const piece = fc.oneof(fc.constantFrom(';', '; ', '=', '|', 'a', 'hf13', 'a=', 'a|1|0=', '%', '.', '__proto__', text.slice(0, 9)), fc.string({ maxLength: 5 }))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.oneof(fc.constantFrom('a', '__proto__', ''), fc.string()), (parts, name) => {
        expect(readEntry(parts.join(''), name)).toBeUndefined()
      }),
      { numRuns: 2000 },
    )
  })
})
