import { describe, expect, test } from 'vitest'
import type { Holdfast, Ttl } from 'holdfast'
import { createStorage } from 'holdfast'
import type { Faults } from 'holdfast/testing'
import { fakeClock, faulty, inMemory } from 'holdfast/testing'
import type { Tier } from '../src/contracts.js'
import { counting } from './ground/counting.js'
import { createTabs } from './ground/tabs.js'

/** The page ends with this turn of the loop: what is asked of such a tier then is not done any more. */
const slow = (tier: Tier, alive: () => boolean): Tier => {
  const later = <T>(act: () => T): Promise<T> => new Promise((done) => setImmediate(() => alive() && done(act())))
  return { ...tier, traits: { lifetimes: tier.traits.lifetimes, reach: tier.traits.reach }, read: (names) => later(() => tier.read(names)) as never, write: (changes) => later(() => tier.write(changes)) as never }
}

const visit = () => {
  const [database, local, memory] = inMemory('indexedDB', 'localStorage', 'memory') as [Tier, Tier, Tier]
  const clock = fakeClock()
  const plan: Faults = {}
  /** What the two lasting tiers hold now. */
  const held = async () => {
    const [above, below] = await Promise.all([database, local].map(async (tier) => (await tier.read(['chat.draft']))[0]))
    return { above, below }
  }
  const open = (tiers: readonly Tier[] = [local, memory]) => {
    let alive = true
    const page = createTabs().page(clock.env)
    const storage = createStorage({ namespace: 'chat', tiers: [slow(faulty(database, plan), () => alive), ...tiers], env: page.env, now: clock.now })
    return { ...page, storage, end: () => new Promise<void>((done) => setImmediate(() => ((alive = false), done()))) }
  }
  return { clock, plan, open, held, database, local, memory }
}

describe('a write on pagehide', () => {
  test('goes at once to the first tier that answers at once, and the next visit reads it', async () => {
    const { clock, open, local } = visit()
    const page = open()
    await page.storage.set('draft', 'older')
    clock.jump(5)
    // The host listened before the storage did.
    const ended = page.end()
    page.tell('pagehide')
    const writing = page.storage.set('draft', 'newest')
    await ended
    expect((await local.read(['chat.draft']))[0]!.text).toBe('"newest"')
    void writing.catch(() => {})
    const next = open()
    expect(await next.storage.get('draft')).toBe('newest')
    await next.storage.flush()
    expect(await next.storage.set('draft', 'more')).toMatchObject({ tier: 'indexedDB' })
    expect([await next.storage.get('draft'), (await local.read(['chat.draft']))[0]?.text ?? null]).toEqual(['more', null])
  })

  test('does not wait for a write that is under way', async () => {
    const { open, local } = visit()
    const page = open()
    await page.storage.get('draft')
    void page.storage.set('draft', 'first').catch(() => {})
    const ended = page.end()
    page.tell('pagehide')
    void page.storage.set('draft', 'last').catch(() => {})
    await ended
    expect((await local.read(['chat.draft']))[0]!.text).toBe('"last"')
    expect(await open().storage.get('draft')).toBe('last')
  })

  test('goes at once also after the page went out of sight', async () => {
    const { open, local } = visit()
    const page = open()
    await page.storage.get('draft')
    const ended = page.end()
    page.tell('pagehide')
    page.document.visibilityState = 'hidden'
    page.document.dispatchEvent(new Event('visibilitychange'))
    void page.storage.set('draft', 'last').catch(() => {})
    await ended
    expect((await local.read(['chat.draft']))[0]!.text).toBe('"last"')
  })

  test('of a page that came back is a write like any other', async () => {
    const { open } = visit()
    const page = open()
    await page.storage.get('draft')
    page.tell('pagehide', { persisted: true })
    page.tell('pageshow', { persisted: true })
    expect(await page.storage.set('draft', 'x')).toMatchObject({ tier: 'indexedDB' })
  })
})

