import { describe, expect, test } from 'vitest'
import { createStorage } from 'holdfast'
import { fakeClock, inMemory } from 'holdfast/testing'
import type { Tier } from '../src/contracts.js'
import { createTabs } from './ground/tabs.js'

/** The page ends with this turn of the loop: what is asked of such a tier then is not done any more. */
const slow = (tier: Tier, alive: () => boolean): Tier => {
  const later = <T>(act: () => T): Promise<T> => new Promise((done) => setImmediate(() => alive() && done(act())))
  return { ...tier, traits: { lifetimes: tier.traits.lifetimes, reach: tier.traits.reach }, read: (names) => later(() => tier.read(names)) as never, write: (changes) => later(() => tier.write(changes)) as never }
}

const visit = () => {
  const [database, local, memory] = inMemory('indexedDB', 'localStorage', 'memory') as [Tier, Tier, Tier]
  const clock = fakeClock()
  const open = () => {
    let alive = true
    const page = createTabs().page(clock.env)
    const storage = createStorage({ namespace: 'chat', tiers: [slow(database, () => alive), local, memory], env: page.env, now: clock.now })
    return { ...page, storage, end: () => new Promise<void>((done) => setImmediate(() => ((alive = false), done()))) }
  }
  return { clock, open, database, local }
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
