import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inMemory } from 'holdfast/testing'
import { encodeEntry } from '../../src/entry.js'
import { hubTier } from '../../src/hub/client.js'
import { turns } from '../ground/promises.js'
import type { HubWindow } from './windows.js'
import { browser, HUB } from './windows.js'

/** What others post: anything at all, with the words of the protocol among it. */
const WORDS = ['holdfast', 'speaks', 'id', 'ops', 'answers', 'heard', 'refused', 'version', 'state', 'lifetimes', 'mark', 'code', 'length', '__proto__', 'constructor', 'toString', 'then', 'prototype', '0']
const VERBS = ['read', 'write', 'drop', 'names', 'destroy', 'mark', 'access', 'watch', '__proto__', 'constructor', 'hasOwnProperty', 'eval', '']
const NONCE = Array(16).fill(9).join('.')
const anything = fc.anything({ key: fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 4 })), withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSet: true, withSparseArray: true, withTypedArray: true, withUnicodeString: true, maxDepth: 3, maxKeys: 5 })
const speaks = fc.oneof(fc.constant([1, 1]), fc.tuple(fc.anything(), fc.anything()), anything)
const nonce = fc.oneof(fc.constant(NONCE), fc.constant([NONCE]), fc.string(), fc.array(fc.nat(255), { minLength: 16, maxLength: 16 }).map((bytes) => bytes.join('.')), anything)
const hello = fc.oneof(fc.record({ holdfast: nonce, speaks }), anything)
const op = fc.oneof(fc.tuple(fc.constantFrom(...VERBS), fc.oneof(fc.constantFrom('a', '', '__proto__', 'x'.repeat(20_000)), anything), fc.oneof(fc.constantFrom('hf13.1.1...x', 'hf13', NaN, -1, Infinity, 2 ** 60), anything), fc.oneof(fc.constantFrom(NaN, -1, Infinity, 0), anything)), anything)
const request = fc.oneof(fc.record({ id: fc.oneof(fc.nat(9), anything), ops: fc.oneof(fc.array(op, { maxLength: 4 }), anything) }), anything)

/** What the page's own objects inherit, before and after. */
const prototypes = (): string => JSON.stringify([Object.prototype, Array.prototype, Function.prototype].map((each) => Reflect.ownKeys(each).map(String)))

const opened = async (options: Parameters<typeof browser>[0] = {}) => {
  const visitor = browser({ keyed: 'nothing', ...options })
  const page = visitor.page('https://a.brand.test/')
  const tier = hubTier({ url: HUB, env: page.env })
  await tier.write([{ name: 'chat.token', entry: { text: 'kept', stamp: 5, lifetime: 'device' } }])
  const works = async (): Promise<void> => expect((await tier.read(['chat.token']))[0]?.text).toBe('kept')
  return { visitor, page, tier, works, hub: page.frames[0]!.window as HubWindow }
}

/** A port of a hub, as an allowed page has it that does not keep to the protocol. */
const portOf = async ({ visitor, hub }: { visitor: ReturnType<typeof browser>; hub: HubWindow }, origin: string): Promise<MessagePort> => {
  let port: MessagePort | undefined
  const parent = (hub.env as unknown as { parent: { postMessage: unknown } }).parent
  const before = parent.postMessage
  parent.postMessage = (_data: unknown, _origin: string, ports: MessagePort[]) => (port = ports[0])
  hub.dispatch('message', { source: parent, origin, data: { holdfast: Array(16).fill(visitor.posted.length).join('.').padEnd(31, '0'), speaks: [1, 1] }, ports: [] })
  await turns(10)
  parent.postMessage = before
  return port!
}

