import { describe, expect, test } from 'vitest'
import type { Consent, Env, Tier } from '../src/contracts.js'
import { createStorage, defineKeys, key, legacy, memoryTier, sessionStorageTier } from 'holdfast'
import { fakeClock, faulty, inMemory } from 'holdfast/testing'
import { StorageError } from '../src/errors.js'
import { counting } from './ground/counting.js'
import { failureOf } from './ground/failure.js'

type Answers = Record<string, boolean | undefined>

/** What a consent manager answers, and how it changes its mind. */
const asked = (answers: Answers = {}) => {
  const heard = new Set<() => void>()
  const consent: Consent = { allows: (category) => answers[category], watch: (listener) => (heard.add(listener), () => heard.delete(listener)) }
  return {
    consent, heard,
    answer(more: Answers) {
      Object.assign(answers, more)
      heard.forEach((listener) => listener())
    },
  }
}

const KEYS = defineKeys({
  token: key<string>({ category: 'necessary', ttl: '1d' }),
  visitor: key<string>({ category: 'analytics', ttl: '10h' }),
  theme: key<string>({ category: 'functional', tiers: ['localStorage'] }),
})
const HOUR = 36e5

const visit = (answers?: Answers, tiers: readonly Tier[] = inMemory('localStorage', 'sessionStorage')) => {
  const clock = fakeClock()
  const one = asked(answers)
  const events: string[] = []
  const open = (env: Env = clock.env) => {
    const storage = createStorage({ namespace: 'chat', tiers, keys: KEYS, consent: one.consent, now: clock.now, env })
    for (const event of ['held', 'released', 'purged'] as const) storage.on(event, (detail) => events.push(`${event} ${detail.key}`))
    return storage
  }
  const texts = async (): Promise<string[]> => (await Promise.all(tiers.map(async (tier) => (await tier.read(['chat.visitor', 'chat.theme'])).map((entry) => entry?.text ?? '')))).flat().filter(Boolean)
  return { ...one, clock, tiers, events, open, storage: open(), texts }
}

