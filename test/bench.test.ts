import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explorations, groups, indexedDBPeers } from '../bench/contestants.js'
import { goals, verdictOf } from '../bench/goals.js'
import { parseWish, planOf, turnsOf } from '../bench/plan.js'
import { goalLines, reportOf } from '../bench/report.js'
import type { Results, Times } from '../bench/results.js'
import { figureOf, ratioOf, told } from '../bench/statistics.js'
import { row } from '../bench/workloads.js'

const smoke = { only: undefined, smoke: true, repetitions: 7 }
const whole = { ...smoke, smoke: false }
const idsOf = (group: string): string[] => groups.find(({ id }) => id === group)!.rows.map(({ id }) => id)

/** What a run would answer in which everybody takes `ms` each time. */
function resultsWith(ms: (group: string, row: string, contestant: string) => number, failures: string[] = []): Results {
  const times: Times = {}
  for (const group of groups) {
    for (const { id } of group.rows) (times[group.id] ??= {})[id] = Object.fromEntries(group.contestants.map((each) => [each.id, Array.from({ length: 7 }, () => ms(group.id, id, each.id))]))
  }
  return {
    times,
    heap: { 'holdfast-10': 1_000_000, 'holdfast-1000': 1_100_000, 'holdfast-100000': 11_000_000 },
    failures,
    sizes: [{ title: '**holdfast**, five tiers', bytes: 6000, ours: true }],
    versions: { 'idb-keyval': '6.3.0' },
    machine: { browser: 'Chrome/1', cores: 2, date: '2026-01-01', repetitions: 7, minutes: 10 },
  }
}

describe('the plan', () => {
  test('has every workload that was promised', () => {
    const common = ['awaited-sets', 'concurrent-sets', 'bulk-sets', 'hot-gets', 'concurrent-gets', 'bulk-gets', 'misses', 'mixed', 'keys-1000', 'large-value', 'keys-10000']
    expect(idsOf('indexeddb')).toEqual(common)
    expect(idsOf('localstorage')).toEqual(common)
    expect(groups.map(({ id }) => id)).toEqual(['indexeddb', 'localstorage', 'cookie', 'memory', 'sweep', 'cold', 'hub-same', 'hub-other', 'hub-cold', 'sealed', 'sealed-local', 'growth'])
  })

  test('has every peer, ours and the bare medium', () => {
    const stores = new Set(groups.flatMap(({ contestants }) => contestants.map(({ store }) => store)))
    const peers = ['localforage', 'idb-keyval', 'idb', 'dexie', 'unstorage', 'store2', 'lscache', 'basil', 'js-cookie', 'universal-cookie', 'cross-storage', 'segment']
    const limits = ['map', 'bare-local-storage', 'bare-cookie', 'bare-indexed-db', 'bare-channel', 'bare-crypto']
    expect([...stores].sort()).toEqual([...peers, ...limits, 'holdfast'].sort())
    for (const store of stores) expect(existsSync(new URL(`../bench/stores/${store}.ts`, import.meta.url)), store).toBe(true)
  })

  test('has ours in each group, and who is measured against is in its group', () => {
    for (const { id, contestants, reference } of groups) {
      const ids = contestants.map((each) => each.id)
      expect(ids.some((each) => each.startsWith('holdfast')), id).toBe(true)
      expect(ids, id).toContain(reference)
      expect(new Set(ids).size, id).toBe(ids.length)
    }
  })

  test('names hosts that a browser takes', () => {
    for (const group of groups) for (const { id } of group.contestants) expect(`${group.id}-${id}`).toMatch(/^[a-z0-9-]{1,60}$/)
  })

  test('takes a part by its name, and says which names there are', () => {
    expect(planOf({ ...whole, only: 'get' }).flatMap(({ rows }) => rows.map(({ id }) => id)).every((id) => id.includes('get'))).toBe(true)
    expect(planOf({ ...whole, only: 'hub-same/' }).map(({ id }) => id)).toEqual(['hub-same'])
    expect(() => planOf({ ...whole, only: 'nonsense' })).toThrow(/nothing has 'nonsense'.*indexeddb\/hot-gets/)
  })

  test('is as long in a smoke run, and small', () => {
    const [full, small] = [planOf(whole), planOf(smoke)]
    expect(small.map(({ rows }) => rows.map(({ id }) => id))).toEqual([...full, ...explorations].map(({ rows }) => rows.map(({ id }) => id)))
    for (const { rows, contestants, keys } of small) {
      for (const { count, rounds } of rows) expect(count * rounds).toBeLessThanOrEqual(120)
      for (const contestant of contestants) expect(contestant.keys ?? keys).toBeLessThanOrEqual(200)
    }
  })

  test('says in a title how much one sample is', () => {
    expect(row('concurrent-sets', 1000).title).toBe('1,000 concurrent sets')
    expect(row('keys', 10_000, { id: 'keys-10000' })).toMatchObject({ id: 'keys-10000', workload: 'keys', rounds: 1 })
  })
})

