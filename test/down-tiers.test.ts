import { describe, expect, test } from 'vitest'
import { createStorage, StorageError } from 'holdfast'
import { fakeClock, inMemory } from 'holdfast/testing'
import { counting } from './ground/counting.js'
import { domError } from './ground/failure.js'
import { visitor, windowOf } from './ground/visitor.js'

const broken = domError('SecurityError')

/** A chain of localStorage, which is counted and fails as planned, and memory. */
const counted = () => {
  const browser = visitor('localStorage', 'memory')
  const [first, memory] = browser.tiers()
  const { tier, ...count } = counting(first!)
  return { ...browser, ...count, chain: [tier, memory!], plan: browser.plans['localStorage']! }
}

describe('a tier that fails', () => {
  test.each([
    ['throws', 'unavailable', { throws: broken }],
    ['throws anything at all', 'unavailable', { throws: 'not even an error' }],
    ['loses its connection', 'lost', { throws: domError('InvalidStateError') }],
    ['refuses', 'refused', { throws: new StorageError('refused', 'no') }],
    ['aborts its writes', 'unavailable', { aborts: true }],
  ])('and %s is down, with the reason, and the next one takes over', async (_, reason, plan) => {
    const browser = visitor('localStorage', 'memory')
    Object.assign(browser.plans['localStorage']!, plan)
    const storage = browser.load()
    expect(await storage.set('token', 'abc')).toMatchObject({ tier: 'memory', passed: [{ tier: 'localStorage', code: reason }] })
    expect((await storage.status()).tiers).toMatchObject([{ name: 'localStorage', state: 'down', reason }, { name: 'memory', state: 'ready' }])
    expect(await storage.get('token')).toBe('abc')
  })

  test('is not asked again by any storage of the page that shares it', async () => {
    const { chain, plan, load, total, reset } = counted()
    plan.throws = broken
    await load({ tiers: chain }).set('token', 'abc')
    reset()
    const other = load({ tiers: chain, namespace: 'other' })
    expect((await other.set('token', 'abc')).passed).toEqual([{ tier: 'localStorage', code: 'unavailable' }])
    await other.get('token')
    expect(total()).toBe(0)
    expect((await other.status()).tiers[0]).toMatchObject({ state: 'down', reason: 'unavailable' })
  })

  test('does not take down a tier of the same name that is another object', async () => {
    const browser = visitor('localStorage', 'memory')
    browser.plans['localStorage']!.throws = broken
    await browser.load().set('token', 'abc')
    const other = createStorage({ namespace: 'acme-chat', tiers: inMemory('localStorage', 'memory') })
    expect((await other.set('token', 'abc')).tier).toBe('localStorage')
  })
})

describe('a tier that is down', () => {
  test('is tried again by the first operation after 1, 5 and then each 30 seconds', async () => {
    const { chain, plan, load, clock, total, reset } = counted()
    plan.throws = broken
    const storage = load({ tiers: chain })
    await storage.get('token')
    for (const pause of [1000, 5000, 30_000, 30_000]) {
      reset()
      await clock.advance(pause - 1)
      await storage.get('token')
      expect(total(), `before ${pause} ms`).toBe(0)
      await clock.advance(1)
      await storage.get('token')
      expect(total(), `after ${pause} ms`).toBeGreaterThan(0)
    }
  })

  test('is waited for by no timer: a page on which nothing happens tries nothing', async () => {
    const { chain, plan, load, clock, total, reset } = counted()
    plan.throws = broken
    const storage = load({ tiers: chain })
    await storage.get('token')
    await storage.flush()
    reset()
    await clock.advance(3_600_000)
    expect(total()).toBe(0)
    expect(clock.next()).toBeUndefined()
  })

  test('starts again with 1 second once it has answered in between', async () => {
    const { chain, plan, load, clock, total, reset } = counted()
    const storage = load({ tiers: chain })
    plan.throws = broken
    await storage.get('token')
    await clock.advance(1000)
    await storage.get('token')
    delete plan.throws
    await clock.advance(5000)
    await storage.get('token')
    plan.throws = broken
    await storage.get('token')
    reset()
    await clock.advance(1000)
    await storage.get('token')
    expect(total()).toBeGreaterThan(0)
  })
})

