import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLife } from '../bench/soak-life.js'

/** The short form of `bench/soak.mjs`: a widget's life, with every listener, channel, lock, timer and connection counted. */

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

describe('12,000 operations in tabs that open and close', () => {
  const life = createLife(12_000)
  let kept: string[] = ['not looked at yet']
  const unhandled: unknown[] = []
  const hear = (cause: unknown): unknown => unhandled.push(cause)

  beforeAll(async () => {
    process.on('unhandledRejection', hear)
    await life.run(12_000)
    await life.rest()
  })
  afterAll(() => process.off('unhandledRejection', hear))

  test('open, close, destroy and discard storages enough to tell something', () => {
    const { operations, opened, closed, destroyed, discarded, rejected } = life.seen
    expect(operations).toBeGreaterThanOrEqual(12_000)
    expect(opened).toBe(closed + destroyed + discarded)
    expect(Math.min(closed, destroyed, discarded, rejected)).toBeGreaterThan(0)
    expect(life.lived()).toBeGreaterThan(3_600_000)
  })

  test('throw nothing at a caller but what is documented, and leave no promise unheard', () => {
    expect(life.faults).toEqual([])
    expect(unhandled).toEqual([])
  })

  test('leave no listener, channel, connection, lock or timer behind a storage that is gone', () => {
    expect(life.left()).toEqual({ listeners: 0, channels: 0, connections: 0, locks: 0, timers: 0, watchers: 0 })
  })

  test('leave no storage in memory that was closed, on a page that lives on', async () => {
    for (let round = 0; round < 4; round++) {
      collect()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(life.held()).toBe(0)
  })

  test('leave nothing in the browser once each namespace is destroyed', async () => {
    kept = await life.end()
    expect(kept).toEqual([])
    expect(life.left()).toEqual({ listeners: 0, channels: 0, connections: 0, locks: 0, timers: 0, watchers: 0 })
  })
})
