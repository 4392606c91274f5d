import { describe, expect, test } from 'vitest'
import { hubTier } from '../../src/hub/client.js'
import { isSettled, turns } from '../ground/promises.js'
import { browser, HUB, serve } from './windows.js'

const NONCE = Array(16).fill(7).join('.')
const STATE = { lifetimes: ['device'], access: false }
const silent = (): void => {}

/** A hub that says nothing by itself, and what the test says for it. */
const speechless = async () => {
  const visitor = browser({ script: silent })
  const page = visitor.page('https://a.brand.test/')
  const tier = hubTier({ url: HUB, env: page.env })
  const opening = Promise.resolve(tier.open())
  await turns()
  const frame = page.frames[0]!
  const nonce = visitor.posted[0]!.data.holdfast as string
  const say = async (over: Partial<{ data: unknown; source: unknown; origin: string; ports: unknown[] }> = {}): Promise<void> => {
    const { port1 } = new MessageChannel()
    page.dispatch('message', { source: frame.contentWindow, origin: 'https://chat.vendor.test', data: { holdfast: nonce, version: 1, state: STATE }, ports: [port1], ...over })
    await turns(5)
  }
  return { visitor, page, tier, frame, nonce, opening, say }
}

describe('the frame of a hub', () => {
  test('is not there before the first operation, and then once, out of sight and out of reach', async () => {
    const page = browser().page('https://a.brand.test/')
    const tier = hubTier({ url: HUB, env: page.env })
    expect([page.frames.length, page.count('message')]).toEqual([0, 0])
    await Promise.all([tier.read(['a']), tier.open(), tier.names('')])
    expect(page.frames).toHaveLength(1)
    expect(page.frames[0]).toMatchObject({ src: HUB, style: 'display:none', ariaHidden: 'true', tabIndex: -1, title: 'holdfast' })
  })

  test('is one for all tiers of a page with the same address and timeout', () => {
    const { env } = browser().page('https://a.brand.test/')
    const other = browser().page('https://a.brand.test/').env
    const tier = hubTier({ url: HUB, env })
    expect(hubTier({ url: HUB, env })).toBe(tier)
    expect([hubTier({ url: HUB + '2', env }), hubTier({ url: HUB, env, timeout: 100 }), hubTier({ url: HUB, env: other })].includes(tier)).toBe(false)
    expect(hubTier({ url: HUB, env, timeout: 100 }).traits.deadline).toBe(100)
  })

  test('is made anew where the page has thrown it away, and what was asked meanwhile is answered', async () => {
    const page = browser().page('https://a.brand.test/')
    const tier = hubTier({ url: HUB, env: page.env })
    await tier.write([{ name: 'a', entry: { text: 'x', stamp: 1, lifetime: 'device' } }])
    page.frames[0]!.remove()
    expect((await tier.read(['a']))[0]?.text).toBe('x')
    expect([page.frames.length, page.count('message')]).toEqual([1, 1])
  })

  test('goes with its listeners when the tier is closed; who waits is told, and the tier can be opened again', async () => {
    const { page, tier, opening } = await speechless()
    const reading = Promise.resolve(tier.read(['a']))
    tier.close()
    for (const each of [reading, opening]) await expect(each).rejects.toMatchObject({ code: 'unavailable', message: 'hub: closed' })
    expect([page.frames.length, page.count('message'), page.count('securitypolicyviolation')]).toEqual([0, 0, 0])
    await expect(Promise.resolve(tier.read(['a']))).rejects.toMatchObject({ message: 'hub: closed' })
    void tier.open()
    expect(page.frames).toHaveLength(1)
  })

  test.each([
    ['', 'url'],
    ['hub', 'url'],
    ['data:text/html,hub', 'url'],
    ['https://', 'url'],
  ])('is not made for the address %j: %s', (url, argument) => {
    expect(() => hubTier({ url, env: {} })).toThrow(TypeError)
    expect(() => hubTier({ url, env: {} })).toThrow(argument)
  })

  test.each([0, -1, NaN, Infinity])('has no timeout of %s', (timeout) => {
    expect(() => hubTier({ url: HUB, timeout, env: {} })).toThrow(new RangeError('timeout: not ms above 0'))
  })

  test.each([
    ['there is no document', {}],
    ['there is no crypto', { document: browser().page(HUB).env.document! }],
    ['the document makes no elements', { document: { cookie: '' }, crypto: browser().page(HUB).env.crypto! }],
  ])('is named as the reason where %s', async (_case, env) => {
    await expect(Promise.resolve(hubTier({ url: HUB, env }).read(['a']))).rejects.toMatchObject({ code: 'unavailable', message: 'hub: no document' })
  })
})

