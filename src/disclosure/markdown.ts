import type { Row } from './row.js'
import { plain } from './plain.js'
import { blank, tellAll } from './telling.js'
import type { Column, Words } from './words.js'
import { english } from './words.js'

/** What `toMarkdown` takes. */
export interface MarkdownOptions {
  /** Default `english`. */
  words?: Words
  /** Default: that of the words. */
  title?: string
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Text that is text in each flavour of Markdown, in a table too: no markup, no HTML. */
const escaped = (text: string): string => plain(text).replace(/[&<>]/g, (sign) => ENTITIES[sign]!).replace(/[\\`*_[\]|~#$]/g, '\\$&')

/** A name as code, where code can hold it. */
const asCode = (name: string): string => (/^[^`|\\<>&]+$/.test(name) ? '`' + name + '`' : escaped(name))

const cellOf = (fact: string | undefined, column: Column, words: Words): string => (fact ? (column === 'name' || column === 'path' ? asCode : escaped)(fact) : escaped(blank(column, words)))

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/**
 * The rows as a table of Markdown (GFM). Columns that no row fills are left out. Whatever stands in names and texts
 * is shown as text.
 *
 * @example
 * import { defineKeys, key } from 'holdfast'
 * import { collect, toMarkdown } from 'holdfast/disclosure'
 * const keys = defineKeys({ token: key<string>({ ttl: '1d', category: 'necessary', purpose: 'Keeps the conversation' }) })
 * const text = toMarkdown(collect(keys, ['localStorage']), { title: 'Our cookies' })
 * text.split('\n')[0] // => '# Our cookies'
 * text.includes('| `token` | Keeps the conversation | Strictly necessary | Permanent | 1 day | Local storage |') // => true
 */
export const toMarkdown = (rows: readonly Row[], { words = english, title = words.title }: MarkdownOptions = {}): string => {
  const { told, columns } = tellAll(rows, words)
  const table = [
    line(columns.map((column) => escaped(words.columns[column]))),
    line(columns.map(() => '---')),
    ...told.map((row) => line(columns.map((column) => cellOf(row[column], column, words)))),
  ]
  return [`# ${escaped(title)}`, '', escaped(words.lead), '', ...(rows.length ? table : [escaped(words.nothing)]), ''].join('\n')
}
