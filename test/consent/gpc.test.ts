import { describe, expect, test } from 'vitest'
import type { ConsentEnv } from '../../src/consent/index.js'
import { all, choice, gpc } from '../../src/consent/index.js'

const CATEGORIES = ['necessary', 'functional', 'analytics', 'marketing']
const told = (env: ConsentEnv, categories?: string[]): unknown[] => {
  const consent = gpc({ env, ...(categories && { categories }) })
  return CATEGORIES.map((category) => consent.allows(category))
}

describe('Global Privacy Control', () => {
  test.each<[string, ConsentEnv, unknown[]]>([
    ['is a veto over marketing', { navigator: { globalPrivacyControl: true } }, [true, true, true, false]],
    ['is none where the visitor has not set it', { navigator: { globalPrivacyControl: false } }, [true, true, true, true]],
    ['is none where the browser does not know it', { navigator: {} }, [true, true, true, true]],
    ['is none where it is not what the standard says', { navigator: { globalPrivacyControl: '1' } }, [true, true, true, true]],
    ['is none where there is no navigator', {}, [true, true, true, true]],
    ['is not known where it cannot be looked at', { get navigator(): never { throw new Error('blocked') } }, [true, true, true, undefined]],
  ])('%s', (_, env, answers) => {
    expect(told(env)).toEqual(answers)
  })

  test('is a veto over what the caller names, and never over what is necessary', () => {
    expect(told({ navigator: { globalPrivacyControl: true } }, ['analytics', 'necessary'])).toEqual([true, true, false, true])
  })

  test('is asked each time', () => {
    const navigator = { globalPrivacyControl: false }
    const consent = gpc({ env: { navigator } })
    consent.watch(() => {})()
    navigator.globalPrivacyControl = true
    expect(consent.allows('marketing')).toBe(false)
  })

  test('grants nothing by itself', () => {
    const consent = all(gpc({ env: { navigator: { globalPrivacyControl: true } } }), choice({ analytics: true, marketing: true }))
    expect(CATEGORIES.map((category) => consent.allows(category))).toEqual([true, undefined, true, false])
  })

  test('of this environment is looked up late, and harms nobody', () => {
    expect(gpc().allows('marketing')).toBe(true)
  })
})
