import { describe, expect, test } from 'vitest'
import { createStorage } from 'holdfast'
import { fakeClock, faulty, inMemory } from 'holdfast/testing'

/** A page whose IndexedDB hangs, and the places that a page after it would find. */
const page = () => {
  const clock = fakeClock()
  const plan = { hangs: false }
  const [indexedDB, localStorage] = inMemory('indexedDB', 'localStorage')
  const load = () => createStorage({ namespace: 'acme-chat', tiers: [faulty(indexedDB!, plan), localStorage!], now: clock.now, env: { ...clock.env } })
  return { clock, plan, load, after: () => createStorage({ namespace: 'acme-chat', tiers: [localStorage!], now: clock.now, env: { ...clock.env } }) }
}

describe('logging out while a write waits for a tier that hangs', () => {
  test.each(['remove', 'clear'] as const)('%s still has its turn after the write, and wins', async (verb) => {
    const { clock, plan, load, after } = page()
    const storage = load()
    await storage.set('token', 'old')
    plan.hangs = true
    const pending = storage.set('token', 'new')
    const removal = storage[verb]('token')
    for (let waits = 0; waits < 4; waits++) await clock.advance(1500)
    await Promise.all([pending, removal])
    expect(await after().get('token')).toBeUndefined()
    expect(await storage.get('token')).toBeUndefined()
    plan.hangs = false
    expect(await load().get('token')).toBeUndefined()
  })

  test('clear reaches the tiers that answer before the deadline of the one that does not', async () => {
    const { clock, plan, load, after } = page()
    await after().set('token', 'in localStorage')
    await clock.advance(1)
    const storage = load()
    plan.hangs = true
    void storage.set('other', 1).catch(() => {})
    void storage.clear().catch(() => {})
    await clock.advance(10)
    expect(await after().get('token')).toBeUndefined()
  })
})
