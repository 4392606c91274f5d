import { describe, expect, test } from 'vitest'
import type { Consent, Tier } from '../src/contracts.js'
import type { Holdfast } from 'holdfast'
import { createStorage, defineKeys, key, localStorageTier } from 'holdfast'
import type { Faults } from 'holdfast/testing'
import { fakeClock, faulty, inMemory } from 'holdfast/testing'

type Answers = Record<string, boolean | undefined>

const SECOND = 1000

/** Tabs of one visitor, each with a consent of its own. */
const visitor = () => {
  const clock = fakeClock()
  return {
    clock,
    open(tiers: readonly Tier[], answers: Answers = {}, adopt?: { read(): undefined; remove(): void }) {
      const heard = new Set<() => void>()
      const consent: Consent = { allows: (category) => answers[category], watch: (listener) => (heard.add(listener), () => heard.delete(listener)) }
      const keys = defineKeys({
        token: key<string>({ category: 'necessary' }),
        visitor: key<string>({ category: 'analytics', ...(adopt && { adopt }) }),
        theme: key<string>({ category: 'functional' }),
      })
      const storage = createStorage({ namespace: 'chat', tiers, keys, consent, now: clock.now, env: { ...clock.env } })
      return {
        storage: storage as Holdfast<Record<'token' | 'visitor' | 'theme', string>>,
        answer(more: Answers) {
          Object.assign(answers, more)
          heard.forEach((listener) => listener())
        },
      }
    },
  }
}

const textIn = async (tier: Tier): Promise<string | null | undefined> => (await tier.read(['chat.visitor']))[0]?.text
const area = (texts: Map<string, string>): Storage => ({
  getItem: (name) => texts.get(name) ?? null, setItem: (name, text) => void texts.set(name, text), removeItem: (name) => void texts.delete(name),
  key: (index) => [...texts.keys()][index] ?? null, clear: () => texts.clear(), get length() { return texts.size },
})

describe('what waits', () => {
  test('goes to its place once, however many answers come while it does', async () => {
    const [tier] = inMemory('localStorage') as [Tier]
    const { storage, answer } = visitor().open([tier])
    await storage.set('visitor', 'v1')
    answer({ analytics: true })
    answer({ functional: true })
    answer({ marketing: true })
    await storage.flush()
    expect([await storage.get('visitor'), await textIn(tier)]).toEqual(['v1', '"v1"'])
  })

  test('leaves nothing in its place where another tab has cleared since it was written', async () => {
    const tiers = inMemory('localStorage')
    const { clock, open } = visitor()
    const [one, other] = [open(tiers, { analytics: true }), open(tiers)]
    await other.storage.set('visitor', 'v1')
    clock.jump(5)
    await one.storage.clear()
    other.answer({ analytics: true })
    await other.storage.flush()
    expect([await textIn(tiers[0]!), await other.storage.get('visitor')]).toEqual([undefined, undefined])
  })

  test('goes to its place, too, where the answer comes while it is being held', async () => {
    for (let turns = 0; turns < 30; turns++) {
      const [tier] = inMemory('localStorage') as [Tier]
      const { storage, answer } = visitor().open([tier])
      const writing = storage.set('visitor', 'v1')
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      answer({ analytics: true })
      await writing
      await storage.flush()
      expect([turns, await textIn(tier)]).toEqual([turns, '"v1"'])
    }
  })

  test('outranks an older copy in another tab for as long as that can live', async () => {
    const { clock, open } = visitor()
    const [shared, first, second] = [...inMemory('localStorage'), ...inMemory('sessionStorage'), ...inMemory('sessionStorage')] as [Tier, Tier, Tier]
    const full: Faults = { quota: 0 }
    const older = open([faulty(shared, full), second], { analytics: true }).storage
    await older.set('visitor', 'older')
    clock.jump(SECOND)
    const { storage, answer } = open([shared, first])
    await storage.set('visitor', 'newer', { ttl: '5s' })
    answer({ analytics: true })
    await storage.flush()
    delete full.quota
    clock.jump(6 * SECOND)
    expect([await storage.get('visitor'), await older.get('visitor')]).toEqual([undefined, undefined])
  })

  test('has an end, though its last millisecond passes on the way to its place', async () => {
    const [tier] = inMemory('localStorage') as [Tier]
    let time = 1_800_000_000_000
    let runs = false
    const { clock, open } = visitor()
    // From the grant on each look at the clock is a millisecond later.
    clock.now = () => (runs ? time++ : time)
    for (let left = 0; left < 30; left++) {
      runs = false
      const { storage, answer } = open([tier])
      await storage.set('visitor', 'v1', { ttl: 30 })
      time += left
      runs = true
      answer({ analytics: true })
      await storage.flush()
      runs = false
      time += SECOND
      expect([left, await storage.get('visitor')]).toEqual([left, undefined])
    }
  })
})

