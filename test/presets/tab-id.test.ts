import { describe, expect, test } from 'vitest'
import { fakeClock } from 'holdfast/testing'
import type { TabChannel, TabIdOptions } from '../../src/presets/index.js'
import { liveperson, tabId } from '../../src/presets/index.js'
import { createStorage } from '../../src/storage.js'
import { failureOf } from '../ground/failure.js'
import { isSettled } from '../ground/promises.js'
import { browser } from './brand.js'

type Name = 'lpTabId'
type Env = NonNullable<TabIdOptions['env']>

/** The tabs of one browser, as far as they hear each other; each channel is of the page that opened it. */
const tabs = () => {
  const clock = fakeClock()
  const channels = new Set<TabChannel & { name: string }>()
  const said: unknown[] = []
  class BroadcastChannel implements TabChannel {
    onmessage: TabChannel['onmessage'] = null
    constructor(readonly name: string) {
      channels.add(this)
    }
    postMessage(message: unknown): void {
      said.push(message)
      const heard = [...channels].filter((other) => other !== this && other.name === this.name)
      void Promise.resolve().then(() => heard.forEach((other) => channels.has(other) && other.onmessage?.({ data: structuredClone(message) })))
    }
    close(): void {
      channels.delete(this)
    }
  }
  /** What a tab's sessionStorage holds; copied when the tab is duplicated. */
  const storageOver = (held: Map<string, unknown>) => ({ get: (key: Name) => Promise.resolve(held.get(key) as string | undefined), set: (key: Name, value: string) => Promise.resolve(held.set(key, value) as never) })
  const page = async (held: Map<string, unknown>, more: Partial<Env> = {}, wait?: number) => {
    const listeners = new Map<string, (event?: unknown) => void>()
    const env: Env = { ...clock.env, crypto, BroadcastChannel, addEventListener: (type, heard) => void listeners.set(type, heard), removeEventListener: (type) => void listeners.delete(type), ...more }
    const before = new Set(channels)
    const opening = tabId(storageOver(held), { env, ...(wait && { wait }) })
    await clock.advance(wait ?? 200)
    const tab = await opening
    const own = [...channels].filter((channel) => !before.has(channel))
    return { tab, listeners, fire: (type: string) => listeners.get(type)?.(), /** As when the page is gone. */ leave: () => own.forEach((channel) => channels.delete(channel)) }
  }
  return { clock, channels, said, storageOver, page, BroadcastChannel }
}

const ID = /^[\da-f]{32}$/