/** A page that wrote as it went. */
const written = async (ttl: Ttl = '1d') => {
  const there = visit()
  const page = there.open()
  await page.storage.set('draft', 'older')
  there.clock.jump(5)
  const ended = page.end()
  page.tell('pagehide')
  void page.storage.set('draft', 'newest', { ttl }).catch(() => {})
  await ended
  there.clock.jump(5)
  return there
}

describe('what a page wrote as it went', () => {
  test('moves up to the first tier of its chain at the next visit, with its order and its lifetime, and the copy below goes', async () => {
    const { open, held } = await written()
    const left = (await held()).below!
    const { storage } = open()
    expect(await storage.get('draft')).toBe('newest')
    await storage.flush()
    const { above, below } = await held()
    expect([above?.text, below]).toEqual(['"newest"', undefined])
    expect([above!.expires, above!.lifetime]).toEqual([left.expires, left.lifetime])
    // Right above what was read: whatever was written since then is newer.
    expect(above!.stamp - left.stamp).toBeLessThan(1)
    expect(above!.stamp).toBeGreaterThan(left.stamp)
    expect(await open().storage.get('draft')).toBe('newest')
  })

  test.each<[string, (storage: Holdfast<Record<string, unknown>>) => Promise<unknown>]>([
    ['has', (storage) => storage.has('draft')],
    ['getMany', (storage) => storage.getMany(['draft'])],
    ['getOrSet', (storage) => storage.getOrSet('draft', () => 'made')],
  ])('moves up, too, where the next visit begins with %s', async (_, ask) => {
    const { open, held } = await written()
    const { storage } = open()
    await ask(storage)
    await storage.flush()
    const { above, below } = await held()
    expect([above?.text, below]).toEqual(['"newest"', undefined])
  })

  test('stays where it is while the tier above is down, and is tried once in a visit', async () => {
    const { open, held, plan, local } = await written()
    plan.throws = new Error('away')
    const left = (await held()).below!
    const { storage } = open()
    for (let read = 0; read < 3; read++) {
      expect(await storage.get('draft')).toBe('newest')
      await storage.flush()
    }
    expect((await held()).below).toMatchObject({ text: '"newest"', expires: left.expires })
    plan.throws = undefined
    plan.quota = 0
    const below = counting(local)
    const full = open([below.tier])
    for (let read = 0; read < 3; read++) {
      expect(await full.storage.get('draft')).toBe('newest')
      await full.storage.flush()
    }
    expect((await held()).below?.text).toBe('"newest"')
    expect(below.calls.writes.flat().filter((change) => 'entry' in change && change.entry.text)).toHaveLength(1)
    delete plan.quota
    const next = open()
    expect(await next.storage.get('draft')).toBe('newest')
    await next.storage.flush()
    expect((await held()).above?.text).toBe('"newest"')
  })

  test('does not come back by it, where another tab removes or replaces it meanwhile', async () => {
    for (const change of [(storage: Holdfast<Record<string, unknown>>) => storage.remove('draft'), (storage: Holdfast<Record<string, unknown>>) => storage.set('draft', 'newer')]) {
      const { open, clock } = await written()
      const [one, two] = [open().storage, open().storage]
      const read = one.get('draft')
      const changed = change(two)
      await Promise.all([read, changed])
      await Promise.all([one.flush(), two.flush()])
      clock.jump(5)
      const seen = await Promise.all([one, two, open().storage].map((storage) => storage.get('draft')))
      expect(new Set(seen).size).toBe(1)
      expect(['newer', undefined]).toContain(seen[0])
    }
  })

  test('is left alone where it has no higher place to go: for a shorter life, or a tier that answers at once', async () => {
    const { open, local, memory } = visit()
    const writing = counting(local)
    const first = open([writing.tier, memory])
    await first.storage.set('draft', 'x', { ttl: 'page' })
    await first.storage.set('token', 'y')
    writing.reset()
    for (const key of ['draft', 'token', 'draft', 'token']) await first.storage.get(key)
    await first.storage.flush()
    expect(writing.calls.writes.flat().filter((change) => 'entry' in change)).toEqual([])
  })
})
