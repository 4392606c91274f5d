import { describe, expect, test } from 'vitest'
import type { Change, Entry, Env } from 'holdfast'
import { createStorage, httpCookieTier, isStorageError, memoryTier } from 'holdfast'
import { cookieJar, fakeClock } from 'holdfast/testing'
import { createHandler } from 'holdfast/server'
import { failureOf } from '../ground/failure.js'
import { isSettled } from '../ground/promises.js'
import { ENDPOINT, visit } from '../server/visit.js'

const SECRET = 'eyJhbGciOiJIUzI1NiJ9'
const allow = ['https://*.brand.test']

const value = (text: string, stamp = 5): Entry => ({ text, stamp, lifetime: 'device' })
const write = (name: string, text: string, stamp = 5): Change => ({ name, entry: value(text, stamp) })
const codesOf = (outcomes: readonly unknown[]): unknown[] => outcomes.map((outcome) => (isStorageError(outcome) ? outcome.code : outcome))

const browser = (options: Partial<Parameters<typeof createHandler>[0]> = {}) => {
  const jar = cookieJar()
  const { env, exchanges } = visit(createHandler({ allow, cookies: {}, ...options }), jar)
  return { jar, env, exchanges, tier: httpCookieTier({ endpoint: ENDPOINT, env }) }
}

/** A server of somebody else's making: it answers what `answer` says, and notes the questions. */
const server = (answer: (question: Record<string, unknown>) => Response | Promise<Response>) => {
  const questions: Record<string, unknown>[] = []
  const fetch = (async (_url: string, init: RequestInit) => {
    questions.push(JSON.parse(String(init.body)) as Record<string, unknown>)
    return answer(questions[questions.length - 1]!)
  }) as never
  return { questions, tier: httpCookieTier({ endpoint: ENDPOINT, env: { fetch } }) }
}

const json = (answer: unknown): Response => new Response(JSON.stringify(answer))

