import { describe, expect, test } from 'vitest'
import { collect } from '../../src/disclosure/collect.js'
import { toHtml } from '../../src/disclosure/html.js'
import { toMarkdown } from '../../src/disclosure/markdown.js'
import { english } from '../../src/disclosure/words.js'
import { key } from '../../src/rule.js'
import { defineKeys } from '../../src/rules.js'
import { failureOf } from '../ground/failure.js'
import { analyticsCloud, cloudConsole, dxp } from './liferay.js'
import type { GuideRow } from './liferay-rows.js'
import { analyticsCloudRows, cloudConsoleRows, dxpRows } from './liferay-rows.js'
import type { Read } from './reading.js'
import { readHtml, readMarkdown } from './reading.js'

/** The words of the guide's own columns and categories. */
const words = {
  ...english,
  categories: { necessary: 'Strictly necessary', functional: 'Preferences/Functional', analytics: 'Statistics/Performance', marketing: 'Marketing/Personalization' },
  columns: { ...english.columns, source: 'Cookie class name/package', type: 'Cookie type' },
}

const SPANS = new Map<unknown, string>([
  [60, '1 minute'],
  [1_800, '30 minutes'],
  [86_400, '1 day'],
  [31_536_000, '1 year'],
  [63_072_000, '2 years'],
  ['forever', 'Until it is deleted'],
  ['browser', 'Until the browser is closed'],
])

const capitalized = (text: string): string => text[0]!.toUpperCase() + text.slice(1)

/** What a document must say of a row, as far as the guide says it; where it says nothing, the document says that. */
const told = ({ name, source, category, type, retention, personalData, about }: GuideRow): Record<string, unknown> => ({
  Name: name,
  ...(source ? { 'Cookie class name/package': source.join(', ') } : {}),
  Category: words.categories[category],
  'Cookie type': type ? capitalized(type) : '—',
  ...(retention instanceof RegExp ? { 'Kept for': expect.stringMatching(retention) } : retention ? { 'Kept for': SPANS.get(retention) } : type ? {} : { 'Kept for': '—' }),
  'Personal data': personalData ? expect.stringMatching(personalData) : 'None',
  Purpose: about ? expect.stringMatching(about) : '—',
})

describe.each([
  ['Liferay DXP', dxp, dxpRows, 26],
  ['Liferay Analytics Cloud', analyticsCloud, analyticsCloudRows, 13],
  ['Liferay Cloud Console', cloudConsole, cloudConsoleRows, 13],
] as const)('the guide of %s', (title, registry, guide, count) => {
  const rows = collect(registry, ['cookie', 'localStorage'])
  const documents: [string, Read[]][] = [
    ['Markdown', readMarkdown(toMarkdown(rows, { words, title }))],
    ['HTML', readHtml(toHtml(rows, { words, title })).map(({ facts }) => facts)],
  ]

  test('has every row', () => {
    expect(guide).toHaveLength(count)
    for (const [, read] of documents) expect(read.map(({ Name }) => Name)).toEqual(guide.map(({ name }) => name))
  })

  describe.each(documents)('in %s', (_, read) => {
    test.each(guide.map((row, index) => [row.name, index, row] as const))('tells of %s (row %i) what it is', (_, index, row) => {
      expect(read[index]).toMatchObject(told(row))
    })
  })
})

test('what Analytics Cloud keeps is in local storage, and what the others keep in cookies', () => {
  const places = (registry: typeof dxp | typeof analyticsCloud | typeof cloudConsole) => [...new Set(collect(registry, ['cookie', 'localStorage']).flatMap(({ places }) => places.map(({ tier }) => tier)))]
  expect([places(dxp), places(analyticsCloud), places(cloudConsole)]).toEqual([['cookie'], ['localStorage'], ['cookie']])
})

test('two cookies of one name are told apart by who sets them; of keys, which are stored, one name is refused twice', async () => {
  const twice = collect(dxp, ['cookie']).filter(({ name }) => name === 'liferay.cookie.consent')
  expect(twice.map(({ source }) => source)).toEqual(['site-initializer-masterclass', 'fragment-collection-contributor-cookie-banner'])
  expect(String(await failureOf(() => defineKeys({ a: key({ name: 'liferay.cookie.consent' }), b: key({ name: 'liferay.cookie.consent' }) })))).toContain('keys.b.name')
})
