import type { Audit } from './audit-judgement.js'
import { judge } from './audit-judgement.js'
import { visit } from './command-browser.js'
import type { KeysModule } from './command-module.js'
import { loadKeys } from './command-module.js'
import { reportOf } from './command-report.js'
import type { Command, Given } from './command-terminal.js'
import { choose, messageOf, refuse, textOf } from './command-terminal.js'
import type { PhysicalName } from './physical.js'
import { physicalNames, WEB } from './physical.js'

const FORMATS: ReadonlyMap<string, (audit: Audit) => string> = new Map([
  ['text', reportOf],
  ['json', (audit: Audit) => JSON.stringify(audit, null, 2) + '\n'],
])

/** The most seconds that anybody would wait. */
const MOST = 600

const need = (given: Given, option: string): string => textOf(given, option) ?? refuse(`audit: --${option} is missing`)

const urlOf = (text: string): string => {
  try {
    const { protocol, href } = new URL(text)
    if (/^https?:$/.test(protocol)) return href
  } catch {}
  return refuse(`${text}: no http(s) address`)
}

const secondsOf = (given: Given): number => {
  const text = textOf(given, 'wait') ?? '3'
  const seconds = Number(text)
  return text.trim() && seconds >= 0 && seconds <= MOST ? seconds : refuse(`--wait ${text}: not seconds from 0 to ${MOST}`)
}

/** Those of the page, and of the vendor's frames in it, where a hub keeps what the page asks it to. */
const namesOf = (module: KeysModule): PhysicalName[] => {
  const own = physicalNames(module.keys, module)
  const hub = own.some(({ role }) => role === 'mark')
  return hub ? [...own, ...physicalNames(module.keys, { ...module, areas: { ...module.areas, hub: WEB }, site: '*' })] : own
}

/** Visits a page, and tells what it keeps against a registry. */
export const auditPage: Command = async (address, given, terminal) => {
  const url = urlOf(address)
  const format = choose(given, 'format', FORMATS, 'text')
  const [path, browser, wait] = [need(given, 'keys'), need(given, 'browser'), secondsOf(given) * 1000]
  const module = await loadKeys(path, given, terminal)
  let names: PhysicalName[]
  try {
    names = namesOf(module)
  } catch (cause) {
    return refuse(`${path}: ${messageOf(cause)}`, cause)
  }
  const sight = await visit({ url, browser, wait, parameters: (given['argument'] as readonly string[] | undefined) ?? [], cwd: terminal.cwd })
  const audit = judge(sight, { registry: module.keys, names, ttl: module.ttl ?? 'forever', now: Date.now(), everyCookie: true })
  terminal.out(format(audit))
  return audit.undeclared.length || audit.longer.length ? 1 : 0
}