describe('a request', () => {
  test('is a POST with credentials that is never stored, never follows and says no more than its origin', async () => {
    const { tier, exchanges } = browser()
    await tier.write([write('chat.token', SECRET)])
    await tier.read(['chat.token'])
    for (const { url, init } of exchanges) {
      expect(url).toBe(ENDPOINT)
      const { method, credentials, cache, redirect, referrerPolicy, headers } = init
      expect({ method, credentials, cache, redirect, referrerPolicy, headers }).toEqual({
        method: 'POST',
        credentials: 'include',
        cache: 'no-store',
        redirect: 'error',
        referrerPolicy: 'strict-origin',
        headers: { 'content-type': 'application/json', 'x-holdfast': '1' },
      })
    }
  })

  test('carries all that one tick asks for: a hundred reads are one', async () => {
    const { tier, exchanges } = browser()
    await tier.write(Array.from({ length: 20 }, (_, index) => write(`a${index}`, `${index}`)))
    exchanges.length = 0
    const reads = await Promise.all(Array.from({ length: 100 }, (_, index) => tier.read([`a${index % 20}`, 'none'])))
    expect(reads.map(([entry]) => entry?.text)).toEqual(Array.from({ length: 100 }, (_, index) => `${index % 20}`))
    expect(exchanges).toHaveLength(1)
    expect(exchanges[0]!.question.read).toHaveLength(21)
  })

  test('and a hundred gets and sets of a storage are three: the write, its proof with the reads, and nothing for what was not moved', async () => {
    const { tier, exchanges } = browser()
    const storage = createStorage({ namespace: 'chat', tiers: [tier] })
    await storage.set('token', 'abc')
    await storage.flush()
    exchanges.length = 0
    await Promise.all(Array.from({ length: 100 }, () => storage.get('token')))
    expect(exchanges.map(({ question }) => Object.keys(question))).toEqual([['read']])
    exchanges.length = 0
    expect(await tier.write([{ name: 'none', drop: 5 }, { name: 'chat.token', drop: 0 }])).toHaveLength(2)
    expect(exchanges.map(({ question }) => Object.keys(question)[0])).toEqual(['write'])
  })

  test('is followed by the next, never beside it: what is asked meanwhile goes together', async () => {
    let open = 0
    let most = 0
    const { env, exchanges } = browser()
    const fetch = (async (url: string, init: RequestInit) => {
      most = Math.max(most, ++open)
      await Promise.resolve()
      const response = await env.fetch(url, init)
      open--
      return response
    }) as typeof globalThis.fetch
    const shared: Env & { fetch: typeof globalThis.fetch } = { fetch }
    const [one, other] = [httpCookieTier({ endpoint: ENDPOINT, env: shared }), httpCookieTier({ endpoint: ENDPOINT, env: shared })]
    const first = one.write([write('a', '1')])
    await Promise.resolve()
    const rest = [one.read(['a']), one.read(['b']), other.write([write('b', '2')]), one.names(''), one.write([write('c', '3')])]
    await Promise.all([first, ...rest])
    expect(most).toBe(1)
    expect(exchanges.length).toBeLessThan(9)
    expect((await one.read(['a', 'b', 'c'])).map((entry) => entry?.text)).toEqual(['1', '2', '3'])
  })

  test('is cut where it would be more than the server takes', async () => {
    const { tier, questions } = server((question) => json({ reach: 'site', entries: (question.read as string[] | undefined)?.map(() => null), outcomes: (question.write as unknown[] | undefined)?.map(() => null) }))
    await tier.read(Array.from({ length: 300 }, (_, index) => `a${index}`))
    expect(questions.map(({ read }) => (read as unknown[]).length)).toEqual([128, 128, 44])
    questions.length = 0
    await tier.write(Array.from({ length: 40 }, (_, index) => write(`a${index}`, '\0'.repeat(2000))))
    expect(questions.length).toBeGreaterThan(10)
    expect(Math.max(...questions.map((question) => JSON.stringify(question).length))).toBeLessThan(50_000)
    expect(questions.flatMap(({ write }) => write)).toHaveLength(40)
  })

  test('is not made for what no cookie can be', async () => {
    const { tier, exchanges } = browser()
    const long = 'n'.repeat(3000)
    expect(codesOf(await tier.write([write(long, 'x'), write('a', 'x'.repeat(5000)), write('\ud800', 'x'), write('a', '\udc00'), write('', 'x'), { name: long, drop: 5 }]))).toEqual([...Array<string>(5).fill('too-large'), undefined])
    expect(await tier.read([long, '\ud800', ''])).toEqual([undefined, undefined, undefined])
    expect(exchanges).toEqual([])
  })
})

