import fc from 'fast-check'
import type { Change, Entry, Env } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { fakeClock } from 'holdfast/testing'
import { createLease, type Given, type Lease } from '../../src/tiers/lease.js'
import { createWorld, play, type Step } from './lease-world.js'

const quick = { messages: [1], database: [1] }
const steps = (...all: [page: number, after: number, act: Step['act']][]): Step[] => all.map(([page, after, act]) => ({ page, after, act }))

const change: Change = { name: 'token', drop: 5 }
/** Whether it answers at once, from memory. */
const knows = (lease: Lease, name: string): boolean => Array.isArray(lease.read([name], () => new Promise(() => {})))
const known = steps([0, 0, 'read'], [1, 0, 'read'], [2, 0, 'read'])

describe('what a page has read', () => {
  test('is answered from memory from then on, for as long as its term lasts', async () => {
    const world = createWorld({ pages: 1, ...quick })
    const { reads, hits } = await play(world, steps([0, 0, 'read'], [0, 60, 'read'], [0, 10, 'read'], [0, 10, 'read'], [0, 60, 'read']))
    expect([reads, hits]).toEqual([6, 2])
  })

  test('is not kept before the others can know of the page', async () => {
    const world = createWorld({ pages: 1, ...quick })
    const { hits } = await play(world, steps([0, 0, 'read'], [0, 10, 'read'], [0, 10, 'read'], [0, 10, 'read']))
    expect(hits).toBe(0)
  })

  test('is never answered once a write of another page is over', async () => {
    const pace = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 7 })
    const step = fc.record<Step>({
      page: fc.nat({ max: 2 }),
      after: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 6 }) }, { weight: 1, arbitrary: fc.integer({ min: 20, max: 120 }) }),
      act: fc.oneof({ weight: 8, arbitrary: fc.constantFrom('read' as const, 'both' as const) }, { weight: 3, arbitrary: fc.constantFrom('write' as const, 'mark' as const, 'asking' as const) }, { weight: 1, arbitrary: fc.constantFrom('busy' as const, 'away' as const) }),
    })
    let hits = 0
    let partly = 0
    await fc.assert(
      fc.asyncProperty(pace, pace, fc.array(step, { minLength: 5, maxLength: 150 }), fc.boolean(), async (messages, database, all, known) => {
        // Half of them begin where the pages have known one another for a while.
        const before = known ? steps([0, 0, 'read'], [1, 0, 'read'], [2, 0, 'read'], [0, 60, 'read']) : []
        const outcome = await play(createWorld({ pages: 3, messages, database }), [...before, ...all])
        hits += outcome.hits
        partly += outcome.partly
        expect(outcome.stale).toEqual([])
      }),
      { numRuns: 2500, ...(process.env.HOLDFAST_SEED && { seed: +process.env.HOLDFAST_SEED }) },
    )
    // Otherwise it would say nothing.
    expect(hits).toBeGreaterThan(1000)
    expect(partly).toBeGreaterThan(500)
  })

  test.each<[who: string, messages: number[], database: number[], all: Step[]]>([
    ['a page that was at work while it was new writes', [1, 0], [0], steps([1, 20, 'busy'], [1, 0, 'write'], [0, 0, 'read'], [1, 0, 'busy'], [0, 40, 'read'], [0, 6, 'read'], [0, 3, 'read'], [0, 1, 'both'])],
    [
      'a page comes back and is at work as its write ends',
      [0],
      [0],
      steps([0, 0, 'read'], [1, 0, 'read'], [2, 0, 'read'], [0, 60, 'read'], [0, 0, 'busy'], [0, 0, 'write'], [0, 0, 'away'], [0, 0, 'read'], [0, 0, 'read'], [1, 0, 'write'], [0, 20, 'busy'], [1, 0, 'write']),
    ],
    [
      'the reader was at work while the writer came back',
      [0],
      [0],
      steps([0, 0, 'read'], [1, 0, 'read'], [2, 0, 'read'], [0, 60, 'read'], [2, 0, 'read'], [2, 20, 'busy'], [0, 0, 'away'], [0, 0, 'read'], [1, 0, 'away'], [0, 49, 'read'], [0, 0, 'read'], [0, 1, 'write'], [0, 0, 'read'], [0, 0, 'read'], [0, 0, 'write']),
    ],
  ])('is not answered where %s', async (_, messages, database, all) => {
    expect((await play(createWorld({ pages: 3, messages, database }), all)).stale).toEqual([])
  })

  test('is sure after a look at one name, for all of up to 2,000', async () => {
    for (const [count, again] of [[2000, 1], [2002, 2002]] as const) {
      const { clock, pages: [page] } = createWorld({ pages: 1, ...quick })
      const names = Array.from({ length: count }, (_, index) => `k${index}`)
      const asked: number[] = []
      const look = async (): Promise<unknown> => page!.lease.read(names, async (some) => (asked.push(some.length), some.map(() => undefined)))
      await look()
      for (let round = 0; round < 2; round++) {
        await clock.advance(60)
        await look()
      }
      expect(asked).toEqual([count, count, again])
    }
  })

  test('is not asked for by a write, unless it is not known, or nothing else is written', async () => {
    const { clock, pages: [page] } = createWorld({ pages: 1, ...quick })
    const asked: string[][] = []
    const entry: Entry = { text: 'a', stamp: 7, lifetime: 'device' }
    const write = (changes: Given[]): Promise<unknown> => page!.lease.write(changes, async (some) => (asked.push(some.map(({ name }) => name)), some.map(({ drop }) => (drop === 0 ? 3 : undefined))))
    await page!.lease.read(['mark'], async () => [entry])
    await clock.advance(60)
    const both = [{ name: 'token', entry }, { name: 'mark', drop: 0 }]
    expect(await write(both)).toEqual([undefined, 3])
    await page!.lease.read(['mark'], async () => [entry])
    expect(await write(both)).toEqual([undefined, 7])
    expect(await write(both.slice(1))).toEqual([3])
    page!.lease.forget()
    expect(await write(both)).toEqual([undefined, 3])
    expect(asked).toEqual([['token', 'mark'], ['token'], ['mark'], ['token', 'mark']])
  })

  test('is what the page has written, once that is over', async () => {
    const world = createWorld({ pages: 1, ...quick })
    const { hits, stale } = await play(world, steps([0, 0, 'read'], [0, 60, 'read'], [0, 5, 'read'], [0, 5, 'write'], [0, 5, 'read'], [0, 5, 'read']))
    expect([hits, stale]).toEqual([3, []])
  })

  test('is read again where something may have been changed past this package, after 5 s at the latest', async () => {
    const { clock, pages: [page] } = createWorld({ pages: 1, ...quick })
    const { lease } = page!
    const look = async (name: string): Promise<unknown> => lease.read([name], async () => [undefined])
    await look('token')
    await clock.advance(60)
    await look('token')
    const held: [ms: number, known: boolean][] = []
    // What is read meanwhile says that nobody has announced a change, and no more.
    for (let ms = 0; ms < 6000; ms += 20) {
      await look('other')
      held.push([ms, knows(lease, 'token')])
      await clock.advance(20)
    }
    expect(held.filter(([ms, known]) => known !== ms < 5000)).toEqual([])
    lease.forget()
    expect(knows(lease, 'other')).toBe(false)
  })

  test('is never answered where there is no channel, and a write waits for nobody', async () => {
    const clock = fakeClock(0)
    const denied = (): never => {
      throw new DOMException('denied', 'SecurityError')
    }
    for (const has of [{ value: undefined }, { value: denied }, { get: denied }]) {
      const lease = createLease(Object.defineProperty({ performance: clock, ...clock.env }, 'BroadcastChannel', has) as Env, 'holdfast.chat')
      await lease.read(['token'], async () => [undefined])
      await clock.advance(60)
      await lease.read(['token'], async () => [undefined])
      expect(knows(lease, 'token')).toBe(false)
      expect(await lease.write([change], async () => [7])).toEqual([7])
      expect(clock.next()).toBeUndefined()
    }
  })
})

