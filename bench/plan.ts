import { explorations, type Group, groups } from './contestants.js'
import { type Row, row as rowOf } from './workloads.js'

/** What a run is asked for: `--only get`, `--smoke`, `--repetitions 9`. */
export interface Wish {
  /** Only rows whose `group/row` has this in it. */
  only: string | undefined
  /** Each row once, at a size that shows that it works and nothing else. */
  smoke: boolean
  repetitions: number
}

const LEAST_REPETITIONS = 7

export function parseWish(given: readonly string[]): Wish {
  const wish: Wish = { only: undefined, smoke: false, repetitions: LEAST_REPETITIONS }
  const rest = given.flatMap((word) => word.split(/=(.*)/s).slice(0, 2))
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--smoke') wish.smoke = true
    else if (word === '--only') wish.only = rest.shift()
    else if (word === '--repetitions') wish.repetitions = Number(rest.shift())
    else throw new RangeError(`${word}: no such option; there are --only, --repetitions and --smoke`)
  }
  if (!(wish.repetitions >= LEAST_REPETITIONS)) throw new RangeError(`--repetitions: ${LEAST_REPETITIONS} or more`)
  if (wish.only === '' || (wish.only === undefined && given.some((word) => word.startsWith('--only')))) throw new RangeError('--only: a part of a name, such as get')
  return wish
}

function small({ id, workload, count, entries }: Row): Row {
  if (entries !== undefined) return rowOf(workload, 120, { id, entries: 120 })
  return rowOf(workload, Math.min(count, { keys: 40, sweep: 60, 'large-value': 2 }[workload as string] ?? 20), { id })
}

/** The groups that a run goes through, with what it leaves out left out. */
export function planOf({ only, smoke }: Wish): Group[] {
  const all = smoke || only?.startsWith('packed') ? [...groups, ...explorations] : groups
  const wanted = all
    .map((group) => ({ ...group, rows: group.rows.filter(({ id }) => `${group.id}/${id}`.includes(only ?? '')) }))
    .filter(({ rows }) => rows.length > 0)
  if (wanted.length === 0) throw new RangeError(`--only: nothing has '${only}' in its name. There are: ${groups.flatMap((group) => group.rows.map(({ id }) => `${group.id}/${id}`)).join(', ')}`)
  if (!smoke) return wanted
  const elsewhere = new Set(groups.flatMap(({ contestants }) => contestants.map(({ store }) => store)))
  return wanted.map((group) => ({
    ...group,
    keys: Math.min(group.keys, 40),
    // Among so few entries all sizes are one, and who is in an exploration to be compared with is at work in another group.
    contestants: group.contestants.filter(({ store, keys }) => (keys ?? group.keys) === group.keys && !(explorations.some(({ id }) => id === group.id) && elsewhere.has(store))),
    rows: group.rows.map(small),
  }))
}

/** Who goes when: all of them in each repetition, and another one first each time. A round below 0 warms up. */
export function turnsOf<Item>(items: readonly Item[], repetitions: number, warmUps: number): { round: number; item: Item }[] {
  return Array.from({ length: warmUps + repetitions }, (_, index) => {
    const first = index % items.length
    return [...items.slice(first), ...items.slice(0, first)].map((item) => ({ round: index - warmUps, item }))
  }).flat()
}
