/** What is measured, and in what words; the page and the driver both know these. */

export const works = ['awaited-sets', 'concurrent-sets', 'bulk-sets', 'hot-gets', 'concurrent-gets', 'bulk-gets', 'misses', 'mixed', 'large-value', 'keys', 'sweep'] as const

/** What a page does when it is asked for a sample. */
export type Work = (typeof works)[number]

/** Those, and what is measured by opening a page. */
export type Workload = Work | 'cold-start'

/** One line of the plan: a workload at one size. */
export interface Row {
  id: string
  title: string
  workload: Workload
  /** How many operations one sample is made of; of `keys` and `sweep`, how many entries. */
  count: number
  /** How often the operations are done over in one sample, where a clock would be too coarse for one. */
  rounds: number
  /** Entries that stand there before, beyond those of the group. */
  entries?: number
}

const titles: Record<Workload, (count: string) => string> = {
  'awaited-sets': (count) => `${count} awaited sets`,
  'concurrent-sets': (count) => `${count} concurrent sets`,
  'bulk-sets': (count) => `${count} sets in one call`,
  'hot-gets': (count) => `${count} hot gets`,
  'concurrent-gets': (count) => `${count} concurrent gets`,
  'bulk-gets': (count) => `${count} gets in one call`,
  misses: (count) => `${count} misses`,
  mixed: (count) => `${count}, 90 % get and 10 % set`,
  'large-value': (count) => `${count} sets and gets of 256 KiB`,
  keys: (count) => `keys() over ${count}`,
  sweep: (count) => `sweep of ${count} expired`,
  'cold-start': () => 'cold start',
}

/** `id` tells rows of one group apart; it is the workload's name unless there are several of it. */
export function row(workload: Workload, count: number, { rounds = 1, entries, id = workload }: { rounds?: number; entries?: number; id?: string } = {}): Row {
  return { id, title: titles[workload](count.toLocaleString('en')), workload, count, rounds, ...(entries !== undefined && { entries }) }
}
