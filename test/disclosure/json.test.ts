import { expect, test } from 'vitest'
import { collect } from '../../src/disclosure/collect.js'
import { toJson } from '../../src/disclosure/json.js'
import { external, key } from '../../src/rule.js'
import { defineKeys } from '../../src/rules.js'
import { HOSTILE } from './hostile.js'

test('what is read back are the rows', () => {
  const keys = defineKeys({ token: key<string>({ ttl: () => '1d', category: 'necessary', once: true }), _ga: external({ party: 'third' }) })
  const rows = collect(keys, ['cookie', 'memory'], { idle: '1d' })
  expect(JSON.parse(toJson(rows))).toEqual(rows)
  expect(toJson([])).toBe('[]\n')
})

test('hostile text is a string, and ends no script element', () => {
  const rows = HOSTILE.flatMap((text) => collect({ a: external({ name: text, purpose: text }) }, []))
  const text = toJson(rows)
  expect(JSON.parse(text)).toEqual(rows)
  expect(text).not.toMatch(/[<\u2028\u2029\ud800-\udfff]/)
})
