import { afterEach, describe, expect, expectTypeOf, test } from 'vitest'
import type { Events, Rule, Ttl } from 'holdfast'
import { createStorage, defineKeys, external, key, legacy, memoryTier } from 'holdfast'
import { cookieJar, fakeClock, faulty, inMemory } from 'holdfast/testing'
import { StorageError } from '../src/errors.js'
import type { Tier } from '../src/contracts.js'
import { failureOf } from './ground/failure.js'

const clocked = (tiers: readonly Tier[] = inMemory('localStorage')) => {
  const clock = fakeClock()
  return { clock, tiers, options: { namespace: 'chat', tiers, now: clock.now, env: clock.env } }
}
const HOUR = 36e5

/** A validator by the standard's text: standardschema.dev. */
const schemaOf = <Value>(fits: (value: unknown) => boolean | Promise<boolean>, make = (value: unknown) => value as Value) => ({
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    validate: async (value: unknown) => ((await fits(value)) ? { value: make(value) } : { issues: [{ message: `no good: ${String(value)}` }] }),
  },
})

describe('a registry', () => {
  test.each<[string, Rule | Record<string, unknown>]>([
    ['keys.k: unknown field colour', { colour: 1 }],
    ['keys.k.ttl', { ttl: -1 }],
    ['keys.k.sliding', { sliding: true }],
    ['keys.k.sliding', { sliding: true, ttl: 'session' }],
    ['keys.k.version', { version: 0 }],
    ['keys.k.version', { version: 1.5 }],
    ['keys.k.migrate', { migrate: () => 1 }],
    ['keys.k.schema', { schema: { parse: () => 1 } }],
    ['keys.k.adopt', { adopt: { read: () => 1 } }],
    ['keys.k.name', { name: '' }],
    ['keys.k: unknown field reach', { external: true, reach: 'site' }],
    ['keys.k.ttl', { external: true, ttl: '1 fortnight' }],
  ])('refuses a rule by the name of what is wrong: %s', (complaint, rule) => {
    expect(() => defineKeys({ k: rule as Rule })).toThrow(complaint)
  })

  test('that nobody checked is refused, because its rules would not be kept', () => {
    expect(() => createStorage({ namespace: 'chat', tiers: [memoryTier()], keys: { token: { secret: true } } })).toThrow('keys: not from defineKeys')
  })

  test('gives each key the type of its value, and knows no others', async () => {
    const keys = defineKeys({ token: key<string>(), visits: key<number>(), size: key({ schema: schemaOf<{ width: number }>(() => true) }), _ga: external({ party: 'third' }) })
    const storage = createStorage({ namespace: 'chat', tiers: [memoryTier()], keys })
    expectTypeOf(storage.get('token')).resolves.toEqualTypeOf<string | undefined>()
    expectTypeOf(storage.get('visits')).resolves.toEqualTypeOf<number | undefined>()
    expectTypeOf(storage.get('size')).resolves.toEqualTypeOf<{ width: number } | undefined>()
    // @ts-expect-error There is no such key.
    expect(await failureOf(() => storage.get('tokn'))).toMatchObject({ code: 'unknown-key' })
    // @ts-expect-error Somebody else sets it.
    expect(await failureOf(() => storage.set('_ga', 'x'))).toMatchObject({ code: 'unknown-key' })
    // @ts-expect-error It is a string.
    await storage.set('token', 5)
  })

  test('never touches what is declared as somebody else\'s', async () => {
    const [tier] = inMemory('localStorage') as [Tier]
    await tier.write([{ name: '_gat_gtag_UA_1', entry: { text: '"1"', stamp: 1, lifetime: 'device' } }])
    const storage = createStorage({ namespace: '', tiers: [tier], keys: defineKeys({ token: key<string>(), gtag: external({ name: '_gat_gtag_UA_*', ttl: '1m' }) }) })
    await storage.set('token', 'x')
    await storage.clear()
    expect([await storage.keys(), await tier.names('_gat')]).toEqual([[], ['_gat_gtag_UA_1']])
  })
})

