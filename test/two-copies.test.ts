import { build } from 'esbuild'
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, test, vi } from 'vitest'
import type { Env, Holdfast } from 'holdfast'
import { cookieJar, fakeClock } from 'holdfast/testing'
import { recordsOf } from './ground/database.js'
import { storageObjects } from './ground/dom.js'
import { turns } from './ground/promises.js'
import { createTabs } from './ground/tabs.js'

/**
 * Two copies of the package on one page, as two widgets bring them: nothing of their modules is shared, everything
 * of the browser is. Another version differs in what it puts beside: fields and kinds of messages that this one does
 * not know, and a text of another version, which begins otherwise (`hf2`).
 */

type Copy = typeof import('holdfast')
type Storage = Holdfast<Record<string, unknown>>

const bundled = build({ entryPoints: [new URL('../src/index.ts', import.meta.url).pathname], bundle: true, write: false, format: 'esm', minify: true })
let copies = 0
const copyOf = async (): Promise<Copy> => {
  const [file] = (await bundled).outputFiles
  // Each address is a module of its own.
  return (await import(`data:text/javascript,${encodeURIComponent(`${file!.text}\n// ${copies++}`)}`)) as Copy
}

const CHAINS = { indexedDB: ['indexedDB', 'localStorage'], localStorage: ['localStorage'], cookie: ['cookie'] } as const

const onePage = async (chain: keyof typeof CHAINS) => {
  const clock = fakeClock()
  const indexedDB = new IDBFactory()
  const cookies = cookieJar({ now: clock.now }).at('https://www.brand.test/')
  const web = storageObjects()
  const tabs = createTabs()
  const { env } = tabs.page({ ...clock.env, indexedDB, localStorage: web.localStorage, location: cookies.location } as Env)
  const open = ({ createStorage, indexedDBTier, localStorageTier, cookieTier }: Copy): Storage => {
    const made = { indexedDB: () => indexedDBTier({ env: { ...env, setTimeout: (run) => setImmediate(run), clearTimeout: (timer: never) => clearImmediate(timer) } }), localStorage: () => localStorageTier({ env }), cookie: () => cookieTier({ env: cookies }) }
    return createStorage({ namespace: 'chat', tiers: CHAINS[chain].map((name) => made[name]()), env, now: clock.now })
  }
  const copies: [Copy, Copy] = [await copyOf(), await copyOf()]
  const [one, two] = copies.map(open) as [Storage, Storage]
  return { clock, indexedDB, web, env, copies, one, two, rest: async () => (await turns(20), await clock.advance(0), turns(20)) }
}

describe.each(Object.keys(CHAINS) as (keyof typeof CHAINS)[])('two copies on one page, over %s', (chain) => {
  test('share no module, and a value: each reads at once what the other wrote, and what it removed is gone for both', async () => {
    const { copies, one, two } = await onePage(chain)
    expect(copies[0].createStorage).not.toBe(copies[1].createStorage)
    for (let round = 0; round < 20; round++) {
      const [writer, reader] = round % 2 ? [two, one] : [one, two]
      await writer.set('token', round)
      expect([await reader.get('token'), await writer.get('token')]).toEqual([round, round])
      if (round % 5 !== 4) continue
      await reader.remove('token')
      expect([await writer.get('token'), await reader.get('token'), await writer.keys()]).toEqual([undefined, undefined, []])
    }
    await one.setMany([['a', 1], ['b', 2]])
    await two.clear()
    expect([await one.keys(), await two.keys()]).toEqual([[], []])
    await one.set('a', 3)
    expect(await two.get('a')).toBe(3)
  })

  test('tell both of a change, once', async () => {
    const { one, two, rest } = await onePage(chain)
    const heard: unknown[] = []
    one.watch('count', (value, { from }) => heard.push(['one', value, from]))
    two.watch('count', (value, { from }) => heard.push(['two', value, from]))
    await rest()
    await one.set('count', 1)
    await rest()
    await two.remove('count')
    await rest()
    expect(heard).toEqual([['one', 1, 'here'], ['two', 1, 'elsewhere'], ['two', undefined, 'here'], ['one', undefined, 'elsewhere']])
  })

  test('lose no increment, have one winner, and make a value once', async () => {
    const { one, two } = await onePage(chain)
    const both = [one, two]
    await Promise.all(Array.from({ length: 40 }, (_, index) => both[index % 2]!.update('count', (before) => ((before as number | undefined) ?? 0) + 1)))
    expect([await one.get('count'), await two.get('count')]).toEqual([40, 40])
    await one.set('code', 'x')
    expect((await Promise.all([one.take('code'), two.take('code')])).filter(Boolean)).toEqual(['x'])
    const make = vi.fn(() => 'made')
    expect(await Promise.all([one.getOrSet('token', make), two.getOrSet('token', make)])).toEqual(['made', 'made'])
    expect(make).toHaveBeenCalledOnce()
  })

  test('end each for itself', async () => {
    const { one, two, copies } = await onePage(chain)
    await one.set('token', 'abc')
    expect(await two.get('token')).toBe('abc')
    await one.close()
    expect(await two.get('token')).toBe('abc')
    await two.set('token', 'def')
    expect(await two.get('token')).toBe('def')
    // An error of one copy is known by the other.
    expect(copies[1].isStorageError(await one.get('token').catch((error: unknown) => error))).toBe(true)
  })
})

describe('another version on the page', () => {
  test("says what this one does not know, and is heard calmly", async () => {
    const { env, one, two, clock, rest } = await onePage('indexedDB')
    const heard: unknown[] = []
    one.watch('token', (value) => heard.push(value))
    await rest()
    const channel = new env.BroadcastChannel!('holdfast.chat.')
    const odd: unknown[] = ['hello', null, 7, { kind: 'later', name: 'chat.token' }, [null], [{ kind: 'cleared', epoch: 12 }], [{ name: 'chat.token' }], [{ name: 1, stamp: 'x' }], [[]], [{ name: '__proto__', stamp: 1 }]]
    for (const message of odd) channel.postMessage(message)
    await rest()
    expect(heard).toEqual([])
    // A notice with more in it is a notice.
    await two.set('token', 'abc')
    channel.postMessage([{ name: 'chat.token', stamp: clock.now(), version: 2, kind: 'set', from: { tab: 1 } }])
    await rest()
    expect(heard).toEqual(['abc'])
    expect(await one.get('token')).toBe('abc')
  })

  test.each(['indexedDB', 'localStorage'] as const)('keeps its text in %s: it is no value, and reads, sweeps, clear and destroy leave it', async (chain) => {
    const { indexedDB, web, one, two } = await onePage(chain)
    const text = 'hf23.later.still'
    await one.set('other', 1)
    const records = recordsOf(indexedDB, 'holdfast.chat')
    if (chain === 'indexedDB') await records.put('chat.token', { raw: text })
    else web.localStorage.setItem('chat.token', text)
    const there = async () => (chain === 'indexedDB' ? (await records.get('chat.token'))?.raw : web.localStorage.getItem('chat.token'))
    for (const storage of [one, two]) {
      expect([await storage.get('token'), await storage.has('token'), await storage.take('token'), await storage.keys()]).toEqual([undefined, false, undefined, ['other']])
      await storage.sweep()
      await storage.flush()
    }
    await two.clear()
    expect(await there()).toBe(text)
    await one.destroy()
    await two.destroy()
    expect(await there()).toBe(text)
  })

  test('reads the text of this one as it has always been', async () => {
    const { web, one } = await onePage('localStorage')
    const { encodeEntry } = await import('../src/entry.js')
    const text = encodeEntry('chat.token', { text: '"abc"', stamp: 1_700_000_000_000, lifetime: 'device' })
    // Written down once: an older copy of this package has it on disk.
    expect(text).toMatchInlineSnapshot(`"hf13.1ajk9h1.32ufslk0000..."abc""`)
    web.localStorage.setItem('chat.token', text)
    expect(await one.get('token')).toBe('abc')
  })
})
