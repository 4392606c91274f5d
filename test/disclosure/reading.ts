import { JSDOM } from 'jsdom'
import { marked } from 'marked'

/** What a reader finds of one row: what stands under each heading. */
export type Read = Record<string, string>

/** The page that a renderer of Markdown makes of a text. */
export const pageOf = (markdown: string): Document => new JSDOM(marked.parse(markdown, { async: false, gfm: true })).window.document

const textOf = (element: Element | null | undefined): string => (element?.textContent ?? '').trim()

/** The rows of the one table of a Markdown text. */
export const readMarkdown = (markdown: string): Read[] => {
  const page = pageOf(markdown)
  const heads = [...page.querySelectorAll('th')].map(textOf)
  return [...page.querySelectorAll('tbody tr')].map((row) => Object.fromEntries([...row.querySelectorAll('td')].map((cell, index) => [heads[index]!, textOf(cell)])))
}

const factsOf = (element: Element): Read => Object.fromEntries([...element.querySelectorAll(':scope > dl > div')].map((fact) => [textOf(fact.querySelector('dt')), textOf(fact.querySelector('dd'))]))

/** One row of the page: its facts, and those of each place. */
export interface ReadRow {
  facts: Read
  places: { where: string; facts: Read }[]
}

/** The rows of a page that `toHtml` made. */
export const readHtml = (html: string): ReadRow[] => {
  const page = new JSDOM(html).window.document
  const heads = [...page.querySelectorAll('thead th')].map(textOf)
  return [...page.querySelectorAll('tbody tr')].map((row) => {
    const name = row.querySelector('th')!
    const cells = [...row.querySelectorAll('td > div')]
    const main = cells.map((cell, index) => [heads[index + 1]!, cell.querySelector('ol') ? [...cell.querySelectorAll('b')].map(textOf).join(', ') : textOf(cell.querySelector(':scope > span'))])
    return {
      facts: { [heads[0]!]: textOf(name.querySelector(':scope > code')), ...factsOf(name), ...Object.fromEntries(main), ...Object.assign({}, ...cells.map(factsOf)) },
      places: [...row.querySelectorAll('li')].map((place) => ({ where: textOf(place.querySelector('b')), facts: factsOf(place) })),
    }
  })
}
