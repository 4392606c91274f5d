import { describe, expect, test } from 'vitest'
import type { Env } from 'holdfast'
import { cookieTier, createStorage } from 'holdfast'
import { cookieJar, fakeClock } from 'holdfast/testing'
import { pairsOf } from '../ground/cookies.js'

const TOKEN = 'acme-chat.token'
const clock = fakeClock()

const load = (env: Env) => {
  clock.jump(1)
  return createStorage<Record<string, unknown>>({ namespace: 'acme-chat', tiers: [cookieTier({ env, maxBytes: 20_000 })], now: clock.now, env: clock.env })
}

const page = () => {
  const jar = cookieJar({ now: clock.now })
  const env = jar.at('https://www.brand.test/')
  const put = (name: string, value: string): void => void (env.document!.cookie = `${name}=${value}; Path=/; Secure; Max-Age=${value ? 3600 : 0}`)
  /** The cookies of the token but for the one of its own name, in order. */
  const pieces = (): [string, string][] => pairsOf(env).filter(([name]) => name.startsWith(TOKEN) && name !== TOKEN)
  return { jar, env, put, pieces }
}

const namesOf = (env: Env): string[] => pairsOf(env).map(([name]) => name)

const LARGE = Array.from({ length: 12_000 }, (_, index) => (index % 97).toString(36)).join('').slice(0, 12_000)
const OTHER = LARGE.split('').reverse().join('')

describe('a value larger than a cookie', () => {
  test('is cut into several, none of them too large, and read back whole', async () => {
    const { env, pieces } = page()
    const storage = load(env)
    expect(await storage.set('token', LARGE)).toMatchObject({ tier: 'cookie', passed: [] })
    expect(pieces().length).toBeGreaterThan(2)
    for (const [name, value] of pairsOf(env)) expect(new TextEncoder().encode(name + value).length).toBeLessThanOrEqual(4096)
    expect(await load(env).get('token')).toBe(LARGE)
    expect(await storage.keys()).toEqual(['token'])
  })

  test('is one key and no damage in every list: its pieces are no names of their own', async () => {
    const { env } = page()
    const storage = load(env)
    const heard: unknown[] = []
    for (const event of ['corrupt', 'expired'] as const) storage.on(event, (detail) => heard.push(detail))
    await storage.set('token', LARGE)
    expect(await storage.keys()).toEqual(['token'])
    expect(await storage.sweep()).toBe(0)
    expect(await cookieTier({ env, maxBytes: 20_000 }).names('acme-chat.')).toEqual([TOKEN])
    expect(heard).toEqual([])
    await storage.clear()
    expect(await storage.keys()).toEqual([])
    expect(heard).toEqual([])
  })

  test('is cut nowhere that loses a unit: quotes, accents and emoji', async () => {
    const { env } = page()
    for (const value of ['"'.repeat(2500), 'é🪸%;='.repeat(300), { list: Array(300).fill('a"b') }]) {
      expect((await load(env).set('token', value)).tier).toBe('cookie')
      expect(await load(env).get('token')).toEqual(value)
    }
  })
})

describe('the pieces of a value', () => {
  test('leaves no piece behind once it is overwritten, made small, expired, removed or destroyed', async () => {
    const { env, pieces } = page()
    const storage = load(env)
    await storage.set('token', LARGE)
    const before = pieces().length
    await storage.set('token', OTHER)
    expect(pieces()).toHaveLength(before)
    expect(await load(env).get('token')).toBe(OTHER)
    await storage.set('token', 'small')
    expect(pieces()).toEqual([])
    await storage.set('token', LARGE, { ttl: 5000 })
    await clock.advance(5000)
    expect(await storage.get('token')).toBeUndefined()
    await storage.flush()
    expect(pieces()).toEqual([])
    await storage.set('token', LARGE)
    await storage.remove('token')
    expect(pieces()).toEqual([])
    await storage.set('token', LARGE)
    await storage.destroy()
    expect(pairsOf(env)).toEqual([])
  })

  test('go, too, where they were written for another scope', async () => {
    const { env } = page()
    const site = (): ReturnType<typeof load> => {
      clock.jump(1)
      return createStorage<Record<string, unknown>>({ namespace: 'acme-chat', tiers: [cookieTier({ env, maxBytes: 20_000, domain: 'site' })], now: clock.now, env: clock.env })
    }
    await load(env).set('token', LARGE)
    await site().set('token', 'small')
    expect(namesOf(env)).toEqual([TOKEN])
    await load(env).set('token', LARGE)
    await site().remove('token')
    expect(namesOf(env)).toEqual([])
    await site().set('token', LARGE)
    await load(env).destroy()
    expect(namesOf(env)).toEqual([])
  })

  test('above what was allowed is too large, and what stood there stays whole until it is superseded', async () => {
    const { env } = page()
    const storage = load(env)
    await storage.set('token', LARGE)
    await expect(storage.set('token', 'x'.repeat(20_000))).rejects.toMatchObject({ code: 'no-tier', attempts: [{ tier: 'cookie', code: 'too-large' }] })
    expect([LARGE, undefined]).toContainEqual(await load(env).get('token'))
  })
})

