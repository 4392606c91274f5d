import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, test } from 'vitest'
import type { Seal, Tier } from '../src/contracts.js'
import { createStorage, defineKeys, key, memoryTier, StorageError } from 'holdfast'
import { aesGcm, deviceKey } from 'holdfast/crypto'
import { cookieJar, fakeClock, faulty, inMemory } from 'holdfast/testing'
import { cookieTier } from '../src/tiers/cookie.js'
import { failureOf } from './ground/failure.js'

const KEYS = defineKeys({
  token: key<string>({ secret: true, category: 'necessary' }),
  other: key<string>({ secret: true, category: 'necessary' }),
  visitor: key<string>({ secret: true, category: 'analytics', name: 'v' }),
  theme: key<string>({ category: 'necessary' }),
})
const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)
const given = (fill = 1): Seal => aesGcm({ id: 'k' + fill, key: bytes(fill) })

/** Of one key for all namespaces, with more to it. */
const sealing = (more: Partial<Seal>): Seal => {
  const { id, seal, open } = given()
  return { id, seal, open, ...more }
}

const visit = ({ seal = given(), tiers = inMemory('localStorage', 'memory') }: { seal?: Seal | undefined; tiers?: readonly Tier[] } = {}) => {
  const clock = fakeClock()
  const open = (own: Seal | undefined = seal, to: readonly Tier[] = tiers) => createStorage({ namespace: 'chat', tiers: to, keys: KEYS, now: clock.now, env: { ...clock.env }, ...(own && { seal: own }) })
  const storage = open()
  const corrupt: unknown[] = []
  storage.on('corrupt', (detail) => corrupt.push(detail))
  return { storage, open, clock, tiers, corrupt, stored: async (name = 'token') => (await tiers[0]!.read(['chat.' + name]))[0] }
}

describe('a secret', () => {
  test('is sealed wherever it outlives the page, and reads back as it was', async () => {
    const { storage, open, stored } = visit()
    expect(await storage.set('token', 'eyJhbGciOi')).toMatchObject({ tier: 'localStorage', passed: [] })
    await storage.set('theme', 'dark')
    expect([(await stored())!.text!.includes('eyJ'), (await stored('theme'))!.text]).toEqual([false, '"dark"'])
    expect([await storage.get('token'), await open().get('token'), await storage.keys()]).toEqual(['eyJhbGciOi', 'eyJhbGciOi', ['token', 'theme']])
    await storage.touch('token', '1d')
    expect([await storage.get('token'), await storage.update('token', (token) => token + '!'), await storage.take('token'), await storage.get('token')]).toEqual(['eyJhbGciOi', 'eyJhbGciOi!', 'eyJhbGciOi!', undefined])
  })

  test('is in the clear in memory alone', async () => {
    const { storage, tiers } = visit({ tiers: [memoryTier()] })
    await storage.set('token', 'x')
    expect((await tiers[0]!.read(['chat.token']))[0]!.text).toBe('"x"')
  })

  test.each<[string, (stored: (name?: string) => Promise<{ text: string | null; stamp: number } | undefined>, tier: Tier) => Promise<unknown>]>([
    ['copied under another name', async (stored, tier) => tier.write([{ name: 'chat.token', entry: { text: (await stored('other'))!.text, stamp: (await stored('other'))!.stamp, lifetime: 'device' } }])],
    ['put back with a later stamp', async (stored, tier) => tier.write([{ name: 'chat.token', entry: { text: (await stored())!.text, stamp: (await stored())!.stamp + 5, lifetime: 'device' } }])],
    ['replaced by text in the clear', async (stored, tier) => tier.write([{ name: 'chat.token', entry: { text: '"planted"', stamp: (await stored())!.stamp + 5, lifetime: 'device' } }])],
    ['damaged', async (stored, tier) => tier.write([{ name: 'chat.token', entry: { text: (await stored())!.text!.slice(0, -2) + 'xx', stamp: (await stored())!.stamp, lifetime: 'device' } }])],
  ])('does not open where it was %s: it reads as absent, is reported, and stays', async (_, harm) => {
    const { storage, clock, tiers, corrupt, stored } = visit()
    await storage.set('token', 'mine')
    clock.jump(5)
    await storage.set('other', 'theirs')
    await harm(stored, tiers[0]!)
    const { text } = (await stored())!
    expect([await storage.get('token'), corrupt, (await stored())!.text === text]).toEqual([undefined, [{ key: 'token', tier: 'localStorage' }], true])
    expect(await storage.get('other')).toBe('theirs')
  })

  test('whose key is lost is absent and reported, nobody else\'s is hurt, and a new one begins', async () => {
    const { storage, open } = visit()
    await storage.set('token', 'x')
    await storage.set('theme', 'dark')
    const later = open(given(2))
    expect([await later.get('token'), await later.get('theme'), await storage.get('token')]).toEqual([undefined, 'dark', 'x'])
    await later.set('token', 'y')
    expect([await later.get('token'), await storage.get('token')]).toEqual(['y', undefined])
  })

  test('that waits for consent is sealed when it goes to its place', async () => {
    const answers: Record<string, boolean> = {}
    const heard = new Set<() => void>()
    const { clock, tiers, stored } = visit()
    const storage = createStorage({ namespace: 'chat', tiers, keys: KEYS, now: clock.now, seal: given(), consent: { allows: (category) => answers[category], watch: (listener) => (heard.add(listener), () => heard.delete(listener)) } })
    await storage.set('visitor', 'v1')
    answers['analytics'] = true
    heard.forEach((listener) => listener())
    await storage.flush()
    expect([await storage.get('visitor'), (await stored('v'))!.text!.includes('v1')]).toEqual(['v1', false])
  })
})

