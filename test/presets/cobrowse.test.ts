import { expect, expectTypeOf, test } from 'vitest'
import { cobrowse } from '../../src/presets/index.js'
import { createStorage } from '../../src/storage.js'
import { pairsOf } from '../ground/cookies.js'
import { blocked } from '../ground/dom.js'
import { browser, rulesOf } from './brand.js'

const A = 'https://a.brand.test/'
const DEVICE = '_cobrowse_device_id'

const visit = () => {
  const all = browser()
  const load = (local = true) => {
    const env = all.page(A)
    return createStorage({ ...cobrowse({ env: local ? env : Object.defineProperty({ ...env }, 'localStorage', Object.getOwnPropertyDescriptor(blocked('localStorage'), 'localStorage')!) }), now: all.clock.now })
  }
  return { ...all, load }
}

test('what Cobrowse keeps is declared key by key', () => {
  const each = 'localStorage > cookie, forever, necessary'
  const options = cobrowse()
  expect(rulesOf(options.keys)).toEqual({
    [DEVICE]: each,
    _cobrowse_device_registration: each,
    _cobrowse_test_item: 'localStorage > cookie, 1m, necessary',
    _cobrowse_window_id: each,
    _cobrowse_active_session: each,
  })
  expect([options.namespace, Object.keys(options).sort()]).toEqual(['', ['keys', 'namespace', 'tiers']])
  expectTypeOf(createStorage(options).get<'_cobrowse_device_id'>).returns.resolves.toEqualTypeOf<string | undefined>()
})

test('it is in localStorage, and no cookie is set', async () => {
  const { load, brand, restart } = visit()
  expect(await load().set(DEVICE, 'd1')).toMatchObject({ tier: 'localStorage', lifetime: 'device', passed: [] })
  expect(pairsOf(brand.at(A))).toEqual([])
  restart()
  expect(await load().get(DEVICE)).toBe('d1')
})

test('where localStorage does not work it is a cookie, which stays when the tab is closed and goes with the browser', async () => {
  const { load, restart } = visit()
  expect(await load(false).set(DEVICE, 'd1')).toMatchObject({ tier: 'cookie', lifetime: 'session', passed: [{ tier: 'localStorage', code: 'unavailable' }] })
  expect(await load(false).get(DEVICE)).toBe('d1')
  restart()
  expect(await load(false).get(DEVICE)).toBeUndefined()
})

test('a test item is gone after a minute, if nobody removes it', async () => {
  const { load, clock } = visit()
  await load().set('_cobrowse_test_item', 'x')
  clock.jump(60_000)
  expect(await load().get('_cobrowse_test_item')).toBeUndefined()
})

test('what a session kept goes when the session ends, in either place', async () => {
  for (const local of [true, false]) {
    const { load } = visit()
    await load(local).set('_cobrowse_active_session', { id: 's1' })
    await load(local).remove('_cobrowse_active_session')
    expect(await load(local).get('_cobrowse_active_session')).toBeUndefined()
  }
})
