import { describe, expect, test } from 'vitest'
import { collect } from '../../src/disclosure/collect.js'
import { toHtml } from '../../src/disclosure/html.js'
import { toMarkdown } from '../../src/disclosure/markdown.js'
import type { Words } from '../../src/disclosure/words.js'
import { english } from '../../src/disclosure/words.js'
import { german } from '../../src/disclosure/words-german.js'
import type { Rules } from '../../src/rule.js'
import { external, key } from '../../src/rule.js'
import { defineKeys } from '../../src/rules.js'
import { failureOf } from '../ground/failure.js'
import { readMarkdown } from './reading.js'

/** Each word by its place in the table. */
const wordsOf = (words: object, path = ''): [string, string][] => Object.entries(words).flatMap(([name, word]) => (typeof word === 'string' ? [[path + name, word] as [string, string]] : wordsOf(word as object, path + name + '.')))

const read = (registry: Rules, tiers: readonly string[], words: Words, idle?: '2d') => readMarkdown(toMarkdown(collect(registry, tiers, idle && { idle }), { words }))[0]!

describe('the German words', () => {
  const [ours, theirs] = [wordsOf(german), new Map(wordsOf(english))]

  test('are as many as the English ones, and have a place for the same parts', () => {
    expect(ours.map(([path]) => path)).toEqual([...theirs.keys()])
    const parts = (word: string): string[] => [...word.matchAll(/\{\w+\}/g)].map(String).sort()
    for (const [path, word] of ours) expect(parts(word), path).toEqual(parts(theirs.get(path)!))
  })

  test('are German, but for names that are the same in both', () => {
    expect(ours.filter(([path, word]) => theirs.get(path)!.toLowerCase() === word.toLowerCase()).map(([path]) => path)).toEqual(['columns.name', 'columns.httpOnly', 'categories.marketing', 'tiers.cookie', 'tiers.indexedDB', 'perPlace', 'unknown'])
  })

  test('tell a row in German, with the spans of time', () => {
    const keys = defineKeys({
      token: key<string>({ ttl: '2d', tiers: ['hub', 'localStorage', 'memory'], category: 'necessary', purpose: 'Hält das Gespräch', sliding: true }),
    })
    expect(read(keys, ['memory'], german, '2d')).toEqual({
      Name: 'token',
      Zweck: 'Hält das Gespräch',
      Kategorie: 'Unbedingt erforderlich',
      'Sitzung oder dauerhaft': 'Speicher des Anbieters, lokaler Speicher: dauerhaft; Arbeitsspeicher der Seite: Sitzung',
      Speicherdauer: 'Speicher des Anbieters, lokaler Speicher: 2 Tage; Arbeitsspeicher der Seite: bis zum Verlassen der Seite, höchstens 2 Tage, ab jeder Nutzung neu; früher, falls 2 Tage lang ungenutzt',
      Speicherort: 'Speicher des Anbieters, ersatzweise lokaler Speicher, ersatzweise Arbeitsspeicher der Seite',
      Zugriff: 'Speicher des Anbieters: diese Adresse (in manchen Browsern diese Domain mit ihren Subdomains) und der Anbieter; lokaler Speicher: diese Adresse; Arbeitsspeicher der Seite: diese Seite',
      'Übertragung an den Server': 'Nein',
      'Erst- oder Drittanbieter': 'Speicher des Anbieters: Drittanbieter; lokaler Speicher: Erstanbieter',
      HttpOnly: 'Nein',
      'Personenbezogene Daten': 'Keine',
    })
  })
})