describe('what a run is asked for', () => {
  test('is the whole, seven times, unless told otherwise', () => {
    expect(parseWish([])).toEqual(whole)
    expect(parseWish(['--smoke'])).toEqual(smoke)
    expect(parseWish(['--only', 'get', '--repetitions=9'])).toEqual({ only: 'get', smoke: false, repetitions: 9 })
    expect(parseWish(['--only=get'])).toEqual({ ...whole, only: 'get' })
  })

  test.each([[['--fast'], /--fast: no such option/], [['--repetitions', '3'], /--repetitions: 7 or more/], [['--repetitions', 'many'], /--repetitions/], [['--only'], /--only: a part/], [['--only='], /--only: a part/]])('is refused in words: %j', (given, complaint) => {
    expect(() => parseWish(given)).toThrow(complaint)
  })
})

describe('the turns', () => {
  test('have everybody once in each repetition, warm-ups before them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { minLength: 1 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 2 }), (items, repetitions, warmUps) => {
        const turns = turnsOf(items, repetitions, warmUps)
        const rounds = Array.from({ length: warmUps + repetitions }, (_, index) => turns.slice(index * items.length, (index + 1) * items.length))
        rounds.forEach((each, index) => {
          expect(each.every(({ round }) => round === index - warmUps)).toBe(true)
          expect(each.map(({ item }) => item).sort()).toEqual([...items].sort())
        })
      }),
    )
  })

  test('begin with another one each time, so that nobody always follows the same', () => {
    expect(turnsOf(['a', 'b', 'c'], 3, 0).map(({ item }) => item).join('')).toBe('abcbcacab')
  })
})

