import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHandler } from 'holdfast/server'
import { ask, asked, entry, statusOf } from './asking.js'

const handler = createHandler({ allow: ['https://*.brand.test'], hub: { script: '/hub.js' }, cookies: {} })

const SECRET = 'eyJhbGciOiJIUzI1NiJ9'

/** A body that comes in pieces, and notes what became of it. */
const dripping = (piece: Uint8Array, count: number) => {
  const seen = { pulled: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (seen.pulled++ < count) controller.enqueue(piece)
      else controller.close()
    },
    cancel() {
      seen.cancelled = true
    },
  })
  return { body, seen }
}

const drip = (body: ReadableStream): Request => asked('', {}, { body, duplex: 'half' } as RequestInit)

describe('what is malformed', () => {
  test.each([
    ['nothing', ''],
    ['no JSON', 'write'],
    ['broken JSON', '{"write":[["a",'],
    ['JSON null', 'null'],
    ['a read that is a text', { read: 'a' }],
    ['a read that is a number', { read: 7 }],
    ['a read that looks like a list', { read: { length: 1, 0: 'a' } }],
    ['a name that is a number', { read: [7] }],
    ['a name that is an object', { read: [{ replace: 'a' }] }],
    ['a name that is a list', { read: [['a']] }],
    ['a name that is null', { read: [null] }],
    ['a name that no cookie can hold', { read: ['\ud800'] }],
    ['more names than there may be', { read: Array(129).fill('a') }],
    ['more changes than there may be', { write: Array(129).fill(['a', 1]) }],
    ['both at once, one of them too many', { read: [], write: Array(129).fill(['a', 1]) }],
    ['a prefix that is too long', { names: 'a'.repeat(129) }],
    ['a prefix that is a number', { names: 7 }],
    ['changes that are a text', { write: 'ab' }],
    ['a change that is null', { write: [null] }],
    ['a change that is an object', { write: [{ name: 'a', drop: 1 }] }],
    ['a change without an entry', { write: [['a']] }],
    ['an entry that is foreign', { write: [['a', 'text']] }],
    ['an entry that is damaged', { write: [['a', entry('a', 'x', 5)[1] + 'y']] }],
    ['an entry of another name', { write: [['b', entry('a', 'x', 5)[1]]] }],
    ['an entry of a newer version', { write: [['a', 'hf2' + entry('a', 'x', 5)[1].slice(3)]] }],
    ['an entry that is an object', { write: [['a', { split: 1 }]] }],
    ['an entry that is a list', { write: [['a', [entry('a', 'x', 5)[1]]]] }],
    ['a value that no cookie can hold', { write: [entry('a', '\ud800', 5)] }],
    ['a change whose name is no text', { write: [[{}, 5]] }],
    ['a good change before a bad one', { write: [entry('a', 'x', 5), [7, 5]] }],
  ])('is answered 400, and nothing of it is done: %s', async (_, question) => {
    const response = await handler(asked(question))
    expect([response.status, await response.text(), response.headers.getSetCookie()]).toEqual([400, '', []])
  })

  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'then'])('pollutes nothing: %s is a name as any other', async (name) => {
    const question = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"write":[${JSON.stringify(entry(name, 'x', 5))}]}`
    const { answer, lines } = await ask(handler, question)
    expect([answer.outcomes, lines.length]).toEqual([[true], 1])
    const read = await ask(handler, { read: [name, 'other'] }, { cookie: lines[0]!.split(';')[0]! })
    expect(read.answer.entries).toEqual([entry(name, 'x', 5)[1], null])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    expect(await statusOf(handler, asked('{"__proto__":{"read":[7]},"read":["a"]}'))).toBe(200)
  })

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'POS', 'post-', 'O'])('method %s is answered 405 and what is allowed', async (method) => {
    const response = await handler(new Request('https://chat.vendor.test/entries', { method, headers: { origin: 'https://a.brand.test', 'x-holdfast': '1' } }))
    expect([response.status, response.headers.get('allow'), await response.text()]).toEqual([405, 'POST, OPTIONS', ''])
  })

  test.each(['/', '/entries/', '/entries/a', '/Entries', '//entries', '/%65ntries', '/hub/entries', '/.well-known/x'])('path %s is answered 404', async (path) => {
    expect(await statusOf(handler, new Request('https://chat.vendor.test' + path, { method: 'POST' }))).toBe(404)
  })
})

describe('a body', () => {
  test('is read no further than it may be long, whatever its length claims', async () => {
    for (const length of [undefined, '10']) {
      const { body, seen } = dripping(new TextEncoder().encode(' '.repeat(10_000)), 1000)
      const request = drip(body)
      if (length) request.headers.set('content-length', length)
      expect([await statusOf(handler, request), seen.cancelled, seen.pulled < 15]).toEqual([413, true, true])
    }
  })

  test('may come in pieces, cut within a character', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ write: [entry('é中🪸', '中'.repeat(100), 5)] }))
    let at = 0
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => (at < bytes.length ? controller.enqueue(bytes.slice(at, (at += 1))) : controller.close()) })
    expect(await statusOf(handler, drip(body))).toBe(200)
  })

  test('that breaks off, or is none, is answered 400', async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error(SECRET)) })
    expect(await statusOf(handler, drip(broken))).toBe(400)
    expect(await statusOf(handler, asked('', {}, { body: null }))).toBe(400)
  })

  test.each(['5', '{}', '[]', '"read"', 'true'])('that asks nothing is answered 400: %s', async (body) => {
    expect(await statusOf(handler, asked('', {}, { body }))).toBe(400)
  })

  test('that is not UTF-8 names nothing that is there', async () => {
    const body = new Uint8Array([...new TextEncoder().encode('{"read":["a'), 0xff, 0xfe, ...new TextEncoder().encode('"]}')])
    const response = await handler(asked('', { cookie: 'a=' + entry('a', 'x', 5)[1] }, { body }))
    expect(((await response.json()) as { entries: unknown }).entries).toEqual([null])
  })

  test('nested deep, or long in one name, is refused calmly', async () => {
    for (const question of ['['.repeat(99_000), '{"read":'.repeat(12_000), { read: ['a'.repeat(90_000)] }, { names: '\ud800'.repeat(100) }]) {
      expect([200, 400]).toContain(await statusOf(handler, asked(question)))
    }
  })
})

describe('a Cookie header', () => {
  test('of four times the room is answered 431', async () => {
    for (const [length, status] of [[31_999, 200], [32_000, 431], [500_000, 431]] as const) expect(await statusOf(handler, asked({ read: ['a'] }, { cookie: 'a=' + 'x'.repeat(length - 2) }))).toBe(status)
  })

  test.each([
    ['twins that each claim many pieces', Array.from({ length: 700 }, (_, index) => `a=hf1${index}|g|999`).concat(Array.from({ length: 700 }, (_, index) => `a|g|${index}=x`))],
    ['pieces of pieces', Array.from({ length: 1400 }, (_, index) => `a|g|${index}|g|9=hf1|g|99`)],
    ['thousands of names', Array.from({ length: 3000 }, (_, index) => `${index}=hf1`)],
    ['a count beyond all numbers', ['a=hf13.x|g|1e999', 'a|g|0=x']],
  ])('made up to cost time costs little: %s', async (_, cookies) => {
    const request = asked({ read: Array(128).fill('a') }, { cookie: cookies.join('; ') })
    const begin = process.cpuUsage()
    expect(await statusOf(handler, request)).toBe(200)
    expect(await statusOf(handler, asked({ names: '' }, { cookie: cookies.join('; ') }))).toBe(200)
    expect(process.cpuUsage(begin).user / 1e6).toBeLessThan(1.5)
  })

  test('whatever it holds, is never a rejection and never a status above 431', async () => {
    const piece = fc.oneof(fc.constantFrom(';', '; ', '=', '|', 'a', 'hf13', 'a=', 'a|1|0=', '%', '%zz', '\t', '"', ',', 'é', '.', '__proto__', entry('a', 'x', 5)[1]), fc.string({ maxLength: 5 }))
    const clean = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join('').replace(/[^\x20-\x7e\x80-\xff\t]/g, ''))
    await fc.assert(
      fc.asyncProperty(clean, fc.array(fc.oneof(fc.constant('a'), fc.string({ unit: 'grapheme' })), { maxLength: 5 }), async (cookie, names) => {
        expect(await statusOf(handler, asked({ read: names }, { cookie }))).toBe(200)
        expect(await statusOf(handler, asked({ names: '' }, { cookie }))).toBe(200)
        expect(await statusOf(handler, asked({ write: [entry('a', 'x', 9), ['a', 9]] }, { cookie }))).toBe(200)
      }),
      { numRuns: 500 },
    )
  })
})

describe('whatever is asked', () => {
  test('is answered with a status, and a refusal holds nothing of what came in', async () => {
    const json = fc.json({ maxDepth: 4 }).map((text) => text.replace(/"[^"]{3,}"/g, `"${SECRET}"`))
    const header = fc.option(fc.constantFrom('https://a.brand.test', `https://${SECRET}.evil.test`, 'application/json', '1', SECRET, ''), { nil: null })
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(json, fc.string(), json.map((text) => `{"write":[["a",${text}]]}`), json.map((text) => `{"write":${text}}`), json.map((text) => `{"read":${text}}`), json.map((text) => `{"names":${text}}`)),
        fc.record({ origin: header, 'content-type': header, 'x-holdfast': header, cookie: fc.constantFrom('', `a=${SECRET}`) }, { requiredKeys: [] }),
        fc.constantFrom('POST', 'POST', 'POST', 'OPTIONS', 'PUT'),
        async (body, headers, method) => {
          const response = await handler(asked(body, headers, { method }))
          expect([200, 204, 400, 403, 405, 413, 415]).toContain(response.status)
          if (response.status === 200) return
          const told = JSON.stringify([...response.headers]) + (await response.text())
          expect(told).not.toContain(SECRET)
        },
      ),
      { numRuns: 2000 },
    )
  })
})