describe('a write', () => {
  /** The ms that a write of the first page takes, of which 2 are the database's. */
  const lasting = async (world: ReturnType<typeof createWorld>): Promise<number> => {
    const { clock, pages, write } = world
    const from = clock.now()
    let took: number | undefined
    pages[0]!.task(0, () => void write(pages[0]!, 'token', 1).then(() => (took = clock.now() - from)))
    await clock.advance(500)
    return took!
  }

  test('waits for nobody where the page has been alone for a while', async () => {
    const world = createWorld({ pages: 3, ...quick })
    expect(await lasting(world)).toBe(52)
    expect(await lasting(world)).toBe(2)
  })

  test('waits until the others have forgotten, which takes a message there and one back', async () => {
    const world = createWorld({ pages: 3, ...quick })
    await play(world, known)
    expect(await lasting(world)).toBe(4)
  })

  test('waits twice for a page that is at work or sleeps, and then not again until that has woken up', async () => {
    const world = createWorld({ pages: 3, ...quick })
    await play(world, known)
    world.pages[2]!.busyUntil = world.clock.now() + 1700
    const waits = [await lasting(world), await lasting(world), await lasting(world)]
    expect(waits).toEqual([52, 52, 4])
    await world.clock.advance(300)
    world.pages[2]!.busyUntil = world.clock.now() + 1000
    expect(await lasting(world)).toBe(52)
  })

  test('is not held up by a page that has gone, and a page on its way out keeps no channel', async () => {
    const world = createWorld({ pages: 3, ...quick })
    await play(world, known)
    const { dispatch } = world.pages[2]!.env as unknown as { dispatch(type: string): void }
    dispatch('pagehide')
    expect(world.open()).toBe(2)
    await world.clock.advance(5)
    expect(await lasting(world)).toBe(4)
    world.pages.slice(0, 2).forEach(({ lease }) => lease.close())
    expect(world.open()).toBe(0)
  })

  test('that fails is told all the same: it may stand', async () => {
    const world = createWorld({ pages: 2, ...quick })
    await play(world, steps([0, 0, 'read'], [1, 0, 'read'], [1, 60, 'read'], [1, 5, 'read']))
    const [{ lease }, other] = world.pages as [(typeof world.pages)[0], (typeof world.pages)[0]]
    await other.lease.read(['token'], async () => [undefined])
    expect(knows(other.lease, 'token')).toBe(true)
    const failed = lease.write([change], () => Promise.reject(new Error('lost')))
    failed.catch(() => {})
    await world.clock.advance(60)
    await expect(failed).rejects.toThrow('lost')
    expect(knows(other.lease, 'token')).toBe(false)
  })

  test('bears whatever else is said on the channel', async () => {
    const world = createWorld({ pages: 2, ...quick })
    await play(world, known.slice(0, 2))
    const channel = new (world.pages[1]!.env.BroadcastChannel!)('holdfast.chat')
    for (const message of [null, 'here', {}, [], ['here'], ['here', 'me'], ['late', 1], ['forgot', 1, {}], ['forget', Number.NaN], ['__proto__', 1, 2], [{ toString: 1 }, 2]]) channel.postMessage(message)
    await world.clock.advance(100)
    expect(await lasting(world)).toBe(4)
    // Somebody who does not exist costs what one who sleeps does.
    for (let from = 1; from < 100; from++) channel.postMessage(['here', from])
    await world.clock.advance(100)
    expect([await lasting(world), await lasting(world), await lasting(world)]).toEqual([52, 52, 4])
  })
})
