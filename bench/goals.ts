import { FULL_SIZE } from './bundles.js'
import { indexedDBPeers } from './contestants.js'
import { type Results, timesOf } from './results.js'
import { type Figure, figureOf, ratioOf } from './statistics.js'

/** What was promised of each row, and what came out. */
export interface Goal {
  title: string
  /** Who is measured, where it is not the chain of five tiers. */
  least: number
  goal: number
  /** `times as fast` grows when it gets better; the others shrink. */
  unit: 'times as fast' | 'times the time' | 'bytes'
  measure(results: Results): Figure | undefined
}

export type Verdict = 'goal reached' | 'reached' | '**not reached**' | 'not measured'

/** By repetition: how many of ours fit in one of theirs. */
const faster = (group: string, row: string, peer: string, ours: string) => (results: Results): Figure | undefined => ratioOf(timesOf(results, group, row, peer), timesOf(results, group, row, ours))
const slower = (group: string, row: string, peer: string, ours: string) => faster(group, row, ours, peer)

/** Of several, whoever has the shortest median. */
function fastest(results: Results, group: string, row: string, peers: readonly string[]): string | undefined {
  const medians = peers.flatMap((peer) => {
    const times = timesOf(results, group, row, peer).filter((time) => time > 0)
    return times.length === 0 ? [] : [{ peer, median: figureOf(times).median }]
  })
  return medians.sort((one, other) => one.median - other.median)[0]?.peer
}

/** Ours with all its tiers, and over the one place that the peers have: what the others add is seen. */
const OURS = [['holdfast', ''], ['holdfast-indexeddb', '; IndexedDB and memory']] as const
const versusKeyval = (group: string, row: string, title: string, least: number, goal: number): Goal[] =>
  OURS.map(([ours, chain]) => ({ title: title + ', against idb-keyval' + chain, least, goal, unit: 'times as fast', measure: faster(group, row, 'idb-keyval', ours) }))
const grown = (row: string, verb: string, entries: number): Goal => ({
  title: `a \`${verb}\` among ${entries.toLocaleString('en')} entries, against one among 10`,
  least: 1.5,
  goal: 1.5,
  unit: 'times the time',
  measure: slower('growth', row, 'holdfast-10', `holdfast-${entries}`),
})

/** By repetition: a bare AES-GCM call and the same without a seal, together, are what it may take 1.5 times of. */
const sealed = (group: string, place: string, row: string, title: string): Goal => ({
  title: `${title} in ${place}, sealed, against AES-GCM alone and the same without a seal`,
  least: 1.5,
  goal: 1.5,
  unit: 'times the time',
  measure(results) {
    const unsealed = timesOf(results, group, row, 'unsealed')
    const parts = timesOf(results, group, row, 'bare-call').map((time, index) => time + unsealed[index]!)
    return ratioOf(timesOf(results, group, row, 'holdfast'), parts)
  },
})

export const goals: readonly Goal[] = [
  ...versusKeyval('indexeddb', 'concurrent-sets', '1,000 concurrent sets', 4, 20),
  ...versusKeyval('indexeddb', 'awaited-sets', '500 awaited sets', 1.2, 2),
  ...OURS.map(
    ([ours, chain]): Goal => ({
      title: '500 hot gets, against the fastest library over IndexedDB' + chain,
      least: 20,
      goal: 200,
      unit: 'times as fast',
      measure: (results) => faster('indexeddb', 'hot-gets', fastest(results, 'indexeddb', 'hot-gets', indexedDBPeers) ?? '', ours)(results),
    }),
  ),
  ...versusKeyval('indexeddb', 'concurrent-gets', '1,000 concurrent gets', 3, 30),
  ...versusKeyval('cold', 'cold-start', 'cold start to the first value', 1, 1.3),
  { title: 'sweep of 10,000 expired, against lscache', least: 5, goal: 20, unit: 'times as fast', measure: faster('sweep', 'sweep', 'lscache', 'holdfast') },
  { title: 'sweep of 10,000 expired, against lscache; localStorage alone, as it is', least: 5, goal: 20, unit: 'times as fast', measure: faster('sweep', 'sweep', 'lscache', 'holdfast-localstorage') },
  { title: 'localStorage alone, 500 hot gets, against bare with JSON and expiry', least: 1.5, goal: 1.1, unit: 'times the time', measure: slower('localstorage', 'hot-gets', 'bare-json', 'holdfast-localstorage') },
  { title: 'localStorage alone, 500 awaited sets, against bare with JSON and expiry', least: 1.5, goal: 1.1, unit: 'times the time', measure: slower('localstorage', 'awaited-sets', 'bare-json', 'holdfast-localstorage') },
  { title: 'cookie alone, 500 hot gets, against js-cookie', least: 3, goal: 7, unit: 'times as fast', measure: faster('cookie', 'hot-gets', 'js-cookie', 'holdfast') },
  { title: 'cookie alone, 1,000 concurrent gets, against js-cookie', least: 3, goal: 7, unit: 'times as fast', measure: faster('cookie', 'concurrent-gets', 'js-cookie', 'holdfast') },
  ...(['hub-same', 'hub-other'] as const).map(
    (group): Goal => ({
      title: `100 concurrent gets through the hub, ${group === 'hub-same' ? 'same' : 'another'} site, both over localStorage, against cross-storage`,
      least: 5,
      goal: 10,
      unit: 'times as fast',
      measure: faster(group, 'concurrent-gets', 'cross-storage', 'holdfast-localstorage'),
    }),
  ),
  sealed('sealed', 'IndexedDB', 'awaited-sets', '200 awaited sets'),
  sealed('sealed', 'IndexedDB', 'hot-gets', '200 hot gets'),
  sealed('sealed', 'IndexedDB', 'concurrent-sets', '500 concurrent sets'),
  sealed('sealed', 'IndexedDB', 'concurrent-gets', '500 concurrent gets'),
  sealed('sealed-local', 'localStorage', 'awaited-sets', '200 awaited sets'),
  sealed('sealed-local', 'localStorage', 'hot-gets', '200 hot gets'),
  {
    title: 'brotli, five tiers',
    least: 6500,
    goal: 5000,
    unit: 'bytes',
    measure: ({ sizes }) => sizes.filter(({ title }) => title === FULL_SIZE).map(({ bytes }) => figureOf([bytes]))[0],
  },
  ...[1000, 100_000].flatMap((entries) => [grown('hot-gets', 'get', entries), grown('awaited-sets', 'set', entries)]),
]

/** The median decides; a spread that reaches over the line is told beside it. */
export function verdictOf({ least, goal, unit }: Pick<Goal, 'least' | 'goal' | 'unit'>, figure: Figure | undefined): Verdict {
  if (!figure) return 'not measured'
  const holds = (line: number): boolean => (unit === 'times as fast' ? figure.median >= line : figure.median <= line)
  return holds(goal) ? 'goal reached' : holds(least) ? 'reached' : '**not reached**'
}
