import 'fake-indexeddb/auto'
import type { Holdfast } from 'holdfast'
import { createStorage } from 'holdfast'
import type { Faults } from 'holdfast/testing'
import { fakeClock, faulty, inMemory } from 'holdfast/testing'
import { expect, test } from 'vitest'
import { implementation } from './implementation.js'
import { CLOCK_RUNS, holdsFor } from './properties.js'

test('a clock that is set back while the newer copy cannot be reached loses the order, and only that', async () => {
  const clock = fakeClock()
  const [first, second] = inMemory('localStorage', 'cookie')
  const plan: Faults = {}
  const page = (): Holdfast<Record<string, string>> => createStorage({ namespace: 'chat', tiers: [faulty(first!, plan), second!], now: clock.now, env: clock.env })
  await page().set('token', 'before')
  plan.throws = new Error('away')
  clock.jump(-3_600_000)
  // This page has seen nothing of the other's stamps, and can reach none of them.
  const later = page()
  await later.set('token', 'after')
  expect(await later.get('token')).toBe('after')
  delete plan.throws
  expect(await page().get('token')).toBe('before')
  // From here on every page knows how far the stamps have come.
  await page().set('token', 'now')
  expect(await page().get('token')).toBe('now')
  await page().remove('token')
  expect(await page().get('token')).toBe(undefined)
})

test('a clock that is set back where the newer copy can be reached loses nothing', async () => {
  const clock = fakeClock()
  const tiers = inMemory('localStorage', 'cookie')
  const page = (): Holdfast<Record<string, string>> => createStorage({ namespace: 'chat', tiers, now: clock.now, env: clock.env })
  await page().set('token', 'before')
  clock.jump(-3_600_000)
  await page().set('token', 'after')
  expect(await page().get('token')).toBe('after')
  await page().remove('token')
  expect(await page().get('token')).toBe(undefined)
})

test('no other law is broken by clocks that are set back and forward', () =>
  holdsFor(implementation, 'stand-ins', { clock: 8, fault: 8, heal: 8, remove: 8 }, 11, CLOCK_RUNS), 900_000)
