import type { DOMWindow } from 'jsdom'
import { describe, expect, test, vi } from 'vitest'
import type { TcfOptions } from '../../src/consent/index.js'
import { tcf } from '../../src/consent/index.js'
import { turns } from '../ground/promises.js'
import type { Chosen } from './cmp.js'
import { cmp, frameIn, page, poster, stub, VENDOR } from './cmp.js'

const purposes = { analytics: [1, 8], marketing: [3, 4], functional: [] }
const consentIn = (env: DOMWindow, more: Partial<TcfOptions> = {}) => tcf({ vendor: VENDOR, purposes, env, ...more })
const EVERYTHING: Chosen = { purposes: [1, 3, 4, 8], vendors: [VENDOR] }

/** A page with the stub, the CMP and a listener. */
const visit = () => {
  const window = page()
  stub(window)
  const consent = consentIn(window)
  const heard = vi.fn()
  consent.watch(heard)
  return { window, consent, heard, ...cmp(window) }
}

describe('a choice that the CMP has', () => {
  test.each<[string, Chosen, { analytics: boolean; marketing: boolean; functional: boolean }]>([
    ['everything', EVERYTHING, { analytics: true, marketing: true, functional: true }],
    ['nothing', {}, { analytics: false, marketing: false, functional: false }],
    ['the purposes without the vendor', { purposes: [1, 3, 4, 8] }, { analytics: false, marketing: false, functional: false }],
    ['the purposes with another vendor', { purposes: [1, 3, 4, 8], vendors: [12] }, { analytics: false, marketing: false, functional: false }],
    ['the vendor alone', { vendors: [VENDOR] }, { analytics: false, marketing: false, functional: false }],
    ['all but purpose 1', { purposes: [3, 4, 8], vendors: [VENDOR] }, { analytics: false, marketing: false, functional: false }],
    ['purpose 1 and the vendor', { purposes: [1], vendors: [VENDOR] }, { analytics: false, marketing: false, functional: true }],
    ['purposes 1 and 8', { purposes: [1, 8], vendors: [VENDOR] }, { analytics: true, marketing: false, functional: true }],
    ['one of two purposes', { purposes: [1, 3], vendors: [VENDOR] }, { analytics: false, marketing: false, functional: true }],
    // In some countries a CMP need not ask for purpose 1: that is not to have been allowed it.
    ['purpose 1 not asked for', { purposes: [3, 4, 8], vendors: [VENDOR], purposeOneTreatment: true }, { analytics: false, marketing: false, functional: false }],
    ['purpose 8, which the publisher forbids', { ...EVERYTHING, restricts: [8, 0] }, { analytics: false, marketing: true, functional: true }],
    ['purpose 8, for which the publisher asks for consent', { ...EVERYTHING, restricts: [8, 1] }, { analytics: true, marketing: true, functional: true }],
    ['purpose 8, for which the publisher wants legitimate interest', { ...EVERYTHING, restricts: [8, 2] }, { analytics: false, marketing: true, functional: true }],
  ])('of %s', (_, chosen, told) => {
    const { consent, update, heard } = visit()
    update(chosen)
    expect({ analytics: consent.allows('analytics'), marketing: consent.allows('marketing'), functional: consent.allows('functional') }).toEqual(told)
    expect(heard).toHaveBeenCalledTimes(1)
  })

  test('is of no category that has no purposes', () => {
    const { consent, update } = visit()
    update(EVERYTHING)
    expect([consent.allows('comfort'), consent.allows('constructor'), consent.allows('__proto__')]).toEqual([undefined, undefined, undefined])
  })

  test('is of each category where the GDPR does not apply', () => {
    const { consent, update, heard } = visit()
    update(null)
    expect([consent.allows('analytics'), consent.allows('comfort')]).toEqual([true, true])
    expect(heard).toHaveBeenCalledTimes(1)
  })
})