describe('a ttl that is a function', () => {
  test('is asked at each write, with the value: a year by "remember me", the session without', async () => {
    let remember = false
    const { options, clock } = clocked(inMemory('cookie'))
    const storage = createStorage({ ...options, keys: defineKeys({ COMPANY_ID: key<string>({ ttl: (): Ttl => (remember ? '1y' : 'session') }), size: key<number>({ ttl: (hours) => hours * HOUR }) }) })
    const brief = await storage.set('COMPANY_ID', '20101')
    expect([brief.lifetime, brief.expires]).toEqual(['session', undefined])
    remember = true
    expect(await storage.set('COMPANY_ID', '20101')).toMatchObject({ lifetime: 'device', expires: clock.now() + 31536e6 })
    expect(await storage.set('size', 2)).toMatchObject({ expires: clock.now() + 2 * HOUR })
    clock.jump(2 * HOUR)
    expect([await storage.get('size'), await storage.get('COMPANY_ID')]).toEqual([undefined, '20101'])
  })

  test('that answers no ttl makes the write fail by its name', async () => {
    const storage = createStorage({ ...clocked().options, keys: defineKeys({ token: key<string>({ ttl: () => -1 }) }) })
    expect((await failureOf(() => storage.set('token', 'x'))).message).toContain('keys.token.ttl')
  })
})

describe('a key that slides', () => {
  const sliding = () => {
    const { options, clock, tiers } = clocked()
    return { clock, tiers, storage: createStorage({ ...options, keys: defineKeys({ token: key<string>({ ttl: '10h', sliding: true }) }) }) }
  }

  test('lives for as long as it is read', async () => {
    const { storage, clock } = sliding()
    await storage.set('token', 'x')
    for (let read = 0; read < 5; read++) {
      clock.jump(9 * HOUR)
      expect(await storage.get('token')).toBe('x')
      await storage.flush()
    }
    clock.jump(10 * HOUR)
    expect(await storage.get('token')).toBe(undefined)
  })

  test('is written anew only once a tenth of its life is over', async () => {
    const { storage, clock } = sliding()
    const { expires } = await storage.set('token', 'x')
    const expiry = async (): Promise<number | undefined> => (await storage.inspect('token')).copies[0]!.expires
    clock.jump(HOUR * 0.9)
    await storage.get('token')
    await storage.flush()
    expect(await expiry()).toBe(expires)
    clock.jump(HOUR * 0.2)
    await storage.get('token')
    await storage.flush()
    expect(await expiry()).toBe(expires! + HOUR * 1.1)
  })

  test('does not come back where a read and a removal cross', async () => {
    const { storage, clock } = sliding()
    await storage.set('token', 'x')
    clock.jump(5 * HOUR)
    await Promise.all([storage.get('token'), storage.remove('token')])
    await storage.flush()
    expect(await storage.get('token')).toBe(undefined)
  })

  test('does not keep a clear beside its read from coming to an end', async () => {
    const { storage, clock } = sliding()
    await storage.set('token', 'x')
    clock.jump(5 * HOUR)
    await Promise.all([storage.get('token'), storage.clear()])
    await storage.flush()
    expect(await storage.get('token')).toBe(undefined)
  })

  test('has no lifetime but that of its rule', async () => {
    const { storage } = sliding()
    expect((await failureOf(() => storage.set('token', 'x', { ttl: '5m' }))).message).toContain('ttl: token')
    expect((await failureOf(() => storage.touch('token', '5m'))).message).toContain('ttl: token')
  })
})

describe('a key that is used once', () => {
  test('is removed by the read that answers it, and not by a look whether it is there', async () => {
    const { options, tiers } = clocked()
    const keys = defineKeys({ guest: key<boolean>({ once: true }) })
    const [storage, other] = [createStorage({ ...options, keys }), createStorage({ ...options, keys, env: { ...options.env } })]
    await storage.set('guest', true)
    expect([await storage.has('guest'), await storage.has('guest')]).toEqual([true, true])
    expect([await storage.get('guest'), await storage.get('guest'), await other.get('guest')]).toEqual([true, undefined, undefined])
    await storage.set('guest', true)
    expect([...(await storage.getMany(['guest']))]).toEqual([['guest', true]])
    expect(await Promise.all([storage.get('guest'), storage.get('guest')])).toEqual([undefined, undefined])
    expect((await tiers[0]!.read(['chat.guest']))[0]?.text ?? null).toBe(null)
  })
})

