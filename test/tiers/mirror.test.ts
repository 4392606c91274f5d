import { describe, expect, test } from 'vitest'
import { createStorage, memoryTier, StorageError } from 'holdfast'
import type { Faults } from 'holdfast/testing'
import { cookieJar, fakeClock, faulty, inMemory } from 'holdfast/testing'
import type { Entry, Outcome, Tier } from '../../src/contracts.js'
import { cookieTier } from '../../src/tiers/cookie.js'
import { mirror } from '../../src/tiers/mirror.js'
import { counting } from '../ground/counting.js'
import { failureOf } from '../ground/failure.js'
import { isSettled, later } from '../ground/promises.js'

const NAME = 'acme-chat.token'
const DAYS_400 = 400 * 864e5

const entry = (text: string | null, stamp: number, more: Partial<Entry> = {}): Entry => ({ text, stamp, lifetime: 'device', ...more })
const put = async (tier: Tier, text: string | null, stamp = 5, more: Partial<Entry> = {}): Promise<Outcome> => (await tier.write([{ name: NAME, entry: entry(text, stamp, more) }]))[0]
const tell = async (tier: Tier, change: { drop: number; bury?: number }): Promise<Outcome> => (await tier.write([{ name: NAME, ...change }]))[0]
const held = async (tier: Tier): Promise<Entry | undefined> => (await tier.read([NAME]))[0]

/** Two places, each with a plan of what goes wrong there; each call of `tier` is a page's own mirror over them. */
const visit = (options: Parameters<typeof mirror>[2] = {}) => {
  const [first, second] = inMemory('cookie', 'localStorage') as [Tier, Tier]
  const plans: [Faults, Faults] = [{}, {}]
  const clock = fakeClock()
  const page = (): Tier => mirror(faulty(first, plans[0]), faulty(second, plans[1]), { env: clock.env, ...options })
  return { first, second, plans, clock, page, tier: page() }
}
const DOWN: Faults = { throws: new StorageError('unavailable', 'the server is away') }

describe('a write', () => {
  test('is one write of each, and a read is one read of each; what goes away goes from the second before it goes from the first', async () => {
    const [one, other] = inMemory('cookie', 'localStorage').map(counting) as [ReturnType<typeof counting>, ReturnType<typeof counting>]
    const tier = mirror(one.tier, other.tier)
    await tier.open()
    await tier.write([{ name: 'a', entry: entry('1', 5) }, { name: 'c', entry: entry(null, 5) }, { name: 'e', drop: 0 }])
    await tier.read(['a', 'b'])
    for (const { calls } of [one, other]) expect([calls.opens, calls.writes.length, calls.reads]).toEqual([1, 1, [['a', 'b']]])
    await tier.write([{ name: 'b', drop: 5 }, { name: 'e', drop: 0 }])
    for (const { calls } of [one, other]) expect(calls.writes.length).toBe(2)
    await tier.write([{ name: 'a', entry: entry('1', 6) }, { name: 'b', drop: 6 }])
    expect([one.calls.writes.length, other.calls.writes.length]).toEqual([4, 3])
  })

  test('counts when the first took it, and says where else it is', async () => {
    const { tier, first, second, plans } = visit()
    expect([await put(tier, 'x'), tier.kept!(NAME)]).toEqual([undefined, { also: ['localStorage'] }])
    expect([(await held(first))?.text, (await held(second))?.text]).toEqual(['x', 'x'])
    plans[1].throws = DOWN.throws
    expect([await put(tier, 'y', 6), tier.kept!(NAME), (await held(tier))?.text]).toEqual([undefined, undefined, 'y'])
  })

  test('that removes leaves the first alone where the second may keep an older copy for longer', async () => {
    const [first, second] = inMemory('sessionStorage', 'localStorage') as [Tier, Tier]
    const plan: Faults = {}
    const tier = mirror(first, faulty(second, plan))
    await put(tier, 'old')
    plan.throws = DOWN.throws
    await put(tier, 'new', 6)
    expect(await tier.write([{ name: NAME, drop: 7 }])).toEqual([expect.objectContaining({ code: 'unavailable' })])
    delete plan.throws
    expect((await held(tier))?.text).toBe('new')
  })

  test('that the first does not take goes nowhere, and is answered its error', async () => {
    const { tier, first, second, plans } = visit()
    plans[0].quota = 3
    expect(await put(tier, 'x')).toMatchObject({ code: 'quota' })
    plans[0] = Object.assign(plans[0], { quota: undefined, ...DOWN })
    expect(await put(tier, 'x')).toMatchObject({ code: 'unavailable' })
    expect([await held(first), await held(second), tier.kept!(NAME)]).toEqual([undefined, undefined, undefined])
  })

  test('that only one of a batch could be given fails alone', async () => {
    const { tier, plans } = visit()
    plans[1].quota = 30
    const outcomes = await tier.write([{ name: 'a', entry: entry('1', 5) }, { name: 'b', entry: entry('x'.repeat(50), 5) }])
    expect([outcomes, tier.kept!('a'), tier.kept!('b')]).toEqual([[undefined, undefined], { also: ['localStorage'] }, undefined])
  })

  test('older than what one of them holds is answered the later stamp, and overwrites nothing in either', async () => {
    for (const which of [0, 1] as const) {
      const { tier, first, second } = visit()
      await put([first, second][which]!, 'later', 9)
      expect(await put(tier, 'older')).toBe(9)
      expect([(await held([first, second][which]!))?.text, tier.kept!(NAME)]).toEqual(['later', undefined])
    }
  })

  test('goes to each for the longest lifetime it can keep that is no longer than asked; where there is none, an older copy goes', async () => {
    const { tier, second } = visit()
    await put(tier, 'for long')
    await put(tier, 'for the session', 6, { lifetime: 'session' })
    expect([await held(second), tier.kept!(NAME), (await held(tier))?.text]).toEqual([undefined, undefined, 'for the session'])
    const jar = cookieJar()
    const [own, duplicate] = ['https://www.brand.test/', 'https://www.brand.test/'].map((url, index) => cookieTier({ env: jar.at(url), ...(index && { prefix: '__Secure-' as const, lifetime: 'session' as const }) }))
    await put(mirror(own!, duplicate!), 'x')
    jar.restart()
    expect([(await held(own!))?.text, await held(duplicate!)]).toEqual(['x', undefined])
  })
})

