import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { launch } from '../test/browser/engines.js'
import { startSites } from '../test/browser/sites.js'
import { createBundles, sizesOf } from './bundles.js'
import { groups } from './contestants.js'
import { type Effort, type Measured, measureGroup } from './measure.js'
import { parseWish, planOf, type Wish } from './plan.js'
import { goalLines, groupTables, reportOf, sizeTable } from './report.js'
import type { Results } from './results.js'
import { pagesOf } from './site.js'

const peers = ['localforage', 'idb-keyval', 'idb', 'dexie', 'unstorage', 'store2', 'lscache', 'basil.js', 'js-cookie', 'universal-cookie', 'cross-storage', '@segment/analytics-next']

/** Not by `require`: a package may not export its package.json. */
function versionOf(name: string, root: string): string {
  const places = createRequire(join(root, 'package.json')).resolve.paths(name) ?? []
  const path = places.map((place) => join(place, name, 'package.json')).find(existsSync)
  if (path === undefined) throw new Error(`${name} is not installed: npm install`)
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}

/** Half of a smoke run would be the start of a process for each of its pages. */
const ONE_PROCESS = ['--disable-site-isolation-trials', '--disable-features=IsolateOrigins,site-per-process', '--renderer-process-limit=1']

/** One line that is written over where somebody looks; elsewhere a line for each row that is done. */
function progressOn(started: number): Effort['progress'] {
  const live = process.stdout.isTTY
  return (where, done, of) => {
    const seconds = Math.round((Date.now() - started) / 1000)
    const text = `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}  ${where}`
    if (live) process.stdout.write(`\r\u001b[K${text}  ${done} of ${of}`)
    if (done === of) process.stdout.write(`${live ? '\r\u001b[K' : ''}${text}\n`)
  }
}

async function measure(wish: Wish, plan: ReturnType<typeof planOf>, directory: string, started: number): Promise<{ measured: Measured; browser: string }> {
  const measured: Measured = { times: {}, heap: {}, failures: [], samples: 0 }
  const sites = await startSites(pagesOf(plan, createBundles(directory), !wish.smoke))
  try {
    const browser = await launch('chromium', {
      proxy: sites.proxy,
      // The stock browser's: Debian's keeps cookies from frames of other sites.
      preferences: { profile: { cookie_controls_mode: 0 } },
      parameters: ['--js-flags=--expose-gc', '--enable-precise-memory-info', ...(wish.smoke ? ONE_PROCESS : [])],
    })
    try {
      const effort: Effort = { repetitions: wish.smoke ? 1 : wish.repetitions, starts: wish.smoke ? 1 : 2 * wish.repetitions, warmUps: wish.smoke ? 0 : 1, together: wish.smoke, progress: progressOn(started) }
      for (const group of plan) await measureGroup(browser, group, effort, measured)
      return { measured, browser: browser.version }
    } finally {
      await browser.close()
    }
  } finally {
    await sites.close()
  }
}

/** Answers the exit code. `root` is the project's directory. */
export async function run(given: readonly string[], root: string): Promise<number> {
  const started = Date.now()
  const directory = join(root, 'bench')
  const wish = parseWish(given)
  const plan = planOf(wish)
  const versions = Object.fromEntries(peers.map((name) => [name, versionOf(name, root)]))
  const sizes = await sizesOf(directory)
  const { measured, browser } = await measure(wish, plan, directory, started)
  const minutes = (Date.now() - started) / 60_000
  const machine = { browser, cores: availableParallelism(), date: new Date().toISOString().slice(0, 10), repetitions: wish.repetitions, minutes }
  const results: Results = { ...measured, sizes, versions, machine }
  for (const failure of results.failures) console.error(`failed: ${failure}`)
  const rows = plan.reduce((sum, group) => sum + group.rows.length, 0)
  if (wish.smoke) console.log(`${rows} rows, ${measured.samples} samples, ${results.failures.length} failures, ${(minutes * 60).toFixed(0)} s. Each answer was checked; no time means anything.`)
  // A part does not replace the whole.
  else if (plan.length < groups.length || wish.only !== undefined) console.log(`\n${groupTables(results, plan)}\n${goalLines(results)}`)
  else {
    writeFileSync(join(directory, 'RESULTS.md'), reportOf(results, plan))
    console.log(`\n${goalLines(results)}\n\n${sizeTable(results)}\n\nbench/RESULTS.md is written, after ${minutes.toFixed(1)} minutes.`)
  }
  return results.failures.length === 0 ? 0 : 1
}
