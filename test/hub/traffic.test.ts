import { describe, expect, test } from 'vitest'
import type { Change, Tier } from 'holdfast'
import { createStorage, isStorageError, memoryTier, StorageError } from 'holdfast'
import { faulty, inMemory } from 'holdfast/testing'
import { hubTier } from '../../src/hub/client.js'
import { isSettled, turns } from '../ground/promises.js'
import { browser, HUB, impersonate } from './windows.js'

const value = (name: string, text: string, stamp = 1): Change => ({ name, entry: { text, stamp, lifetime: 'device' } })

/** A hub that is open, and what has gone over its port since. */
const opened = async (options: Parameters<typeof browser>[0] = {}) => {
  const visitor = browser(options)
  const page = visitor.page('https://a.brand.test/')
  const tier = hubTier({ url: HUB, env: page.env })
  await tier.open()
  visitor.ports.length = 0
  const sent = (): [page: number, hub: number] => [visitor.ports.filter(({ from }) => from === 'page').length, visitor.ports.filter(({ from }) => from === 'hub').length]
  return { visitor, page, tier, sent }
}

describe('what one tick asks the hub for', () => {
  test('is one message each way, for a hundred gets of one storage and of many', async () => {
    const { tier, sent, visitor } = await opened()
    const storage = createStorage({ namespace: 'chat', tiers: [tier, memoryTier()], now: visitor.clock.now, env: visitor.clock.env })
    await storage.set('key0', 'x')
    visitor.ports.length = 0
    await Promise.all(Array.from({ length: 100 }, (_, index) => storage.get('key' + index)))
    expect(sent()).toEqual([1, 1])
    const many = Array.from({ length: 10 }, (_, index) => createStorage({ namespace: 'chat' + index, tiers: [tier], now: visitor.clock.now, env: visitor.clock.env }))
    visitor.ports.length = 0
    await Promise.all(many.flatMap((each) => Array.from({ length: 10 }, (_, index) => each.get('key' + index))))
    expect(sent()).toEqual([1, 1])
  })

  test('is one message for reads, writes and lists alike, and each gets its own answer', async () => {
    const { tier, sent } = await opened()
    const [outcomes, names, entries] = await Promise.all([tier.write([value('a', 'A'), value('b', 'B')]), tier.names('a'), tier.read(['b'])])
    expect(sent()).toEqual([1, 1])
    expect([outcomes, Array.isArray(names), Array.isArray(entries)]).toEqual([[undefined, undefined], true, true])
  })

  test('is a thousand sets in one message, and one list of ten thousand names', async () => {
    const { tier, sent, visitor } = await opened()
    const changes = Array.from({ length: 10_000 }, (_, index) => value('chat.' + index, 'text ' + index))
    expect((await tier.write(changes.slice(0, 1000))).every((outcome) => outcome === undefined)).toBe(true)
    expect(sent()).toEqual([1, 1])
    await tier.write(changes)
    expect(await tier.names('chat.')).toHaveLength(10_000)
    visitor.ports.length = 0
    expect((await tier.read(changes.map(({ name }) => name))).map((entry) => entry?.text)).toEqual(changes.map((_, index) => 'text ' + index))
    expect(sent()).toEqual([1, 1])
  })

  test('is several messages above that, and in order all the same', async () => {
    const { tier, sent } = await opened()
    const changes = Array.from({ length: 25_000 }, (_, index) => value('chat.' + index, String(index)))
    await tier.write(changes)
    expect(sent()).toEqual([3, 3])
    expect((await tier.read(['chat.0', 'chat.12345', 'chat.24999'])).map((entry) => entry?.text)).toEqual(['0', '12345', '24999'])
  })

  test('may be ten megabytes of small values', async () => {
    const { tier } = await opened()
    const changes = Array.from({ length: 1000 }, (_, index) => value('chat.' + index, 'x'.repeat(10_000)))
    expect((await tier.write(changes)).every((outcome) => outcome === undefined)).toBe(true)
  })

  test('is not disturbed by one value that is too large, or one name', async () => {
    const { tier } = await opened()
    const outcomes = await tier.write([value('a', 'A'), value('b', 'x'.repeat(5_000_001)), value('n'.repeat(20_000), 'N'), value('c', 'C')])
    expect(outcomes.map((outcome) => (isStorageError(outcome) ? outcome.code : outcome))).toEqual([undefined, 'too-large', 'too-large', undefined])
    expect((await tier.read(['a', 'b', 'n'.repeat(20_000), 'c'])).map((entry) => entry?.text)).toEqual(['A', undefined, undefined, 'C'])
    expect(await tier.write([{ name: 'n'.repeat(20_000), drop: 5 }])).toEqual([undefined])
  })
})