describe('a read', () => {
  test.each<[string, Entry | undefined, Entry | undefined, string | null | undefined]>([
    ['the later stamp of the first', entry('new', 6), entry('old', 5), 'new'],
    ['the later stamp of the second', entry('old', 5), entry('new', 6), 'new'],
    ['a later tombstone of the second', entry('old', 5), entry(null, 6), null],
    ['a value before a tombstone of one stamp', entry(null, 5), entry('x', 5), 'x'],
    ['what the second has where the first was evicted', undefined, entry('x', 5), 'x'],
    ['what the first has where the second was evicted', entry('x', 5), undefined, 'x'],
  ])('answers %s', async (_, one, other, text) => {
    const { tier, first, second } = visit()
    if (one) await first.write([{ name: NAME, entry: one }])
    if (other) await second.write([{ name: NAME, entry: other }])
    expect((await held(tier))?.text).toBe(text)
  })

  test('is answered by the other where one fails, and fails as the first does where both do', async () => {
    const { tier, plans } = visit()
    await put(tier, 'x')
    Object.assign(plans[0], DOWN)
    expect([(await held(tier))?.text, await tier.names('acme-chat.')]).toEqual(['x', [NAME]])
    Object.assign(plans[1], { throws: new StorageError('refused', 'of the second') })
    expect(await failureOf(() => held(tier))).toMatchObject({ code: 'unavailable', message: 'the server is away' })
    expect(await failureOf(() => tier.names(''))).toMatchObject({ code: 'unavailable' })
    plans[0].throws = undefined
    expect((await held(tier))?.text).toBe('x')
  })

  test("takes the second's older copy away, and the first's where it was removed; never the first's for a newer value", async () => {
    const { tier, first, second } = visit()
    await put(first, 'new', 6)
    await put(second, 'old', 5)
    await held(tier)
    await Promise.resolve()
    expect([(await held(first))?.text, await held(second)]).toEqual(['new', undefined])
    await put(second, 'newer', 7)
    await held(tier)
    expect((await held(first))?.text).toBe('new')
    await put(second, null, 8)
    expect((await held(tier))?.text).toBeNull()
    expect([await held(first), (await held(second))?.text]).toEqual([undefined, null])
  })
})

