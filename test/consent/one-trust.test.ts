import { describe, expect, test, vi } from 'vitest'
import type { ConsentEnv } from '../../src/consent/index.js'
import { oneTrust } from '../../src/consent/index.js'
import { failureOf } from '../ground/failure.js'
import { page } from './cmp.js'

const GROUPS = { analytics: 'C0002', functional: 'C0003', marketing: 'C0004' }

/** A page, and OneTrust's script as far as a page sees it. */
const visit = (closed = false) => {
  const window = page()
  const globals = window as unknown as { OneTrust?: object; OnetrustActiveGroups?: unknown }
  const consent = oneTrust({ groups: GROUPS, env: window })
  const told: unknown[] = []
  const undo = consent.watch(() => told.push(all()))
  const all = (): unknown[] => Object.keys(GROUPS).map((category) => consent.allows(category))
  const site = { closed }
  return {
    window, consent, told, all, undo, site,
    /** The object, without or with what it can do. */
    object: (...without: string[]) => {
      const parts: Record<string, unknown> = { OnConsentChanged() {}, IsAlertBoxClosed: () => site.closed, GetDomainData: () => ({}) }
      for (const part of without) delete parts[part]
      globals.OneTrust = parts
    },
    groups: (active: unknown) => void (globals.OnetrustActiveGroups = active),
    event: () => window.dispatchEvent(new window.Event('OneTrustGroupsUpdated')),
  }
}

describe('before OneTrust is ready', () => {
  test.each<[string, (site: ReturnType<typeof visit>) => void]>([
    ['there is nothing', () => {}],
    ['there are groups alone', ({ groups }) => groups(',C0001,C0002,')],
    ['there is the object alone', ({ object }) => object()],
    ['there are no groups yet', ({ object, groups }) => (object(), groups(''))],
    ['there are no groups but commas', ({ object, groups }) => (object(), groups(',,'))],
    ['there are no groups yet, though the banner was closed on an earlier visit', ({ object, groups, site }) => (object(), groups(',,'), (site.closed = true))],
    ['the groups are a list', ({ object, groups }) => (object(), groups(['C0002']))],
    ['the object cannot tell of changes', ({ object, groups }) => (object('OnConsentChanged'), groups(',C0002,'))],
    ['the object cannot tell whether the banner is closed', ({ object, groups }) => (object('IsAlertBoxClosed'), groups(',C0002,'))],
    ['the object does not know the site', ({ object, groups }) => (object('GetDomainData'), groups(',C0002,'))],
    ['an event comes without groups', ({ event }) => event()],
  ])('%s: nothing is known but what is necessary', (_, prepare) => {
    const site = visit()
    prepare(site)
    expect([site.all(), site.consent.allows('necessary'), site.told]).toEqual([[undefined, undefined, undefined], true, []])
  })
})

describe('groups', () => {
  test.each<[string, string, boolean, unknown[]]>([
    ['that are active are granted; the others wait for the visitor', ',C0001,C0002,', false, [true, undefined, undefined]],
    ['that are not active once the banner is closed are refused', ',C0001,C0002,', true, [true, false, false]],
    ['without a comma at the end', ',C0001,C0004', true, [false, false, true]],
    ['whose name is part of another', ',C0001,C00021,XC0003,', true, [false, false, false]],
  ])('%s', (_, active, closed, answers) => {
    const site = visit(closed)
    site.object()
    site.groups(active)
    expect(site.all()).toEqual(answers)
  })

  test('count once the event has told of them, whatever the object can do', () => {
    const site = visit()
    site.groups(',C0001,C0002,')
    site.event()
    expect([site.all(), site.told]).toEqual([[true, false, false], [[true, false, false]]])
  })

  test('of a script that comes late are told when it tells, and again when the visitor chooses', () => {
    const site = visit()
    site.object()
    site.groups(',C0001,')
    site.event()
    expect(site.told).toEqual([])
    site.site.closed = true
    site.groups(',C0001,C0003,')
    site.event()
    site.event()
    site.groups(',C0001,')
    site.event()
    expect(site.told).toEqual([[false, true, false], [false, false, false]])
  })

  test('are not known for a category that has none', () => {
    const site = visit(true)
    site.object()
    site.groups(',C0001,')
    expect([site.consent.allows('comfort'), site.consent.allows('constructor')]).toEqual([undefined, undefined])
  })
})

test('who watches from later on takes no news from who watched before', () => {
  const { consent, groups, event, told } = visit()
  groups(',C0001,C0002,')
  event()
  groups(',C0001,')
  consent.watch(() => {})
  event()
  expect(told).toEqual([[true, false, false], [false, false, false]])
})

test('the last undo takes the listener away', () => {
  const { window, undo, groups, event, told } = visit()
  const removed = vi.spyOn(window, 'removeEventListener')
  undo()
  expect(removed).toHaveBeenCalledWith('OneTrustGroupsUpdated', expect.any(Function))
  groups(',C0002,')
  event()
  expect(told).toEqual([])
})

test('a page that is half there harms nobody', () => {
  const env = { get OnetrustActiveGroups(): unknown { throw new Error('blocked') } } as ConsentEnv
  const consent = oneTrust({ groups: GROUPS, env })
  consent.watch(() => {})()
  expect(consent.allows('analytics')).toBeUndefined()
  const deaf = { addEventListener(): never { throw new Error('blocked') } }
  expect(() => oneTrust({ groups: GROUPS, env: deaf }).watch(() => {})()).not.toThrow()
  const broken = { OnetrustActiveGroups: ',C0001,', OneTrust: { OnConsentChanged() {}, GetDomainData() {}, IsAlertBoxClosed: () => { throw new Error('broken') } } }
  expect(oneTrust({ groups: GROUPS, env: broken }).allows('analytics')).toBeUndefined()
  expect(oneTrust({ groups: GROUPS }).allows('analytics')).toBeUndefined()
})

test.each<[string, object]>([
  ['a group without a name', { analytics: '' }],
  ['two groups in one', { analytics: 'C0002,C0003' }],
  ['no text', { analytics: undefined }],
])('it is not made from %s', async (_, groups) => {
  expect(String(await failureOf(() => oneTrust({ groups: groups as never })))).toContain('RangeError: groups.analytics')
})