describe('what was written', () => {
  test('is read back by a second request, byte for byte', async () => {
    const { tier, exchanges } = browser()
    expect(await tier.write([write('a', 'x')])).toEqual([undefined])
    expect(exchanges.map(({ question }) => Object.keys(question)[0])).toEqual(['write', 'read'])
  })

  test('and dropped by the browser without a word is refused, and so is what was written before it', async () => {
    const { tier, jar } = browser()
    jar.refuses = true
    const outcomes = await tier.write([write('a', SECRET), write('a', SECRET, 6), write('b', SECRET), { name: 'c', drop: 5 }])
    expect(codesOf(outcomes)).toEqual(['refused', 'refused', 'refused', undefined])
    expect((outcomes[0] as Error).message).toBe('httpCookie: did not keep a')
  })

  test('and cannot be removed is refused, too', async () => {
    const { tier, jar } = browser()
    await tier.write([write('a', 'x'), write('b', 'x')])
    jar.refuses = true
    expect(codesOf(await tier.write([{ name: 'a', drop: 5 }, { name: 'b', drop: 5, bury: Date.now() + 1000 }]))).toEqual(['refused', 'refused'])
  })

  test('falls through to the next tier, and says where it is', async () => {
    const { tier, jar } = browser()
    jar.refuses = true
    const receipt = await createStorage({ namespace: 'chat', tiers: [tier, memoryTier()] }).set('token', SECRET)
    expect([receipt.tier, receipt.passed]).toEqual(['memory', [{ tier: 'httpCookie', code: 'refused' }]])
  })

  test('while another tab wrote something later, is not what stands, and was taken all the same', async () => {
    const { env, tier: theirs } = browser()
    let calls = 0
    const fetch = (async (url: string, init: RequestInit) => {
      if (++calls === 2) await theirs.write([write('a', 'theirs', 6)])
      return env.fetch(url, init)
    }) as typeof globalThis.fetch
    expect(await httpCookieTier({ endpoint: ENDPOINT, env: { fetch } }).write([write('a', 'mine', 5)])).toEqual([undefined])
    expect((await theirs.read(['a']))[0]?.text).toBe('theirs')
  })

  test('while an older write of another tab was under way, is written anew where that one landed after it', async () => {
    const older = browser()
    await older.tier.write([write('a', 'older', 7)])
    const { env, jar, tier: other } = browser()
    let calls = 0
    const fetch = (async (url: string, init: RequestInit) => {
      const response = await env.fetch(url, init)
      if (++calls === 1) jar.at(ENDPOINT).document!.cookie = older.exchanges[0]!.lines[0]!
      return response
    }) as typeof globalThis.fetch
    expect(await httpCookieTier({ endpoint: ENDPOINT, env: { fetch } }).write([write('a', 'mine', 8)])).toEqual([undefined])
    expect([(await other.read(['a']))[0]?.text, calls]).toEqual(['mine', 4])
  })

  test('three times and outrun each time is refused at last', async () => {
    const { tier, questions } = server((question) => json(question.write ? { outcomes: [true] } : { entries: [olderText] }))
    const { tier: honest, exchanges } = browser()
    await honest.write([write('a', 'older', 4)])
    const olderText = (exchanges[0]!.question.write as [string, string][])[0]![1]
    expect(codesOf(await tier.write([write('a', 'mine')]))).toEqual(['refused'])
    expect(questions).toHaveLength(6)
  })
})

describe("a tier with lifetime 'session'", () => {
  test('promises no more, and keeps nothing beyond the closing of the browser, tombstones included', async () => {
    const { env, jar, exchanges } = browser()
    const tier = httpCookieTier({ endpoint: ENDPOINT, lifetime: 'session', env })
    expect(tier.traits.lifetimes).toEqual(['session'])
    const storage = createStorage({ namespace: 'chat', tiers: [tier] })
    const receipt = await storage.set('token', 'abc', { ttl: '1d' })
    await storage.set('other', 'abc')
    await storage.remove('other')
    expect([receipt.lifetime, receipt.expires! > Date.now()]).toEqual(['session', true])
    expect(exchanges.flatMap(({ lines }) => lines).some((line) => /Max-Age=[^0]/.test(line))).toBe(false)
    jar.restart()
    expect(await storage.get('token')).toBeUndefined()
  })
})

describe('reach', () => {
  test('is what the server says of this origin, and the origin alone until then', async () => {
    for (const [allow, reach] of [[['https://*.brand.test'], 'site'], [['https://a.brand.test'], 'origin']] as const) {
      const { tier } = browser({ allow })
      expect([tier.traits.reach, tier.traits.mayReach]).toEqual(['origin', 'site'])
      await tier.read(['a'])
      expect([tier.traits.reach, tier.traits.mayReach]).toEqual([reach, undefined])
    }
  })

  test('is found out before a write that asks for it, once', async () => {
    const { tier, exchanges } = browser()
    await tier.prove!(undefined)
    expect(exchanges).toEqual([])
    await tier.prove!('site')
    await tier.prove!('site')
    expect([tier.traits.reach, exchanges.length]).toEqual(['site', 1])
  })

  test('is known to be wrong by no answer that failed', async () => {
    const { tier } = server(() => new Response(null, { status: 503 }))
    await failureOf(() => tier.read(['a']))
    expect(tier.traits.mayReach).toBe('site')
  })
})

