import { describe, expect, test } from 'vitest'
import type { Env, Reach, Tier } from '../src/contracts.js'
import { StorageError } from '../src/errors.js'
import { createStorage } from '../src/storage.js'
import { key } from '../src/rule.js'
import { defineKeys } from '../src/rules.js'
import { cookieTier } from '../src/tiers/cookie.js'
import { cookieJar, faulty, inMemory } from '../src/testing/index.js'
import { memoryTier } from '../src/tiers/memory.js'

/** What is known of a hub: nothing yet, that it reaches the site, or that it does not. */
type Proof = 'unproven' | 'proven' | 'disproved'

/** A brand's two hosts, with one jar of cookies, and a hub whose partition they share, or do not. */
const brand = (shared = true) => {
  const jar = cookieJar()
  const partitions = { a: inMemory('indexedDB')[0]!, b: inMemory('indexedDB')[0]! }
  let proof: Proof = 'unproven'
  const asked: (Reach | undefined)[] = []
  const plans: { hub: { throws?: unknown }; cookie: { throws?: unknown } } = { hub: {}, cookie: {} }
  const hubOf = (host: 'a' | 'b'): Tier => {
    const partition = partitions[shared ? 'a' : host]
    const hub: Tier = {
      ...partition,
      name: 'hub',
      get traits() {
        return { lifetimes: ['device' as const], reach: proof === 'proven' ? ('site' as const) : ('origin' as const), ...(proof === 'unproven' && { mayReach: 'site' as const }) }
      },
      prove: (reach) => void asked.push(reach),
    }
    return faulty(hub, plans.hub)
  }
  return {
    plans,
    asked,
    known: (now: Proof) => (proof = now),
    load(host: 'a' | 'b', reach: Reach | null = 'site') {
      const env = jar.at(`https://${host}.brand.test/`) as Env
      const [local] = inMemory('localStorage')
      const tiers = [hubOf(host), faulty(cookieTier({ domain: 'site', env }), plans.cookie), local!, memoryTier()]
      return createStorage({ namespace: 'chat', tiers, keys: defineKeys({ token: key<string>(reach ? { reach } : {}) }), now: () => 1_800_000_000_000, env: {} })
    },
  }
}
const placesOf = async (storage: { inspect(key: 'token'): Promise<{ copies: { tier: string; bytes: number }[] }> }): Promise<string[]> =>
  (await storage.inspect('token')).copies.filter(({ bytes }) => bytes).map(({ tier }) => tier)

describe('a key that asks for the reach of the site', () => {
  test('is kept in the hub and in the cookie until the hub is proven to reach it', async () => {
    const { load, asked } = brand()
    const storage = load('a')
    expect(await storage.set('token', 'abc')).toEqual({ tier: 'hub', lifetime: 'device', reach: 'site', passed: [], also: ['cookie'] })
    expect(await placesOf(storage)).toEqual(['hub', 'cookie'])
    expect(asked).toEqual(['site'])
    expect((await storage.status()).tiers[0]).toMatchObject({ name: 'hub', reach: 'origin', mayReach: 'site' })
  })

  test('is kept in the hub alone once that is proven, and the next read gives the cookie up', async () => {
    const { load, known } = brand()
    await load('a').set('token', 'abc')
    known('proven')
    const sibling = load('b')
    expect(await sibling.get('token')).toBe('abc')
    await sibling.flush()
    expect(await placesOf(sibling)).toEqual(['hub'])
    expect(await sibling.set('token', 'def')).toEqual({ tier: 'hub', lifetime: 'device', reach: 'site', passed: [] })
    expect(await placesOf(sibling)).toEqual(['hub'])
    expect(await load('a').get('token')).toBe('def')
  })

  test('is kept in the cookie where the hub is known not to reach it, and the receipt says why', async () => {
    const { load, known } = brand(false)
    await load('a').set('token', 'abc')
    known('disproved')
    const sibling = load('b')
    expect(await sibling.get('token')).toBe('abc')
    expect(await sibling.set('token', 'def')).toEqual({ tier: 'cookie', lifetime: 'device', reach: 'site', expires: expect.any(Number), passed: [{ tier: 'hub', code: 'reach' }] })
    expect(await load('a').get('token')).toBe('def')
  })

  test('goes to a narrower place where nothing that reaches the site takes it', async () => {
    const { load, known, plans } = brand(false)
    known('disproved')
    plans.cookie.throws = new StorageError('unavailable', 'blocked')
    expect(await load('a').set('token', 'abc')).toEqual({ tier: 'hub', lifetime: 'device', reach: 'origin', passed: [{ tier: 'cookie', code: 'unavailable' }] })
    plans.hub.throws = new StorageError('unavailable', 'blocked')
    expect(await load('a').set('token', 'abc')).toMatchObject({ tier: 'localStorage', reach: 'origin', passed: [{ tier: 'hub', code: 'unavailable' }, { tier: 'cookie', code: 'unavailable' }] })
  })

  test('says that only the origin reads it where the cookie is refused and the hub is not proven', async () => {
    const { load, plans } = brand()
    plans.cookie.throws = new StorageError('unavailable', 'blocked')
    expect(await load('a').set('token', 'abc')).toEqual({ tier: 'hub', lifetime: 'device', reach: 'origin', passed: [{ tier: 'cookie', code: 'unavailable' }] })
  })

  test.each(['unproven', 'disproved'] as const)('stays removed on a sibling whose hub never hears of it: %s', async (proof) => {
    const { load, known } = brand(false)
    await load('a').set('token', 'abc')
    known(proof)
    const sibling = load('b')
    await sibling.remove('token')
    expect(await load('a').get('token')).toBeUndefined()
    await load('a').set('token', 'def')
    await sibling.clear()
    expect(await load('a').get('token')).toBeUndefined()
    await load('a').set('token', 'ghi')
    expect(await sibling.take('token')).toBe('ghi')
    expect(await load('a').get('token')).toBeUndefined()
  })

  test.each(['remove', 'clear', 'take'] as const)('is gone for a sibling after %s, though the hub that alone had it could not be told', async (verb) => {
    const { load, known, plans } = brand()
    known('proven')
    const storage = load('a')
    await storage.set('token', 'abc')
    if (verb === 'take') expect(await storage.take('token')).toBe('abc')
    else {
      plans.hub.throws = new StorageError('unavailable', 'away')
      await storage[verb]('token')
      delete plans.hub.throws
    }
    expect(await load('b').get('token')).toBeUndefined()
  })

  test('keeps the order of the chain where it does not ask for a reach', async () => {
    const { load, asked } = brand()
    expect(await load('a', null).set('token', 'abc')).toMatchObject({ tier: 'hub', reach: 'origin', passed: [] })
    expect(asked).toEqual([undefined])
  })
})

