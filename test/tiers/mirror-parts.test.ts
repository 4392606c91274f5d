import { describe, expect, test } from 'vitest'
import type { Faults } from 'holdfast/testing'
import { cookieJar, fakeClock, faulty, inMemory } from 'holdfast/testing'
import type { Entry, Tier } from '../../src/contracts.js'
import { cookieTier } from '../../src/tiers/cookie.js'
import { memoryTier } from '../../src/tiers/memory.js'
import { StorageError } from '../../src/errors.js'
import { mirror } from '../../src/tiers/mirror.js'
import { failureOf } from '../ground/failure.js'

const entry = (text: string | null, stamp: number, more: Partial<Entry> = {}): Entry => ({ text, stamp, lifetime: 'device', ...more })
const [LOCAL, COOKIE] = inMemory('localStorage', 'cookie') as [Tier, Tier]

/** A place in memory with more to it. */
const place = (more: Partial<Tier> = {}): Tier => ({ ...inMemory('localStorage')[0]!, ...more })

describe('the traits of a mirror', () => {
  test("are the first's; it answers at once only if both do, and is on the wire if one is", () => {
    const wire = place({ traits: { lifetimes: ['session'], reach: 'site', onWire: true, maxBytes: 10, maxAge: 20 } })
    expect(mirror(LOCAL, wire).traits).toEqual({ lifetimes: ['device'], reach: 'origin', sync: false, onWire: true })
    expect(mirror(wire, LOCAL).traits).toEqual({ lifetimes: ['session'], reach: 'site', sync: false, onWire: true, maxBytes: 10, maxAge: 20 })
    expect(mirror(LOCAL, COOKIE).traits).toMatchObject({ sync: true, onWire: false })
  })

  test('are asked for each time, because a hub learns its own late', () => {
    let reach: 'origin' | 'site' = 'origin'
    const tier = mirror({ ...place(), get traits() { return { lifetimes: ['device' as const], reach } } }, LOCAL)
    expect(tier.traits.reach).toBe('origin')
    reach = 'site'
    expect(tier.traits.reach).toBe('site')
  })

  test('name the longer deadline of the two', () => {
    const slow = place({ traits: { lifetimes: ['device'], reach: 'origin', deadline: 3000 } })
    expect([mirror(slow, LOCAL).traits.deadline, mirror(LOCAL, slow).traits.deadline, mirror(LOCAL, COOKIE).traits.deadline]).toEqual([3000, 3000, undefined])
  })

  test('have the name of the first, or one that was given', () => {
    expect([mirror(LOCAL, COOKIE).name, mirror(LOCAL, COOKIE, { name: 'both' }).name]).toEqual(['localStorage', 'both'])
  })
})