describe('a server that does not serve', () => {
  test.each([
    ['403', 403, 'refused'],
    ['404', 404, 'unavailable'],
    ['431', 431, 'unavailable'],
    ['429', 429, 'unavailable'],
    ['500', 500, 'unavailable'],
    ['204', 204, 'unavailable'],
  ])('and answers %s', async (_, status, code) => {
    const { tier } = server(() => new Response(null, { status }))
    for (const act of [() => tier.read(['a']), () => tier.write([write('a', SECRET)]), () => tier.names('a'), () => tier.prove!('site')]) {
      const error = await failureOf(act)
      expect([error.code, error.message]).toEqual([code, `httpCookie: the server answered ${status}`])
    }
  })

  test('a request because it is too large, refuses its changes alone', async () => {
    const { tier } = server((question) => (JSON.stringify(question).length > 9000 ? new Response(null, { status: 413 }) : json({ outcomes: [null], entries: [null] })))
    expect(codesOf(await tier.write([write('a', 'x'.repeat(4000)), write('b', 'x'.repeat(4000)), write('c', 'x'.repeat(4000))]))).toEqual(['too-large', 'too-large', 'too-large'])
    expect(await tier.write([write('a', 'x')])).toEqual([undefined])
  })

  test('because there is no network, or no fetch, is unavailable, with its cause', async () => {
    const cause = new TypeError('Failed to fetch')
    const down = httpCookieTier({ endpoint: ENDPOINT, env: { fetch: () => Promise.reject(cause) } })
    const error = await failureOf(() => down.read(['a']))
    expect([error.code, error.cause]).toEqual(['unavailable', cause])
    expect((await failureOf(() => httpCookieTier({ endpoint: ENDPOINT, env: {} }).read(['a']))).code).toBe('unavailable')
  })

  const many = Array.from({ length: 3 }, () => 'x')
  test.each([
    ['nothing', ''],
    ['no JSON', `<html>${SECRET}`],
    ['JSON null', 'null'],
    ['a text', `"${SECRET}"`],
    ['a list', '[]'],
    ['nothing of what was asked', '{"reach":"site"}'],
    ['too few', '{"entries":[],"outcomes":[]}'],
    ['too many', JSON.stringify({ entries: many, outcomes: many })],
    ['what is no list', '{"entries":{"length":1},"outcomes":{"length":1},"names":{"length":1}}'],
  ])('but answers %s, is not understood, and its words are not repeated', async (_, text) => {
    const { tier } = server(() => new Response(text))
    for (const act of [() => tier.read(['a']), () => tier.write([write('a', 'x')]), () => tier.names('a')]) {
      const error = await failureOf(act)
      expect([error.code, error.message, error.cause]).toEqual(['unavailable', 'httpCookie: the answer was not understood', undefined])
    }
  })

  test('but answers strange things one by one, is believed in none of them', async () => {
    const strange = [7, {}, [], true, 'hf13.damaged', 'foreign', '__proto__']
    const { tier } = server((question) =>
      json(question.read ? { reach: 'galaxy', entries: strange } : question.write ? { outcomes: [{ code: 'x' }, 'quota', 'closed', [], false, 1e999] } : { names: ['chat.a', 7, null, 'other', {}, 'chat.b'] }),
    )
    const entries = await tier.read(strange.map((_, index) => `a${index}`))
    expect(entries.map((entry) => entry && [entry.text, entry.stamp, entry.corrupt])).toEqual([undefined, undefined, undefined, undefined, [null, 0, true], [null, 0, true], [null, 0, true]])
    expect(codesOf(await tier.write(Array.from({ length: 6 }, (_, index) => write(`a${index}`, 'x'))))).toEqual(['refused', 'quota', 'refused', 'refused', 'refused', undefined])
    expect(await tier.names('chat.')).toEqual(['chat.a', 'chat.b'])
    expect(tier.traits.reach).toBe('origin')
  })
})

