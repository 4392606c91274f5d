import type { Contestant, Group } from './contestants.js'
import { goals, verdictOf } from './goals.js'
import { type Results, timesOf } from './results.js'
import { figureOf, ratioOf, told, toldFigure } from './statistics.js'

/** bench/RESULTS.md: ratios with their spread, sizes, and what was promised. */

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}

function ratioCell(results: Results, group: Group, row: string, { id }: Contestant, reference: string): string {
  const times = timesOf(results, group.id, row, id)
  const base = timesOf(results, group.id, row, reference)
  if (times.length === 0 || base.length === 0) return '–'
  const ratio = ratioOf(times, base)
  return ratio ? toldFigure(ratio) : '✗'
}

/** Among as many entries as it holds, a contestant is measured against itself among the fewest. */
const referenceOf = (group: Group, { id }: Contestant): string => (group.id.endsWith('growth') ? id.replace(/\d+$/, '10') : group.reference)

function tableOf(results: Results, group: Group): string {
  const measured = group.rows.filter(({ id }) => results.times[group.id]?.[id])
  const absolute = measured.map(({ id, count, workload }) => {
    const times = timesOf(results, group.id, id, group.reference).filter((time) => time > 0)
    if (times.length === 0) return '–'
    const each = workload === 'cold-start' ? 1 : count
    const { median } = figureOf(times)
    return workload === 'cold-start' || workload === 'sweep' || workload === 'keys' ? `${told(median)} ms` : `${told((median * 1000) / each)} µs`
  })
  const name = group.contestants.find(({ id }) => id === group.reference)!.title
  return [
    `## ${group.title}`,
    '',
    ...(group.note ? [group.note, ''] : []),
    table(
      ['', ...measured.map(({ title }) => title)],
      [...group.contestants.map((contestant) => [contestant.title, ...measured.map(({ id }) => ratioCell(results, group, id, contestant, referenceOf(group, contestant)))]), [`*1.00 is, of “${name}”, here*`, ...absolute.map((cell) => `*${cell}*`)]],
    ),
    '',
  ].join('\n')
}

function goalTable(results: Results): string {
  const sign = { 'times as fast': ' ×', 'times the time': ' ×', bytes: ' B' }
  return table(
    ['', 'unit', 'at least', 'goal', 'measured', ''],
    goals.map((goal) => {
      const figure = goal.measure(results)
      const limit = (value: number): string => (goal.unit === 'times as fast' ? '' : '≤ ') + value.toLocaleString('en') + sign[goal.unit]
      return [goal.title, goal.unit, limit(goal.least), limit(goal.goal), figure ? toldFigure(figure) : '–', verdictOf(goal, figure)]
    }),
  )
}

/** For the screen: what was promised, as far as it was measured. */
export function goalLines(results: Results): string {
  return goals
    .flatMap((goal) => {
      const figure = goal.measure(results)
      return figure ? [`${verdictOf(goal, figure).replaceAll('*', '').padEnd(13)} ${toldFigure(figure)} ${goal.unit} (at least ${goal.least}, goal ${goal.goal}): ${goal.title}`] : []
    })
    .join('\n')
}

/** Bytes of heap that one more entry costs, by library: the page's alone, nothing of what the browser keeps. */
function heapLines({ heap }: Results): string[] {
  const names = [...new Set(Object.keys(heap).map((id) => id.replace(/-\d+$/, '')))]
  const rows = names.flatMap((name) => {
    const sizes = Object.keys(heap).filter((id) => id.replace(/-\d+$/, '') === name).map((id) => ({ entries: Number(id.match(/\d+$/)![0]), bytes: heap[id]! })).sort((one, other) => one.entries - other.entries)
    const [least, most] = [sizes[0]!, sizes.at(-1)!]
    return most.entries > least.entries ? [[name, `${told(Math.max(0, (most.bytes - least.bytes) / (most.entries - least.entries)))} B`]] : []
  })
  return rows.length === 0 ? [] : ["Memory: bytes of the page's heap for each further entry, with the storage open and one key read.", '', table(['', 'bytes an entry'], rows), '']
}

export function groupTables(results: Results, plan: readonly Group[]): string {
  return plan
    .filter(({ id }) => results.times[id])
    .map((group) => tableOf(results, group) + (group.id.endsWith('growth') ? '\n' + heapLines(results).join('\n') : ''))
    .join('\n')
}

export function sizeTable({ sizes }: Results): string {
  return table(['', 'brotli'], [...sizes].sort((one, other) => one.bytes - other.bytes).map(({ title, bytes }) => [title, `${bytes.toLocaleString('en')} B`]))
}

export function reportOf(results: Results, plan: readonly Group[]): string {
  const { browser, cores, date, repetitions, minutes } = results.machine
  return [
    '# Results',
    '',
    `Made by \`npm run bench\` on ${date}: ${browser}, ${cores} cores, a profile on disk, each library on its own origin, cross-origin`,
    `isolated; ${repetitions} repetitions in turn (${2 * repetitions} of a cold start) after one that was thrown away; ${told(minutes)} minutes. Times of another machine differ; the`,
    'ratios are what to read. [docs/performance.md](../docs/performance.md) says what they mean.',
    '',
    '## What was promised',
    '',
    'Medians; in brackets the quartiles. Ours is the chain of five tiers unless the line says otherwise.',
    '',
    goalTable(results),
    '',
    ...(results.failures.length > 0 ? ['## What failed', '', ...results.failures.map((failure) => `- ${failure}`), ''] : []),
    '# Ratios',
    '',
    'Time against the line that has 1 in its table: 2 is twice as slow, 0.5 twice as fast. In brackets the quartiles of all repetitions.',
    '–: the library, or the one it is measured against, has no such call. ✗: it failed, see above.',
    '',
    groupTables(results, plan),
    '## Sizes',
    '',
    'What a page downloads: bundled and minified by esbuild, brotli.',
    '',
    sizeTable(results),
    '',
    '## Versions',
    '',
    Object.entries(results.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ') + '.',
    '',
  ].join('\n')
}