describe('a value of another version', () => {
  const told: Events['corrupt'][] = []
  const open = (tiers: readonly Tier[], rule: Rule) => {
    const storage = createStorage({ namespace: 'chat', tiers, keys: defineKeys({ state: key<unknown>(rule) }) })
    storage.on('corrupt', (detail) => told.push(detail))
    return storage
  }
  afterEach(() => void told.splice(0))

  test('is made one of this version, and written so', async () => {
    const tiers = inMemory('localStorage')
    await open(tiers, {}).set('state', 'open')
    const from: number[] = []
    const second = open(tiers, { version: 2, migrate: (value, version) => (from.push(version), { state: value }) })
    expect(await second.get('state')).toEqual({ state: 'open' })
    await second.flush()
    expect([await second.get('state'), from]).toEqual([{ state: 'open' }, [0]])
    const third = open(tiers, { version: 3, migrate: async (value, version) => ({ ...(value as object), from: version }) })
    expect(await third.get('state')).toEqual({ state: 'open', from: 2 })
    await third.flush()
    expect([await open(tiers, { version: 3 }).get('state'), told]).toEqual([{ state: 'open', from: 2 }, []])
  })

  test('keeps the expiry that it had', async () => {
    const { options, clock, tiers } = clocked()
    await createStorage({ ...options, ttl: '10h' }).set('state', 1)
    clock.jump(9 * HOUR)
    const storage = createStorage({ ...options, keys: defineKeys({ state: key<number>({ version: 1, ttl: '10h', migrate: (value) => (value as number) + 1 }) }) })
    expect(await storage.get('state')).toBe(2)
    await storage.flush()
    clock.jump(HOUR)
    expect([await storage.get('state'), tiers.length]).toEqual([undefined, 1])
  })

  test.each<[string, Rule]>([
    ['nothing is there to migrate', { version: 2 }],
    ['a newer widget wrote it', { version: 1, migrate: () => 'x' }],
    ['migrate throws', { version: 4, migrate: () => { throw new Error('no') } }],
    ['the rule knows of no versions any more', {}],
  ])('reads as absent and is reported where %s, and stays for who can read it', async (_, rule) => {
    const tiers = inMemory('localStorage')
    await open(tiers, { version: 3 }).set('state', 'open')
    expect([await open(tiers, rule).get('state'), told]).toEqual([undefined, [{ key: 'state', tier: 'localStorage' }]])
    expect(await open(tiers, { version: 3 }).get('state')).toBe('open')
  })

  test('of a text that looks like a version is just that text', async () => {
    const tiers = inMemory('localStorage')
    for (const [rule, text] of [[{}, '2~x'], [{ version: 1 }, '2~x'], [{ version: 1 }, '1~1~"x"']] as const) {
      await open(tiers, rule).set('state', text)
      expect(await open(tiers, rule).get('state')).toBe(text)
    }
  })
})

describe('a schema', () => {
  const even = schemaOf<number>(async (value) => typeof value === 'number' && value % 2 === 0)

  test('lets only what validates be written, and says nothing of the value', async () => {
    const storage = createStorage({ ...clocked().options, keys: defineKeys({ size: key({ schema: even }) }) })
    await storage.set('size', 2)
    const failure = (await failureOf(() => storage.set('size', 4711))) as StorageError
    expect([failure.code, failure.message.includes('size'), await storage.get('size')]).toEqual(['unencodable', true, 2])
    expect(JSON.stringify([failure.message, String(failure.cause)])).not.toContain('4711')
  })

  test('makes what does not validate read as absent, and reports it', async () => {
    const { options } = clocked()
    await createStorage(options).set('size', 3)
    const storage = createStorage({ ...options, keys: defineKeys({ size: key({ schema: even }) }) })
    const told: unknown[] = []
    storage.on('corrupt', (detail) => told.push(detail))
    expect([await storage.get('size'), told]).toEqual([undefined, [{ key: 'size', tier: 'localStorage' }]])
  })

  test('may make more of a value than is stored; what is stored stays what was given', async () => {
    const storage = createStorage({ ...clocked().options, keys: defineKeys({ size: key({ schema: schemaOf<number>(() => true, (value) => (value as number) * 2) }) }) })
    await storage.set('size', 2)
    expect([await storage.get('size'), await storage.get('size')]).toEqual([4, 4])
  })

  test('that takes its time does not change the order of writes', async () => {
    const slow = schemaOf<number>((value) => (value === 1 ? new Promise((done) => setImmediate(() => done(true))) : true))
    const storage = createStorage({ ...clocked().options, keys: defineKeys({ size: key({ schema: slow }) }) })
    await Promise.all([storage.set('size', 1), storage.set('size', 2)])
    expect(await storage.get('size')).toBe(2)
  })
})