describe('where nothing can be sealed', () => {
  const refuses: Seal = { id: 'none', seal: () => Promise.reject(new StorageError('locked', 'no key')), open: () => Promise.reject(new StorageError('locked', 'no key')) }
  const breaks: Seal = { id: 'none', seal: () => Promise.reject(new Error('4711')), open: () => Promise.reject(new Error('no')) }

  test.each([['no seal', undefined], ['no key', refuses], ['a seal that throws', breaks], ['no crypto.subtle', aesGcm(deviceKey({ env: {} }), { env: {} })]])('with %s a secret goes to memory only, and the receipt says why', async (_, seal) => {
    const { open, stored, tiers } = visit()
    const storage = createStorage({ namespace: 'chat', tiers, keys: KEYS, ...(seal && { seal }) })
    expect(await storage.set('token', 'x')).toMatchObject({ tier: 'memory', lifetime: 'page', passed: [{ tier: 'localStorage', code: 'secret' }] })
    expect([await storage.get('token'), (await stored())?.text ?? null, open]).toEqual(['x', null, open])
  })

  test.each([['no seal', undefined], ['no key', refuses], ['a seal that throws', breaks]])('with %s and no memory in its chain it fails as locked, and says nothing of it', async (_, seal) => {
    const tiers = inMemory('localStorage')
    const storage = createStorage({ namespace: 'chat', tiers, keys: KEYS, ...(seal && { seal }) })
    const failure = (await failureOf(() => storage.set('token', '4711'))) as StorageError
    expect([failure.code, failure.message.includes('4711'), await tiers[0]!.names('chat.t')]).toEqual(['locked', false, []])
  })

  test('a sealed one cannot be told: that is not the same as absent', async () => {
    const { storage, open } = visit()
    await storage.set('token', 'x')
    expect(await failureOf(() => open(refuses).get('token'))).toMatchObject({ code: 'locked' })
    expect(await storage.get('token')).toBe('x')
    await open(refuses).remove('token')
    expect(await storage.get('token')).toBe(undefined)
  })
})

describe('a cookie', () => {
  test('has room for what is sealed, or the receipt says that it has not', async () => {
    const { document, location } = cookieJar().at('https://brand.test/')
    const tiers = [cookieTier({ env: { document, location } }), memoryTier()]
    const open = (seal?: Seal) => createStorage({ namespace: 'chat', tiers, keys: seal ? KEYS : defineKeys({ token: key<string>() }), ...(seal && { seal }) })
    const value = 'x'.repeat(3300)
    expect(await open().set('token', value)).toMatchObject({ tier: 'cookie' })
    expect(await open(given()).set('token', value)).toMatchObject({ tier: 'memory', passed: [{ tier: 'cookie', code: 'too-large' }] })
    expect(await open(given()).set('token', 'x'.repeat(2000))).toMatchObject({ tier: 'cookie' })
  })
})