describe('a server that never answers', () => {
  const hanging = () => {
    const clock = fakeClock()
    const signals: AbortSignal[] = []
    let hangs = true
    const { env } = browser()
    const fetch = ((url: string, init: RequestInit) => {
      signals.push(init.signal!)
      return hangs ? new Promise(() => {}) : env.fetch(url, init)
    }) as typeof globalThis.fetch
    const all = { ...clock.env, fetch }
    return { clock, signals, env: all, tier: httpCookieTier({ endpoint: ENDPOINT, env: all }), heal: () => (hangs = false) }
  }

  test('is given up after 3 s, by the timers of the env, and its late answer may set nothing any more', async () => {
    const { clock, signals, tier } = hanging()
    const read = failureOf(() => tier.read(['a']))
    await clock.advance(2999)
    expect([await isSettled(read), signals[0]!.aborted]).toEqual([false, false])
    await clock.advance(1)
    expect([(await read).code, signals[0]!.aborted]).toEqual(['timeout', true])
  })

  test('holds nobody up for longer than that: the next request goes out', async () => {
    const { clock, tier, heal, signals } = hanging()
    const hung = failureOf(() => tier.write([write('a', 'x')]))
    await clock.advance(1)
    const behind = tier.read(['a'])
    heal()
    await clock.advance(3000)
    expect([(await hung).code, await behind, signals.length]).toEqual(['timeout', [undefined], 2])
  })

  test('costs a storage one deadline; it recovers when the server does', async () => {
    const { clock, env, tier, heal } = hanging()
    const storage = createStorage({ namespace: 'chat', tiers: [tier, memoryTier()], now: clock.now, env })
    const set = storage.set('token', 'abc')
    await clock.advance(1500)
    expect((await set).passed).toEqual([{ tier: 'httpCookie', code: 'timeout' }])
    heal()
    await clock.advance(5000)
    await storage.set('token', 'def')
    await clock.advance(1500)
    expect((await storage.set('token', 'ghi')).tier).toBe('httpCookie')
  })

  test('is waited for as long as `timeout` says', async () => {
    const { clock, env } = hanging()
    const tier = httpCookieTier({ endpoint: ENDPOINT, timeout: 9000, env })
    expect(tier.traits.deadline).toBe(9000)
    const read = failureOf(() => tier.read(['a']))
    await clock.advance(8999)
    expect(await isSettled(read)).toBe(false)
    await clock.advance(1)
    expect((await read).code).toBe('timeout')
  })

  test('leaves no timer behind where it did answer', async () => {
    const { clock, tier, heal } = hanging()
    heal()
    await tier.read(['a'])
    expect(clock.next()).toBeUndefined()
  })
})

describe('a value', () => {
  test('is never in a URL, an error or a header, whatever fails', async () => {
    const told: string[] = []
    const failing = [
      () => new Response(SECRET, { status: 500 }),
      () => new Response(SECRET),
      () => json({ outcomes: [SECRET], entries: [SECRET], names: SECRET }),
      () => Promise.reject(new TypeError('Failed to fetch')),
    ]
    for (const answer of failing) {
      const { tier } = server(answer)
      for (const act of [() => tier.write([write('a', SECRET)]), () => tier.read(['a']), () => tier.names('a')]) {
        const outcome: unknown = await Promise.resolve(act()).catch((error: unknown) => error)
        for (const error of Array.isArray(outcome) ? outcome : [outcome]) if (isStorageError(error)) told.push(error.message, String(error.stack), String(error.cause), JSON.stringify(error))
      }
    }
    const { tier, exchanges } = browser()
    await tier.write([write('a', SECRET)])
    told.push(...exchanges.flatMap(({ url, init }) => [url, JSON.stringify(init.headers)]))
    expect(told.length).toBeGreaterThan(20)
    expect(told.filter((text) => text.includes(SECRET))).toEqual([])
  })
})

describe('httpCookieTier', () => {
  test('does nothing until it is asked', () => {
    const env = { get fetch(): never { throw new Error('it looked') } }
    expect(httpCookieTier({ endpoint: ENDPOINT, env }).name).toBe('httpCookie')
  })

  test.each([
    ['endpoint', TypeError, { endpoint: '' }],
    ['endpoint', TypeError, {}],
    ['endpoint', TypeError, { endpoint: 7 }],
    ['timeout', RangeError, { endpoint: ENDPOINT, timeout: 0 }],
    ['timeout', RangeError, { endpoint: ENDPOINT, timeout: NaN }],
  ])('refuses a wrong %s at once, naming it', (option, kind, options) => {
    expect(() => httpCookieTier(options as never)).toThrow(kind)
    expect(() => httpCookieTier(options as never)).toThrow(option)
  })
})