describe('a mirror', () => {
  test('opens the second when it first asks it something, and again after it failed', async () => {
    const plan: Faults = {}
    let opens = 0
    const second = faulty(place({ open: () => void opens++ }), plan)
    const tier = mirror(memoryTier(), second)
    await tier.open()
    expect(opens).toBe(0)
    await tier.read(['a'])
    await tier.read(['a'])
    expect(opens).toBe(1)
    plan.drops = 1
    await tier.read(['a'])
    await tier.read(['a'])
    expect(opens).toBe(2)
    await tier.close()
    await tier.open()
    await tier.names('')
    expect(opens).toBe(3)
  })

  test('fails to open as the first does, and not as the second', async () => {
    const bad = (): Tier => place({ open: () => Promise.reject(new Error('closed')) })
    expect((await failureOf(() => mirror(bad(), LOCAL).open())).message).toBe('closed')
    const tier = mirror(place(), bad())
    await tier.open()
    expect(await tier.write([{ name: 'a', entry: entry('x', 5) }])).toEqual([undefined])
    expect(tier.kept!('a')).toBeUndefined()
  })

  test('closes both, the second only if it was opened', async () => {
    const closed: string[] = []
    const [one, other] = ['one', 'other'].map((name) => place({ close: () => void closed.push(name) })) as [Tier, Tier]
    await mirror(one, other).close()
    expect(closed).toEqual(['one'])
    const tier = mirror(one, other)
    await tier.read(['a'])
    await tier.close()
    expect(closed).toEqual(['one', 'other', 'one'])
  })

  test('has no more to it than its two', () => {
    const bare = mirror(place(), place())
    expect([bare.expired, bare.usage, bare.prove, bare.destroy, bare.watch, bare.at]).toEqual(Array(6).fill(undefined))
    const expired = (): string[] => []
    expect(mirror(place({ expired }), place()).expired).toBeUndefined()
  })

  test('tells of what has expired in either, and of what both take up', async () => {
    const [one, other] = [place({ expired: () => ['a', 'b'], usage: () => ({ bytes: 5, quota: 100 }) }), place({ expired: () => ['b', 'c'], usage: () => ({ bytes: 7, quota: 9 }) })]
    const tier = mirror(one, other)
    expect([await tier.expired!('', 0), await tier.usage!('')]).toEqual([['a', 'b', 'c'], { bytes: 12, quota: 100 }])
    expect(await mirror(place(), other).usage!('')).toEqual({ bytes: 7 })
  })

  test('proves the reach of the first, and lets the second learn its own traits', async () => {
    const asked: unknown[] = []
    const proving = (name: string): Tier => place({ prove: (reach) => void asked.push([name, reach]) })
    await mirror(proving('first'), proving('second')).prove!('site')
    expect(asked).toEqual(expect.arrayContaining([['first', 'site'], ['second', undefined]]))
    const fails = place({ prove: () => Promise.reject(new Error('no')) })
    await mirror(place(), fails).prove!('site')
    expect((await failureOf(() => mirror(fails, place()).prove!('site'))).message).toBe('no')
  })

  test('does not say that nothing is left, where one of the two could not list what it has', async () => {
    const cases = [0, 1] as const
    for (const which of cases) {
      const plans: [Faults, Faults] = [{}, {}]
      const [one, other] = inMemory('cookie', 'localStorage').map((tier, index) => faulty(tier, plans[index]!)) as [Tier, Tier]
      const tier = mirror(one, other)
      await tier.open()
      const end = { name: 'acme-chat.', drop: Infinity }
      const failure = new StorageError('lost', 'no connection')
      plans[which].throws = failure
      await tier.names('acme-chat.')
      delete plans[which].throws
      expect(await tier.write([end])).toEqual([failure])
      await tier.names('acme-chat.')
      expect(await tier.write([end])).toEqual([undefined])
    }
  })

  test('destroys both, and says so where one did not answer', async () => {
    const gone: string[] = []
    const [one, other] = ['one', 'other'].map((name) => place({ destroy: (what) => void gone.push(name + ' ' + what) })) as [Tier, Tier]
    await mirror(one, other).destroy!('acme-chat.')
    expect(gone.sort()).toEqual(['one acme-chat.', 'other acme-chat.'])
    const fails = place({ destroy: () => Promise.reject(new Error('no')) })
    for (const [first, second] of [[one, fails], [fails, other]] as const) expect(await failureOf(() => mirror(first, second).destroy!('acme-chat.'))).toMatchObject({ code: 'unavailable' })
  })

  test('hears of changes in either until it is undone', () => {
    const listeners = new Set<(name: string) => void>()
    const watched = (): Tier => place({ watch: (heard) => (listeners.add(heard), () => listeners.delete(heard)) })
    const heard: string[] = []
    const undo = mirror(watched(), watched()).watch!((name) => heard.push(name))
    listeners.forEach((tell) => tell('token'))
    undo()
    listeners.forEach((tell) => tell('token'))
    expect([heard, listeners.size, typeof mirror(LOCAL, watched()).watch]).toEqual([['token'], 0, 'function'])
  })

  test('says what either keeps, and for how long, where that is more or less than the traits', async () => {
    const [one, other] = [place({ kept: () => ({ lifetime: 'tab', also: ['a'] }) }), place({ name: 'hub', kept: () => ({ also: ['b'] }) })]
    const tier = mirror(one, other)
    expect(tier.kept!('x')).toEqual({ lifetime: 'tab', also: ['a'] })
    await tier.write([{ name: 'x', entry: entry('1', 5) }])
    expect(tier.kept!('x')).toEqual({ lifetime: 'tab', also: ['a', 'hub', 'b'] })
    await tier.write([{ name: 'x', drop: 5 }])
    expect(tier.kept!('x')).toEqual({ lifetime: 'tab', also: ['a'] })
  })

  test('has paths where both have: two registers of one name in each', async () => {
    const env = cookieJar().at('https://www.brand.test/shop/cart')
    const load = (): Tier => mirror(cookieTier({ env }), cookieTier({ env, prefix: '__Secure-', domain: 'site' }))
    const tier = load()
    const below = tier.at!('/shop')
    expect([tier.at!('/') === tier, tier.at!('/shop') === below, below.at!('/shop') === below, below.at!('/') === tier, below.name]).toEqual([true, true, true, true, 'cookie'])
    await tier.write([{ name: 'a', entry: entry('root', 5) }])
    await below.write([{ name: 'a', entry: entry('below', 5) }])
    await load().write([{ name: 'a', drop: 5 }])
    expect([await load().read(['a']), await load().at!('/shop').read(['a'])]).toEqual([[undefined], [entry('below', 5)]])
    expect(mirror(cookieTier({ env }), LOCAL).at).toBeUndefined()
  })

  test('leaves no timer running once it has answered', async () => {
    const clock = fakeClock()
    const tier = mirror(memoryTier(), faulty(memoryTier(), {}), { env: clock.env })
    await tier.write([{ name: 'a', entry: entry('x', 5, { lifetime: 'page' }) }])
    await tier.read(['a'])
    expect(clock.next()).toBeUndefined()
  })
})