describe("a tab's ID", () => {
  test('is made once, random, and kept under its key', async () => {
    const { page, said } = tabs()
    const [one, other] = [new Map(), new Map()]
    const ids = [(await page(one)).tab.id, (await page(other)).tab.id]
    expect([one.get('lpTabId'), other.get('lpTabId')]).toEqual(ids)
    expect(ids.every((id) => ID.test(id))).toBe(true)
    expect(ids[0]).not.toBe(ids[1])
    // Who made his own asks nobody.
    expect(said).toEqual([])
  })

  test('stays when the tab is reloaded, and when it goes to another page of the origin', async () => {
    const { page } = tabs()
    const held = new Map()
    const first = await page(held)
    for (let reload = 0; reload < 3; reload++) {
      first.leave()
      const next = await page(held)
      expect(next.tab.id).toBe(first.tab.id)
      next.leave()
    }
  })

  test('differs in a duplicated tab, and stays with the older one; the duplicate of a duplicate differs, too', async () => {
    const { page } = tabs()
    const held = new Map<string, unknown>()
    const first = await page(held)
    const copies = [new Map(held), new Map(held)]
    const second = await page(copies[0]!)
    const third = await page(new Map(copies[0]!))
    const fourth = await page(copies[1]!)
    const ids = [first, second, third, fourth].map(({ tab }) => tab.id)
    expect([new Set(ids).size, held.get('lpTabId'), copies[0]!.get('lpTabId')]).toEqual([4, ids[0], ids[1]])
    // Each keeps its own from then on.
    second.leave()
    expect((await page(copies[0]!)).tab.id).toBe(ids[1])
  })

  test('is kept by exactly one of the tabs that the browser restores at once', async () => {
    for (let round = 0; round < 10; round++) {
      const { clock, storageOver, BroadcastChannel } = tabs()
      const kept = 'ab'.repeat(16)
      const all = Array.from({ length: 4 }, () => new Map([['lpTabId', kept]]))
      const opening = all.map((held) => tabId(storageOver(held), { env: { ...clock.env, crypto, BroadcastChannel } }))
      await clock.advance(200)
      const ids = (await Promise.all(opening)).map(({ id }) => id)
      expect([new Set(ids).size, ids.filter((id) => id === kept).length]).toEqual([4, 1])
      expect(all.map((held) => held.get('lpTabId'))).toEqual(ids)
    }
  })

  test('is kept by one where a second asks before the first has finished asking', async () => {
    for (let round = 0; round < 10; round++) {
      const { clock, storageOver, BroadcastChannel } = tabs()
      const env = { ...clock.env, crypto, BroadcastChannel }
      const kept = 'cd'.repeat(16)
      const one = tabId(storageOver(new Map([['lpTabId', kept]])), { env })
      await clock.advance(100)
      const other = tabId(storageOver(new Map([['lpTabId', kept]])), { env })
      await clock.advance(300)
      expect([(await one).id, (await other).id].filter((id) => id === kept)).toHaveLength(1)
    }
  })

  test('is waited for no longer than asked, and no timer is left', async () => {
    const { clock, storageOver, BroadcastChannel } = tabs()
    const opening = tabId(storageOver(new Map([['lpTabId', 'ef'.repeat(16)]])), { wait: 50, env: { ...clock.env, crypto, BroadcastChannel } })
    await clock.advance(49)
    expect(await isSettled(opening)).toBe(false)
    await clock.advance(1)
    expect((await opening).id).toBe('ef'.repeat(16))
    expect(clock.next()).toBeUndefined()
  })

  test('is told early where another has it: the answer ends the wait', async () => {
    const { clock, storageOver, page, BroadcastChannel } = tabs()
    const held = new Map<string, unknown>()
    await page(held)
    const opening = tabId(storageOver(new Map(held)), { env: { ...clock.env, crypto, BroadcastChannel } })
    await clock.advance(0)
    expect(await isSettled(opening)).toBe(true)
    expect(clock.next()).toBeUndefined()
  })
})

describe('what stands or is heard there', () => {
  test.each([[''], ['x'], ['AB'.repeat(16)], [7], [{ id: 1 }], ['ab'.repeat(16) + '\n']])('that is no ID is replaced: %j', async (value) => {
    const { page } = tabs()
    const held = new Map<string, unknown>([['lpTabId', value]])
    const { tab } = await page(held)
    expect([ID.test(tab.id), held.get('lpTabId')]).toEqual([true, tab.id])
  })

  test('from other scripts of the origin changes nothing and throws nothing', async () => {
    const { clock, page, said, BroadcastChannel } = tabs()
    const held = new Map<string, unknown>()
    const { tab } = await page(held)
    const stranger = new BroadcastChannel('holdfast.tab.lpTabId')
    const hostile = [null, undefined, 0, '', 'x', [], {}, { ask: tab.id }, { ask: tab.id, by: 7 }, { ask: tab.id, by: 'x'.repeat(1e5) }, { ask: { __proto__: null }, by: 'ab'.repeat(16) }, { held: tab.id, to: 'ab'.repeat(16) }, { held: tab.id }, JSON.parse('{"__proto__":{"ask":1}}')]
    for (const message of hostile) stranger.postMessage(message)
    await clock.advance(0)
    expect([tab.id, held.get('lpTabId'), said.length]).toEqual([held.get('lpTabId'), tab.id, hostile.length])
  })

  test('is IDs and nothing else', async () => {
    const { page, said } = tabs()
    const held = new Map<string, unknown>([['token', 'secret']])
    await page(held)
    await page(new Map(held))
    expect(said.length).toBe(2)
    for (const message of said as Record<string, unknown>[]) for (const [field, value] of Object.entries(message)) expect([['ask', 'by', 'held', 'to'].includes(field), ID.test(value as string)]).toEqual([true, true])
  })
})

