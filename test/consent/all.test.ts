import { describe, expect, test, vi } from 'vitest'
import { all, choice } from '../../src/consent/index.js'
import type { Consent } from '../../src/contracts.js'
import { failureOf } from '../ground/failure.js'

const saying = (answer: unknown): Consent => ({ allows: () => answer as boolean, watch: () => () => {} })

describe('several consents', () => {
  test.each<[string, unknown[], boolean | undefined]>([
    ['one that allows', [true], true],
    ['two that allow', [true, true], true],
    ['one of two refuses', [true, false], false],
    ['one of two does not know', [true, undefined], undefined],
    ['one refuses, one does not know', [undefined, false], false],
    ['one says something else', [true, null], undefined],
    ['one says a word', [true, 'yes'], undefined],
  ])('%s', (_, answers, told) => {
    expect(all(...answers.map(saying)).allows('analytics')).toBe(told)
  })

  test('never ask for what is necessary', () => {
    expect(all(saying(false)).allows('necessary')).toBe(true)
  })

  test('wait for one that throws', () => {
    const broken: Consent = { allows: () => { throw new Error('broken') }, watch: () => () => {} }
    expect([all(saying(true), broken).allows('analytics'), all(saying(false), broken).allows('analytics')]).toEqual([undefined, false])
  })

  test('tell of a change of each, after it holds, until the undo', () => {
    const [one, other] = [choice({ analytics: true }), choice()]
    const consent = all(one, other)
    const told: unknown[] = []
    const undo = consent.watch(() => told.push(consent.allows('analytics')))
    void other.update({ analytics: true })
    void one.update({ analytics: false })
    undo()
    undo()
    void one.update({ analytics: true })
    expect(told).toEqual([true, false])
  })

  test('may be combined again', () => {
    const refused = all(choice({ analytics: true }), all(choice({ analytics: true }), choice({ analytics: false })))
    expect(refused.allows('analytics')).toBe(false)
  })

  test.each<[string, unknown[]]>([['none', []], ['nothing', [undefined]], ['answers', [choice(), { analytics: true }]]])('are not %s', async (_, consents) => {
    expect(String(await failureOf(() => all(...(consents as Consent[]))))).toContain('RangeError: consents')
  })
})

describe('listeners of a consent', () => {
  test('that throw harm nobody', () => {
    const consent = choice()
    const heard = vi.fn()
    consent.watch(() => { throw new Error('hostile') })
    consent.watch(heard)
    expect(() => consent.update({ analytics: true })).not.toThrow()
    expect([heard.mock.calls.length, consent.allows('analytics')]).toEqual([1, true])
  })

  test('that are one function count by their undo', () => {
    const consent = choice()
    const heard = vi.fn()
    const undo = [consent.watch(heard), consent.watch(heard)]
    undo[0]!()
    undo[0]!()
    void consent.update({ analytics: true })
    expect(heard).toHaveBeenCalledTimes(1)
  })

  test('may undo, watch and update while they are told', () => {
    const consent = choice()
    const late = vi.fn()
    const undo: (() => void)[] = []
    undo.push(
      consent.watch(() => {
        undo.forEach((leave) => leave())
        void consent.update({ marketing: false })
        consent.watch(late)
      }),
    )
    const other = vi.fn()
    undo.push(consent.watch(other))
    void consent.update({ analytics: true })
    expect([consent.allows('analytics'), consent.allows('marketing'), other.mock.calls.length]).toEqual([true, false, 0])
    void consent.update({ functional: true })
    expect(late).toHaveBeenCalled()
  })
})
