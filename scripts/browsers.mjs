#!/usr/bin/env node
// The tests in Chromium, Firefox and WebKitGTK, against the package as it is built.
// Options go to Vitest: `-t firefox` runs one engine, `cookies` the files with that in their name.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { argv, exit } from 'node:process'
import { fileURLToPath } from 'node:url'
import { installBrowsers } from './install-browsers.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Every file below, or the file itself. */
function files(path) {
  const full = join(root, path)
  if (!existsSync(full)) return []
  if (statSync(full).isFile()) return [full]
  return readdirSync(full).flatMap((name) => files(join(path, name)))
}

function isStale() {
  const built = ['index.js', 'testing.js'].map((name) => join(root, 'dist', name))
  if (!built.every(existsSync)) return true
  const changed = (path) => statSync(path).mtimeMs
  const source = ['src', 'tsup.config.ts', 'package.json', 'tsconfig.json'].flatMap(files)
  return Math.max(...source.map(changed)) > Math.min(...built.map(changed))
}

function run(tool, parameters) {
  const { status, signal, error } = spawnSync(join(root, 'node_modules', '.bin', tool), parameters, { cwd: root, stdio: 'inherit' })
  if (error) console.error(`${tool}: ${error.message}`)
  return status ?? (signal ? 130 : 1)
}

if (!installBrowsers()) exit(1)
if (isStale()) {
  console.log('Building dist, which is older than src.')
  const status = run('tsup', ['--silent'])
  if (status !== 0) exit(status)
}
exit(run('vitest', ['run', '--config', 'vitest.browsers.config.ts', ...argv.slice(2)]))