describe('an operation over a port', () => {
  const entry = (stamp: number): string => encodeEntry('a', { text: 'x', stamp, lifetime: 'device' })
  const REFUSED: [title: string, op: unknown][] = [
    ['a text that is no entry', ['write', 'a', 'x']],
    ['the entry of another name', ['write', 'b', entry(5)]],
    ['no entry', ['write', 'a']],
    ['a number for an entry', ['write', 'a', 5]],
    ['an entry without a name', ['write', '', encodeEntry('', { text: 'x', stamp: 5, lifetime: 'device' })]],
    ['a stamp of a far future', ['write', 'a', entry(2 ** 42)]],
    ['a stamp below 0', ['write', 'a', entry(-1)]],
    ['a drop below 0', ['drop', 'a', -1, 0]],
    ['a drop of no number', ['drop', 'a', NaN, 0]],
    ['a drop of a text', ['drop', 'a', '9', 0]],
    ['a drop of nothing', ['drop', 'a', null, 0]],
    ['a drop without a name', ['drop', '', 9, 0]],
    ['a burial for ever', ['drop', 'a', 9, Infinity]],
    ['a burial below 0', ['drop', 'a', 9, -1]],
    ['a burial until a text', ['drop', 'a', 9, '10']],
    ['a read of no name', ['read', '']],
    ['a read of a number', ['read', 5]],
    ['a read of a list', ['read', ['a']]],
    ['a list of names below a number', ['names', 5]],
    ['a word that every object has', ['constructor', 'a']],
    ['a word for its prototype', ['__proto__', 'a']],
    ['a word of another protocol', ['clear', 'a']],
    ['no words', []],
    ['nothing', null],
    ['a number', 5],
  ]

  test.each(REFUSED)('is refused alone, and changes nothing, where it is %s', async (_title, op) => {
    const world = await opened()
    const port = await portOf(world, 'https://other.test')
    const answers: { id: number; answers: unknown[] }[] = []
    port.onmessage = ({ data }) => void answers.push(data as never)
    port.postMessage({ id: 1, ops: [['write', 'a', entry(7)], op, ['read', 'a']] })
    port.postMessage({ id: 2, ops: [['read', 'a']] })
    while (answers.length < 2) await turns(5)
    expect(answers.find(({ id }) => id === 1)!.answers[1]).toEqual({ code: 'unavailable' })
    expect(answers.find(({ id }) => id === 2)!.answers).toEqual([entry(7)])
    port.close()
  })
})