describe('a tier that is back', () => {
  test('takes new values again once it is back, and tells so', async () => {
    const browser = visitor('localStorage', 'memory')
    const storage = browser.load()
    const recovered: string[] = []
    storage.on('recovered', ({ tier }) => recovered.push(tier))
    browser.plans['localStorage']!.throws = broken
    await storage.set('token', 'abc')
    delete browser.plans['localStorage']!.throws
    await browser.clock.advance(1000)
    await storage.get('token')
    expect(recovered).toEqual(['localStorage'])
    expect(await storage.set('token', 'def')).toMatchObject({ tier: 'localStorage', passed: [] })
    expect((await storage.status()).tiers[0]).toMatchObject({ name: 'localStorage', state: 'ready' })
    expect((await storage.status()).tiers[0]).not.toHaveProperty('reason')
  })

  test('is made to forget what it missed as soon as it is back', async () => {
    const browser = visitor('indexedDB', 'localStorage')
    const storage = browser.load()
    await storage.set('one', 'old')
    await storage.set('two', 'old')
    browser.plans['indexedDB']!.throws = broken
    await storage.set('one', 'new')
    await storage.remove('two')
    delete browser.plans['indexedDB']!.throws
    await browser.clock.advance(1000)
    await storage.set('three', 'x')
    await storage.flush()
    const [one, two] = await browser.place('indexedDB').read(['acme-chat.one', 'acme-chat.two'])
    expect([one?.text ?? null, two?.text ?? null]).toEqual([null, null])
    expect(await storage.get('one')).toBe('new')
  })
})

describe('a tier that refuses writes and can be read', () => {
  test('is read all the while, takes no write until its pause is over, and is back once an entry stays', async () => {
    const clock = fakeClock()
    const [place, memory] = inMemory('localStorage', 'memory')
    await createStorage({ namespace: 'acme-chat', tiers: [place!], now: clock.now, env: clock.env }).set('kept', 'from before')
    let refuses = true
    let offers = 0
    const { write } = place!
    place!.write = (changes) => {
      if (!refuses || !changes.some((change) => 'entry' in change)) return write(changes)
      offers++
      return changes.map(() => new StorageError('refused', 'no'))
    }
    const storage = createStorage({ namespace: 'acme-chat', tiers: [place!, memory!], now: clock.now, env: clock.env })
    expect((await storage.set('token', 'abc')).passed).toEqual([{ tier: 'localStorage', code: 'refused' }])
    expect(await storage.get('kept')).toBe('from before')
    expect((await storage.status()).tiers[0]).toMatchObject({ state: 'down', reason: 'refused' })
    const before = offers
    expect((await storage.set('token', 'def')).tier).toBe('memory')
    expect(offers).toBe(before)
    refuses = false
    await clock.advance(1000)
    expect((await storage.set('token', 'ghi')).tier).toBe('localStorage')
    expect((await storage.status()).tiers[0]).toMatchObject({ state: 'ready' })
    expect([await storage.get('kept'), await storage.get('token')]).toEqual(['from before', 'ghi'])
  })
})

