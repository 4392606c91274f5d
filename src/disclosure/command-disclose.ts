import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { collect } from './collect.js'
import { differenceOf } from './command-difference.js'
import type { KeysModule } from './command-module.js'
import { loadKeys } from './command-module.js'
import type { Command } from './command-terminal.js'
import { choose, messageOf, refuse, textOf } from './command-terminal.js'
import { toDeviceStorage } from './device-storage.js'
import { toHtml } from './html.js'
import { toJson } from './json.js'
import { toMarkdown } from './markdown.js'
import type { Row } from './row.js'
import { german } from './words-german.js'
import type { Words } from './words.js'
import { english } from './words.js'

interface Style {
  words: Words
  title?: string
}

type Format = (rows: readonly Row[], style: Style, module: KeysModule) => string

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['md', toMarkdown],
  ['html', toHtml],
  ['json', (rows) => toJson(rows)],
  ['device-storage', (rows, _, { deviceStorage }) => toDeviceStorage(rows, deviceStorage)],
])

const LANGUAGES: ReadonlyMap<string, Words> = new Map([
  ['en', english],
  ['de', german],
])

/** Prints a registry as a document, or holds it against one that is published. */
export const disclose: Command = async (path, given, terminal) => {
  const format = choose(given, 'format', FORMATS, 'md')
  const language = choose(given, 'language', LANGUAGES, 'en')
  const module = await loadKeys(path, given, terminal)
  const { keys, tiers = [], words } = module
  const title = textOf(given, 'title') ?? module.title
  const style = { words: given['language'] === undefined ? (words ?? language) : language, ...(title !== undefined && { title }) }
  let document: string
  try {
    document = format(collect(keys, tiers, module), style, module)
  } catch (cause) {
    return refuse(`${path}: ${messageOf(cause)}`, cause)
  }
  const check = textOf(given, 'check')
  if (check === undefined) {
    terminal.out(document)
    return 0
  }
  const published = await readFile(resolve(terminal.cwd, check), 'utf8').catch((cause: unknown) => refuse(`${check}: not read: ${messageOf(cause)}`, cause))
  const difference = differenceOf(published, document, check, path)
  if (!difference) return 0
  terminal.out(difference)
  terminal.complain(`holdfast: ${check} is out of date. What stands there and is so no more begins with -, what has to stand there with +.\n`)
  return 1
}
