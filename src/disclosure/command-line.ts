import { parseArgs } from 'node:util'
import { auditPage } from './command-audit.js'
import { disclose } from './command-disclose.js'
import type { Command, Given, Terminal } from './command-terminal.js'
import { isRefusal, messageOf, refuse } from './command-terminal.js'

const HELP = `holdfast: what a registry of keys says to a site's visitors, and what a page really keeps

  holdfast disclose KEYS [options]    prints the registry as a document
  holdfast audit URL [options]        visits a page, and lists what it keeps against the registry

KEYS is a JavaScript module. It exports \`keys\`, a registry; or as its default a registry, or the options of a storage,
as a preset answers them. It may export \`tiers\`, \`namespace\`, \`ttl\`, \`idle\`, \`places\`, \`areas\`, \`keyName\`, \`title\` and
\`words\` as well, and \`deviceStorage\`: what that format needs.

disclose
  --format FORMAT      md (the default), html, json, or device-storage, which is the IAB's
  --language LANGUAGE  en (the default) or de
  --title TEXT         in place of the language's own
  --namespace NAME     in place of the module's
  --check FILE         prints nothing where FILE says just that; where not, prints the difference, and exits with 1

audit
  --keys KEYS          needed
  --browser PATH       needed: a program such as /usr/bin/chromium or /usr/bin/firefox
  --namespace NAME     in place of the module's
  --wait SECONDS       how long the page may work once it is loaded: 3, if not given
  --format FORMAT      text (the default) or json
  --argument TEXT      for the browser, as --argument=--lang=de; may be given again and again

Exit codes: 0 all is well; 1 the file is out of date, or something is undeclared or lives longer than declared;
2 the command could not be carried out.
`

const text = { type: 'string' } as const

interface Offer {
  run: Command
  subject: string
  options: Record<string, { type: 'string'; multiple?: boolean }>
}

const COMMANDS: ReadonlyMap<string, Offer> = new Map<string, Offer>([
  ['disclose', { run: disclose, subject: 'KEYS', options: { format: text, language: text, title: text, namespace: text, check: text } }],
  ['audit', { run: auditPage, subject: 'URL', options: { keys: text, browser: text, namespace: text, wait: text, format: text, argument: { ...text, multiple: true } } }],
])

const parse = (words: readonly string[], { options }: Offer) => {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true })
  } catch (cause) {
    // What follows its first sentence is advice for programmers.
    return refuse(messageOf(cause).split('. ')[0]!, cause)
  }
}

const carryOut = ([name = '', ...words]: readonly string[], terminal: Terminal): Promise<number> => {
  const offer = COMMANDS.get(name) ?? refuse(`${name}: no command; there are ${[...COMMANDS.keys()].join(' and ')}`)
  const { positionals, values } = parse(words, offer)
  const [subject, other] = positionals
  if (subject === undefined) return refuse(`${name}: ${offer.subject} is missing`)
  if (other !== undefined) return refuse(`${name}: one ${offer.subject} is expected, and ${other} is another`)
  return offer.run(subject, values as Given, terminal)
}

/** One call of the program `holdfast`: carries it out, and answers its exit code. Never rejects. */
export const run = async (words: readonly string[], terminal: Terminal): Promise<number> => {
  const [first] = words
  try {
    if (first === 'help' || words.includes('--help') || words.includes('-h')) {
      terminal.out(HELP)
      return 0
    }
    if (first !== undefined) return await carryOut(words, terminal)
    terminal.complain(HELP)
  } catch (error) {
    terminal.complain(isRefusal(error) ? `holdfast: ${error.message}\n\`holdfast --help\` tells what there is.\n` : `holdfast: ${String((error as Error | undefined)?.stack ?? error)}\n`)
  }
  return 2
}