describe('what is refused', () => {
  test('goes, though the answer is not known any more by the time', async () => {
    const [tier] = inMemory('localStorage') as [Tier]
    const { storage, answer } = visitor().open([tier], { analytics: true })
    await storage.set('visitor', 'v1')
    const writing = storage.set('visitor', 'v2')
    for (let turn = 0; turn < 3; turn++) await Promise.resolve()
    answer({ analytics: false })
    answer({ analytics: undefined })
    await writing
    await storage.flush()
    expect(await textIn(tier)).toBe(undefined)
  })

  test('goes, also where it is damaged, and what somebody else wrote stays', async () => {
    for (const [text, left] of [['hf13.8f2.1m2n3.4.5.cut', null], ['hf23.of.a.later.version', 'hf23.of.a.later.version'], ['{"of":"another library"}', '{"of":"another library"}']] as const) {
      const localStorage = area(new Map())
      const { storage, answer } = visitor().open([localStorageTier({ env: { localStorage } })], { analytics: true })
      await storage.get('token')
      await storage.flush()
      localStorage.setItem('chat.visitor', text)
      answer({ analytics: false })
      await storage.flush()
      expect(localStorage.getItem('chat.visitor')).toBe(left)
    }
  })

  test('goes from a tier that had no room for anything at the time', async () => {
    const { clock, open } = visitor()
    const [tier, other] = inMemory('localStorage', 'cookie') as [Tier, Tier]
    const plan: Faults = {}
    const { storage, answer } = open([faulty(tier, plan), other], { analytics: true })
    await storage.set('visitor', 'v1')
    plan.throws = Object.assign(new Error('full'), { name: 'QuotaExceededError' })
    answer({ analytics: false })
    await storage.flush()
    delete plan.throws
    clock.jump(60 * SECOND)
    await storage.get('token')
    await storage.flush()
    expect(await textIn(tier)).not.toBe('"v1"')
  })

  test('goes from a tier that was away, also if a clock that was ahead has stamped it; what waits in memory stays', async () => {
    const { clock, open } = visitor()
    const [tier] = inMemory('localStorage') as [Tier]
    await open([tier], { analytics: true }).storage.set('visitor', 'ahead')
    clock.jump(-3600 * SECOND)
    const plan: Faults = { throws: new Error('away') }
    const { storage } = open([faulty(tier, plan)], { analytics: false })
    await storage.get('token').catch(() => {})
    await storage.flush()
    await storage.set('visitor', 'held')
    delete plan.throws
    clock.jump(60 * SECOND)
    await storage.get('token')
    await storage.flush()
    await storage.get('token')
    await storage.flush()
    expect([await textIn(tier) === '"ahead"', await storage.get('visitor')]).toEqual([false, 'held'])
  })

  test('goes, though what older code left is out of reach', async () => {
    const [tier] = inMemory('localStorage') as [Tier]
    const { storage, answer } = visitor().open([tier], { analytics: true }, { read: () => undefined, remove() { throw new Error('SecurityError') } })
    await storage.set('visitor', 'v1')
    answer({ analytics: false })
    await storage.flush()
    expect(await textIn(tier)).not.toBe('"v1"')
    await storage.remove('visitor')
  })
})

test('a storage that is closed hears nothing of its tiers any more', async () => {
  const [tier] = inMemory('localStorage') as [Tier]
  let closes = 0
  const { storage } = visitor().open([{ ...tier, close: () => void closes++ }], { analytics: false })
  await storage.set('token', 't')
  await storage.close()
  expect(closes).toBe(1)
})