describe('rotate', () => {
  const device = (factory = new IDBFactory()) => ({ factory, seal: () => aesGcm(deviceKey({ env: { indexedDB: factory, crypto, setTimeout, clearTimeout } })) })

  test('seals every secret anew, keeps lifetimes, and leaves the rest alone', async () => {
    const { seal } = device()
    const { storage, open, clock, stored } = visit({ seal: seal() })
    const { expires } = await storage.set('token', 'x', { ttl: '1h' })
    await storage.set('other', 'y')
    await storage.set('theme', 'dark')
    const before = [(await stored())!.text!.split('.')[0], (await stored('theme'))!.stamp]
    clock.jump(60_000)
    await storage.rotate()
    expect([(await stored())!.text!.split('.')[0] !== before[0], (await stored('theme'))!.stamp === before[1], (await stored())!.expires]).toEqual([true, true, expires])
    for (const one of [storage, open(seal())]) expect([await one.get('token'), await one.get('other'), await one.get('theme')]).toEqual(['x', 'y', 'dark'])
  })

  test('loses none wherever it is interrupted', async () => {
    for (let cut = 0; cut < 12; cut++) {
      const { seal } = device()
      const places = inMemory('localStorage')
      const { storage, open } = visit({ seal: seal(), tiers: places })
      await storage.setMany([['token', 'x'], ['other', 'y']])
      let calls = 0
      // The page is gone from there on: nothing more is answered, nor done.
      const cutting: Tier = { ...places[0]!, write: (changes) => (calls++ >= cut ? new Promise(() => {}) : places[0]!.write(changes)), read: (names) => (calls++ >= cut ? new Promise(() => {}) : places[0]!.read(names)) }
      void open(seal(), [cutting]).rotate().catch(() => {})
      await new Promise((done) => setTimeout(done, 5))
      const later = open(seal())
      expect([await later.get('token'), await later.get('other')]).toEqual(['x', 'y'])
      await later.rotate()
      expect([await later.get('token'), await later.get('other')]).toEqual(['x', 'y'])
    }
  })

  test('forgets no old key where a tier could not be reached, or something could not be opened', async () => {
    const retired: string[] = []
    const seal = (retire: string): Seal => sealing({ rotate: () => Promise.resolve(), retire: () => Promise.resolve(void retired.push(retire)) })
    const plan: { throws?: Error } = {}
    const [one, two] = inMemory('localStorage', 'indexedDB') as [Tier, Tier]
    const { storage } = visit({ seal: seal('with a tier away'), tiers: [one, faulty(two, plan)] })
    await storage.set('token', 'x')
    plan.throws = new StorageError('unavailable', 'away')
    await storage.rotate()
    const damaged = visit({ seal: seal('with a damaged one') })
    await damaged.open(given(2)).set('token', 'x')
    await damaged.storage.rotate()
    const whole = visit({ seal: seal('with all at hand') })
    await whole.storage.set('token', 'x')
    await whole.storage.rotate()
    expect(retired).toEqual(['with all at hand'])
  })

  test('without a seal is refused', async () => {
    expect(await failureOf(() => createStorage({ namespace: 'chat', tiers: [memoryTier()] }).rotate())).toMatchObject({ code: 'locked' })
  })
})

test('destroy forgets the keys, and says where it could not', async () => {
  const gone: string[] = []
  const { storage } = visit({ seal: sealing({ destroy: () => Promise.resolve(void gone.push('keys')) }) })
  expect([await storage.destroy(), gone]).toEqual([{ unreached: [] }, ['keys']])
  const { storage: other } = visit({ seal: sealing({ destroy: () => Promise.reject(new Error('no')) }) })
  expect(await other.destroy()).toMatchObject({ unreached: [{ tier: 'seal', code: 'unavailable' }] })
})

test('a seal needs keys, or nothing would be sealed', () => {
  expect(() => createStorage({ namespace: 'chat', tiers: [memoryTier()], seal: given() })).toThrow('seal: needs keys')
})