describe('the time before the visitor has chosen', () => {
  test('knows nothing while there is the stub alone', () => {
    const window = page()
    stub(window)
    const consent = consentIn(window, { absent: 'allow' })
    expect([consent.allows('analytics'), consent.allows('necessary')]).toEqual([undefined, true])
  })

  test('knows nothing while the banner is up, whatever that carries', () => {
    const { consent, update, heard } = visit()
    update(EVERYTHING, 'shown')
    expect(consent.allows('analytics')).toBeUndefined()
    expect(heard).not.toHaveBeenCalled()
    update({ purposes: [1], vendors: [VENDOR] })
    expect([consent.allows('analytics'), consent.allows('functional')]).toEqual([false, true])
  })

  test('knows nothing while the banner is up where the GDPR does not apply', () => {
    const { consent, update } = visit()
    update(null, 'shown')
    expect(consent.allows('analytics')).toBeUndefined()
  })

  test('knows nothing of a CMP that has given up', () => {
    const { consent, disable, window } = visit()
    disable()
    window.eval("__tcfapi('addEventListener', 2, () => {})")
    expect([consent.allows('analytics'), consentIn(window).allows('analytics')]).toEqual([undefined, undefined])
  })
})

describe('a choice that is made anew', () => {
  test('is told after it holds, once for each change', () => {
    const { consent, update } = visit()
    const told: unknown[] = []
    consent.watch(() => told.push(consent.allows('analytics')))
    update(EVERYTHING)
    update({ ...EVERYTHING, purposes: [1, 3, 8] })
    update({ ...EVERYTHING, purposes: [1, 3, 8] })
    update({})
    update(EVERYTHING)
    expect(told).toEqual([true, true, false, true])
  })

  test('holds while the settings are open again, until they are saved', () => {
    const { consent, update } = visit()
    update(EVERYTHING)
    update({}, 'shown')
    expect(consent.allows('analytics')).toBe(true)
    update({})
    expect(consent.allows('analytics')).toBe(false)
  })
})

describe('a connection', () => {
  test('is not made before somebody asks or watches', () => {
    const window = page()
    const api = vi.fn()
    const looks = vi.fn(() => api)
    Object.defineProperty(window, '__tcfapi', { get: looks })
    const consent = consentIn(window)
    expect(consent.allows('necessary')).toBe(true)
    expect(looks).not.toHaveBeenCalled()
    consent.allows('analytics')
    expect(api).toHaveBeenCalledWith('addEventListener', 2, expect.any(Function), undefined)
  })

  test('is made once, however many ask and watch, and ended by the last undo', () => {
    const { window, consent, update } = visit()
    update(EVERYTHING)
    const api = vi.spyOn(window as unknown as { __tcfapi(...call: unknown[]): void }, '__tcfapi')
    const fresh = consentIn(window)
    const undo = [fresh.watch(() => {}), fresh.watch(() => {})]
    expect(fresh.allows('analytics')).toBe(true)
    expect(api.mock.calls.map(([command]) => command)).toEqual(['addEventListener'])
    undo[0]!()
    undo[0]!()
    expect(api).toHaveBeenCalledTimes(1)
    undo[1]!()
    expect(api.mock.calls.map(([command]) => command)).toEqual(['addEventListener', 'removeEventListener'])
    update({})
    expect(consent.allows('analytics')).toBe(false)
    expect(fresh.allows('analytics')).toBe(false)
    expect(api).toHaveBeenCalledTimes(3)
  })

  test('that was asked of the stub, and ended before the CMP came, is ended when it comes', () => {
    const window = page()
    stub(window)
    const heard = vi.fn()
    consentIn(window).watch(heard)()
    const { update } = cmp(window)
    const api = vi.spyOn(window as unknown as { __tcfapi(...call: unknown[]): void }, '__tcfapi')
    update(EVERYTHING)
    expect(api.mock.calls.map(([command]) => command)).toEqual(['addEventListener', 'removeEventListener'])
    update({})
    expect(heard).not.toHaveBeenCalled()
    expect(api).toHaveBeenCalledTimes(2)
  })
})