describe("the page's side of the handshake", () => {
  test('says hello to the exact origin of the hub, with a nonce of 128 bits that is new for each load', async () => {
    const { visitor, frame } = await speechless()
    frame.load()
    await turns()
    const hellos = visitor.posted
    expect(hellos.map(({ to, targetOrigin, ports }) => ({ to, targetOrigin, ports }))).toEqual(Array(2).fill({ to: 'hub', targetOrigin: 'https://chat.vendor.test', ports: 0 }))
    for (const { data } of hellos) expect(data).toEqual({ holdfast: expect.stringMatching(/^(\d{1,3}\.){15}\d{1,3}$/) as string, speaks: [1, 1] })
    expect(hellos[0]!.data.holdfast).not.toBe(hellos[1]!.data.holdfast)
  })

  test('takes a welcome of the right source, origin and nonce, with a port, and speaks through that', async () => {
    const { say, opening, tier } = await speechless()
    const { port1, port2 } = new MessageChannel()
    port2.onmessage = ({ data }: MessageEvent<{ id: number; ops: unknown[] }>) => port2.postMessage({ id: data.id, answers: data.ops.map(() => ['a']) })
    await say({ ports: [port1] })
    await opening
    expect(await tier.names('')).toEqual(['a'])
    expect(tier.traits).toMatchObject({ lifetimes: ['device'], reach: 'origin', mayReach: 'site', access: false })
    port2.close()
  })

  test.each<[string, object | ((nonce: string) => object)]>([
    ['another source', { source: {} }],
    ['no source', { source: null }],
    ['another origin', { origin: 'https://chat.vendor.test.evil.test' }],
    ['a longer origin', { origin: 'https://chat.vendor.test:8443' }],
    ['an opaque origin', { origin: 'null' }],
    ['another nonce', { data: { holdfast: NONCE, version: 1, state: STATE } }],
    ['no nonce', { data: { version: 1, state: STATE } }],
    ['no number', { data: { holdfast: NaN, version: 1, state: STATE } }],
    ['no data', { data: null }],
    ['no port', { ports: [] }],
    ['what is no port', { ports: [7] }],
    ['no state', (holdfast) => ({ data: { holdfast, version: 1 } })],
    ['a state without lifetimes', (holdfast) => ({ data: { holdfast, version: 1, state: {} } })],
    ['another source that refuses', (holdfast) => ({ source: {}, data: { holdfast, refused: 'origin' } })],
    ['another origin that refuses', (holdfast) => ({ origin: 'https://evil.test', data: { holdfast, refused: 'origin' } })],
  ])('hears nothing from %s', async (_case, over) => {
    const { say, tier, nonce, page, visitor } = await speechless()
    await say(typeof over === 'function' ? over(nonce) : over)
    const reading = Promise.resolve(tier.read(['a']))
    await turns()
    expect([await isSettled(reading), page.frames.length, visitor.ports.length]).toEqual([false, 1, 0])
    // It still hears the hub itself.
    serve(visitor, page.frames[0]!.window!)
    await visitor.clock.advance(200)
    await expect(reading).resolves.toEqual([undefined])
  })

  test('says it again until the script of the vendor listens, within a third of the time that it took', async () => {
    for (const late of [60, 300, 1000, 3000, 6000]) {
      const { visitor, frame, opening } = await speechless()
      await visitor.clock.advance(late)
      expect(new Set(visitor.posted.map(({ data }) => data.holdfast)).size).toBe(1)
      serve(visitor, frame.window!)
      await visitor.clock.advance(70 + late / 3)
      await opening
      const { length } = visitor.posted
      await visitor.clock.advance(3_600_000)
      expect(visitor.posted).toHaveLength(length)
    }
  })

  test('says it to an error page a few times and no more: the console tells of each', async () => {
    const visitor = browser({ shows: 'https://error.test' })
    void hubTier({ url: HUB, env: visitor.page('https://a.brand.test/').env }).open()
    await turns()
    await visitor.clock.advance(100 * 86_400_000)
    expect(visitor.posted.length).toBeLessThan(20)
  })

  test('hears the first welcome alone', async () => {
    const { say, page, tier, nonce } = await speechless()
    const [first, second] = [new MessageChannel(), new MessageChannel()]
    const heard: string[] = []
    first.port2.onmessage = () => void heard.push('first')
    second.port2.onmessage = () => void heard.push('second')
    await say({ ports: [first.port1] })
    await say({ ports: [second.port1] })
    await say({ data: { holdfast: nonce, refused: 'origin' } })
    void Promise.resolve(tier.read(['a'])).catch(() => {})
    await turns()
    expect(page.frames).toHaveLength(1)
    expect(new Set(heard)).toEqual(new Set(['first']))
    for (const port of [first.port2, second.port2]) port.close()
  })

  test.each([
    ['origin', 'hub: origin refused'],
    ['version', 'hub: newer protocol'],
  ])('names the reason where it is refused for its %s, at once and until it is opened again', async (refused, message) => {
    const { say, nonce, page, tier, opening } = await speechless()
    const asked = [opening, tier.read(['a']), tier.write([{ name: 'a', drop: 1 }]), tier.names(''), tier.prove!('site')]
    const caught = asked.map((each) => Promise.resolve(each).catch((error: unknown) => error))
    await say({ data: { holdfast: nonce, refused } })
    for (const each of caught) expect(await each).toMatchObject({ code: 'unavailable', message })
    expect([page.frames.length, page.count('message')]).toEqual([0, 0])
    await expect(Promise.resolve(tier.read(['a']))).rejects.toMatchObject({ message })
    await expect(Promise.resolve(tier.write([{ name: 'a', drop: 1 }]))).rejects.toMatchObject({ message })
    await expect(Promise.resolve(tier.prove!(undefined))).rejects.toMatchObject({ message })
    expect(page.frames).toHaveLength(0)
    void tier.open()
    void tier.open()
    expect(page.frames).toHaveLength(1)
  })

  test('names a Content-Security-Policy that blocks the frame, whatever it tells of the address', async () => {
    for (const blockedURI of [HUB, 'https://chat.vendor.test']) {
      const { page, tier, opening } = await speechless()
      page.dispatch('securitypolicyviolation', { blockedURI, effectiveDirective: 'frame-src', disposition: 'enforce' })
      for (const each of [opening, tier.read(['a'])]) await expect(Promise.resolve(each)).rejects.toMatchObject({ code: 'unavailable', message: 'hub: frame blocked' })
      expect(page.frames).toHaveLength(0)
    }
  })

  test.each([
    ['is reported only', { blockedURI: HUB, effectiveDirective: 'frame-src', disposition: 'report' }],
    ['concerns another frame', { blockedURI: 'https://chat.vendor.test/window', effectiveDirective: 'frame-src', disposition: 'enforce' }],
    ['concerns no frame', { blockedURI: 'https://chat.vendor.test', effectiveDirective: 'script-src', disposition: 'enforce' }],
    ['says nothing', {}],
  ])('is not disturbed by a violation that %s', async (_case, event) => {
    const { page } = await speechless()
    page.dispatch('securitypolicyviolation', event)
    await turns()
    expect(page.frames).toHaveLength(1)
  })

  test('is not disturbed by a violation once the hub has answered', async () => {
    const page = browser().page('https://a.brand.test/')
    const tier = hubTier({ url: HUB, env: page.env })
    await tier.open()
    page.dispatch('securitypolicyviolation', { blockedURI: HUB, effectiveDirective: 'frame-src', disposition: 'enforce' })
    await expect(tier.read(['a'])).resolves.toEqual([undefined])
  })

  test('names what blocks a frame that is made anew', async () => {
    const page = browser().page('https://a.brand.test/')
    const tier = hubTier({ url: HUB, env: page.env })
    await tier.open()
    page.frames[0]!.remove()
    const reading = Promise.resolve(tier.read(['a']))
    page.dispatch('securitypolicyviolation', { blockedURI: HUB, effectiveDirective: 'frame-src', disposition: 'enforce' })
    await expect(reading).rejects.toMatchObject({ message: 'hub: frame blocked' })
  })

  test('is made again after a reload of the frame, and what was not answered is asked again', async () => {
    const visitor = browser()
    const page = visitor.page('https://a.brand.test/')
    const tier = hubTier({ url: HUB, env: page.env })
    await tier.write([{ name: 'a', entry: { text: 'x', stamp: 1, lifetime: 'device' } }])
    visitor.options.script = silent
    page.frames[0]!.load()
    const reading = Promise.resolve(tier.read(['a']))
    await turns()
    expect(await isSettled(reading)).toBe(false)
    visitor.options.script = undefined
    page.frames[0]!.load()
    expect((await reading)[0]?.text).toBe('x')
    expect(new Set(visitor.posted.filter(({ to }) => to === 'hub').map(({ data }) => data.holdfast)).size).toBe(3)
  })
})