describe('the back/forward cache', () => {
  test('is not kept from taking the page: its channel is closed while it is there', async () => {
    const { page, channels } = tabs()
    const { fire } = await page(new Map())
    expect(channels.size).toBe(1)
    fire('pagehide')
    expect(channels.size).toBe(0)
    fire('pageshow')
    await Promise.resolve()
    await Promise.resolve()
    expect(channels.size).toBe(1)
  })

  test('gives back a page that asks again: what was taken meanwhile is not shared', async () => {
    const { clock, page } = tabs()
    const held = new Map<string, unknown>()
    const first = await page(held)
    first.fire('pagehide')
    const second = await page(new Map(held))
    expect(second.tab.id).toBe(first.tab.id)
    first.fire('pageshow')
    await clock.advance(200)
    expect([first.tab.id === second.tab.id, held.get('lpTabId')]).toEqual([false, first.tab.id])
  })

  test('gives back a page whose tab has got another ID since: that is the one', async () => {
    const { clock, page } = tabs()
    const held = new Map<string, unknown>()
    const first = await page(held)
    first.fire('pagehide')
    held.set('lpTabId', 'ab'.repeat(16))
    first.fire('pageshow')
    await clock.advance(200)
    expect(first.tab.id).toBe('ab'.repeat(16))
  })

  test('is of no more concern once the ID is closed', async () => {
    const { page, channels } = tabs()
    const { tab, listeners, fire } = await page(new Map())
    fire('pagehide')
    fire('pageshow')
    tab.close()
    await Promise.resolve()
    await Promise.resolve()
    expect([channels.size, listeners.size]).toEqual([0, 0])
  })
})

describe('where something is missing', () => {
  test.each<[string, Partial<Env>]>([
    ['there is no BroadcastChannel', { BroadcastChannel: undefined }],
    ['it cannot be made', { BroadcastChannel: class { constructor() { throw new Error('no') } } as never }],
    ['it cannot post', { BroadcastChannel: class { onmessage = null; postMessage() { throw new Error('no') } close() {} } }],
  ])('and %s, the ID of the tab is kept as it is', async (_, more) => {
    const { page } = tabs()
    const held = new Map<string, unknown>()
    const { tab } = await page(held, more)
    expect((await page(held, more)).tab.id).toBe(tab.id)
  })

  test('and there is no crypto, IDs differ all the same', async () => {
    const { page } = tabs()
    const ids = await Promise.all([page(new Map(), { crypto: undefined }), page(new Map(), { crypto: undefined })])
    expect(new Set(ids.map(({ tab }) => tab.id)).size).toBe(2)
  })

  test('and the storage cannot be read, it rejects as the storage does', async () => {
    const reason = new Error('no tier')
    expect(await failureOf(() => tabId({ get: () => Promise.reject(reason), set: () => Promise.reject(reason) }, { env: {} as Env }))).toBe(reason)
  })
})

test("over LivePerson's own storage it is lpTabId, kept on reload and made anew in a tab that was duplicated", async () => {
  const { clock, BroadcastChannel } = tabs()
  const { page } = browser()
  const load = async (tab?: Storage) => {
    const env = page('https://a.brand.test/', tab)
    const storage = createStorage({ ...liveperson({ siteId: '123', solution: 'first-party', env }), now: clock.now })
    const opening = tabId(storage, { env: { ...clock.env, crypto, BroadcastChannel } })
    await clock.advance(200)
    const { id, close } = await opening
    expect(await storage.get('lpTabId')).toBe(id)
    return { id, close, session: env.sessionStorage as Storage }
  }
  const first = await load()
  const { session } = first
  first.close()
  const reloaded = await load(session)
  expect(reloaded.id).toBe(first.id)
  const copy = page('https://a.brand.test/').sessionStorage as Storage
  for (let index = 0; index < session.length; index++) copy.setItem(session.key(index)!, session.getItem(session.key(index)!)!)
  expect((await load(copy)).id).not.toBe(first.id)
})
