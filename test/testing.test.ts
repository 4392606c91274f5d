import { describe, expect, test } from 'vitest'
import type { Change, Tier } from 'holdfast'
import { createStorage, isStorageError, memoryTier } from 'holdfast'
import type { Faults } from 'holdfast/testing'
import { fakeClock, faulty, inMemory, tierCases } from 'holdfast/testing'
import { domError, failureOf } from './ground/failure.js'
import { isSettled, later } from './ground/promises.js'

const entry = (text: string | null, stamp = 5) => ({ text, stamp, lifetime: 'page' as const })
const change = (name: string, text: string | null = 'x', stamp = 5): Change => ({ name, entry: entry(text, stamp) })

/** A faulty tier over memory, with a way to look past its faults. */
const planned = (plan: Faults) => {
  const place = memoryTier()
  const tier = faulty(place, plan)
  const operations: [string, () => unknown][] = [['open', () => tier.open()], ['read', () => tier.read(['a'])], ['write', () => tier.write([change('a')])], ['names', () => tier.names('')]]
  const held = async (name = 'a'): Promise<string | null | undefined> => (await place.read([name]))[0]?.text
  return { plan, place, tier, operations, held }
}

describe('a faulty tier', () => {
  test('is the tier itself while nothing is planned, but that it may answer late', async () => {
    const { tier, place, held } = planned({})
    expect([tier.name, tier.traits.lifetimes, tier.traits.reach, tier.traits.sync]).toEqual(['memory', ['page'], 'page', undefined])
    expect(await tier.write([change('a')])).toEqual([undefined])
    expect(await held()).toBe('x')
    expect(await tier.read(['a'])).toEqual(await place.read(['a']))
    expect(await tier.names('')).toEqual(['a'])
  })

  test('throws what is planned from every operation, until the plan changes', async () => {
    const error = domError('SecurityError')
    const { operations, plan, held } = planned({ throws: error })
    for (const [name, operation] of operations) expect([name, await failureOf(operation)]).toEqual([name, error])
    expect(await held()).toBeUndefined()
    delete plan.throws
    for (const [, operation] of operations) await operation()
    expect(await held()).toBe('x')
  })

  test('that hangs answers nothing and does nothing', async () => {
    const { operations, held } = planned({ hangs: true })
    for (const [name, operation] of operations) expect([name, await isSettled(Promise.resolve(operation()))]).toEqual([name, false])
    expect(await held()).toBeUndefined()
  })

  test('that is late takes effect and answers when it is let', async () => {
    const { promise, settle } = later()
    const { tier, held } = planned({ late: promise })
    const outcomes = Promise.resolve(tier.write([change('a')]))
    expect([await isSettled(outcomes), await held()]).toEqual([false, undefined])
    settle()
    expect([await outcomes, await held()]).toEqual([[undefined], 'x'])
  })

  test('with a quota has room for so much, and fails one change alone', async () => {
    const { tier, held } = planned({ quota: 10 })
    const outcomes = await tier.write([change('a', '123'), change('b', '12345678'), change('c', '1234')])
    expect(outcomes.map((outcome) => (isStorageError(outcome) ? outcome.code : outcome))).toEqual([undefined, 'quota', undefined])
    expect([await held('a'), await held('b'), await held('c')]).toEqual(['123', undefined, '1234'])
    expect(await tier.write([change('a', '1', 6), { name: 'c', drop: 5 }, change('b', '1234', 6)])).toEqual([undefined, undefined, undefined])
  })
})

describe('a faulty tier, when its writes are lost', () => {
  test('that drops its connection fails so many operations as lost, then is back', async () => {
    const { tier, plan } = planned({ drops: 2 })
    for (let time = 0; time < 2; time++) expect((await failureOf(() => tier.read(['a']))).name).toBe('InvalidStateError')
    expect(await tier.read(['a'])).toEqual([undefined])
    expect(plan.drops).toBe(0)
  })

  test('that aborts keeps nothing of a batch, and still reads', async () => {
    const { tier, place, held } = planned({ aborts: true })
    await place.write([change('old')])
    expect((await failureOf(() => tier.write([change('a'), change('b')]))).name).toBe('AbortError')
    expect([await held('a'), await held('b')]).toEqual([undefined, undefined])
    expect((await tier.read(['old']))[0]?.text).toBe('x')
  })

  test('that ignores writes says that it kept them', async () => {
    const { tier, held } = planned({ ignores: true })
    expect(await tier.write([change('a'), change('b')])).toEqual([undefined, undefined])
    expect(await held()).toBeUndefined()
  })

  test('that evicts is empty once, and keeps what comes after', async () => {
    const { tier, plan } = planned({})
    await tier.write([change('a'), change('b')])
    plan.evicts = true
    expect(await tier.read(['a', 'b'])).toEqual([undefined, undefined])
    expect(plan.evicts).toBe(false)
    await tier.write([change('a')])
    expect((await tier.read(['a']))[0]?.text).toBe('x')
  })

  test('passes on what the tier can do beside the contract, and nothing that it cannot', async () => {
    const full: Tier = { ...memoryTier(), expired: () => ['a'], usage: () => ({ bytes: 7 }), destroy: () => undefined, watch: () => () => {} }
    const tier = faulty(full, {})
    expect([await tier.expired!('', 1), await tier.usage!('')]).toEqual([['a'], { bytes: 7 }])
    expect(typeof tier.destroy).toBe('function')
    expect(typeof tier.watch).toBe('function')
    const bare = faulty(memoryTier(), {})
    expect([bare.expired, bare.usage, bare.destroy, bare.watch]).toEqual([undefined, undefined, undefined, undefined])
  })
})

