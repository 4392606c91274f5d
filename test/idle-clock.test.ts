import { expect, test } from 'vitest'
import { createStorage } from 'holdfast'
import { fakeClock, inMemory } from 'holdfast/testing'

test('a use after the clock was set back counts from then: the namespace is forgotten once unused for so long', async () => {
  const clock = fakeClock()
  const tiers = inMemory('localStorage')
  const load = () => createStorage({ namespace: 'acme-chat', tiers, idle: '1d', now: clock.now, env: { ...clock.env } })
  const storage = load()
  await storage.set('token', 'abc')
  clock.jump(-10 * 86_400_000)
  expect(await storage.get('token')).toBe('abc')
  await clock.advance(86_400_000)
  expect(await load().get('token')).toBeUndefined()
})
