import { describe, expect, test } from 'vitest'
import type { News } from 'holdfast'
import { createStorage, defineKeys, key, localStorageTier, memoryTier } from 'holdfast'
import { fakeClock, faulty, inMemory } from 'holdfast/testing'
import { StorageError } from '../src/errors.js'
import type { Tier } from '../src/contracts.js'
import { createTabs } from './ground/tabs.js'

/** Everything that is under way in microtasks and one turn of the loop. */
const settled = (): Promise<void> => new Promise((done) => setImmediate(done))

const visit = ({ channels = true, tiers = inMemory('localStorage') }: { channels?: boolean; tiers?: readonly Tier[] } = {}) => {
  const tabs = createTabs({ channels })
  const clock = fakeClock()
  const open = (own: readonly Tier[] = tiers) => {
    const page = tabs.page(clock.env)
    const storage = createStorage({ namespace: 'chat', tiers: own, env: page.env, now: clock.now })
    const heard: [unknown, News['from']][] = []
    const news: News[] = []
    const undo = storage.watch('token', (value, one) => {
      heard.push([value, one.from])
      news.push(one)
    })
    return { ...page, storage, heard, news, undo }
  }
  return { ...tabs, clock, open, tiers }
}

describe('a watched key', () => {
  test('is told of here and elsewhere, once a change, with the new value', async () => {
    const { open, clock } = visit()
    const [one, two] = [open(), open()]
    await settled()
    await one.storage.set('token', 'a')
    await settled()
    clock.jump(10)
    await two.storage.remove('token')
    await settled()
    expect([one.heard, two.heard]).toEqual([[['a', 'here'], [undefined, 'elsewhere']], [['a', 'elsewhere'], [undefined, 'here']]])
    expect(one.news[0]).toMatchObject({ key: 'token', from: 'here' })
    expect(one.news[0]!.stamp).toBe(two.news[0]!.stamp)
  })

  test.each(['take', 'clear', 'update', 'getOrSet', 'setMany'] as const)('is told of what %s does', async (verb) => {
    const { open } = visit()
    const [one, two] = [open(), open()]
    if (verb === 'take' || verb === 'clear') await one.storage.set('token', 'a')
    await settled()
    const before = two.heard.length
    if (verb === 'take') await one.storage.take('token')
    if (verb === 'clear') await one.storage.clear()
    if (verb === 'update') await one.storage.update('token', () => 'b')
    if (verb === 'getOrSet') await one.storage.getOrSet('token', () => 'b')
    if (verb === 'setMany') await one.storage.setMany([['token', 'b'], ['other', 1]])
    await settled()
    const value = verb === 'take' || verb === 'clear' ? undefined : 'b'
    expect([two.heard.slice(before), one.heard[one.heard.length - 1]]).toEqual([[[value, 'elsewhere']], [value, 'here']])
  })

  test('is silent where the value is the same, and where another key changes', async () => {
    const { open } = visit()
    const [one, two] = [open(), open()]
    await one.storage.set('token', 'a')
    await settled()
    await one.storage.touch('token', '1d')
    await two.storage.set('token', 'a')
    await two.storage.set('tokens', 'x')
    await two.storage.set('toke', 'x')
    await settled()
    expect([one.heard, two.heard]).toEqual([[['a', 'here']], [['a', 'elsewhere']]])
  })

  test('is told of a value that came after the same one had expired', async () => {
    const { open, clock } = visit()
    const one = open()
    await settled()
    await one.storage.set('token', 'a', { ttl: 1000 })
    clock.jump(1000)
    await one.storage.set('token', 'a')
    await settled()
    expect(one.heard).toEqual([['a', 'here'], ['a', 'here']])
  })

  test('is told of a change in the moment in which the watching began', async () => {
    const { open } = visit()
    const one = open()
    await one.storage.set('token', 'a')
    await settled()
    expect(one.heard).toEqual([['a', 'here']])
  })

  test('is told of no more after the undo, and the other listeners are', async () => {
    const { open } = visit()
    const one = open()
    const more: unknown[] = []
    const listener = (value: unknown): unknown => more.push(value)
    const [undo] = [one.storage.watch('token', listener), one.storage.watch('token', listener)]
    await settled()
    one.undo()
    undo()
    await one.storage.set('token', 'a')
    await settled()
    expect([one.heard, more]).toEqual([[], ['a']])
  })

  test('may have a listener that throws: nobody is harmed', async () => {
    const { open } = visit()
    const one = open()
    const undo = one.storage.watch('token', () => { throw new Error('no') })
    one.storage.watch('token', (value) => void one.heard.push([value, 'here']))
    await settled()
    await one.storage.set('token', 'a')
    await settled()
    expect(one.heard).toEqual([['a', 'here'], ['a', 'here']])
    undo()
  })

  test('that does not exist is refused', () => {
    const storage = createStorage({ namespace: 'chat', tiers: [memoryTier()], keys: defineKeys({ token: key<string>() }) })
    expect(() => storage.watch('tokn' as never, () => {})).toThrow(expect.objectContaining({ code: 'unknown-key' }) as Error)
    expect(() => storage.watch('' as never, () => {})).toThrow('key: empty')
  })
})