describe('ten thousand messages of others', () => {
  test("to the hub's window change nothing, and those of a wrong source or origin get no port", async () => {
    const world = await opened()
    const { visitor, hub, works } = world
    const before = prototypes()
    const parent = (hub.env as unknown as { parent: object }).parent
    const source = fc.constantFrom(parent, {}, null, { postMessage: () => {} })
    const origin = fc.constantFrom('https://a.brand.test', 'https://brand.test.evil.test', 'https://evil.test', 'http://a.brand.test', 'null', '', 'https://a.brand.test:444', '*')
    visitor.posted.length = 0
    let legitimate = 0
    fc.assert(
      fc.property(fc.record({ source, origin, data: hello }), (event) => {
        if (event.source === parent && event.origin === 'https://a.brand.test') legitimate++
        hub.dispatch('message', { ...event, ports: [] })
      }),
      { numRuns: 10_000 },
    )
    await turns()
    expect(prototypes()).toBe(before)
    expect(legitimate).toBeGreaterThan(100)
    for (const { targetOrigin, ports, data } of visitor.posted) {
      if (ports) expect(targetOrigin).toBe('https://a.brand.test')
      else expect(Object.keys(data).sort()).toEqual(['holdfast', 'refused'])
      expect(targetOrigin).not.toBe('*')
    }
    expect(await visitor.tiers('https://a.brand.test/')[0]!.names('')).toEqual(['brand/test.chat.token'])
    // The page above has made others of its port: it is shaken hands with again.
    world.page.frames[0]!.load()
    await works()
  })

  test("over a port reach no other site, and the hub answers on", async () => {
    const [place] = inMemory('indexedDB')
    const world = await opened({ tiers: () => [place!] })
    const before = prototypes()
    const port = await portOf(world, 'https://other.test')
    const answers: unknown[] = []
    port.onmessage = ({ data }) => void answers.push(data)
    let sent = 0
    fc.assert(
      fc.property(request, (message) => {
        try {
          port.postMessage(message)
          sent++
        } catch {} // not everything can be posted
      }),
      { numRuns: 10_000 },
    )
    for (const message of [
      { id: 1, ops: Array.from({ length: 10_001 }, () => ['read', 'a']) },
      { id: 1, ops: Object.assign([], { length: 2 ** 32 - 1 }) },
      { id: 1, ops: [Object.assign([], { length: 2 ** 32 - 1 })] },
      { id: 1, ops: [['write', 'a', 'x'.repeat(6_000_000)]] },
      { id: 1, ops: { length: 1 } },
      { id: '1', ops: [['read', 'a']] },
    ])
      port.postMessage(message)
    port.postMessage({ id: 4711, ops: [['read', 'chat.token'], ['names', ''], ['mark', ''], 7] })
    while (!answers.some((answer) => (answer as { id: number }).id === 4711)) await turns(5)
    expect(sent).toBeGreaterThan(9000)
    expect(answers.at(-1)).toMatchObject({ id: 4711, answers: [undefined, expect.any(Array), { lifetimes: ['device'], mark: expect.any(String) as string }, { code: 'unavailable' }] })
    const names = await place!.names('')
    expect(names.filter((name) => !name.startsWith('other/test.'))).toEqual(['brand/test.chat.token'])
    expect((await place!.read(['brand/test.chat.token']))[0]?.text).toBe('kept')
    expect(prototypes()).toBe(before)
    port.close()
    world.page.frames[0]!.load()
    await world.works()
  })

  test("to the page's window change nothing, whoever posts them", async () => {
    const { page, visitor, works, hub } = await opened()
    const before = prototypes()
    const data = fc.oneof(fc.record({ holdfast: fc.oneof(fc.constantFrom(...visitor.posted.map(({ data }) => data.holdfast), NaN, undefined), nonce), refused: fc.constantFrom('origin', undefined), version: fc.constant(1), state: anything }), anything)
    const event = fc.record({ source: fc.constantFrom(hub.proxy, {}, null), origin: fc.constantFrom('https://chat.vendor.test', 'https://evil.test', 'null'), data, ports: fc.oneof(fc.constant([]), fc.constant([{}]), anything) })
    fc.assert(
      fc.property(event, (one) => page.dispatch('message', one)),
      { numRuns: 10_000 },
    )
    await turns()
    expect(prototypes()).toBe(before)
    expect(page.frames).toHaveLength(1)
    await works()
  })

  test('from a hub that is out of its mind do not get out of the tier', async () => {
    const visitor = browser()
    const ports: MessagePort[] = []
    visitor.options.script = (window) =>
      window.addEventListener('message', ({ data }: never) => {
        const { port1, port2 } = new MessageChannel()
        ports.push(port1)
        ;(window.env as unknown as { parent: { postMessage(...given: unknown[]): void } }).parent.postMessage({ holdfast: (data as { holdfast: string }).holdfast, version: 1, state: { lifetimes: ['device', 7, '__proto__'], mark: { toString: 1 }, access: {} } }, 'https://a.brand.test', [port2])
      })
    const page = visitor.page('https://a.brand.test/')
    const tier = hubTier({ url: HUB, env: page.env })
    const opening = Promise.resolve(tier.open())
    await turns()
    const [port] = ports as [MessagePort]
    const before = prototypes()
    const answer = fc.record({ id: fc.oneof(fc.nat(3), anything), answers: fc.oneof(fc.array(anything, { maxLength: 2 }), anything), heard: fc.oneof(fc.constant(undefined), anything) })
    const heard: unknown[] = []
    tier.watch!((name) => void heard.push(name))
    fc.assert(
      fc.property(fc.oneof(answer, anything), (message) => {
        try {
          port.postMessage(message)
        } catch {} // not everything can be posted
      }),
      { numRuns: 10_000 },
    )
    port.postMessage({ heard: [7, {}, 'a'] })
    await turns(200)
    expect(heard.slice(-3)).toEqual(['7', '[object Object]', 'a'])
    expect(heard.every((name) => typeof name === 'string')).toBe(true)
    const seen: unknown[] = []
    port.onmessage = ({ data: { id, ops } }: MessageEvent<{ id: number; ops: unknown[][] }>) => {
      seen.push(ops)
      port.postMessage({ id, answers: ops.map(([verb]) => (verb === 'names' ? ['ok'] : undefined)) })
    }
    await opening
    expect(await tier.names('o')).toEqual(['ok'])
    expect([prototypes(), tier.traits.lifetimes, tier.traits.access]).toEqual([before, ['device'], true])
    port.close()
  })
})
