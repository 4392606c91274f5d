import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import { collect } from '../../src/disclosure/collect.js'
import { toHtml } from '../../src/disclosure/html.js'
import type { Row } from '../../src/disclosure/row.js'
import { english } from '../../src/disclosure/words.js'
import { german } from '../../src/disclosure/words-german.js'
import { external, key } from '../../src/rule.js'
import { defineKeys } from '../../src/rules.js'
import { HOSTILE, seen } from './hostile.js'
import { readHtml } from './reading.js'

const keys = defineKeys({
  token: key<string>({ ttl: '1d', tiers: ['hub', 'cookie', 'memory'], category: 'necessary', purpose: 'Keeps the conversation', personalData: 'A token of the user' }),
  draft: key<string>({ ttl: '30m', tiers: ['sessionStorage'], category: 'functional', purpose: 'Keeps what was not sent yet', condition: 'Only if something was written', source: 'composer' }),
  _ga: external({ category: 'analytics', party: 'third', provider: 'Google Analytics' }),
})
const rows = collect(keys, ['memory'], { places: { hub: { provider: 'chat.vendor.test' } } })
const pageOf = (html: string): Document => new JSDOM(html).window.document

describe('the page', () => {
  const html = toHtml(rows)
  const page = pageOf(html)

  test('is whole, and says its language, its title once, and what the table holds', () => {
    expect(html.startsWith('<!doctype html>\n<html lang="en">\n')).toBe(true)
    expect([page.title, ...[...page.querySelectorAll('h1')].map((title) => title.textContent)]).toEqual([english.title, english.title])
    expect(page.querySelector('meta[charset]')!.getAttribute('charset')).toBe('utf-8')
    expect(page.querySelector('meta[name=viewport]')!.getAttribute('content')).toBe('width=device-width, initial-scale=1')
    expect([...page.querySelectorAll('main table')].map((table) => table.querySelector('caption')!.textContent)).toEqual([english.caption])
  })

  test('has no script, fetches nothing, and would run and fetch nothing', () => {
    expect([...page.querySelectorAll('script, link, img, iframe, object, embed, form, base')]).toEqual([])
    expect([...page.querySelectorAll('*')].flatMap((element) => [...element.attributes].map(({ name }) => name)).filter((name) => /^on|^href$|^src$|^style$/.test(name))).toEqual([])
    expect(page.querySelector('style')!.textContent).not.toMatch(/url\(|@import|</)
    expect(page.querySelector('meta[http-equiv]')!.getAttribute('content')).toBe("default-src 'none'; style-src 'unsafe-inline'")
  })

  test('has a head for each column and each row, and stays a table where its rows are drawn as cards', () => {
    const scopes = [...page.querySelectorAll('th')].map((head) => [head.getAttribute('scope'), head.getAttribute('role')])
    expect(scopes).toEqual([...Array(6).fill(['col', 'columnheader']), ...Array(3).fill(['row', 'rowheader'])])
    for (const row of page.querySelectorAll('tbody tr')) expect([row.children.length, row.getAttribute('role')]).toEqual([6, 'row'])
    expect([page.querySelector('table')!.getAttribute('role'), ...[...page.querySelectorAll('thead, tbody')].map((group) => group.getAttribute('role'))]).toEqual(['table', 'rowgroup', 'rowgroup'])
    const heads = [...page.querySelectorAll('thead th')].map((head) => head.textContent)
    for (const row of page.querySelectorAll('tbody tr')) expect([...row.querySelectorAll('td')].map((cell) => cell.getAttribute('data-label'))).toEqual(heads.slice(1))
  })

  test('tells each fact of a row, and of each of its places', () => {
    expect(readHtml(html)).toEqual([
      {
        facts: { Name: 'token', Path: '/', Provider: 'chat.vendor.test', Purpose: 'Keeps the conversation', 'When it is set': 'Always', Category: 'Strictly necessary', 'Kept for': '1 day', 'Session or permanent': 'Permanent', 'Where it is kept': 'Storage of the provider, Cookie, Memory of the page', 'Personal data': 'A token of the user' },
        places: [
          { where: 'Storage of the provider', facts: { 'Who can read it': 'this address (in some browsers this domain with its subdomains) and the provider', 'Sent to the server': 'no', 'First or third party': 'third party' } },
          { where: 'Cookie', facts: { 'Who can read it': 'this address (in some browsers this domain with its subdomains)', 'Sent to the server': 'yes', 'First or third party': 'first party', HttpOnly: 'no' } },
          { where: 'Memory of the page', facts: { 'Kept for': 'until the page is left, 1 day at the most', 'Session or permanent': 'session', 'Who can read it': 'this page' } },
        ],
      },
      {
        facts: { Name: 'draft', 'Set by': 'composer', Purpose: 'Keeps what was not sent yet', 'When it is set': 'Only if something was written', Category: 'Functional', 'Kept for': 'Until the tab is closed, 30 minutes at the most', 'Session or permanent': 'Session', 'Where it is kept': 'Session storage', 'Personal data': 'None' },
        places: [{ where: 'Session storage', facts: { 'Who can read it': 'this tab', 'Sent to the server': 'no', 'First or third party': 'first party' } }],
      },
      {
        facts: { Name: '_ga', Provider: 'Google Analytics', Purpose: '—', 'When it is set': 'Always', Category: 'Analytics', 'Kept for': '—', 'Session or permanent': '—', 'Where it is kept': 'Cookie', 'Personal data': 'None' },
        places: [{ where: 'Cookie', facts: { 'Who can read it': 'the provider', 'Sent to the server': 'yes', 'First or third party': 'third party', HttpOnly: '—' } }],
      },
    ])
  })
})

test('the words, the title and the direction may be others', () => {
  const page = pageOf(toHtml(rows, { words: { ...german, direction: 'rtl' }, title: 'Unsere Cookies' }))
  expect([page.documentElement.lang, page.documentElement.dir, page.title, page.querySelector('h1')!.textContent]).toEqual(['de', 'rtl', 'Unsere Cookies', 'Unsere Cookies'])
  expect([...page.querySelectorAll('thead th')].map((head) => head.textContent)).toEqual(['Name', 'Zweck', 'Kategorie', 'Speicherdauer', 'Speicherort', 'Personenbezogene Daten'])
})

test('an empty registry says that nothing is kept, without a table', () => {
  const page = pageOf(toHtml([]))
  expect([page.querySelector('table'), page.querySelector('main')!.textContent!.includes(english.nothing)]).toEqual([null, true])
})

test('what is held in two places at once is told so', () => {
  const [row] = readHtml(toHtml(collect({ visitor: key() }, ['cookie+httpCookie'])))
  expect(row!.places.map(({ where }) => where)).toEqual(['Cookie', 'And cookie of the provider'])
})

describe('hostile text', () => {
  const plain: Row = { key: 'k', name: 'k', external: true, places: [{ tier: 'cookie', kind: 'cookie', onWire: true, party: 'first' }] }
  /** Tags and their attributes, without what stands in them. */
  const shapeOf = (page: Document): string[] => [...page.querySelectorAll('*:not(wbr)')].map((element) => [element.tagName, ...[...element.attributes].map(({ name }) => name)].join(' '))

  test.each(HOSTILE)('%j is text wherever it stands', (text) => {
    const fill = (text: string) => {
      const row = { ...plain, name: text, purpose: text, category: text, personalData: text, condition: text, retention: text, source: text, earlier: { name: text, tier: text }, places: [{ ...plain.places[0]!, tier: text, provider: text, path: text }] }
      return toHtml([row], { title: text, words: { ...english, lead: text, caption: text, columns: { ...english.columns, name: text, purpose: text } } })
    }
    const page = pageOf(fill(text))
    const told = seen(text)
    // The very elements and attributes that a harmless word makes.
    expect(shapeOf(page)).toEqual(shapeOf(pageOf(fill('word'))))
    expect([page.title, page.querySelector('h1')!.textContent, page.querySelector('caption')!.textContent, page.querySelector('th')!.textContent, page.querySelector('td')!.getAttribute('data-label')]).toEqual(Array(5).fill(told))
    const [row] = readHtml(fill(text))
    expect(Object.values(row!.facts).filter((fact) => fact === told).length).toBeGreaterThanOrEqual(6)
  })
})
