import { describe, expect, test } from 'vitest'
import type { Holdfast } from 'holdfast'
import { cookieTier, createStorage, defineKeys, key, memoryTier } from 'holdfast'
import { hubTier } from '../../src/hub/client.js'
import { isSettled, turns } from '../ground/promises.js'
import type { Browser, BrowserOptions, PageWindow } from './windows.js'
import { browser, HUB, impersonate, serve } from './windows.js'

type Storage = Holdfast<{ token: unknown; other: unknown }>

/** Storages of one page, over its hub, a cookie of the site, and memory. */
const world = (options: BrowserOptions = {}) => {
  const visitor = browser(options)
  const load = (host = 'a.brand.test') => {
    visitor.clock.jump(1)
    const page = visitor.page(`https://${host}/`)
    const storage = (namespace = 'chat'): Storage =>
      createStorage({
        namespace,
        tiers: [hubTier({ url: HUB, env: page.env }), cookieTier({ domain: 'site', env: page.env }), memoryTier()],
        keys: defineKeys({ token: key({ reach: 'site' }), other: key() }),
        now: visitor.clock.now,
        env: visitor.clock.env,
      })
    return { page, storage }
  }
  return { visitor, load }
}
/** Lets a deadline pass, and says whether it took one. */
const waited = async ({ clock }: Browser, work: Promise<unknown>): Promise<number> => {
  await turns(20)
  const start = clock.now()
  for (let step = 0; step < 100 && !(await isSettled(work)); step++) {
    await clock.advance(100)
    await turns(5)
  }
  return clock.now() - start
}
const reasonOf = async (storage: Storage): Promise<string | undefined> => (await storage.status()).tiers[0]!.message
const hellos = ({ posted }: Browser): number => posted.filter(({ to }) => to === 'hub').length

describe('a hub that does not answer', () => {
  const silent = (): void => {}

  test('costs a page one deadline, whatever the number of storages and keys', async () => {
    const { visitor, load } = world({ script: silent })
    const { page, storage } = load()
    const storages = Array.from({ length: 10 }, (_, index) => storage('chat' + index))
    const work = Promise.all(storages.flatMap((each) => [each.set('token', 'x'), each.set('other', 'y'), each.get('other')]))
    expect(await waited(visitor, work)).toBe(1500)
    expect(await waited(visitor, Promise.all(storages.map((each) => each.get('token'))))).toBe(0)
    expect(page.frames).toHaveLength(1)
    expect((await work)[0]).toMatchObject({ tier: 'cookie', passed: [{ tier: 'hub', code: 'timeout' }] })
    expect(await reasonOf(storages[0]!)).toBe('hub: no answer in 1500 ms')
  })

  test('is waited for as long as its timeout says', async () => {
    const visitor = browser({ script: silent })
    const { env } = visitor.page('https://a.brand.test/')
    const storage = createStorage({ namespace: 'chat', tiers: [hubTier({ url: HUB, timeout: 400, env }), memoryTier()], now: visitor.clock.now, env: visitor.clock.env, deadline: 3000 })
    expect(await waited(visitor, storage.set('token', 'x'))).toBe(400)
  })

  test('is taken in by stamp when it answers late: an older value of its own does not come back', async () => {
    const { visitor, load } = world()
    const first = load('b.brand.test').storage()
    await first.set('other', 'older')
    visitor.options.script = silent
    const { page, storage } = load()
    const late = storage()
    expect(await waited(visitor, late.set('other', 'newer'))).toBe(1500)
    serve(visitor, page.frames[0]!.window!)
    await visitor.clock.advance(500)
    await turns()
    expect(await reasonOf(late)).toBeUndefined()
    expect(await late.get('other')).toBe('newer')
    await late.flush()
    visitor.options.script = undefined
    expect(await load('c.brand.test').storage().get('other')).toBe('newer')
  })

  test('is tried again in one frame: that of an error page is made anew, one that still loads is let be', async () => {
    const { visitor, load } = world({ shows: 'https://error.test' })
    const { page, storage } = load()
    const one = storage()
    await waited(visitor, one.set('other', 'x'))
    const [first] = page.frames
    visitor.options.shows = undefined as never
    for (const pause of [1000, 5000, 30_000]) {
      await visitor.clock.advance(pause)
      await one.get('other')
      await turns()
      expect(page.frames).toHaveLength(1)
    }
    expect(page.frames[0]).not.toBe(first)
    await turns()
    expect((await one.status()).tiers[0]).toMatchObject({ state: 'ready' })
    const slow = world({ loads: false })
    const { page: waiting, storage: make } = slow.load()
    const other = make()
    await waited(slow.visitor, other.set('other', 'x'))
    const [frame] = waiting.frames
    for (const pause of [1000, 5000, 30_000]) {
      await slow.visitor.clock.advance(pause)
      await other.get('other')
    }
    expect(waiting.frames).toEqual([frame])
    frame!.load()
    await turns()
    expect((await other.status()).tiers[0]).toMatchObject({ state: 'ready' })
  })

  test('is let be where its frame has just been loaded again', async () => {
    const { visitor, load } = world({ script: silent })
    const { page, storage } = load()
    const one = storage()
    await waited(visitor, one.set('other', 'x'))
    const [frame] = page.frames
    await visitor.clock.advance(1000)
    await one.get('other')
    await visitor.clock.advance(1500)
    frame!.load()
    await visitor.clock.advance(5000)
    await one.get('other')
    expect(page.frames).toEqual([frame])
    await visitor.clock.advance(40_000)
    await one.get('other')
    await turns()
    expect([page.frames.length, page.frames[0] === frame]).toEqual([1, false])
  })

  test('is made anew where it had answered before and hangs', async () => {
    const { visitor, load } = world()
    const { page, storage } = load()
    const one = storage()
    visitor.options.script = impersonate(page.origin, () => undefined)
    expect(await waited(visitor, one.set('other', 'x'))).toBe(1500)
    const [hung] = page.frames
    visitor.options.script = undefined
    // It has answered since it was opened, so it gets one more try.
    for (const [pause, same] of [[1000, true], [5000, false]] as const) {
      await visitor.clock.advance(pause)
      await one.get('other')
      await turns()
      expect([page.frames.length, page.frames[0] === hung]).toEqual([1, same])
      if (same) await visitor.clock.advance(1500)
    }
    expect((await one.status()).tiers[0]).toMatchObject({ state: 'ready' })
  })
})