describe('a message between tabs', () => {
  test('names the key and the stamp, and holds no value', async () => {
    const { open, posted } = visit()
    const { storage } = open()
    await Promise.all([storage.set('token', 'secret-value'), storage.set('other', 'secret-value')])
    await settled()
    expect(JSON.stringify(posted)).not.toContain('secret-value')
    expect(posted).toEqual([{ name: 'holdfast.chat.', data: [{ name: 'chat.token', stamp: expect.any(Number) as number }, { name: 'chat.other', stamp: expect.any(Number) as number }] }])
  })

  test.each<[string, unknown]>([
    ['nothing', undefined], ['text', 'chat.token'], ['holes', [null, undefined, 5, {}]], ['another namespace', [{ name: 'chatbot.token', stamp: 1 }]],
    ['other types', [{ name: 5, stamp: 1 }, { name: 'chat.token', stamp: 'x' }]], ['an object', { name: 'chat.token', stamp: 1 }],
  ])('that is hostile or foreign is passed over: %s', async (_, data) => {
    const { open, page } = visit()
    const one = open()
    await settled()
    const { BroadcastChannel: Channel } = page().env
    new Channel!('holdfast.chat.').postMessage(data)
    await settled()
    expect(one.heard).toEqual([])
  })
})

describe('a notice that overtakes what it tells of', () => {
  test('is told once each process has the news, as localStorage takes its time between them', async () => {
    const { open, page, tiers, clock } = visit()
    const one = open()
    await settled()
    const { BroadcastChannel: Channel } = page().env
    new Channel!('holdfast.chat.').postMessage([{ name: 'chat.token', stamp: 5 }])
    await settled()
    expect(one.heard).toEqual([])
    await tiers[0]!.write([{ name: 'chat.token', entry: { text: '"x"', stamp: 5, lifetime: 'device' } }])
    await clock.advance(10)
    await settled()
    expect(one.heard).toEqual([['x', 'elsewhere']])
    await clock.advance(5000)
    await settled()
    expect(one.heard.length).toBe(1)
  })
})

describe('a page that goes and comes back', () => {
  test('closes its channel, and reads again what it may have missed', async () => {
    const { open, count } = visit()
    const [one, two] = [open(), open()]
    await one.storage.set('token', 'a')
    await settled()
    two.tell('pagehide', { persisted: true })
    expect(count('holdfast.chat.')).toBe(1)
    await one.storage.remove('token')
    await settled()
    expect(two.heard).toEqual([['a', 'elsewhere']])
    two.tell('pageshow', { persisted: true })
    await settled()
    expect([two.heard, count('holdfast.chat.')]).toEqual([[['a', 'elsewhere'], [undefined, 'elsewhere']], 2])
    await one.storage.set('token', 'b')
    await settled()
    expect(two.heard[2]).toEqual(['b', 'elsewhere'])
  })

  test.each(['visibilitychange', 'resume'])('reads again on %s of the document', async (event) => {
    const { open, tiers } = visit()
    const one = open()
    await settled()
    await tiers[0]!.write([{ name: 'chat.token', entry: { text: '"x"', stamp: 5, lifetime: 'device' } }])
    one.document.dispatchEvent(new Event(event))
    await settled()
    expect(one.heard).toEqual([['x', 'elsewhere']])
  })

  test('closes its channel for good with the storage', async () => {
    const { open, count } = visit()
    const one = open()
    await one.storage.set('token', 'a')
    await one.storage.close()
    await settled()
    expect(count('holdfast.chat.')).toBe(0)
  })
})