describe('without consent', () => {
  test.each<[string, Answers]>([['not known yet', {}], ['refused', { analytics: false }]])('that is %s a value lives in memory for this page only, and the receipt says so', async (_, answers) => {
    const { storage, open, texts, tiers, events } = visit(answers)
    expect(await storage.set('visitor', 'v1')).toMatchObject({ tier: 'memory', lifetime: 'page', reach: 'page', held: 'consent' })
    expect([await storage.get('visitor'), await storage.has('visitor'), await storage.keys(), events]).toEqual(['v1', true, ['visitor'], ['held visitor']])
    expect([await texts(), (await Promise.all(tiers.map((tier) => tier.names('')))).flat()]).toEqual([[], []])
    expect(await open({}).get('visitor')).toBe(undefined)
  })

  test('a necessary value is stored as ever', async () => {
    const { storage, consent } = visit({})
    consent.allows = () => { throw new Error('no') }
    expect(await storage.set('token', 't')).toMatchObject({ tier: 'localStorage', lifetime: 'device' })
  })

  test('every verb works on what waits', async () => {
    const { storage, clock } = visit({})
    const { expires } = await storage.set('visitor', 'v1')
    expect(expires).toBe(clock.now() + 10 * HOUR)
    expect(await storage.touch('visitor', '1h')).toMatchObject({ held: 'consent', expires: clock.now() + HOUR })
    expect((await storage.inspect('visitor')).copies).toMatchObject([{ tier: 'memory', wins: true }])
    clock.jump(HOUR)
    expect(await storage.get('visitor')).toBe(undefined)
    await storage.set('visitor', 'v2')
    expect([await storage.take('visitor'), await storage.get('visitor')]).toEqual(['v2', undefined])
    await storage.setMany([['visitor', 'v3'], ['theme', 'dark'], ['token', 't']])
    await storage.remove('visitor')
    expect([...(await storage.getMany(['visitor', 'theme', 'token']))]).toEqual([['theme', 'dark'], ['token', 't']])
    await storage.clear()
    expect(await storage.keys()).toEqual([])
  })

  test('what an earlier visit left is not read until it is known', async () => {
    const { storage, clock, tiers, answer } = visit({})
    await createStorage({ namespace: 'chat', tiers, keys: KEYS, now: clock.now }).set('visitor', 'earlier')
    expect([await storage.get('visitor'), await storage.keys()]).toEqual([undefined, []])
    answer({ analytics: true })
    expect([await storage.get('visitor'), await storage.keys()]).toEqual(['earlier', ['visitor']])
  })

  test('a removal also removes what an earlier visit left, and writes nothing where that left nothing', async () => {
    const { storage, clock, tiers, answer, texts } = visit({})
    await createStorage({ namespace: 'chat', tiers, keys: KEYS, now: clock.now }).set('visitor', 'earlier')
    await storage.set('visitor', 'v1')
    await storage.remove('visitor')
    expect(await texts()).toEqual([])
    answer({ analytics: true })
    expect(await storage.get('visitor')).toBe(undefined)
    const other = visit({})
    const counted = other.tiers.map(counting)
    await createStorage({ namespace: 'chat', tiers: counted.map(({ tier }) => tier), keys: KEYS, consent: other.consent }).remove('visitor')
    expect(counted.flatMap(({ calls }) => calls.writes)).toEqual([])
  })

  test('what older code left stays where it is', async () => {
    const map = new Map([['old', 'abc']])
    const env = { localStorage: { getItem: (name: string) => map.get(name) ?? null, removeItem: (name: string) => void map.delete(name) } as unknown as Storage }
    const { consent, answer } = asked({})
    const keys = defineKeys({ visitor: key<string>({ category: 'analytics', adopt: legacy({ tier: 'localStorage', name: 'old', env }) }) })
    const storage = createStorage({ namespace: 'chat', tiers: inMemory('localStorage'), keys, consent })
    expect([await storage.get('visitor'), map.size]).toEqual([undefined, 1])
    answer({ analytics: true })
    expect([await storage.get('visitor'), map.size]).toEqual(['abc', 0])
    map.set('old', 'def')
    answer({ analytics: false })
    await storage.flush()
    expect([await storage.get('visitor'), map.size]).toEqual([undefined, 0])
  })
})