describe('quota and size', () => {
  test('concern one write: the tier stays up, and takes what fits', async () => {
    const browser = visitor('localStorage', 'memory')
    browser.plans['localStorage']!.quota = 100
    const storage = browser.load()
    expect((await storage.set('large', 'x'.repeat(200))).passed).toEqual([{ tier: 'localStorage', code: 'quota' }])
    expect((await storage.status()).tiers[0]).toMatchObject({ state: 'ready' })
    expect(await storage.set('small', 'x')).toMatchObject({ tier: 'localStorage', passed: [] })
  })

  test('thrown by the tier as a whole mark nothing down either', async () => {
    const browser = visitor('localStorage', 'memory')
    browser.plans['localStorage']!.throws = domError('QuotaExceededError')
    const storage = browser.load()
    expect((await storage.set('token', 'abc')).passed).toEqual([{ tier: 'localStorage', code: 'quota' }])
    expect((await storage.status()).tiers[0]?.state).not.toBe('down')
    browser.plans['localStorage']!.throws = new StorageError('too-large', 'no')
    expect((await storage.set('token', 'abc')).passed).toEqual([{ tier: 'localStorage', code: 'too-large' }])
    expect((await storage.status()).tiers[0]?.state).not.toBe('down')
    delete browser.plans['localStorage']!.throws
    expect((await storage.set('token', 'abc')).tier).toBe('localStorage')
  })
})

describe('a page that comes back', () => {
  test.each<[string, (page: ReturnType<typeof windowOf>) => void]>([
    ['from the back/forward cache', (page) => page.fire('pageshow')],
    ['into view', (page) => page.show('visible')],
  ])('%s tries what is down at once', async (_, comeBack) => {
    const browser = visitor('localStorage', 'memory')
    const page = windowOf(browser.clock)
    const storage = browser.load({ env: page.env })
    browser.plans['localStorage']!.throws = broken
    await storage.set('token', 'abc')
    delete browser.plans['localStorage']!.throws
    comeBack(page)
    await browser.clock.advance(0)
    expect((await storage.status()).tiers[0]?.state).toBe('ready')
    expect((await storage.set('token', 'def')).tier).toBe('localStorage')
  })

  test('tries nothing when it is hidden, and nothing that is not down', async () => {
    const { chain, plan, load, clock, total, reset } = counted()
    const page = windowOf(clock)
    const storage = load({ tiers: chain, env: page.env })
    await storage.set('token', 'abc')
    await storage.flush()
    reset()
    page.fire('pageshow')
    await clock.advance(0)
    expect(total()).toBe(0)
    plan.throws = broken
    await storage.get('token')
    reset()
    page.show('hidden')
    await clock.advance(0)
    expect(total()).toBe(0)
  })

  test('is heard from the first operation until the storage is closed, and without an unload handler', async () => {
    const browser = visitor('localStorage')
    const page = windowOf(browser.clock)
    const storage = browser.load({ env: page.env })
    expect(page.heard()).toEqual([])
    await storage.get('token')
    expect(page.heard()).toEqual(['pagehide', 'pageshow', 'resume', 'visibilitychange'])
    await storage.close()
    expect(page.heard()).toEqual([])
  })
})

describe('status with probe', () => {
  test('tries what is down before its time, and leaves nothing behind', async () => {
    const browser = visitor('localStorage', 'memory')
    const storage = browser.load()
    browser.plans['localStorage']!.throws = broken
    await storage.get('token')
    expect((await storage.status({ probe: true })).tiers[0]).toMatchObject({ state: 'down', reason: 'unavailable' })
    delete browser.plans['localStorage']!.throws
    expect((await storage.status()).tiers[0]).toMatchObject({ state: 'down' })
    expect((await storage.status({ probe: true })).tiers[0]).toMatchObject({ state: 'ready' })
    expect(await browser.place('localStorage').names('')).toEqual([])
  })

  test('finds a tier that only pretends to keep what it is given', async () => {
    const browser = visitor('localStorage', 'memory')
    browser.plans['localStorage']!.ignores = true
    const storage = browser.load()
    expect((await storage.status({ probe: true })).tiers[0]).toMatchObject({ state: 'down', reason: 'refused' })
    expect((await storage.set('token', 'abc')).tier).toBe('memory')
  })

  test('is not needed to ask: without it nothing is touched', async () => {
    const { chain, load, total } = counted()
    const { tiers } = await load({ tiers: chain }).status()
    expect(tiers.map(({ name, state }) => [name, state])).toEqual([['localStorage', 'untried'], ['memory', 'untried']])
    expect(total()).toBe(0)
  })
})
