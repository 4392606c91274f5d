import { describe, expect, test, vi } from 'vitest'
import { fakeClock } from 'holdfast/testing'
import type { ConsentEnv, TcfOptions } from '../../src/consent/index.js'
import { tcf } from '../../src/consent/index.js'
import { failureOf } from '../ground/failure.js'

type Callback = (data: unknown, success: unknown) => void

const GRANTED = { gdprApplies: true, eventStatus: 'tcloaded', listenerId: 7, purpose: { consents: { 1: true, 8: true } }, vendor: { consents: { 755: true } } }
const OPTIONS = { vendor: 755, purposes: { analytics: [1, 8] } } as const

/** A window without a CMP, in which one may turn up. */
const visit = (more: Partial<TcfOptions> = {}) => {
  const clock = fakeClock()
  const env: ConsentEnv & { __tcfapi?: unknown; parent?: unknown } = { ...clock.env }
  env.parent = env
  const consent = tcf({ ...OPTIONS, env, ...more })
  const told: unknown[] = []
  const undo = consent.watch(() => told.push(consent.allows('analytics')))
  return { clock, env, consent, told, undo }
}
const answering = (data: unknown) => vi.fn((command: string, _: number, callback: Callback) => command === 'addEventListener' && callback(data, true))

describe('where no CMP shows up', () => {
  test.each<[TcfOptions['absent'], boolean | undefined, unknown[]]>([
    [undefined, undefined, []],
    ['wait', undefined, []],
    ['allow', true, [true]],
    ['deny', false, [false]],
  ])('%s: %s, and not before the deadline', async (absent, answer, changes) => {
    const { clock, consent, told } = visit({ ...(absent && { absent }), deadline: 1000 })
    await clock.advance(999)
    expect([consent.allows('analytics'), told]).toEqual([undefined, []])
    await clock.advance(1)
    expect([consent.allows('analytics'), consent.allows('comfort'), consent.allows('necessary'), told]).toEqual([answer, answer, true, changes])
  })

  test('it is looked for during ten seconds, and then no timer is left', async () => {
    const { clock, consent } = visit({ absent: 'deny' })
    await clock.advance(9_999)
    expect(consent.allows('analytics')).toBeUndefined()
    await clock.advance(1)
    expect([consent.allows('analytics'), clock.next()]).toEqual([false, undefined])
  })

  test('the last undo ends the search', async () => {
    const { clock, undo } = visit()
    expect(clock.next()).toBe(100)
    undo()
    expect(clock.next()).toBeUndefined()
  })

  test.each<[TcfOptions['absent'], boolean | undefined]>([['wait', undefined], ['allow', true], ['deny', false]])('and where there is no window for one, %s holds at once, without a timer', (absent, answer) => {
    const clock = fakeClock()
    const consent = tcf({ ...OPTIONS, absent: absent!, env: clock.env })
    expect([consent.allows('analytics'), clock.next()]).toEqual([answer, undefined])
  })

  test('on a server nothing throws', () => {
    const consent = tcf({ ...OPTIONS, absent: 'deny' })
    consent.watch(() => {})()
    expect(consent.allows('analytics')).toBe(false)
  })
})

describe('a CMP that comes late', () => {
  test('is noticed within a tenth of a second', async () => {
    const { clock, env, told } = visit({ absent: 'deny' })
    await clock.advance(350)
    const api = (env.__tcfapi = answering(GRANTED))
    await clock.advance(100)
    expect([told, api.mock.calls.length, clock.next()]).toEqual([[true], 1, undefined])
  })

  test('is noticed by the next question, and asked once', async () => {
    const { clock, env, consent } = visit()
    const api = (env.__tcfapi = answering(GRANTED))
    expect(consent.allows('analytics')).toBe(true)
    await clock.advance(20_000)
    expect(api).toHaveBeenCalledTimes(1)
  })

  test('is asked even when the deadline is over: then what it says holds', async () => {
    const { clock, env, consent, told } = visit({ absent: 'allow', deadline: 100 })
    await clock.advance(100)
    const waiting: Callback[] = []
    env.__tcfapi = (_: string, __: number, callback: Callback) => waiting.push(callback)
    expect(consent.allows('analytics')).toBeUndefined()
    waiting[0]!({ ...GRANTED, vendor: { consents: {} } }, true)
    expect([consent.allows('analytics'), told]).toEqual([false, [true, undefined, false]])
  })

  test('is not absent because it is a stub that nobody follows', async () => {
    const { clock, env, consent } = visit({ absent: 'allow', deadline: 100 })
    env.__tcfapi = () => {}
    await clock.advance(10_000)
    expect(consent.allows('analytics')).toBeUndefined()
  })
})

describe('what is no CMP', () => {
  test.each<[string, (env: Record<string, unknown>) => void, boolean | undefined]>([
    ['a value where the function would be: it is absent', (env) => (env['__tcfapi'] = true), false],
    ['a function that throws: it is not known', (env) => (env['__tcfapi'] = () => { throw new Error('broken') }), undefined],
    ['a name that cannot be looked at: it is absent', (env) => Object.defineProperty(env, '__tcfapi', { get() { throw new Error('blocked') } }), false],
    ['windows without end above: it is absent', (env) => (env['parent'] = { frames: {}, parent: { frames: {}, get parent() { return env['parent'] } } }), false],
    ['a window above that hides its frames: it is absent', (env) => (env['parent'] = { get frames() { throw new DOMException('cross-origin', 'SecurityError') }, get parent() { return this } }), false],
    ['no window above: it is absent', (env) => (env['parent'] = null), false],
  ])('%s', async (_, spoil, answer) => {
    const clock = fakeClock()
    const env: Record<string, unknown> = { ...clock.env }
    env['parent'] = env
    spoil(env)
    const consent = tcf({ ...OPTIONS, absent: 'deny', env })
    consent.watch(() => {})
    await clock.advance(10_000)
    expect(consent.allows('analytics')).toBe(answer)
  })
})