describe('when consent is given', () => {
  test('what waited goes to its place, for the time that it has left', async () => {
    const { storage, clock, answer, events, texts, open } = visit({})
    await storage.set('visitor', 'v1')
    clock.jump(9 * HOUR)
    answer({ analytics: true })
    expect(await storage.get('visitor')).toBe('v1')
    await storage.flush()
    expect([await texts(), events]).toEqual([['"v1"'], ['held visitor', 'released visitor']])
    expect((await storage.inspect('visitor')).copies).toMatchObject([{ tier: 'localStorage', expires: clock.now() + HOUR }])
    expect(await open({}).get('visitor')).toBe('v1')
    clock.jump(HOUR)
    expect(await storage.get('visitor')).toBe(undefined)
  })

  test('what waited lives no longer because a tier made it wait', async () => {
    const { storage, clock, answer } = visit({}, [faulty(inMemory('cookie')[0]!, { hangs: true }), inMemory('localStorage')[0]!])
    const { expires } = await storage.set('visitor', 'v1')
    answer({ analytics: true })
    const flushed = storage.flush()
    await clock.advance(1500)
    await flushed
    const held = await storage.inspect('visitor')
    expect(held.copies.filter(({ tier }) => tier === 'localStorage')).toMatchObject([{ expires, wins: true }])
  })

  test('a newer value of another page stands', async () => {
    const { storage, clock, tiers, answer } = visit({})
    await storage.set('visitor', 'mine')
    clock.jump(5)
    await createStorage({ namespace: 'chat', tiers, keys: KEYS, now: clock.now }).set('visitor', 'theirs')
    answer({ analytics: true })
    await storage.flush()
    expect(await storage.get('visitor')).toBe('theirs')
  })

  test.each(['taken', 'expired'])('what was %s while it waited leaves nothing older behind', async (how) => {
    const { storage, clock, tiers, answer } = visit({})
    await createStorage({ namespace: 'chat', tiers, keys: KEYS, now: clock.now }).set('visitor', 'earlier', { ttl: 'forever' })
    clock.jump(5)
    await storage.set('visitor', 'v1')
    if (how === 'taken') await storage.take('visitor')
    else clock.jump(10 * HOUR)
    answer({ analytics: true })
    expect(await storage.get('visitor')).toBe(undefined)
  })

  test('what no tier takes stays in memory, and is tried again', async () => {
    const plan: { throws?: Error } = { throws: new StorageError('quota', 'full') }
    const { storage, answer, events } = visit({}, [faulty(inMemory('localStorage')[0]!, plan)])
    await storage.set('visitor', 'v1')
    answer({ analytics: true })
    await storage.flush()
    expect([await storage.get('visitor'), events]).toEqual(['v1', ['held visitor']])
    delete plan.throws
    expect([await storage.get('visitor'), events]).toEqual(['v1', ['held visitor', 'released visitor']])
    expect(await storage.set('visitor', 'v2')).toMatchObject({ tier: 'localStorage' })
  })

  test('of one category, the others go on waiting', async () => {
    const { storage, answer, texts } = visit({})
    await storage.setMany([['visitor', 'v1'], ['theme', 'dark']])
    answer({ functional: true })
    await storage.flush()
    expect([await texts(), await storage.get('visitor')]).toEqual([['"dark"'], 'v1'])
  })
})