describe('a removal', () => {
  test('takes both away, by a tombstone or by a drop', async () => {
    const { tier, first, second } = visit()
    await put(tier, 'x')
    expect([await put(tier, null, 6), (await held(first))?.text, (await held(second))?.text]).toEqual([undefined, null, null])
    expect([await tell(tier, { drop: 6 }), await held(first), await held(second), tier.kept!(NAME)]).toEqual([undefined, undefined, undefined, undefined])
  })

  test.each<[string, (tier: Tier) => Promise<Outcome>]>([
    ['a tombstone', (tier) => put(tier, null, 6)],
    ['a drop', (tier) => tell(tier, { drop: 6 })],
    ['a drop that buries', (tier) => tell(tier, { drop: 6, bury: 1000 })],
  ])('is done though the second could not be told, by %s: its copy does not come back', async (_, remove) => {
    const { tier, page, first, second, plans } = visit()
    await put(tier, 'x')
    plans[1].throws = DOWN.throws
    expect(await remove(tier)).toBeUndefined()
    expect((await held(first))?.text).toBeNull()
    plans[1].throws = undefined
    for (const one of [tier, page()]) expect((await held(one))?.text).toBeNull()
    expect(await held(second)).toBeUndefined()
  })

  test('leaves a tombstone of its stamp for as long as it was told, or as a copy can live', async () => {
    const { tier, first, plans } = visit()
    Object.assign(plans[1], DOWN)
    await tell(tier, { drop: 6 })
    expect(await held(first)).toEqual({ text: null, stamp: 6, lifetime: 'device', expires: 6 + DAYS_400 })
    await tell(tier, { drop: 7, bury: 1000 })
    expect(await held(first)).toEqual({ text: null, stamp: 7, lifetime: 'device', expires: 1000 })
  })

  test('reaches the second though the first fails, and is an error all the same', async () => {
    const { tier, second, plans } = visit()
    await put(tier, 'x')
    Object.assign(plans[0], DOWN)
    expect([await tell(tier, { drop: 5 }), await held(second)]).toEqual([expect.objectContaining({ code: 'unavailable' }), undefined])
  })

  test('is an error where the second was not told and keeps its copy for longer than the first a tombstone', async () => {
    const [session] = inMemory('sessionStorage')
    const plan: Faults = {}
    const tier = mirror(session!, faulty(inMemory('localStorage')[0]!, plan))
    await put(tier, 'x')
    Object.assign(plan, DOWN)
    for (const outcome of [await tell(tier, { drop: 5 }), await put(tier, null, 6)]) expect(outcome).toMatchObject({ code: 'unavailable', message: 'the server is away' })
  })

  test('without a trace is an error where one could not be told', async () => {
    const { tier, first, plans } = visit()
    await put(tier, 'x')
    Object.assign(plans[1], DOWN)
    expect([await tell(tier, { drop: Infinity }), await held(first)]).toEqual([expect.objectContaining({ code: 'unavailable' }), undefined])
  })

  test('that the first has no room to remember is an error', async () => {
    const { tier, plans } = visit()
    Object.assign(plans[1], DOWN)
    plans[0].quota = 3
    expect(await tell(tier, { drop: 6 })).toMatchObject({ code: 'quota' })
  })

  test('of 0 asks, and is answered the later stamp of the two; with damaged text it leaves nothing behind', async () => {
    const { tier, first, second, plans } = visit()
    await put(first, 'x', 5)
    expect(await tell(tier, { drop: 0 })).toBe(5)
    await put(second, 'y', 7)
    expect(await tell(tier, { drop: 0 })).toBe(7)
    Object.assign(plans[1], DOWN)
    expect(await tell(tier, { drop: 0 })).toBe(5)
    await tell(first, { drop: 5 })
    expect([await tell(tier, { drop: 0 }), await tell(tier, { drop: 1 / 2048 }), await held(first)]).toEqual([undefined, undefined, undefined])
  })
})

test('a value that ends stands over an older copy that the second could not be rid of, also when it has ended', async () => {
  const { tier, first, second, plans } = visit()
  await put(tier, 'old')
  Object.assign(plans[1], DOWN)
  expect(await put(tier, 'new', 6, { expires: 1000 })).toBeUndefined()
  expect(await held(first)).toEqual(entry('new', 6, { expires: 1000, retain: 6 + DAYS_400 }))
  expect(await put(tier, 'newer', 7, { expires: 1000, retain: 2000 })).toBeUndefined()
  expect([(await held(first))?.retain, (await held(second))?.text]).toEqual([2000, 'old'])
})