describe('a reply', () => {
  const reply = (data: unknown, success: unknown = true): boolean | undefined => {
    const { env, consent } = visit()
    env.__tcfapi = (_: string, __: number, callback: Callback) => callback(data, success)
    return consent.allows('analytics')
  }
  const none = { ...GRANTED, gdprApplies: false, eventStatus: undefined, purpose: undefined, vendor: undefined }

  test.each<[string, unknown, boolean | undefined]>([
    ['that grants', GRANTED, true],
    ['after a choice', { ...GRANTED, eventStatus: 'useractioncomplete' }, true],
    ['as bit fields', { ...GRANTED, purpose: { consents: '10000001' }, vendor: { consents: '0'.repeat(754) + '1' } }, true],
    ['as bit fields that are too short', { ...GRANTED, purpose: { consents: '1000000' } }, false],
    ['as bit fields that count from 0', { ...GRANTED, purpose: { consents: '010000001' } }, false],
    ['without purposes', { ...GRANTED, purpose: undefined }, false],
    ['without vendors', { ...GRANTED, vendor: null }, false],
    ['with 1 in place of true', { ...GRANTED, purpose: { consents: { 1: 1, 8: 1 } } }, false],
    ["with 'true' in place of true", { ...GRANTED, vendor: { consents: { 755: 'true' } } }, false],
    ['with a list in place of a table', { ...GRANTED, vendor: { consents: [755] } }, false],
    ['with a restriction that is none', { ...GRANTED, publisher: { restrictions: { 8: { 755: '1' } } } }, false],
    ["with another vendor's restriction", { ...GRANTED, publisher: { restrictions: { 8: { 12: 0 } } } }, true],
    ['with a restriction of another purpose', { ...GRANTED, publisher: { restrictions: { 3: { 755: 0 } } } }, true],
    ['that the GDPR does not apply, and no more', none, true],
    ['that the GDPR does not apply, with a status', { ...none, eventStatus: 'tcloaded' }, true],
    ['that the GDPR does not apply, while the banner is up', { ...none, eventStatus: 'cmpuishown' }, undefined],
    ['that does not know whether the GDPR applies', { ...GRANTED, gdprApplies: undefined }, undefined],
    ['that leaves out whether the GDPR applies, and the status', {}, undefined],
    ['with 0 for whether the GDPR applies', { ...none, gdprApplies: 0 }, undefined],
    ['with 1 for whether the GDPR applies', { ...GRANTED, gdprApplies: 1 }, undefined],
    ['with no status', { ...GRANTED, eventStatus: undefined }, undefined],
    ['with a status in a list', { ...GRANTED, eventStatus: ['tcloaded'] }, undefined],
    ['while the banner is up', { ...GRANTED, eventStatus: 'cmpuishown' }, undefined],
    ['that is text', 'tcloaded', undefined],
    ['that is nothing', null, undefined],
  ])('%s: %s', (_, data, answer) => {
    expect(reply(data)).toBe(answer)
  })

  test.each([false, null, 0, ''])('that does not succeed (%s) says nothing', (success) => {
    expect(reply(GRANTED, success)).toBeUndefined()
  })

  test('that throws when it is looked at says nothing', () => {
    expect(reply({ ...GRANTED, get purpose(): never { throw new Error('hostile') } })).toBeUndefined()
  })

  test('that changes afterwards changes nothing', () => {
    const { env, consent } = visit()
    const vendor = { consents: { 755: true } }
    env.__tcfapi = answering({ ...GRANTED, vendor })
    expect(consent.allows('analytics')).toBe(true)
    vendor.consents[755] = false
    expect(consent.allows('analytics')).toBe(true)
  })

  test.each(['toString', '__proto__', 'constructor'])('is by the names of the categories alone, also where one is %s', (category) => {
    const purposes = JSON.parse(`{ "${category}": [8] }`) as Record<string, number[]>
    const env = { __tcfapi: answering(GRANTED) }
    expect([tcf({ vendor: 755, purposes, env }).allows(category), tcf({ ...OPTIONS, env }).allows(category)]).toEqual([true, undefined])
  })

  test('to a hostile end ends', () => {
    const { env, undo } = visit()
    let calls = 0
    env.__tcfapi = (_: string, __: number, callback: Callback) => {
      calls++
      callback(GRANTED, true)
    }
    undo()
    expect(calls).toBe(0)
    const consent = tcf({ ...OPTIONS, env })
    consent.watch(() => {})()
    expect(calls).toBe(2)
  })
})

describe('what tcf is not made from', () => {
  test.each<[string, object, string]>([
    ['no vendor', { purposes: {} }, 'RangeError: vendor'],
    ['a vendor in words', { vendor: '755', purposes: {} }, 'RangeError: vendor'],
    ['vendor 0', { vendor: 0, purposes: {} }, 'RangeError: vendor'],
    ['a purpose in words', { vendor: 1, purposes: { analytics: ['1'] } }, 'RangeError: purposes.analytics'],
    ['a purpose alone', { vendor: 1, purposes: { analytics: 8 } }, 'RangeError: purposes.analytics'],
    ['another absent', { vendor: 1, purposes: {}, absent: 'constructor' }, 'RangeError: absent'],
    ['a deadline of 0', { vendor: 1, purposes: {}, deadline: 0 }, 'RangeError: deadline'],
    ['a deadline that is no number', { vendor: 1, purposes: {}, deadline: NaN }, 'RangeError: deadline'],
  ])('%s', async (_, options, told) => {
    expect(String(await failureOf(() => tcf(options as never)))).toContain(told)
  })
})