describe('when consent is withdrawn', () => {
  test('its values are removed from every tier, from memory, and stay away', async () => {
    const { storage, answer, events, texts } = visit({ analytics: true, functional: true })
    await storage.setMany([['visitor', 'v1'], ['theme', 'dark'], ['token', 't']])
    answer({ analytics: false })
    await storage.flush()
    expect([await texts(), await storage.get('visitor'), await storage.get('theme'), await storage.get('token'), events]).toEqual([['"dark"'], undefined, 'dark', 't', ['purged visitor']])
    await storage.set('visitor', 'v2')
    answer({ analytics: false })
    expect([await storage.get('visitor'), await texts()]).toEqual(['v2', ['"dark"']])
  })

  test('not even a tombstone is left where every tier answered, whatever the chain', async () => {
    for (const tiers of [inMemory('localStorage', 'memory'), inMemory('cookie', 'sessionStorage', 'localStorage')]) {
      const { storage, answer } = visit({ analytics: true }, tiers[0]!.name === 'cookie' ? tiers : [...tiers, ...inMemory('sessionStorage')])
      await storage.set('visitor', 'v1')
      answer({ analytics: false })
      await storage.flush()
      expect((await Promise.all(tiers.map((tier) => tier.names('')))).flat()).toEqual([])
    }
  })

  test('what waits in memory goes, too', async () => {
    const { storage, answer, events } = visit({})
    await storage.set('visitor', 'v1')
    answer({ analytics: false })
    await storage.flush()
    expect([await storage.get('visitor'), events]).toEqual([undefined, ['held visitor', 'purged visitor']])
  })

  test('between two visits, the first operation of the next one removes', async () => {
    const { storage, clock, tiers, texts } = visit({ analytics: false })
    await createStorage({ namespace: 'chat', tiers, keys: KEYS, now: clock.now }).set('visitor', 'earlier')
    await storage.get('token')
    await storage.flush()
    expect(await texts()).toEqual([])
  })

  test('a refusal that finds nothing writes nothing', async () => {
    const { tiers, consent } = visit({ analytics: false, functional: false })
    const counted = tiers.map(counting)
    const storage = createStorage({ namespace: 'chat', tiers: counted.map(({ tier }) => tier), keys: KEYS, consent })
    await storage.get('token')
    await storage.set('visitor', 'v1')
    await storage.flush()
    expect(counted.flatMap(({ calls }) => calls.writes)).toEqual([])
  })

  test('a tier that could not be reached is made up with when it is back', async () => {
    const plan: { throws?: Error } = {}
    const [one, two] = inMemory('localStorage', 'indexedDB') as [Tier, Tier]
    const { storage, answer, texts, clock } = visit({ analytics: true }, [faulty(one, plan), two])
    await storage.set('visitor', 'v1')
    plan.throws = new StorageError('unavailable', 'away')
    answer({ analytics: false })
    await storage.flush()
    expect((await one.read(['chat.visitor']))[0]!.text).toBe('"v1"')
    delete plan.throws
    clock.jump(6e4)
    await storage.get('token')
    await storage.flush()
    expect(await texts()).toEqual([])
  })

  test('while a clear or a destroy is under way, both come to their end', async () => {
    for (const verb of ['clear', 'destroy'] as const) {
      const { storage, answer, texts } = visit({ analytics: true })
      await storage.set('visitor', 'v1')
      const ending = storage[verb]()
      await Promise.resolve()
      answer({ analytics: false })
      await ending
      expect(await texts()).toEqual([])
    }
  })

  test('a write that was under way is removed after it', async () => {
    const { storage, answer, texts } = visit({ analytics: true })
    const writing = storage.set('visitor', 'v1')
    answer({ analytics: false })
    await writing
    await storage.flush()
    expect(await texts()).toEqual([])
  })

  test('of a tab, a second tab that hears of it empties its own tiers', async () => {
    const [shared] = inMemory('localStorage') as [Tier]
    const area = new Map<string, string>()
    const own = sessionStorageTier({ env: { sessionStorage: { getItem: (name) => area.get(name) ?? null, setItem: (name, text) => void area.set(name, text), removeItem: (name) => void area.delete(name), key: (index) => [...area.keys()][index] ?? null, clear() {}, get length() { return area.size } } } })
    const one = visit({ analytics: true }, [shared])
    const two = visit({ analytics: true }, [own, shared])
    await two.storage.set('visitor', 'v1')
    one.answer({ analytics: false })
    two.answer({ analytics: false })
    await Promise.all([one.storage.flush(), two.storage.flush()])
    expect([...area.values()].filter((text) => text.includes('v1'))).toEqual([])
  })
})

describe('a storage with a consent', () => {
  test('needs keys, and a category for each', () => {
    const { consent } = asked()
    expect(() => createStorage({ namespace: 'chat', tiers: [memoryTier()], consent })).toThrow('consent: needs keys')
    expect(() => createStorage({ namespace: 'chat', tiers: [memoryTier()], consent, keys: defineKeys({ token: key() }) })).toThrow('keys.token.category')
  })

  test('hears no more once it is closed or destroyed', async () => {
    const { storage, heard } = visit({})
    expect(heard.size).toBe(1)
    await storage.close()
    expect(heard.size).toBe(0)
    const other = visit({})
    await other.storage.set('visitor', 'v1')
    await other.storage.destroy()
    expect([other.heard.size, (await failureOf(() => other.storage.get('visitor')) as StorageError).code]).toEqual([0, 'closed'])
  })

  test('does nothing when it is made', async () => {
    const { consent, answer } = asked({ analytics: false })
    const counted = inMemory('localStorage').map(counting)
    createStorage({ namespace: 'chat', tiers: counted.map(({ tier }) => tier), keys: KEYS, consent })
    expect(counted.map(({ calls }) => [calls.opens, calls.reads, calls.writes])).toEqual([[0, [], []]])
    answer({ functional: true })
  })
})