describe('how long a value is kept', () => {
  test.each<[Parameters<typeof key>[0], string[], string, string]>([
    [{ ttl: '30s' }, ['localStorage'], 'Permanent', '30 seconds'],
    [{ ttl: '1m' }, ['localStorage'], 'Permanent', '1 minute'],
    [{ ttl: '90m' }, ['localStorage'], 'Permanent', '90 minutes'],
    [{ ttl: '24h' }, ['localStorage'], 'Permanent', '1 day'],
    [{ ttl: '2w' }, ['localStorage'], 'Permanent', '14 days'],
    [{ ttl: '2y' }, ['localStorage'], 'Permanent', '2 years'],
    [{ ttl: 1500 }, ['localStorage'], 'Permanent', '1.5 seconds'],
    [{ ttl: '2y' }, ['cookie'], 'Permanent', '400 days'],
    [{ ttl: 'forever' }, ['indexedDB'], 'Permanent', 'Until it is deleted'],
    [{ ttl: 'session' }, ['cookie'], 'Session', 'Until the browser is closed'],
    [{ ttl: 'tab' }, ['sessionStorage'], 'Session', 'Until the tab is closed'],
    [{ ttl: 'page' }, ['memory'], 'Session', 'Until the page is left'],
    [{ ttl: '1d' }, ['memory'], 'Session', 'Until the page is left, 1 day at the most'],
    [{ ttl: '1d', sliding: true }, ['localStorage'], 'Permanent', '1 day, anew with each use'],
    [{ ttl: '1d', once: true }, ['localStorage'], 'Permanent', '1 day; removed when it is used'],
    [{ ttl: '1d', retention: 'As long as the order is open' }, ['localStorage'], 'Permanent', 'As long as the order is open'],
    [{ ttl: () => '1d' }, ['cookie'], 'Session or permanent', 'Depends on what is kept, 400 days at the most'],
    [{ ttl: () => '1d' }, ['sessionStorage'], 'Session', 'Until the tab is closed'],
    [{ ttl: () => '1d', retention: 'With “Remember Me” a year' }, ['cookie'], 'Session or permanent', 'With “Remember Me” a year'],
  ])('%j in %j is %s: %s', (rule, tiers, type, kept) => {
    expect(read(defineKeys({ token: key(rule) }), tiers, english)).toMatchObject({ 'Session or permanent': type, 'Kept for': kept })
  })

  test('is told once more where the whole storage is forgotten when unused', () => {
    expect(read({ token: key({ ttl: '1y' }) }, ['localStorage'], english, '2d')['Kept for']).toBe('1 year; sooner if unused for 2 days')
  })

  test('is not told of what a script keeps at the will of others', () => {
    expect(read(defineKeys({ token: external() }), [], english)).toMatchObject({ 'Session or permanent': '—', 'Kept for': '—' })
  })
})

test.each([
  [{ party: 'third' }, 'The provider'],
  [{ httpOnly: true }, 'The website’s server'],
  [{}, 'This address (in some browsers this domain with its subdomains)'],
  [{ tier: 'sessionStorage' }, 'This tab'],
] as const)('%j is read by: %s', (facts, readers) => {
  expect(read(defineKeys({ token: external(facts) }), [], english)['Who can read it']).toBe(readers)
})

test('where older code left a value is told', () => {
  const adopt = { read: () => 'a', remove: () => {}, tier: 'localStorage', name: 'old-token' }
  expect(read(defineKeys({ token: key<string>({ adopt }) }), ['memory'], english)['Earlier name']).toBe('old-token, local storage')
})

describe('the words', () => {
  const keys = defineKeys({ token: key<string>({ tiers: ['vault'], category: 'chat', purpose: 'Keeps the conversation', condition: 'Only in a chat', personalData: 'A token', retention: 'A while' }) })
  const rows = collect(keys, ['vault'], { places: { vault: {} } })

  test('leave a category or a tier that they do not have as it is', () => {
    expect(readMarkdown(toMarkdown(rows))[0]).toMatchObject({ Category: 'chat', 'Where it is kept': 'Vault' })
  })

  test('may be replaced one by one, and translate the registry’s own texts', () => {
    const words: Words = { ...english, categories: { chat: 'Chat and calls' }, tiers: { vault: 'our vault' }, texts: { 'Keeps the conversation': 'Hält das Gespräch', 'Only in a chat': 'Nur im Chat', 'A token': 'Ein Token', 'A while': 'Eine Weile' } }
    const row = { Category: 'Chat and calls', 'Where it is kept': 'Our vault', Purpose: 'Hält das Gespräch', 'When it is set': 'Nur im Chat', 'Personal data': 'Ein Token', 'Kept for': 'Eine Weile' }
    expect(readMarkdown(toMarkdown(rows, { words }))[0]).toMatchObject(row)
  })

  test('have a language that exists', async () => {
    const words = { ...english, language: 'no language' }
    for (const act of [() => toMarkdown([], { words }), () => toHtml([], { words })]) expect(String(await failureOf(act))).toContain('RangeError: words.language')
  })

  test('may name what is no word of theirs: a name of Object.prototype is a name', () => {
    const [row] = collect({ a: key({ category: 'constructor', purpose: 'toString' }) }, ['valueOf'], { places: { valueOf: {} } })
    expect(readMarkdown(toMarkdown([row!], { words: { ...english, texts: {} } }))[0]).toMatchObject({ Category: 'constructor', Purpose: 'toString', 'Where it is kept': 'ValueOf' })
  })
})
