import { describe, expect, test } from 'vitest'
import { hubTier } from '../../src/hub/client.js'
import { turns } from '../ground/promises.js'
import { browser, HUB, serve } from './windows.js'

const entry = { text: 'a secret', stamp: 1, lifetime: 'device' } as const

/** Two pages of one visitor, with a hub each. */
const two = async (first = 'https://a.brand.test/', second = 'https://b.brand.test/', options: Parameters<typeof browser>[0] = {}) => {
  const visitor = browser(options)
  const pages = [visitor.page(first), visitor.page(second)] as const
  const [writer, listener] = pages.map(({ env }) => hubTier({ url: HUB, env })) as [ReturnType<typeof hubTier>, ReturnType<typeof hubTier>]
  await Promise.all([writer.open(), listener.open()])
  const heard: string[] = []
  return { visitor, pages, writer, listener, heard, note: (name: string) => void heard.push(name) }
}

describe('a change that was made through the hub', () => {
  test('is heard by a sibling under the name that the page gave it, and not by the writer', async () => {
    const { writer, listener, heard, note } = await two()
    const own: string[] = []
    writer.watch!((name) => own.push(name))
    listener.watch!(note)
    await turns()
    await writer.write([{ name: 'chat.token', entry }, { name: 'chat.other', drop: 5 }])
    await turns()
    expect([heard.sort(), own]).toEqual([['chat.other', 'chat.token'], []])
  })

  test('is not heard where nothing was changed', async () => {
    const { writer, listener, heard, note } = await two()
    await writer.write([{ name: 'chat.token', entry: { ...entry, stamp: 9 } }])
    listener.watch!(note)
    await turns()
    await writer.write([{ name: 'chat.token', entry }, { name: 'chat.token', drop: 5 }])
    await writer.read(['chat.token'])
    await turns()
    expect(heard).toEqual([])
  })

  test.each([
    ['another brand', 'https://other.test/', {}],
    ['a sibling in WebKit', 'https://b.brand.test/', { keyed: 'origin' as const }],
    // Kept apart by the hub where the browser does not.
    ['another site in the same partition', 'https://x.shop.test/', { allow: ['https://*.brand.test', 'https://*.shop.test'] }],
  ])('is not heard by %s', async (_case, second, options) => {
    const { writer, listener, heard, note } = await two('https://a.brand.test/', second, options)
    listener.watch!(note)
    await turns()
    await writer.write([{ name: 'chat.token', entry }])
    await turns()
    expect(heard).toEqual([])
  })

  test('is heard until it is not listened to any more, and the frames stop listening then', async () => {
    const { visitor, writer, listener, heard, note } = await two()
    const undo = [listener.watch!(note), listener.watch!(note)]
    await turns()
    undo[0]!()
    await writer.write([{ name: 'one', entry }])
    await turns()
    expect(heard).toEqual(['one'])
    undo[1]!()
    undo[1]!()
    await turns()
    const { length } = visitor.ports
    await writer.write([{ name: 'two', entry }])
    await turns()
    // The question and its answer, and no notice.
    expect([heard, visitor.ports.length - length]).toEqual([['one'], 2])
  })

  test('is heard after the frame was loaded again', async () => {
    const { pages, writer, listener, heard, note } = await two()
    listener.watch!(note)
    await turns()
    pages[1].frames[0]!.load()
    pages[0].frames[0]!.load()
    await turns()
    await writer.write([{ name: 'one', entry }])
    await turns()
    expect(heard).toEqual(['one'])
  })

  test('is told by name alone, between frames and to the page', async () => {
    const { visitor, writer, listener, heard, note } = await two()
    listener.watch!(note)
    await turns()
    visitor.ports.length = 0
    await writer.write([{ name: 'chat.token', entry }])
    await turns()
    expect(visitor.ports.filter(({ data }) => 'heard' in data)).toEqual([{ from: 'hub', data: { heard: ['chat.token'] } }])
    expect(heard).toEqual(['chat.token'])
  })

  test('harms nobody where a listener throws', async () => {
    const { writer, listener, heard, note } = await two()
    listener.watch!(() => {
      throw new Error('a listener of the page')
    })
    listener.watch!(note)
    await turns()
    await writer.write([{ name: 'one', entry }])
    await turns()
    expect(heard).toEqual(['one'])
  })

  test('is not heard where the browser has no BroadcastChannel, and all else works', async () => {
    const visitor = browser()
    visitor.options.script = (window) => {
      const env = window.env as unknown as Record<string, unknown>
      env.BroadcastChannel = class {
        constructor() {
          throw new DOMException('not here', 'SecurityError')
        }
      }
      serve(visitor, window)
    }
    const tier = hubTier({ url: HUB, env: visitor.page('https://a.brand.test/').env })
    tier.watch!(() => {})
    expect(await tier.write([{ name: 'one', entry }])).toEqual([undefined])
    expect((await tier.read(['one']))[0]).toEqual(entry)
  })

  test.each<[string, unknown]>([
    ['no list', 'chat.token'],
    ['nothing', null],
    ['a list of other things', [7, null, { name: 'x' }, ['y']]],
    ['a list that is too long', Array.from({ length: 10_001 }, () => 7)],
  ])('is not made up by a page of the vendor that posts %s', async (_case, data) => {
    const { pages, writer, listener, heard, note } = await two()
    listener.watch!(note)
    await turns()
    const { BroadcastChannel } = pages[0].frames[0]!.window!.env as unknown as { BroadcastChannel: typeof globalThis.BroadcastChannel }
    new BroadcastChannel('holdfast.brand.test').postMessage(data)
    await turns()
    expect(heard).toEqual([])
    await writer.write([{ name: 'one', entry }])
    await turns()
    expect(heard).toEqual(['one'])
  })
})