describe('a second that hangs', () => {
  test('is waited for once, by the timers of the page; then the first answers alone', async () => {
    const { tier, plans, clock } = visit()
    await put(tier, 'x')
    plans[1].hangs = true
    const reading = Promise.resolve(held(tier))
    await clock.advance(749)
    expect(await isSettled(reading)).toBe(false)
    await clock.advance(1)
    expect((await reading)?.text).toBe('x')
    expect(clock.next()).toBeUndefined()
    // From now on nobody waits.
    expect([await put(tier, 'y', 6), (await held(tier))?.text, await tell(tier, { drop: 6 }), (await held(tier))?.text, clock.next()]).toEqual([undefined, 'y', undefined, null, undefined])
  })

  test('is asked again once it has answered, and what it answers late is taken by its stamp', async () => {
    const { tier, first, second, plans, clock } = visit()
    const { promise, settle } = later()
    plans[1].late = promise
    const writing = put(tier, 'x')
    await clock.advance(750)
    expect([await writing, tier.kept!(NAME)]).toEqual([undefined, undefined])
    expect(await put(tier, null, 6)).toBeUndefined()
    plans[1].late = undefined
    settle()
    await clock.advance(0)
    expect((await held(second))?.text).toBe('x')
    expect((await held(tier))?.text).toBeNull()
    expect([(await held(first))?.text, await held(second)]).toEqual([null, undefined])
    expect([await put(tier, 'y', 7), tier.kept!(NAME)]).toEqual([undefined, { also: ['localStorage'] }])
  })

  test.each<[string, Parameters<typeof mirror>[2], number | undefined, number]>([
    ['750 ms by default', {}, undefined, 750],
    ['half of the deadline that one of them names', {}, 3000, 1500],
    ['as long as it was told', { wait: 100 }, 3000, 100],
  ])('is waited for %s', async (_, options, deadline, ms) => {
    const clock = fakeClock()
    const { traits, ...place } = inMemory('localStorage')[0]!
    const tier = mirror(memoryTier(), faulty({ ...place, traits: { ...traits, ...(deadline && { deadline }) } }, { hangs: true }), { env: clock.env, ...options })
    const writing = put(tier, 'x')
    await clock.advance(0)
    expect([clock.next(), tier.traits.deadline]).toEqual([ms, deadline])
    await clock.advance(ms)
    expect(await writing).toBeUndefined()
  })

  test('does not take the first away from a storage: one wait, then as if it were not there', async () => {
    const { tier, plans, clock } = visit()
    const storage = createStorage({ namespace: 'acme-chat', tiers: [tier], now: clock.now, env: clock.env })
    plans[1].hangs = true
    const setting = storage.set('token', 'abc')
    await clock.advance(750)
    expect(await setting).toMatchObject({ tier: 'cookie', passed: [] })
    expect(await storage.get('token')).toBe('abc')
    await storage.remove('token')
    expect(await storage.get('token')).toBeUndefined()
    expect((await storage.status()).tiers).toMatchObject([{ name: 'cookie', state: 'ready' }])
  })

  test('for a wait that is none is refused at once', async () => {
    for (const wait of [0, -1, NaN]) expect((await failureOf(() => mirror(memoryTier(), memoryTier(), { wait }))).message).toContain('wait')
  })
})

describe('a storage over a mirror', () => {
  test('says in its receipt where else the value is, and what the first promises', async () => {
    const { tier, clock } = visit()
    const storage = createStorage({ namespace: 'acme-chat', tiers: [tier, memoryTier()], now: clock.now, env: clock.env })
    expect(await storage.set('token', 'abc')).toEqual({ tier: 'cookie', lifetime: 'device', reach: 'origin', passed: [], also: ['localStorage'] })
  })

  test('falls back where the first fails, whatever the second says', async () => {
    const { tier, plans, clock, second } = visit()
    Object.assign(plans[0], DOWN)
    const storage = createStorage({ namespace: 'acme-chat', tiers: [tier, memoryTier()], now: clock.now, env: clock.env })
    expect(await storage.set('token', 'abc')).toMatchObject({ tier: 'memory', passed: [{ tier: 'cookie', code: 'unavailable' }] })
    expect((await held(second))?.text ?? null).toBeNull()
  })

  test("knows one visitor on two of a brand's hosts by the duplicate that they share, and forgets him on both", async () => {
    const jar = cookieJar()
    const clock = fakeClock()
    const load = (url: string) => {
      const env = jar.at(url)
      clock.jump(1)
      const tiers = [mirror(cookieTier({ env }), cookieTier({ env, domain: 'site', prefix: '__Secure-', lifetime: 'session' }))]
      return createStorage({ namespace: 'acme-chat', tiers, now: clock.now, env: clock.env })
    }
    const [one, other] = ['https://a.brand.test/', 'https://b.brand.test/'] as const
    await load(one).set('visitor', 'v1')
    expect([await load(other).get('visitor'), await load(other).keys()]).toEqual(['v1', ['visitor']])
    await load(other).remove('visitor')
    expect([await load(one).get('visitor'), await load(one).keys()]).toEqual([undefined, []])
    jar.restart()
    expect(await load(one).get('visitor')).toBeUndefined()
  })
})
