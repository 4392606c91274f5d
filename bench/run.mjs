#!/usr/bin/env node
// `npm run bench`: holdfast, its peers and the physical limits, in real Chromium; writes bench/RESULTS.md.
//   --only get        only rows with that in their name, told on the screen
//   --repetitions 9   7 unless told otherwise
//   --smoke           each row once, small, for whether it works
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { argv, exit } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const scratch = mkdtempSync(join(here, '.scratch-'))
let code = 1
try {
  // The tests' browsers and sites, which are TypeScript; they look for their pages beside themselves.
  const outfile = join(scratch, 'bench.mjs')
  const own = JSON.stringify(pathToFileURL(join(here, '..', 'test', 'browser', 'bench.ts')).href)
  await build({ entryPoints: [join(here, 'main.ts')], outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external', define: { 'import.meta.url': own }, logLevel: 'error' })
  const { run } = await import(pathToFileURL(outfile).href)
  code = await run(argv.slice(2), join(here, '..'))
} catch (error) {
  console.error(error instanceof RangeError ? error.message : error)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
exit(code)
