import { readFileSync, writeFileSync } from 'node:fs'

/** The table of docs/hub.md: which engine keeps which sequence where, and who reads it then. The tests make it. */

export interface Observation {
  sequence: string
  engine: string
  /** Where the receipt says that it is, and for how long. */
  kept: string
  reach: string
  reload: string
  sibling: string
  other: string
  /** Where it goes when the sibling writes it anew, which may have learnt what the hub reaches. */
  anew: string
  back: string
}

const page = new URL('../../docs/hub.md', import.meta.url)
const [start, end] = ['<!-- The browser tests make this table: HOLDFAST_WRITE=1 npm run test:browsers -- hub-table -->\n', '<!-- end of the table -->']
const columns = ['sequence', 'engine', 'kept', 'reach', 'reload', 'sibling', 'other', 'anew', 'back'] as const
const heads = ['written on `a.brand.test`', 'engine', 'kept in', 'reach', 'after a reload', 'on `b.`', 'on `other.test`', 'written anew on `b.`, kept in', 'on `a.`']

const cellsOf = (observation: Observation): string[] => columns.map((column) => observation[column])

/** Engines that saw the same share a row. */
function format(observations: readonly Observation[], engines: readonly string[]): string {
  const rows = new Map<string, Observation>()
  for (const observation of observations) {
    const same = cellsOf({ ...observation, engine: '' }).join()
    const before = rows.get(same)
    rows.set(same, { ...observation, engine: before ? `${before.engine}, ${observation.engine}` : observation.engine })
  }
  const all = engines.join(', ')
  const lines = [...rows.values()].map((row) => cellsOf({ ...row, engine: row.engine === all ? 'all' : row.engine }))
  return [heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

function around(): [before: string, table: string, after: string] {
  const text = readFileSync(page, 'utf8')
  const [from, to] = [text.indexOf(start) + start.length, text.indexOf(end)]
  if (from < start.length || to < from) throw new Error('docs/hub.md has lost the marks of its table')
  return [text.slice(0, from), text.slice(from, to), text.slice(to)]
}

/** What the page says now. */
export function documented(engines: readonly string[]): Observation[] {
  const [, table] = around()
  return table
    .split('\n')
    .slice(2)
    .filter((line) => line !== '')
    .flatMap((line) => {
      const cells = line.slice(2, -2).split(' | ')
      const row = Object.fromEntries(columns.map((column, index) => [column, cells[index]])) as unknown as Observation
      return (row.engine === 'all' ? [...engines] : row.engine.split(', ')).map((engine) => ({ ...row, engine }))
    })
}

/** Puts what was seen into the page; what other engines saw before stays. `order` is that of the sequences. */
export function writeDown(seen: readonly Observation[], order: readonly string[], engines: readonly string[]): void {
  const [before, , after] = around()
  const fresh = new Set(seen.map(({ engine }) => engine))
  const all = [...documented(engines).filter(({ engine }) => !fresh.has(engine)), ...seen].filter(({ sequence }) => order.includes(sequence))
  const rank = ({ sequence, engine }: Observation): number => order.indexOf(sequence) * engines.length + engines.indexOf(engine)
  writeFileSync(page, before + format(all.sort((one, other) => rank(one) - rank(other)), engines) + after)
}
