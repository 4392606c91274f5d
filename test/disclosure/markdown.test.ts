import { describe, expect, test } from 'vitest'
import { collect } from '../../src/disclosure/collect.js'
import { toMarkdown } from '../../src/disclosure/markdown.js'
import type { Row } from '../../src/disclosure/row.js'
import { english } from '../../src/disclosure/words.js'
import { german } from '../../src/disclosure/words-german.js'
import { external, key } from '../../src/rule.js'
import { defineKeys } from '../../src/rules.js'
import { HOSTILE, seen } from './hostile.js'
import { pageOf, readMarkdown } from './reading.js'

const keys = defineKeys({
  token: key<string>({ ttl: '1d', category: 'necessary', purpose: 'Keeps the conversation', sliding: true, personalData: 'A token of the user' }),
  draft: key<string>({ ttl: '30m', tiers: ['sessionStorage', 'cookie'], category: 'functional', purpose: 'Keeps what was not sent yet', once: true, condition: 'Only if something was written', source: 'composer' }),
  _ga: external({ ttl: '2y', party: 'third', category: 'analytics', purpose: 'Counts visits', provider: 'Google Analytics' }),
})
const rows = collect(keys, ['localStorage', 'cookie'], { namespace: 'acme-chat' })

test('a registry becomes a title, a sentence and a table', () => {
  expect(toMarkdown(rows)).toBe(`# Cookies and browser storage

What this website and the services on it keep in your browser: what for, for how long, and who can read it.

| Name | Path | Purpose | Category | Session or permanent | Kept for | Where it is kept | Who can read it | Sent to the server | First or third party | HttpOnly | When it is set | Personal data | Set by | Provider |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| \`acme-chat.token\` | \`/\` | Keeps the conversation | Strictly necessary | Permanent | 1 day, anew with each use | Local storage, else cookie | Local storage: this address; cookie: this address (in some browsers this domain with its subdomains) | Local storage: no; cookie: yes | First party | No | Always | A token of the user | — | — |
| \`acme-chat.draft\` | \`/\` | Keeps what was not sent yet | Functional | Session storage: session; cookie: permanent | Session storage: until the tab is closed, 30 minutes at the most; cookie: 30 minutes; removed when it is used | Session storage, else cookie | Session storage: this tab; cookie: this address (in some browsers this domain with its subdomains) | Session storage: no; cookie: yes | First party | No | Only if something was written | None | composer | — |
| \`_ga\` | — | Counts visits | Analytics | Permanent | 2 years | Cookie | The provider | Yes | Third party | — | Always | None | — | Google Analytics |
`)
})

test('columns that no row fills are left out, and the others stay', () => {
  const [row] = readMarkdown(toMarkdown(collect(defineKeys({ token: key() }), ['localStorage'])))
  expect(row).toEqual({ Name: 'token', Purpose: '—', Category: '—', 'Session or permanent': 'Permanent', 'Kept for': 'Until it is deleted', 'Where it is kept': 'Local storage', 'Who can read it': 'This address', 'Sent to the server': 'No', 'First or third party': 'First party', HttpOnly: 'No', 'Personal data': 'None' })
})

test('the words, and the title, may be others', () => {
  const text = toMarkdown(rows, { words: german, title: 'Unsere Cookies' })
  expect(text.startsWith('# Unsere Cookies\n')).toBe(true)
  expect(readMarkdown(text)[1]).toMatchObject({ Name: 'acme-chat.draft', Kategorie: 'Funktional', Speicherdauer: 'Sitzungsspeicher: bis zum Schließen des Tabs, höchstens 30 Minuten; Cookie: 30 Minuten; wird bei der Verwendung gelöscht', Speicherort: 'Sitzungsspeicher, ersatzweise Cookie' })
})

test('an empty registry says that nothing is kept', () => {
  expect(toMarkdown([])).toBe(`# ${english.title}\n\n${english.lead}\n\n${english.nothing}\n`)
})

describe('hostile text', () => {
  const plain: Row = { key: 'k', name: 'k', external: true, places: [{ tier: 'cookie', kind: 'cookie', onWire: true, party: 'first' }] }

  test.each(HOSTILE)('%j is text wherever it stands', (text) => {
    const hostile = { ...plain, name: text, purpose: text, category: text, personalData: text, condition: text, retention: text, source: text, earlier: { name: text, tier: text }, places: [{ ...plain.places[0]!, tier: text, provider: text, path: text }] }
    const markdown = toMarkdown([hostile, plain], { title: text, words: { ...english, lead: text, columns: { ...english.columns, name: text } } })
    expect(markdown.trimEnd().split('\n')).toHaveLength(8)
    // Whatever its flavour: no tag, no entity of the text's own, no control.
    expect(markdown).not.toMatch(/<|[^\n -\uffff]|[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/)

    const page = pageOf(markdown)
    const told = seen(text)
    expect(page.querySelector('h1')!.textContent).toBe(told)
    expect(page.querySelector('th')!.textContent).toBe(told)
    const cells = [...page.querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent))
    expect(cells.map((row) => row.length)).toEqual([16, 16])
    expect(cells[0]!.filter((cell) => cell === told).length).toBeGreaterThanOrEqual(8)
    expect([...page.querySelectorAll('body *')].map((element) => element.tagName.toLowerCase()).filter((name) => !['h1', 'p', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'code', 'a'].includes(name))).toEqual([])
    // A bare address of the web is a link in GitHub's flavour, and nothing else is.
    for (const link of page.querySelectorAll('a')) expect(link.getAttribute('href')).toMatch(/^https:\/\/vendor\.test\//)
  })
})