describe('what older code left', () => {
  const area = (items: Record<string, string>) => {
    const map = new Map(Object.entries(items))
    const storage = { getItem: (name: string) => map.get(name) ?? null, setItem: (name: string, text: string) => void map.set(name, text), removeItem: (name: string) => void map.delete(name) }
    return { map, env: { localStorage: storage as unknown as Storage } }
  }
  const open = (env: object, tiers = inMemory('localStorage'), more: Partial<Parameters<typeof legacy>[0]> = {}) =>
    createStorage({ namespace: 'chat', tiers, keys: defineKeys({ token: key<unknown>({ adopt: legacy({ tier: 'localStorage', name: 'old', env, ...more }) }) }) })

  test('is taken over by the first use of its key, whichever that is, and is then gone where it was', async () => {
    for (const use of ['get', 'has', 'touch', 'take', 'inspect'] as const) {
      const { map, env } = area({ old: 'abc', other: 'x' })
      const storage = open(env)
      const answer = await storage[use]('token')
      expect([!!answer, [...map.keys()], await storage.get('token')]).toEqual([true, ['other'], use === 'take' ? undefined : 'abc'])
    }
  })

  test('does not come back after a removal, a clear or a newer value', async () => {
    for (const use of [(one: ReturnType<typeof open>) => one.remove('token'), (one: ReturnType<typeof open>) => one.clear()]) {
      const { map, env } = area({ old: 'abc' })
      const tiers = inMemory('localStorage')
      await use(open(env, tiers))
      expect([[...map.keys()], await open(env, tiers).get('token')]).toEqual([[], undefined])
    }
    const { map, env } = area({ old: 'abc' })
    const tiers = inMemory('localStorage')
    await open(env, tiers).set('token', 'new')
    expect([[...map.keys()], await open(env, tiers).get('token')]).toEqual([[], 'new'])
  })

  test('gives way to a value, and to a removal that is remembered', async () => {
    const tiers = inMemory('sessionStorage', 'localStorage')
    const storage = createStorage({ namespace: 'chat', tiers })
    await storage.set('token', 'newer')
    expect(await open(area({ old: 'abc' }).env, tiers).get('token')).toBe('newer')
    await storage.remove('token')
    const { map, env } = area({ old: 'abc' })
    expect([await open(env, tiers).get('token'), map.size]).toEqual([undefined, 0])
  })

  test('stays until a tier takes it', async () => {
    const { map, env } = area({ old: 'abc' })
    const plan: { throws?: Error } = { throws: new StorageError('quota', 'full') }
    const storage = open(env, [faulty(inMemory('localStorage')[0]!, plan)])
    await storage.get('token').catch(() => {})
    expect(map.get('old')).toBe('abc')
    delete plan.throws
    expect([await storage.get('token'), map.size]).toEqual(['abc', 0])
  })

  test('that cannot be read is reported and left alone', async () => {
    const { map, env } = area({ old: '{broken' })
    const storage = open(env, inMemory('localStorage'), { decode: JSON.parse })
    const told: unknown[] = []
    storage.on('corrupt', (detail) => told.push(detail))
    expect([await storage.get('token'), await storage.get('token'), told, map.get('old')]).toEqual([undefined, undefined, [{ key: 'token', tier: 'localStorage' }], '{broken'])
  })

  test('may be a cookie, encoded or not', async () => {
    for (const [text, value] of [['a%20b', 'a b'], ['%zz', '%zz']] as const) {
      const document = cookieJar().at('https://brand.test/').document!
      document.cookie = `old=${text}; Path=/`
      document.cookie = 'older=x'
      expect([await open({ document }, inMemory('localStorage'), { tier: 'cookie' }).get('token'), document.cookie]).toEqual([value, 'older=x'])
    }
  })

  test('is nothing where the place is not there', async () => {
    for (const env of [{}, { localStorage: null }]) expect(await open(env).get('token')).toBe(undefined)
    const blocked = { get localStorage(): Storage { throw new DOMException('', 'SecurityError') } }
    expect(await open(blocked).get('token')).toBe(undefined)
  })
})
