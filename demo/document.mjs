// The pages, put together from their parts.

import { readFile } from 'node:fs/promises'
import { addressesAt, QUESTIONS, SITES } from './sites.mjs'

const PARTS = ['sprite', 'kelp', 'wheel', 'chat', 'ladder']

/** @param {string} path */
const text = (path) => readFile(new URL(path, import.meta.url), 'utf8')

/**
 * Puts the values where the text says `{{name}}`. They are the demo's own, so nothing is escaped; a name
 * that nobody knows is a mistake in a page.
 *
 * @param {string} html @param {Record<string, string>} values
 */
const fill = (html, values) =>
  html.replace(/\{\{(\w+)\}\}/g, (_, name) => {
    if (!Object.hasOwn(values, name)) throw new Error(`{{${name}}} stands for nothing`)
    return values[name] ?? ''
  })

/** @param {string} name @param {string} port */
export async function documentOf(name, port) {
  const { brand, title, description } = SITES[name]
  const values = { ...addressesAt(port), name, brand, title, description, question: QUESTIONS[brand] }
  for (const part of PARTS) values[part] = fill(await text(`./parts/${part}.html`), values)
  return fill(await text('./parts/document.html'), { ...values, content: fill(await text(`./pages/${name}.html`), values) })
}

/** The vendor's own page. @param {string} port */
export const vendorDocument = async (port) => fill(await text('./pages/vendor.html'), addressesAt(port))
