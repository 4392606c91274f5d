import { describe, expect, test } from 'vitest'
import { createHandler } from 'holdfast/server'
import { ask, cookieOf, entry } from './asking.js'

const NOW = 1_800_000_000_000
const DAY = 86_400_000
const now = (): number => NOW
const allow = ['https://brand.test', 'https://*.brand.test']
const handler = createHandler({ allow, cookies: {}, now })

const write = async (handler: (request: Request) => Promise<Response>, changes: unknown[], cookie: string | null = null, session = false) => {
  const { answer, lines } = await ask(handler, { write: changes, session }, { cookie })
  return { outcomes: answer.outcomes, lines }
}

describe('a cookie that is written', () => {
  test('is one that no script sees, over https alone, for the host and every path of it', async () => {
    const [name, text] = entry('chat.token', 'abc', NOW)
    const { outcomes, lines } = await write(handler, [[name, text]])
    expect(outcomes).toEqual([true])
    expect(lines).toEqual([`chat.token=${text}; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=${400 * 86_400}`])
  })

  test('has the attributes that were asked for', async () => {
    const asked = createHandler({ allow, cookies: { domain: 'vendor.test', sameSite: 'Strict', partitioned: true, prefix: '__Secure-' }, now })
    const [name, text] = entry('chat.token', 'abc', NOW, { lifetime: 'session' })
    expect((await write(asked, [[name, text]])).lines).toEqual([`__Secure-chat.token=${text}; Path=/; Domain=vendor.test; Secure; HttpOnly; SameSite=Strict; Partitioned`])
  })

  test.each([
    ['as long as it lives', { expires: NOW + DAY }, '; Max-Age=86400'],
    ['as long as it stands as a tombstone', { expires: NOW + DAY, retain: NOW + 2 * DAY }, '; Max-Age=172800'],
    ['400 days at most', { expires: NOW + 500 * DAY }, '; Max-Age=34560000'],
    ['never less than asked, where the clock of its page is behind', { stamp: NOW - DAY, expires: NOW }, '; Max-Age=86400'],
    ['never less than asked, where the clock of its page is ahead', { stamp: NOW + DAY, expires: NOW + 2 * DAY }, '; Max-Age=172800'],
    ['until the browser closes', { lifetime: 'session' as const, expires: NOW + DAY }, ''],
    ['no longer than a page or a tab may keep it: until the browser closes', { lifetime: 'tab' as const }, ''],
  ])('is kept %s', async (_, { stamp = NOW, ...more }: { stamp?: number } & object, age) => {
    const { lines } = await write(handler, [entry('a', 'x', stamp, more)])
    expect(lines[0]!.replace(/.*SameSite=None/, '')).toBe(age)
  })

  test('goes when the browser closes where the tier asks for that, tombstones included', async () => {
    const { lines } = await write(handler, [entry('a', 'x', NOW), entry('b', null, NOW, { expires: NOW + DAY })], null, true)
    expect(lines.map((line) => line.includes('Max-Age'))).toEqual([false, false])
  })

  test('has nothing in it that ends a cookie, an attribute or a header', async () => {
    const evil = 'a;b=c, d\r\nSet-Cookie: x=y\0"\\%|é🪸'
    const { outcomes, lines } = await write(handler, [entry(evil, evil, NOW)])
    expect(outcomes).toEqual([true])
    expect(lines).toHaveLength(1)
    const [pair, ...attributes] = lines[0]!.split('; ')
    expect(attributes).toHaveLength(5)
    expect(pair).toMatch(/^[!#-+\--:<-[\]-~]+$/)
    const { answer } = await ask(handler, { read: [evil] }, { cookie: pair! })
    expect(answer.entries).toEqual([entry(evil, evil, NOW)[1]])
  })

  test('takes 4,096 bytes of name and value, as in browsers, and no more', async () => {
    const head = entry('a', '', NOW)[1].length
    const outcomes = await Promise.all([4095, 4096].map(async (size) => (await write(handler, [entry('a', 'x'.repeat(size - head), NOW)])).outcomes))
    expect(outcomes).toEqual([[true], ['too-large']])
    // Percent signs count.
    expect((await write(handler, [entry('a', '%'.repeat(2000), NOW)])).outcomes).toEqual(['too-large'])
  })
})

describe('each name is a register in which the later stamp wins', () => {
  const held = cookieOf(entry('a', 'held', 5), entry('gone', null, 5))

  test('an older change sets no cookie and is answered the stamp that stands', async () => {
    expect(await write(handler, [entry('a', 'old', 4), ['a', 4], ['gone', 0], ['a', 0]], held)).toEqual({ outcomes: [5, 5, 5, 5], lines: [] })
  })

  test('a later one, or one of the same stamp, does; a drop removes', async () => {
    const { outcomes, lines } = await write(handler, [entry('a', 'new', 5), ['gone', 5], ['none', 5]], held)
    expect(outcomes).toEqual([true, true, null])
    expect(lines.map((line) => line.split(';')[0])).toEqual(['a=' + entry('a', 'new', 5)[1], 'gone=', 'gone='])
    expect(lines.filter((line) => line.endsWith('; Max-Age=0'))).toHaveLength(2)
  })

  test('a drop that buries leaves a tombstone in the place of a value', async () => {
    const { outcomes, lines } = await write(handler, [['a', 6, NOW + DAY], ['gone', 6, NOW + DAY]], held)
    expect(outcomes).toEqual([true, null])
    expect(lines.map((line) => line.split(';')[0])).toEqual(['a=' + entry('a', null, 6, { expires: NOW + DAY })[1]])
  })

  test('changes of one name follow one another', async () => {
    const { outcomes, lines } = await write(handler, [entry('a', '6', 6), entry('a', '8', 8), entry('a', '7', 7), ['a', 7], ['a', 9]], held)
    expect(outcomes).toEqual([true, true, 8, 8, true])
    expect(lines[lines.length - 1]).toMatch(/^a=;.*Max-Age=0$/)
  })

  test('what does not fit fails alone', async () => {
    const { outcomes, lines } = await write(handler, [entry('a', 'x', 6), entry('b', 'x'.repeat(5000), 6), entry('c', 'x', 6)])
    expect([outcomes, lines.length]).toEqual([[true, 'too-large', true], 2])
  })

  test('damaged text gives way to any write, and foreign text to no drop', async () => {
    const cookie = 'a=hf13.damaged; b=foreign'
    const { outcomes, lines } = await write(handler, [['a', 1 / 2048], ['b', 9], entry('b', 'ours', 1)], cookie)
    expect(outcomes).toEqual([true, null, true])
    expect(lines[lines.length - 1]).toMatch(/^b=hf13/)
  })
})

describe('twins and pieces', () => {
  test('of twins the newest stamp wins, and the others are expired, in and out of a partition', async () => {
    const cookie = cookieOf(entry('a', 'older', 4), entry('a', 'newer', 6), entry('a', 'oldest', 3))
    const { answer } = await ask(handler, { read: ['a'] }, { cookie })
    expect(answer.entries).toEqual([entry('a', 'newer', 6)[1]])
    expect((await write(handler, [entry('a', 'x', 5)], cookie)).outcomes).toEqual([6])
    const { lines } = await write(handler, [entry('a', 'x', 7)], cookie)
    expect(new Set(lines.slice(0, -1))).toEqual(new Set(['', '; Partitioned'].map((part) => `a=; Path=/; Secure; HttpOnly; SameSite=None${part}; Max-Age=0`)))
    expect(lines[lines.length - 1]).toMatch(/^a=hf13.*SameSite=None; Max-Age=\d+$/)
  })

  test('pieces of a value that the cookie tier cut are read together, and go with it', async () => {
    const [name, text] = entry('a', 'x'.repeat(6000), 5)
    const [kind, checksum, generation] = text.split('.')
    const rest = text.slice(`${kind}.${checksum}`.length)
    const cookie = `a|${generation}|0=${rest.slice(0, 4000)}; a|${generation}|1=${rest.slice(4000)}; a=${kind}.${checksum}|${generation}|2; ab=1`
    const roomy = createHandler({ allow, cookies: { room: 16_000 }, now })
    expect((await ask(roomy, { read: [name] }, { cookie })).answer.entries).toEqual([text])
    const { lines } = await write(roomy, [entry(name, 'short', 6)], cookie)
    const gone = new Set(lines.filter((line) => line.endsWith('Max-Age=0')).map((line) => line.split('=')[0]))
    expect(gone).toEqual(new Set([`a|${generation}|0`, `a|${generation}|1`, 'a']))
    expect(lines[lines.length - 1]).toMatch(/^a=hf13/)
  })
})

describe('room for all cookies of a request', () => {
  const big = cookieOf(entry('big', 'x'.repeat(3000), 5), entry('other', 'x'.repeat(3000), 5))

  test('is kept: a write beyond it is a quota, before a server in between refuses the whole header', async () => {
    const { outcomes, lines } = await write(handler, [entry('a', 'x'.repeat(1000), 5), entry('b', 'x'.repeat(1000), 5), entry('c', 'x', 5)], big)
    expect([outcomes, lines.length]).toEqual([[true, 'quota', true], 2])
  })

  test('is not taken twice by what is written anew, and is given back by what goes', async () => {
    const { outcomes } = await write(handler, [entry('big', 'y'.repeat(3100), 6), ['big', 7], entry('a', 'x'.repeat(3000), 5), entry('b', 'x'.repeat(3000), 5)], big)
    expect(outcomes).toEqual([true, true, true, 'quota'])
  })

  test('never keeps anything from going', async () => {
    const full = big + '; foreign=' + 'x'.repeat(8000)
    expect((await write(handler, [['big', 9], ['other', 9]], full)).outcomes).toEqual([true, true])
  })
})

describe('names', () => {
  test('are those under a prefix that hold something of ours, each once', async () => {
    const cookie = cookieOf(entry('chat.a', 'x', 5), entry('chat.b', null, 5), ['chat.c', 'foreign'], entry('chat.a', 'y', 4), entry('chatbot', 'x', 5), ['chat%2Fd', entry('chat/d', 'x', 5)[1]])
    expect((await ask(handler, { names: 'chat.' }, { cookie })).answer.names).toEqual(['chat.a', 'chat.b'])
    expect((await ask(handler, { names: 'chat/' }, { cookie })).answer.names).toEqual(['chat/d'])
    expect((await ask(handler, { names: '' }, { cookie })).answer.names).toHaveLength(4)
    expect((await ask(handler, { names: 'chat.' })).answer.names).toEqual([])
  })
})

describe('several sites at one server', () => {
  const several = createHandler({ allow: [...allow, 'https://other.test', 'http://*.localhost:8080'], cookies: {}, now })
  const from = async (origin: string, question: unknown, cookie: string) => ask(several, question, { origin, cookie })

  test('do not see each other, whatever they claim: each has names of its own', async () => {
    const wrote = await from('https://a.brand.test', { write: [entry('token', 'brand', 5)] }, '')
    expect(wrote.lines[0]).toMatch(/^brand\.test!token=hf13/)
    const cookie = wrote.lines[0]!.split(';')[0]!
    const reads = async (origin: string, name = 'token') => (await from(origin, { read: [name] }, cookie)).answer.entries
    expect(await reads('https://b.brand.test')).toEqual([entry('token', 'brand', 5)[1]])
    for (const origin of ['https://other.test', 'http://a.localhost:8080']) {
      for (const name of ['token', 'brand.test!token', '../brand.test!token', '!token', '__proto__']) expect(await reads(origin, name)).toEqual([null])
      for (const names of ['', 'b', 'brand.test!', 'other.test!']) expect((await from(origin, { names }, cookie)).answer.names).toEqual([])
      expect((await from(origin, { write: [['token', 9], ['brand.test!token', 9]] }, cookie)).lines).toEqual([])
    }
    expect((await from('https://brand.test', { names: '' }, cookie)).answer.names).toEqual(['token'])
  })

  test('are kept apart by port and scheme, too', async () => {
    const { lines } = await from('http://a.localhost:8080', { write: [entry('token', 'x', 5)] }, '')
    expect(lines[0]).toMatch(/^http%3A%2F%2Flocalhost%3A8080!token=/)
  })

  test('can be told to share, and one site can be told to use names that stay when more come', async () => {
    const shared = createHandler({ allow: ['https://brand.test', 'https://other.test'], cookies: { apart: false }, now })
    const first = createHandler({ allow, cookies: { apart: true }, now })
    expect((await ask(shared, { write: [entry('a', 'x', 5)] }, { origin: 'https://other.test' })).lines[0]).toMatch(/^a=/)
    expect((await ask(first, { write: [entry('a', 'x', 5)] })).lines[0]).toMatch(/^brand\.test!a=/)
  })
})

describe('the reach that a page is told', () => {
  test.each([
    ['site, where a wildcard lets its siblings ask', ['https://*.brand.test'], 'https://a.brand.test', 'site'],
    ['site, for the name of the site itself', ['https://brand.test', 'https://*.brand.test'], 'https://brand.test', 'site'],
    ['origin, where its siblings may not ask', ['https://brand.test'], 'https://brand.test', 'origin'],
    ['origin, where a sibling is listed by name', ['https://a.brand.test', 'https://b.brand.test'], 'https://a.brand.test', 'origin'],
    ['site, on this machine', ['http://*.localhost:8080'], 'http://a.localhost:8080', 'site'],
    ['origin, for an address', ['https://10.0.0.1'], 'https://10.0.0.1', 'origin'],
  ])('is %s', async (_, allow, origin, reach) => {
    expect((await ask(createHandler({ allow, cookies: {} }), { read: [] }, { origin })).answer.reach).toBe(reach)
  })
})

describe('a handler', () => {
  test('keeps no state: copies answer in turns as one would', async () => {
    const copies = [createHandler({ allow, cookies: {}, now }), createHandler({ allow, cookies: {}, now })]
    let cookie = ''
    for (let stamp = 1; stamp <= 20; stamp++) {
      const copy = copies[stamp % 2]!
      const { outcomes, lines } = await write(copy, [entry('a', `${stamp}`, stamp), entry('a', 'late', stamp - 1)], cookie)
      expect(outcomes).toEqual([true, stamp])
      cookie = lines[0]!.split(';')[0]!
    }
    expect(cookie).toBe(cookieOf(entry('a', '20', 20)))
  })
})