/** A value of several pieces after some damage: what a read finds, and what it tells. */
const broken = async (damage: (parts: ReturnType<typeof page>) => void | Promise<void>) => {
  const parts = page()
  const writer = load(parts.env)
  await writer.set('neighbour', 'unhurt')
  await writer.set('token', LARGE)
  await damage(parts)
  const storage = load(parts.env)
  const corrupt: unknown[] = []
  storage.on('corrupt', (detail) => corrupt.push(detail))
  const value = await storage.get('token')
  const told = [...corrupt]
  expect(await storage.get('neighbour')).toBe('unhurt')
  expect(await storage.keys()).toEqual(['neighbour'])
  return { ...parts, storage, value, corrupt: told }
}
const CORRUPT = [{ key: 'token', tier: 'cookie' }]

describe('a torn set of pieces', () => {
  test.each([0, 1, -1])('without piece %i reads as absent and is reported', async (at) => {
    const { value, corrupt } = await broken(({ pieces, put }) => put(pieces().at(at)![0], ''))
    expect([value, corrupt]).toEqual([undefined, CORRUPT])
  })

  test.each<[string, (value: string) => string]>([
    ['cut short', (value) => value.slice(0, -10)],
    ['longer', (value) => value + 'x'],
    ['changed by one unit', (value) => (value.startsWith('a') ? 'b' : 'a') + value.slice(1)],
  ])('with a piece that is %s reads as absent and is reported', async (_, change) => {
    const { value, corrupt } = await broken(({ pieces, put }) => put(pieces()[1]![0], change(pieces()[1]![1])))
    expect([value, corrupt]).toEqual([undefined, CORRUPT])
  })

  test('of two writes mixed reads as absent, never as something else', async () => {
    const { value, corrupt } = await broken(async ({ pieces, put, env }) => {
      const [, second] = pieces()
      await load(env).set('token', OTHER)
      put(pieces()[1]![0], second![1])
    })
    expect([value, corrupt]).toEqual([undefined, CORRUPT])
  })

  test('of which two pieces have changed places reads as absent', async () => {
    const { value, corrupt } = await broken(({ pieces, put }) => {
      const [one, other] = pieces()
      put(one![0], other![1])
      put(other![0], one![1])
    })
    expect([value, corrupt]).toEqual([undefined, CORRUPT])
  })
})

describe('a set of pieces that lost its header or was evicted', () => {
  test('without the cookie that holds them together reads as absent', async () => {
    const { value } = await broken(({ put }) => put(TOKEN, ''))
    expect(value).toBeUndefined()
  })

  test.each(['hfc.', 'hfc.999999999.a.b', 'hfc.-1.a.b', 'hfc.x.y.z', 'hfc.1', 'hfc.1.constructor.b'])('whose header says %s reads as absent', async (header) => {
    const { value } = await broken(({ put }) => put(TOKEN, header))
    expect(value).toBeUndefined()
  })

  test('of which the browser has evicted the oldest reads as absent', async () => {
    const parts = page()
    await load(parts.env).set('token', LARGE)
    for (let index = 0; index < 178; index++) parts.put(`other${index}`, 'x')
    expect(parts.pieces().length).toBeLessThan(4)
    expect(await load(parts.env).get('token')).toBeUndefined()
  })

  test('is healed by the next set, and leaves no old piece', async () => {
    const { storage, env, pieces } = await broken(({ pieces, put }) => put(pieces()[0]![0], ''))
    await storage.set('token', OTHER)
    expect(await load(env).get('token')).toBe(OTHER)
    await storage.set('token', 'small')
    expect(pieces()).toEqual([])
  })
})
