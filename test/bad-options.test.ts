import { describe, expect, test } from 'vitest'
import type { Rule, StorageOptions, Ttl } from 'holdfast'
import { cookieTier, createStorage, defineKeys, key, memoryTier } from 'holdfast'
import { inMemory } from 'holdfast/testing'
import { failureOf } from './ground/failure.js'

const SECRET = 'eyJhbGciOiJIUzI1NiJ9'
const BAD_TTLS = [-1, 0, NaN, Infinity, '1 fortnight', '1f', '', '0d', '-1d', '1.5d', ' 1d', '1d ', '1D', 'device', 'd', null, {}, true, '12'] as Ttl[]

const options = (more: Record<string, unknown>): StorageOptions => ({ namespace: 'acme-chat', tiers: inMemory('localStorage', 'memory'), ...more })

describe('an option', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a namespace that is missing', { namespace: undefined }, 'namespace'],
    ['a namespace that is no string', { namespace: 1 }, 'namespace'],
    ['a namespace with a dot', { namespace: 'acme.chat' }, 'namespace'],
    ['a namespace with a lone surrogate', { namespace: 'acme\ud800' }, 'namespace'],
    ["'' without keys", { namespace: '' }, 'namespace'],
    ['tiers that are missing', { tiers: undefined }, 'tiers'],
    ['tiers that are no list', { tiers: memoryTier() }, 'tiers'],
    ['an empty chain', { tiers: [] }, 'tiers'],
    ['two tiers of one name', { tiers: [memoryTier(), memoryTier()] }, 'tiers'],
    ['an unknown option', { encrypt: true }, 'encrypt'],
    ['a misspelt option', { tll: '1d' }, 'tll'],
    ['a deadline of 0', { deadline: 0 }, 'deadline'],
    ['a negative deadline', { deadline: -5 }, 'deadline'],
    ['a deadline that is no number', { deadline: NaN }, 'deadline'],
    ['an idle that is no span', { idle: 'session' }, 'idle'],
    ['an idle that is no time', { idle: '1 fortnight' }, 'idle'],
    ['a rule with an unknown tier', { keys: defineKeys({ token: { tiers: ['localStorage', 'indexDB'] } }) }, 'keys.token.tiers: no tier indexDB'],
    ['keys that nobody checked', { keys: { token: {} } }, 'keys: not from defineKeys'],
    ['a consent that is none', { consent: {}, keys: defineKeys({}) }, 'consent: without allows'],
    ['half a consent', { consent: { allows: () => true }, keys: defineKeys({}) }, 'consent: without watch'],
    ['a seal that is none', { seal: { id: 'x', seal: () => '' }, keys: defineKeys({}) }, 'seal: without open'],
  ])('is refused at once and by name: %s', async (_, more, name) => {
    const error = await failureOf(() => createStorage(options(more)))
    expect(error instanceof TypeError || error instanceof RangeError, `${error.name}: ${error.message}`).toBe(true)
    expect(error.message).toContain(name)
  })

  test.each(BAD_TTLS.map((ttl) => [ttl]))('a ttl of %o is refused by the storage, a rule, a set and a touch', async (ttl) => {
    const storage = createStorage(options({}))
    await storage.set('token', 'before')
    for (const act of [() => createStorage(options({ ttl })), () => defineKeys({ token: key({ ttl }) }), () => storage.set('token', SECRET, { ttl }), () => storage.touch('token', ttl), () => storage.setMany([['token', SECRET]], { ttl })]) {
      const error = await failureOf(act)
      expect(error instanceof TypeError || error instanceof RangeError, `${error.name}: ${error.message}`).toBe(true)
      expect(error.message).toContain('ttl')
      expect(error.message).not.toContain(SECRET)
    }
    expect(await storage.get('token')).toBe('before')
  })

  test.each<[string, Rule, string]>([
    ['an unknown field', { expires: '1d' } as Rule, 'expires'],
    ['a ttl that is none', { ttl: '1 fortnight' as Ttl }, 'ttl'],
    ['no tier', { tiers: [] }, 'tiers'],
    ['a tier twice', { tiers: ['memory', 'memory'] }, 'tiers'],
  ])('a rule is refused with its key: %s', async (_, rule, field) => {
    const error = await failureOf(() => defineKeys({ token: rule }))
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true)
    expect(error.message).toContain('token')
    expect(error.message).toContain(field)
  })

  test.each<[string, () => unknown, string]>([
    ['__Host- with a domain', () => cookieTier({ prefix: '__Host-', domain: 'site' }), 'prefix'],
    ['__Host- with a path', () => cookieTier({ prefix: '__Host-', path: '/shop' }), 'prefix'],
    ['a place that inMemory does not know', () => inMemory('localStorage', 'disk'), 'disk'],
  ])('of a tier is refused at once: %s', async (_, act, name) => {
    const error = await failureOf(act)
    expect(error).toBeInstanceOf(RangeError)
    expect(error.message).toContain(name)
  })
})

test('an odd namespace is a namespace like any other', async () => {
  const tiers = inMemory('localStorage', 'memory')
  const namespaces = ['__proto__', 'constructor', 'a b', 'a;b=c', '100%', '🪸', 'A', 'a']
  for (const namespace of namespaces) await createStorage({ namespace, tiers }).set('token', namespace)
  for (const namespace of namespaces) {
    const storage = createStorage({ namespace, tiers })
    expect(await storage.get('token')).toBe(namespace)
    expect(await storage.keys()).toEqual(['token'])
  }
})
