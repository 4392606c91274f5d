import { afterEach, describe, expect, test, vi } from 'vitest'
import { createHandler, nodeListener } from 'holdfast/server'
import { entry, ORIGIN } from './asking.js'
import { floodOf } from './flood.js'
import { onLoopback, sendRaw } from './loopback.js'

const COUNT = 10_000
const AT_ONCE = 25
const seed = Number(process.env.SEED ?? Date.now() % 1e9)

afterEach(() => vi.restoreAllMocks())

describe(`a server on loopback, seed ${seed}`, () => {
  test(`stands ${COUNT} malformed requests, lets none of them through, says nothing of them, and answers right afterwards`, () => {
    const said = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => vi.spyOn(console, name))
    const handler = createHandler({ allow: ['https://*.brand.test'], hub: { script: '/hub.js' }, cookies: {} })
    let rejected = 0
    const listener = nodeListener((request) => handler(request).catch((error: unknown) => (rejected++, Promise.reject(error))))
    return onLoopback(listener, async (port) => {
      const floods = floodOf(COUNT, seed)
      const statuses = new Map<string, Set<string>>()
      const wrong: string[] = []
      const worker = async (): Promise<void> => {
        for (let flood = floods.pop(); flood; flood = floods.pop()) {
          const answer = await sendRaw(port, flood.bytes)
          const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 'closed'
          statuses.set(flood.kind, (statuses.get(flood.kind) ?? new Set()).add(status))
          if (!/^(400|403|404|405|411|413|415|431|505|closed)$/.test(status) || /set-cookie|evil/i.test(answer)) wrong.push(`${flood.kind}: ${answer.slice(0, 200)}`)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, worker))
      const words = said.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
      expect(wrong).toEqual([])
      expect([rejected, words]).toEqual([0, 0])
      expect(statuses.size).toBe(25)
      // They reach each of the handler's refusals, not only node's parser.
      expect([...new Set([...statuses.values()].flatMap((each) => [...each]))]).toEqual(expect.arrayContaining(['400', '403', '404', '405', '413', '415', '431']))

      const headers = { origin: ORIGIN, 'content-type': 'application/json', 'x-holdfast': '1' }
      const response = await fetch(`http://127.0.0.1:${port}/entries`, { method: 'POST', body: JSON.stringify({ write: [entry('a', 'x', 5)] }), headers })
      expect(await response.json()).toMatchObject({ reach: 'site', outcomes: [true] })
      expect((await fetch(`http://127.0.0.1:${port}/hub`)).status).toBe(200)
    })
  }, 300_000)
})