describe('a fake clock', () => {
  test('moves only when it is told to', async () => {
    const clock = fakeClock(1000)
    expect([clock.now(), clock.now()]).toEqual([1000, 1000])
    await clock.advance(250)
    expect(clock.now()).toBe(1250)
  })

  test('fires timers in order, each at its own time, with those that they set', async () => {
    const clock = fakeClock(0)
    const fired: [string, number][] = []
    const set = (name: string, ms: number, then?: () => void): void => void clock.env.setTimeout!(() => {
      fired.push([name, clock.now()])
      then?.()
    }, ms)
    set('second', 20)
    set('first', 10, () => set('between', 5))
    set('late', 100)
    await clock.advance(50)
    expect(fired).toEqual([['first', 10], ['between', 15], ['second', 20]])
    expect(clock.next()).toBe(50)
    await clock.advance(50)
    expect(fired.at(-1)).toEqual(['late', 100])
    expect(clock.next()).toBeUndefined()
  })

  test('fires no timer that was cleared', async () => {
    const clock = fakeClock()
    let fired = false
    const timer = clock.env.setTimeout!(() => (fired = true), 10)
    clock.env.clearTimeout!(timer as never)
    await clock.advance(100)
    expect(fired).toBe(false)
  })

  test('lets promises settle between timers', async () => {
    const clock = fakeClock()
    const order: string[] = []
    clock.env.setTimeout!(() => void Promise.resolve().then(() => Promise.resolve()).then(() => order.push('promise')), 10)
    clock.env.setTimeout!(() => order.push('timer'), 11)
    await clock.advance(20)
    expect(order).toEqual(['promise', 'timer'])
  })

  test('jumps as a user sets the clock: timers do not notice', async () => {
    const clock = fakeClock(10_000)
    let fired = 0
    clock.env.setTimeout!(() => fired++, 100)
    clock.jump(-5000)
    expect([clock.now(), fired, clock.next()]).toEqual([5000, 0, 100])
    clock.jump(1_000_000)
    expect(fired).toBe(0)
    await clock.advance(100)
    expect(fired).toBe(1)
  })
})

describe('a ladder in memory', () => {
  test('has every tier of a browser, in the usual order, with the promises of the real ones', () => {
    expect(inMemory().map(({ name, traits }) => [name, traits.lifetimes, traits.reach])).toEqual([
      ['indexedDB', ['device'], 'origin'],
      ['localStorage', ['device'], 'origin'],
      ['sessionStorage', ['tab'], 'tab'],
      ['cookie', ['session', 'device'], 'origin'],
      ['memory', ['page'], 'page'],
    ])
  })

  test('has only the tiers that are named, in that order, each a place of its own', async () => {
    const tiers = inMemory('memory', 'localStorage')
    expect(tiers.map(({ name }) => name)).toEqual(['memory', 'localStorage'])
    await createStorage({ namespace: 'acme-chat', tiers }).set('token', 'abc')
    expect(await createStorage({ namespace: 'acme-chat', tiers }).get('token')).toBe('abc')
    expect(await createStorage({ namespace: 'acme-chat', tiers: inMemory('memory', 'localStorage') }).get('token')).toBeUndefined()
  })

  test('knows no other tiers, and says which there are', () => {
    expect(() => inMemory('disk')).toThrow(RangeError)
    expect(() => inMemory('disk')).toThrow(/disk.*indexedDB.*memory/)
  })
})

describe('the conformance list', () => {
  test('is plain data: titles that differ, and a run for each', () => {
    expect(tierCases.length).toBeGreaterThan(20)
    expect(new Set(tierCases.map(({ title }) => title)).size).toBe(tierCases.length)
    for (const { run } of tierCases) expect(typeof run).toBe('function')
  })

  /** A tier over memory that breaks the contract in one way; the case must be one that can fail. */
  const broken: [string, (tier: Tier) => Partial<Tier>][] = [
    ['forgets what it is given', (tier) => ({ write: (changes) => (void tier, changes.map(() => undefined)) })],
    ['lets an older stamp win', (tier) => ({ write: (changes) => tier.write(changes.flatMap((one) => ('entry' in one ? [{ name: one.name, drop: Infinity }, one] : [one]))) })],
    ['drops whatever is asked', (tier) => ({ write: (changes) => tier.write(changes.map((one) => ('drop' in one && one.drop ? { ...one, drop: Infinity } : one))) })],
    ['lists names of other prefixes', (tier) => ({ names: () => tier.names('') })],
    ['answers reads in another order', (tier) => ({ read: async (names) => [...(await tier.read(names))].reverse() })],
    ['answers too few outcomes', (tier) => ({ write: async (changes) => (await tier.write(changes)).slice(1) })],
    ['mixes up names', (tier) => ({ read: (names) => tier.read(names.map((name) => name.toLowerCase())), write: (changes) => tier.write(changes.map((one) => ({ ...one, name: one.name.toLowerCase() }))) })],
  ]

  test.each(broken)('finds a tier that %s', async (_, change) => {
    const place = memoryTier()
    const tier = { ...place, ...change(place) }
    const failed: string[] = []
    for (const { title, skip, run } of tierCases) if (!skip?.(tier.traits)) await run(() => tier).catch(() => failed.push(title))
    expect(failed).not.toEqual([])
  })
})