describe('what the hub answers', () => {
  test('is the code of what failed, and no word of it', async () => {
    const [place] = inMemory('indexedDB') as [Tier]
    const plan: { throws?: unknown } = {}
    const { tier, visitor } = await opened({ tiers: () => [faulty(place, plan)] })
    plan.throws = new StorageError('lost', 'a secret stood here', { cause: new Error('secret') })
    await expect(Promise.resolve(tier.read(['a']))).rejects.toMatchObject({ code: 'lost', message: 'hub: lost' })
    const [outcome] = await tier.write([value('a', 'secret')])
    expect(outcome).toMatchObject({ code: 'lost', message: 'hub: lost' })
    expect(JSON.stringify(visitor.ports.filter(({ from }) => from === 'hub'))).not.toContain('secret')
  })

  test('leaves the hub up where one write has no room', async () => {
    const [place] = inMemory('indexedDB') as [Tier]
    const { tier } = await opened({ tiers: () => [faulty(place, { quota: 200 })] })
    const outcomes = await tier.write([value('large', 'x'.repeat(300)), value('a', 'A')])
    expect(outcomes.map((outcome) => (isStorageError(outcome) ? outcome.code : outcome))).toEqual(['quota', undefined])
  })

  test('tells for how long a value is really kept, where its first tier was down', async () => {
    const tiers = inMemory('indexedDB', 'sessionStorage')
    const { tier } = await opened({ tiers: () => tiers.map((each, index) => (index ? each : faulty(each, { throws: new StorageError('unavailable', 'away') }))) })
    expect(tier.traits.lifetimes).toEqual(['tab', 'device'])
    await tier.write([value('a', 'A')])
    expect(tier.kept!('a')).toEqual({ lifetime: 'tab' })
    expect(tier.kept!('b')).toBeUndefined()
  })

  test('is corrupt where the text is', async () => {
    const [place] = inMemory('indexedDB') as [Tier]
    const { tier } = await opened({ tiers: () => [{ ...place, read: (names) => names.map(() => ({ text: null, stamp: 0, lifetime: 'page', corrupt: true })) }] })
    expect((await tier.read(['a']))[0]).toMatchObject({ corrupt: true, text: null })
  })

  test.each<[string, unknown]>([
    ['a number', 7],
    ['an object', { text: 'x' }],
    ['a list', ['hf1']],
    ['the text of another name', 'hf13.1.1...x'],
  ])('is not taken for an entry where it is %s', async (_case, answer) => {
    const { tier, visitor, page } = await opened()
    visitor.options.script = impersonate(page.origin, ({ id, ops }) => ({ id, answers: ops.map(() => answer) }))
    page.frames[0]!.load()
    const reading = await Promise.resolve(tier.read(['a'])).then(([entry]) => entry?.corrupt, (error: unknown) => error instanceof Error)
    expect(reading).toBe(true)
  })

  test.each<[string, (id: number) => unknown]>([
    ['has too few answers', (id) => ({ id, answers: [] })],
    ['has too many', (id) => ({ id, answers: [undefined, undefined] })],
    ['has another number', (id) => ({ id: id + 1, answers: [undefined] })],
    ['has none', (id) => ({ id })],
  ])('counts for nothing where it %s: what was asked is asked again of the next document', async (_case, answer) => {
    const { tier, visitor, page } = await opened()
    visitor.options.script = impersonate(page.origin, ({ id }) => answer(id))
    page.frames[0]!.load()
    await turns()
    const writing = Promise.resolve(tier.write([value('a', 'A')]))
    await turns()
    expect(await isSettled(writing)).toBe(false)
    visitor.options.script = undefined
    page.frames[0]!.load()
    expect(await writing).toEqual([undefined])
    expect((await tier.read(['a']))[0]?.text).toBe('A')
  })

  test('is not asked for again once it is there', async () => {
    const { tier, visitor, page } = await opened()
    await tier.write([value('a', 'A')])
    visitor.ports.length = 0
    page.frames[0]!.load()
    await turns()
    expect(visitor.ports).toEqual([])
  })

  test.each([
    ['quota', 'quota'],
    ['no-tier', 'unavailable'],
    ['unheard-of', 'unavailable'],
    [7, 'unavailable'],
    [{}, 'unavailable'],
  ])('is an error of a closed list of codes: %j is %s', async (code, expected) => {
    const { tier, visitor, page } = await opened()
    visitor.options.script = impersonate(page.origin, ({ id, ops }) => ({ id, answers: ops.map(() => ({ code })) }))
    page.frames[0]!.load()
    expect(await tier.write([value('a', 'A')])).toMatchObject([{ code: expected }])
  })

  test('is not taken for a promise that a value is kept, where it is none', async () => {
    const { tier, visitor, page } = await opened()
    const storage = createStorage({ namespace: 'chat', tiers: [tier, memoryTier()], now: visitor.clock.now, env: visitor.clock.env })
    for (const answer of ['kept', true, [], { lifetime: 'device' }]) {
      visitor.options.script = impersonate(page.origin, ({ id, ops }) => ({ id, answers: ops.map(() => answer) }))
      page.frames[0]!.load()
      await turns()
      expect(await storage.set('token', 'x')).toMatchObject({ tier: 'memory' })
      await visitor.clock.advance(40_000)
    }
  })

  test('is awaited without an end: the deadline is of who asks, and what comes late still comes', async () => {
    let let_go = (): void => {}
    const late = new Promise<void>((resolve) => (let_go = resolve))
    const plan: { late?: Promise<unknown> } = {}
    const [place] = inMemory('indexedDB') as [Tier]
    const { tier, visitor } = await opened({ tiers: () => [faulty(place, plan)] })
    plan.late = late
    const reading = Promise.resolve(tier.read(['a']))
    await turns()
    expect(await isSettled(reading)).toBe(false)
    let_go()
    await expect(reading).resolves.toEqual([undefined])
    expect(visitor.ports).toHaveLength(2)
  })

  test('comes within the second that a tier of its own may take', async () => {
    const plan: { hangs?: boolean } = {}
    const [place, next] = inMemory('indexedDB', 'localStorage') as [Tier, Tier]
    const { tier, visitor } = await opened({ tiers: () => [faulty(place, plan), next] })
    plan.hangs = true
    const writing = Promise.resolve(tier.write([value('a', 'A')]))
    await turns()
    await visitor.clock.advance(1000)
    expect(await writing).toEqual([undefined])
  })
})