describe('without BroadcastChannel', () => {
  test('hears by the events of localStorage', async () => {
    const { open, tiers } = visit({ channels: false })
    const one = open()
    await settled()
    await tiers[0]!.write([{ name: 'chat.token', entry: { text: '"x"', stamp: 5, lifetime: 'device' } }])
    one.tell('storage', { key: 'chat.token' })
    await settled()
    await tiers[0]!.write([{ name: 'chat.token', drop: Infinity }])
    one.tell('storage', { key: null })
    await settled()
    one.tell('storage', { key: 'chatbot.token' })
    expect(one.heard).toEqual([['x', 'elsewhere'], [undefined, 'elsewhere']])
    one.undo()
  })

  test('hears by the changes of cookies', async () => {
    const tabs = createTabs({ channels: false })
    const cookieStore = new EventTarget()
    const tiers = inMemory('cookie')
    const storage = createStorage({ namespace: 'chat', tiers, env: { ...tabs.page().env, cookieStore } })
    const heard: unknown[] = []
    storage.watch('token', (value) => heard.push(value))
    await settled()
    await tiers[0]!.write([{ name: 'chat.token', entry: { text: '"x"', stamp: 5, lifetime: 'device' } }])
    cookieStore.dispatchEvent(Object.assign(new Event('change'), { changed: [{ name: 'chat.token' }], deleted: [] }))
    await settled()
    await tiers[0]!.write([{ name: 'chat.token', drop: Infinity }])
    cookieStore.dispatchEvent(Object.assign(new Event('change'), { changed: [], deleted: [{ name: 'chat.token' }] }))
    await settled()
    expect(heard).toEqual(['x', undefined])
  })
})

describe('a tier', () => {
  test('that hears of changes itself is listened to', async () => {
    const listeners = new Set<(name: string) => void>()
    const tier: Tier = { ...inMemory('localStorage')[0]!, watch: (heard) => (listeners.add(heard), () => listeners.delete(heard)) }
    const { open } = visit({ tiers: [tier] })
    const one = open()
    await settled()
    await tier.write([{ name: 'chat.token', entry: { text: '"x"', stamp: 5, lifetime: 'device' } }])
    listeners.forEach((tell) => tell('chat.token'))
    await settled()
    expect(one.heard).toEqual([['x', 'elsewhere']])
    one.undo()
    expect(listeners.size).toBe(0)
  })

  test('that cannot be read tells nothing, and throws nowhere', async () => {
    const plan: { throws?: Error } = {}
    const { open } = visit({ tiers: [faulty(inMemory('localStorage')[0]!, plan)] })
    const one = open()
    plan.throws = new StorageError('unavailable', 'away')
    one.document.dispatchEvent(new Event('visibilitychange'))
    await settled()
    expect(one.heard).toEqual([])
  })
})

test('two storages of one page with localStorage and no channel tell their own changes', async () => {
  const area = new Map<string, string>()
  const localStorage = { getItem: (name: string) => area.get(name) ?? null, setItem: (name: string, text: string) => void area.set(name, text), removeItem: (name: string) => void area.delete(name), key: (index: number) => [...area.keys()][index] ?? null, length: 0 } as unknown as Storage
  const storage = createStorage({ namespace: 'chat', tiers: [localStorageTier({ env: { localStorage } })], env: {} })
  const heard: unknown[] = []
  storage.watch('token', (value) => heard.push(value))
  await storage.set('token', 'a')
  await settled()
  expect(heard).toEqual(['a'])
})
