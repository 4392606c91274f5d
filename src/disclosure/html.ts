import type { Place, Row } from './row.js'
import { STYLE } from './html-style.js'
import { plain } from './plain.js'
import type { Told } from './telling.js'
import { blank, capitalized, readersOf, retentionOf, tellAll, tierOf, typeOf } from './telling.js'
import type { Column, Words } from './words.js'
import { english } from './words.js'

/** What `toHtml` takes. */
export interface HtmlOptions {
  /** Default `english`. */
  words?: Words
  /** Default: that of the words. */
  title?: string
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const escaped = (text: string): string => plain(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign]!)

/** A column of the page, with the facts that stand under its first one. */
const GROUPS: readonly (readonly [Column, ...Column[]])[] = [['name', 'path', 'source', 'provider', 'earlier'], ['purpose', 'condition'], ['category'], ['retention', 'type'], ['where'], ['personalData']]

type Fact = readonly [term: string, fact: string | undefined]

const list = (facts: readonly Fact[]): string => {
  const known = facts.filter(([, fact]) => fact !== undefined)
  return known.length ? `<dl>${known.map(([term, fact]) => `<div><dt>${escaped(term)}</dt><dd>${fact}</dd></div>`).join('')}</dl>` : ''
}

/** May be broken after its signs of punctuation. */
const code = (text: string): string => `<code>${escaped(text).replace(/[._/-]/g, '$&<wbr>')}</code>`

/** One place of a row, with what is true there; how long it is kept only where the first place differs. */
const placeOf = (place: Place, row: Row, words: Words): string => {
  const { columns, yes, no, unknown, party } = words
  const stored = place.kind !== 'memory'
  const differing = (tellPlace: (each: Place) => string | undefined): string | undefined => (tellPlace(place) === tellPlace(row.places[0]!) ? undefined : tellPlace(place))
  const facts: Fact[] = [
    [columns.retention, differing((each) => retentionOf(row, words, each))],
    [columns.type, differing((each) => typeOf(each, words))],
    [columns.reach, readersOf(place, words)],
    [columns.onWire, stored ? (place.onWire ? yes : no) : undefined],
    [columns.party, stored ? party[place.party] : undefined],
    [columns.httpOnly, place.kind !== 'cookie' ? undefined : place.httpOnly === undefined ? unknown : place.httpOnly ? yes : no],
  ]
  const name = tierOf(place, words)
  return `<li><b>${escaped(capitalized(place.also ? words.and.trimStart() + name : name, words))}</b>${list(facts.map(([term, fact]) => [term, fact && escaped(fact)]))}</li>`
}

const rowOf = (row: Row, told: Told, shown: readonly Column[], words: Words): string => {
  const [first] = row.places
  const summary = { ...told, retention: first && retentionOf(row, words, first), type: first && typeOf(first, words) }
  const fact = (column: Column): string | undefined => {
    const text = summary[column]
    if (text === undefined) return column === 'type' || (column === 'condition' && shown.includes(column)) ? escaped(blank(column, words)) : undefined
    return column === 'path' ? code(text) : escaped(column === 'retention' || column === 'type' ? capitalized(text, words) : text)
  }
  const cells = GROUPS.map(([main, ...others], index) => {
    const facts = list(others.map((column) => [words.columns[column], fact(column)]))
    if (!index) return `<th scope="row" role="rowheader">${code(told.name!)}${facts}</th>`
    const body = main === 'where' && first ? `<ol>${row.places.map((place) => placeOf(place, row, words)).join('')}</ol>` : `<span>${fact(main) ?? escaped(blank(main, words))}</span>${facts}`
    return `<td role="cell" class="${main}" data-label="${escaped(words.columns[main])}"><div>${body}</div></td>`
  })
  return `<tr role="row">${cells.join('')}</tr>`
}

const tableOf = (rows: readonly Row[], { told, columns }: ReturnType<typeof tellAll>, words: Words): string => {
  const heads = GROUPS.map(([first]) => `<th scope="col" role="columnheader">${escaped(words.columns[first])}</th>`)
  return [
    '<table role="table">',
    `<caption>${escaped(words.caption)}</caption>`,
    `<thead role="rowgroup"><tr role="row">${heads.join('')}</tr></thead>`,
    '<tbody role="rowgroup">',
    ...rows.map((row, index) => rowOf(row, told[index]!, columns, words)),
    '</tbody>',
    '</table>',
  ].join('\n')
}

/**
 * The rows as a whole page, without a script: it reads well on a phone, in the dark, on paper and aloud. Whatever
 * stands in names and texts is shown as text.
 *
 * @example
 * import { defineKeys, key } from 'holdfast'
 * import { collect, german, toHtml } from 'holdfast/disclosure'
 * const keys = defineKeys({ token: key<string>({ ttl: '1d', category: 'necessary', purpose: 'Hält das <Gespräch>' }) })
 * const page = toHtml(collect(keys, ['localStorage']), { words: german })
 * page.includes('<html lang="de">') // => true
 * page.includes('Hält das &lt;Gespräch&gt;') // => true
 */
export const toHtml = (rows: readonly Row[], { words = english, title = words.title }: HtmlOptions = {}): string => {
  const all = tellAll(rows, words)
  return [
    '<!doctype html>',
    `<html lang="${escaped(words.language)}"${words.direction ? ' dir="rtl"' : ''}>`,
    '<head>',
    '<meta charset="utf-8">',
    // Should anything get through: nothing runs here, and nothing is fetched.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${escaped(title)}</h1>`,
    `<p>${escaped(words.lead)}</p>`,
    rows.length ? tableOf(rows, all, words) : `<p>${escaped(words.nothing)}</p>`,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}