describe('a hub that cannot be used', () => {
  test.each<[string, BrowserOptions, (page: PageWindow) => void]>([
    ['hub: origin refused', { allow: ['https://other.test'] }, () => {}],
    ['hub: frame blocked', { loads: false }, (page) => page.dispatch('securitypolicyviolation', { blockedURI: HUB, effectiveDirective: 'frame-src', disposition: 'enforce' })],
  ])('is named in the status: %s; costs no deadline, and is tried once for each retry', async (reason, options, happens) => {
    const { visitor, load } = world(options)
    const { page, storage } = load()
    const one = storage()
    const setting = one.set('other', 'x')
    await turns(20)
    happens(page)
    expect(await waited(visitor, setting)).toBe(0)
    expect(await setting).toMatchObject({ tier: 'cookie', passed: [{ tier: 'hub', code: 'unavailable' }] })
    expect(await reasonOf(one)).toBe(reason)
    expect(page.frames).toHaveLength(0)
    await Promise.all([one.get('other'), one.set('token', 'x'), storage('more').get('token')])
    expect(page.frames).toHaveLength(0)
    const before = hellos(visitor)
    await visitor.clock.advance(1000)
    const reading = one.get('other')
    await turns(20)
    expect(page.frames.length).toBeLessThan(2)
    happens(page)
    await reading
    await turns(20)
    expect([page.frames.length, hellos(visitor) - before]).toEqual([0, options.loads === false ? 0 : 1])
  })
})

describe('a key that asks for the reach of the site', () => {
  test('is in the hub and the cookie until a sibling proves the hub, then in the hub alone', async () => {
    const { visitor, load } = world()
    const first = load('a.brand.test').storage()
    expect(await first.set('token', 'abc')).toMatchObject({ tier: 'hub', reach: 'site', also: ['cookie'], passed: [] })
    const second = load('b.brand.test').storage()
    expect(await second.get('token')).toBe('abc')
    await second.flush()
    expect(visitor.jar.at('https://a.brand.test/').document!.cookie).not.toContain('chat.token')
    expect(await second.set('token', 'def')).toMatchObject({ tier: 'hub', reach: 'site', passed: [] })
    expect(await load('a.brand.test').storage().get('token')).toBe('def')
    expect((await second.status()).tiers[0]).toMatchObject({ reach: 'site', access: false })
  })

  test('goes to the cookie where the hub is split by origin', async () => {
    const { load } = world({ keyed: 'origin' })
    await load('a.brand.test').storage().set('token', 'abc')
    const second = load('b.brand.test').storage()
    expect(await second.get('token')).toBe('abc')
    expect(await second.set('token', 'def')).toMatchObject({ tier: 'cookie', reach: 'site', passed: [{ tier: 'hub', code: 'reach' }] })
    expect(await load('a.brand.test').storage().get('token')).toBe('def')
  })

  test('is never seen by another brand', async () => {
    const { load } = world({ keyed: 'nothing' })
    await load('a.brand.test').storage().set('token', 'abc')
    expect(await load('other.test').storage().get('token')).toBeUndefined()
  })
})

describe('a hub whose storage ends', () => {
  test('goes with the last of them, and comes back with the next', async () => {
    const { load } = world()
    const { page, storage } = load()
    const [one, other] = [storage('one'), storage('other')]
    await Promise.all([one.set('other', 'x'), other.set('other', 'y')])
    await one.close()
    expect(page.frames).toHaveLength(1)
    await other.close()
    expect([page.frames.length, page.count('message')]).toEqual([0, 0])
    expect(await storage('one').get('other')).toBe('x')
    expect(page.frames).toHaveLength(1)
  })

  test('holds nothing after destroy', async () => {
    const { visitor, load } = world()
    const one = load().storage()
    await Promise.all([one.set('token', 'x'), one.set('other', 'y')])
    expect(await one.destroy()).toEqual({ unreached: [] })
    expect(await visitor.tiers('https://a.brand.test/')[0]!.names('')).toEqual([])
    expect(visitor.jar.at('https://a.brand.test/').document!.cookie).toBe('')
  })
})
