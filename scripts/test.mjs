#!/usr/bin/env node
// All that a change has to pass, in the order in which a mistake is cheapest to find. The first failure ends it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exit, platform } from 'node:process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const reports = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
const started = Date.now()

// Vitest tells the reader on the screen, and counts for the last line in a file.
const counted = (name, ...shown) => ['--', ...[...shown, 'json'].map((reporter) => `--reporter=${reporter}`), `--outputFile.json=${join(reports, name)}`]

const steps = [
  { title: 'build: dist/ from src/', script: 'build' },
  { title: 'types: the sources and the tests', script: 'types' },
  { title: 'unit: behaviour, laws, architecture, sizes, package, examples', script: 'test:unit', options: counted('unit.json', 'default') },
  { title: 'package: publint, and are the types wrong?', script: 'test:package' },
  { title: 'browsers: Chromium, Firefox, WebKit', script: 'test:browsers', options: counted('browsers.json', './test/browser/progress.ts', 'default') },
  { title: 'bench: each workload once, in Chromium', script: 'bench:smoke' },
]

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`

/** The exit code: 0, or that of the first step that failed. */
function runAll() {
  for (const [index, { title, script, options = [] }] of steps.entries()) {
    const since = Date.now()
    console.log(`\n=== ${index + 1} of ${steps.length}  ${title}\n`)
    const { status, error } = spawnSync('npm', ['run', '--silent', script, ...options], { cwd: root, stdio: 'inherit', shell: platform === 'win32' })
    if (status !== 0) {
      console.log(`\n=== failed after ${seconds(since)}: npm run ${script}${error ? `, ${error.message}` : ''}`)
      return status ?? 1
    }
    console.log(`\n=== done in ${seconds(since)}`)
  }
  return 0
}

/** What Vitest counted over all runs; `undefined` where none got so far. */
function count() {
  const files = ['unit.json', 'browsers.json'].map((name) => join(reports, name)).filter(existsSync)
  const results = files.map((file) => JSON.parse(readFileSync(file, 'utf8')))
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  return results.length === 0 ? undefined : { passed: sum('numPassedTests'), failed: sum('numFailedTests'), skipped: sum('numPendingTests') + sum('numTodoTests') }
}

const status = runAll()
const total = count()
rmSync(reports, { recursive: true })
console.log(`\n${status === 0 ? 'All steps passed' : 'Stopped'} after ${seconds(started)}.`)
if (total?.skipped) console.log(`${total.skipped} skipped`)
// A run that broke without a failed test has no such line: it would read as a success.
if (total && (status === 0 || total.failed > 0)) console.log(`${total.passed} passed, ${total.failed} failed`)
exit(status)