describe('the figures', () => {
  test('are a median and the quartiles', () => {
    expect(figureOf([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4, samples: 5 })
    expect(figureOf([7])).toEqual({ median: 7, low: 7, high: 7, samples: 1 })
    expect(figureOf([1, 2])).toMatchObject({ median: 1.5, low: 1.25, high: 1.75 })
    expect(() => figureOf([])).toThrow(/no samples/)
  })

  test('are ratios within a repetition, so that a machine that slows down changes none', () => {
    const slowdown = [1, 3, 2, 10]
    expect(ratioOf(slowdown.map((factor) => 4 * factor), slowdown.map((factor) => 2 * factor))).toEqual({ median: 2, low: 2, high: 2, samples: 4 })
  })

  test('leave out a repetition in which one of the two failed', () => {
    expect(ratioOf([4, NaN, 8], [2, 2, NaN])).toMatchObject({ median: 2, samples: 1 })
    expect(ratioOf([NaN], [2])).toBeUndefined()
    expect(ratioOf([1], [])).toBeUndefined()
  })

  test('are told in three digits', () => {
    expect([0.0123, 0.5, 1, 1.234, 12.34, 123.4, 12_345].map(told)).toEqual(['0.012', '0.5', '1', '1.23', '12.3', '123', '12,345'])
  })
})

describe('what was promised', () => {
  test('names rows and contestants that are in the plan', () => {
    // Where a name were wrong, there would be nothing to divide.
    for (const goal of goals) expect(goal.measure(resultsWith(() => 5)), goal.title).toBeDefined()
  })

  test('is judged by the median, in the direction of its unit', () => {
    const of = (median: number) => figureOf([median])
    const speed = { least: 4, goal: 20, unit: 'times as fast' } as const
    expect([3.9, 4, 19, 20].map((median) => verdictOf(speed, of(median)))).toEqual(['**not reached**', 'reached', 'reached', 'goal reached'])
    const size = { least: 6500, goal: 5000, unit: 'bytes' } as const
    expect([6501, 6500, 5001, 5000].map((median) => verdictOf(size, of(median)))).toEqual(['**not reached**', 'reached', 'reached', 'goal reached'])
    expect(verdictOf(speed, undefined)).toBe('not measured')
  })

  test('takes the library that is fastest in that very run for the one to beat', () => {
    const hot = goals.find(({ title }) => title.includes('fastest'))!
    const ours = 1
    for (const peer of indexedDBPeers) {
      const results = resultsWith((_, __, contestant) => (contestant === peer ? 30 : indexedDBPeers.includes(contestant) ? 50 : ours))
      expect(hot.measure(results)!.median).toBe(30)
    }
  })

  test('turns a longer time of ours into a worse figure', () => {
    const slow = resultsWith((_, __, contestant) => (contestant.startsWith('holdfast') ? 10 : 1))
    const verdicts = goals.filter(({ unit, title }) => unit !== 'bytes' && !title.includes('among')).map((goal) => verdictOf(goal, goal.measure(slow)))
    expect(new Set(verdicts)).toEqual(new Set(['**not reached**']))
  })
})

describe('the report', () => {
  const report = reportOf(resultsWith((_, __, contestant) => (contestant === 'holdfast' ? 4 : 2)), planOf(whole))

  test('has a table for each group, and a cell for each who ran', () => {
    for (const { title, contestants, rows } of groups) {
      const section = report.split(`## ${title}\n`)[1]!.split('\n## ')[0]!
      for (const contestant of contestants) expect(section).toContain(`| ${contestant.title} |`)
      for (const each of rows) expect(section).toContain(each.title)
    }
    expect(report).toContain('2 (2–2)')
  })

  test('says so where a promise is not kept', () => {
    expect(report).toMatch(/against idb-keyval \|.*\*\*not reached\*\*/)
  })

  test('tells the memory of an entry, sizes and versions', () => {
    expect(report).toContain('| holdfast | 100 B |')
    expect(report).toContain('| **holdfast**, five tiers | 6,000 B |')
    expect(report).toContain('idb-keyval 6.3.0')
  })

  test('has a sign and the reason where somebody failed, and a dash who has no such call', () => {
    const results = resultsWith((group, id, contestant) => (group === 'indexeddb' && id === 'misses' && contestant === 'dexie' ? NaN : 2), ['IndexedDB, 500 misses, Dexie: out of order'])
    delete results.times['indexeddb']!['bulk-sets']!['localforage']
    const failed = reportOf(results, planOf(whole))
    expect(failed).toMatch(/\| Dexie \|.*✗/)
    expect(failed).toMatch(/\| localForage \|.*–/)
    expect(failed).toContain('- IndexedDB, 500 misses, Dexie: out of order')
  })

  test('judges a part by what the part holds', () => {
    const results = resultsWith(() => 5)
    results.times = { indexeddb: { 'hot-gets': results.times['indexeddb']!['hot-gets']! } }
    results.sizes = []
    const hot: unknown = expect.stringContaining('500 hot gets')
    expect(goalLines(results).split('\n')).toEqual([hot, hot])
  })
})

describe('the harness', () => {
  test('asserts no time: a slow machine is slow, and nothing fails', () => {
    for (const file of ['measure', 'main']) {
      const text = readFileSync(new URL(`../bench/${file}.ts`, import.meta.url), 'utf8')
      expect(text).not.toMatch(/\bms\s*[<>]|toBeLessThan/)
    }
  })
})
