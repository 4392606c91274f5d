import type { Audit, Longer, Present } from './audit-judgement.js'
import { plain } from './plain.js'

/** The order in which findings are told: what is wrong comes first. */
const VERDICTS = ['undeclared', 'longer', 'present', 'absent', 'unknown'] as const

const HEADS = ['', 'where', 'name', 'domain', 'key', 'until']

const untilOf = ({ expires, role, removed }: Present): string => (removed ? 'removed; a note' : expires !== undefined ? new Date(expires).toISOString().replace(/\.\d+Z$/, 'Z') : role === 'value' || role === 'external' ? 'no time' : role)

/** Names are the page's, and a terminal obeys control characters: each is one line of text. */
const padded = (rows: readonly (readonly string[])[]): string => {
  const shown = rows.map((row) => row.map((cell) => plain(cell) || '-'))
  const widths = HEADS.map((_, column) => Math.max(...shown.map((row) => row[column]!.length)))
  return shown.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd() + '\n').join('')
}

/** An audit as a table, and what it comes to. */
export const reportOf = (audit: Audit): string => {
  const longer = new Set(audit.longer.map(({ area, name, domain, key }) => [area, name, domain, key].join('\n')))
  const rows = [
    ...audit.undeclared.map(({ area, name, domain = '' }) => ['undeclared', area, name, domain, '', '']),
    ...audit.longer.map((one: Longer) => ['longer', one.area, one.name, one.domain ?? '', one.key, `${untilOf(one)}; declared ${one.ttl}`]),
    ...audit.present.flatMap((one) => (longer.has([one.area, one.name, one.domain, one.key].join('\n')) ? [] : [['present', one.area, one.name, one.domain ?? '', one.key ?? '', untilOf(one)]])),
    ...(['absent', 'unknown'] as const).flatMap((verdict) => audit[verdict].map(({ key, name }) => [verdict, '', name, '', key, ''])),
  ]
  const unreadable = audit.unreadable.map(({ area, reason }) => `not readable: ${area}: ${plain(reason)}\n`)
  const counts = VERDICTS.map((verdict) => `${rows.filter(([one]) => one === verdict).length} ${verdict}`)
  return `${rows.length ? padded([HEADS, ...rows]) + '\n' : ''}${unreadable.join('')}${counts.join(', ')}\n`
}
