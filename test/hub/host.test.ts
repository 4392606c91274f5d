import { describe, expect, test } from 'vitest'
import { hubTier } from '../../src/hub/client.js'
import type { Reply } from '../../src/hub/protocol.js'
import { isSettled, turns } from '../ground/promises.js'
import type { HubWindow } from './windows.js'
import { browser, HUB, serve } from './windows.js'

const NONCE = Array(16).fill(7).join('.')
const silent = (): void => {}

/** A hub's window of its own, and how often it has answered. */
const served = async (allow?: readonly string[]) => {
  const visitor = browser({ ...(allow && { allow }) })
  const windows: HubWindow[] = []
  visitor.options.script = (window) => {
    windows.push(window)
    serve(visitor, window)
  }
  const page = visitor.page('https://a.brand.test/')
  void hubTier({ url: HUB, env: page.env }).open()
  await turns()
  const hub = windows[0]!
  const parent = (hub.env as unknown as { parent: object }).parent
  const before = visitor.posted.filter(({ to }) => to === 'page').length
  const hear = async (over: object = {}): Promise<Reply[]> => {
    const count = visitor.posted.length
    hub.dispatch('message', { source: parent, origin: 'https://a.brand.test', data: { holdfast: NONCE, speaks: [1, 1] }, ports: [], ...over })
    await turns(10)
    return visitor.posted.slice(count).map(({ data }) => data as unknown as Reply)
  }
  return { visitor, page, hub, hear, before }
}

describe("the hub's side of the handshake", () => {
  test('answers the window above it, to its exact origin, with a port', async () => {
    const { visitor, before } = await served()
    expect(before).toBe(1)
    const [welcome] = visitor.posted.filter(({ to }) => to === 'page')
    expect(welcome).toMatchObject({ targetOrigin: 'https://a.brand.test', ports: 1, data: { version: 1, state: { lifetimes: ['device'], access: false } } })
    expect(welcome!.data.holdfast).toBe(visitor.posted[0]!.data.holdfast)
  })

  test.each<[string, object]>([
    ['another source', { source: { postMessage: silent } }],
    ['no source', { source: null }],
    ['no data', { data: null }],
    ['a text', { data: 'hello' }],
    ['no nonce', { data: { speaks: [1, 1] } }],
    ['a short nonce', { data: { holdfast: 'abc', speaks: [1, 1] } }],
    ['a nonce in a list', { data: { holdfast: [NONCE], speaks: [1, 1] } }],
    ['a nonce of letters', { data: { holdfast: 'x'.repeat(32), speaks: [1, 1] } }],
    ['a long nonce', { data: { holdfast: '7'.repeat(64), speaks: [1, 1] } }],
    ['no versions', { data: { holdfast: NONCE } }],
    ['an opaque origin', { origin: 'null' }],
  ])('answers nothing to %s', async (_case, over) => {
    const { hear } = await served()
    expect(await hear(over)).toEqual([])
  })

  test('answers a nonce once, also among a hundred others', async () => {
    const { hear } = await served()
    expect(await hear()).toMatchObject([{ holdfast: NONCE, version: 1 }])
    for (let count = 0; count < 90; count++) await hear({ data: { holdfast: String(count).padStart(32, '0'), speaks: [9, 9] } })
    expect(await hear()).toEqual([])
  })

  test('refuses an origin that is not allowed, and tells it nothing but that', async () => {
    const { hear } = await served()
    expect(await hear({ origin: 'https://evil.test' })).toEqual([{ holdfast: NONCE, refused: 'origin' }])
  })

  test.each([
    [[0, 0], { refused: 'version' }],
    [[2, 3], { refused: 'version' }],
    [[1, 3], { version: 1 }],
    [[0, 1], { version: 1 }],
    [['a', 'b'], { refused: 'version' }],
    [[], { refused: 'version' }],
  ])('agrees on the newest version that both speak: of %j it makes %j', async (speaks, expected) => {
    const { hear } = await served()
    expect(await hear({ data: { holdfast: NONCE, speaks } })).toMatchObject([expected])
  })

  test('does not answer where no window is above it', async () => {
    const { hub, visitor } = await served()
    const posted: unknown[] = []
    const top = { ...hub.env, postMessage: (...message: unknown[]) => posted.push(message) } as Record<string, unknown>
    top.parent = top
    serve(visitor, { ...hub, env: top as never })
    hub.dispatch('message', { source: top, origin: 'https://a.brand.test', data: { holdfast: NONCE, speaks: [1, 1] }, ports: [] })
    await turns()
    expect(posted).toEqual([])
  })

  test('hears the page through its newest port alone', async () => {
    const { visitor, page, hear } = await served()
    const tier = hubTier({ url: HUB, env: page.env })
    await tier.open()
    await hear()
    const reading = Promise.resolve(tier.read(['a']))
    await turns()
    expect(await isSettled(reading)).toBe(false)
    expect(visitor.ports.filter(({ from }) => from === 'page')).not.toHaveLength(0)
  })

  test('hears nothing more once it is closed', async () => {
    const visitor = browser()
    let hub: { close(): void } | undefined
    visitor.options.script = (window) => (hub = serve(visitor, window))
    const page = visitor.page('https://a.brand.test/')
    const tier = hubTier({ url: HUB, env: page.env })
    await tier.open()
    hub!.close()
    expect(page.frames[0]!.window!.count('message')).toBe(0)
    const reading = Promise.resolve(tier.read(['a']))
    await turns()
    expect(await isSettled(reading)).toBe(false)
  })
})
