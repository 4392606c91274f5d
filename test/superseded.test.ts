import { expect, test } from 'vitest'
import { createStorage } from 'holdfast'
import { fakeClock, faulty, inMemory } from 'holdfast/testing'

test('the tombstones beside an expired value stand: an older value of another tab stays superseded', async () => {
  const clock = fakeClock()
  const [localStorage, cookie] = inMemory('localStorage', 'cookie')
  const plan = { hangs: false }
  const tab = () => {
    const [sessionStorage, memory] = inMemory('sessionStorage', 'memory')
    return createStorage({ namespace: 'acme-chat', tiers: [sessionStorage!, localStorage!, memory!, faulty(cookie!, plan)], ttl: '60s', now: clock.now, env: { ...clock.env } })
  }
  const [one, other] = [tab(), tab()]
  await other.set('token', 'older', { ttl: 'forever' })
  plan.hangs = true
  await clock.advance(1000)
  const set = one.set('token', 'newer')
  await clock.advance(1500)
  expect(await set).toMatchObject({ tier: 'sessionStorage' })
  plan.hangs = false
  await clock.advance(61_000)
  expect(await one.get('token')).toBeUndefined()
  await one.flush()
  expect(await other.get('token')).toBeUndefined()
})