describe('a frame below the CMP', () => {
  test('is answered by the window above, also two above', async () => {
    const top = page()
    stub(top)
    const { update } = cmp(top)
    update(EVERYTHING)
    const middle = frameIn(top)
    const consent = consentIn(middle)
    const told: unknown[] = []
    const undo = consent.watch(() => told.push(consent.allows('analytics')))
    expect(consent.allows('analytics')).toBeUndefined()
    await turns()
    update({})
    await turns()
    expect(told).toEqual([true, false])
    undo()
    update(EVERYTHING)
    await turns()
    expect(told).toEqual([true, false])

    const bottom = frameIn(middle)
    const sent: { data: unknown; origin: string }[] = []
    top.postMessage = poster(top, bottom, sent)
    bottom.postMessage = poster(bottom, top)
    const below = consentIn(bottom)
    below.watch(() => {})
    await turns()
    expect(below.allows('analytics')).toBe(true)
    // Nothing but the call.
    expect(sent).toEqual([{ origin: '*', data: { __tcfapiCall: { command: 'addEventListener', version: 2, parameter: undefined, callId: expect.any(String) as string } } }])
  })

  test('takes its listener away where the last of its own is gone', async () => {
    const top = page()
    stub(top)
    cmp(top).update(EVERYTHING)
    const below = frameIn(top)
    const sent: { data: unknown; origin: string }[] = []
    top.postMessage = poster(top, below, sent)
    const undo = consentIn(below).watch(() => {})
    await turns()
    undo()
    await turns()
    expect(sent.map(({ data }) => (data as { __tcfapiCall: { command: string; parameter: unknown } }).__tcfapiCall).map(({ command, parameter }) => [command, parameter])).toEqual([
      ['addEventListener', undefined],
      ['removeEventListener', 0],
    ])
  })

  test('waits for a CMP above that is still a stub', async () => {
    const top = page()
    stub(top)
    const below = frameIn(top)
    const consent = consentIn(below, { absent: 'allow', deadline: 1 })
    consent.watch(() => {})
    await turns()
    expect(consent.allows('analytics')).toBeUndefined()
    cmp(top).update(EVERYTHING)
    await turns()
    expect(consent.allows('analytics')).toBe(true)
  })

  test.each<[string, (answer: { __tcfapiReturn: Record<string, unknown> }, parts: { top: DOMWindow; stranger: DOMWindow }) => { source: unknown; data: unknown }]>([
    ['from a frame that was not asked', (data, { stranger }) => ({ source: stranger, data })],
    ['from nobody', (data) => ({ source: null, data })],
    ['to another call', ({ __tcfapiReturn }, { top }) => ({ source: top, data: { __tcfapiReturn: { ...__tcfapiReturn, callId: '1' } } })],
    ['to a call without a name', ({ __tcfapiReturn: { callId: _, ...rest } }, { top }) => ({ source: top, data: { __tcfapiReturn: rest } })],
    ['that did not succeed', ({ __tcfapiReturn }, { top }) => ({ source: top, data: { __tcfapiReturn: { ...__tcfapiReturn, success: false } } })],
    ['that is no answer', (_, { top }) => ({ source: top, data: 'tcloaded' })],
    ['that is nothing', (_, { top }) => ({ source: top, data: null })],
  ])('hears nothing of an answer %s', async (_, forge) => {
    const top = page()
    top.eval("document.body.append(Object.assign(document.createElement('iframe'), { name: '__tcfapiLocator' }))")
    const below = frameIn(top)
    const calls: { data: unknown }[] = []
    top.postMessage = poster(top, below, calls as { data: unknown; origin: string }[])
    const consent = consentIn(below)
    consent.watch(() => {})
    const { callId } = (calls[0]!.data as { __tcfapiCall: { callId: string } }).__tcfapiCall
    const returnValue = { gdprApplies: true, eventStatus: 'tcloaded', listenerId: 1, purpose: { consents: { 1: true, 8: true } }, vendor: { consents: { [VENDOR]: true } } }
    const answer = { __tcfapiReturn: { callId, success: true, returnValue } }
    const deliver = (event: object): void => void below.dispatchEvent(Object.assign(new below.Event('message'), event))
    deliver(forge(answer, { top, stranger: frameIn(top) }))
    expect(consent.allows('analytics')).toBeUndefined()
    deliver({ source: top, data: answer })
    expect(consent.allows('analytics')).toBe(true)
  })
})
