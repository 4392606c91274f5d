#!/usr/bin/env node
// What a round trip to the hub costs beside a bare MessageChannel ping-pong with a frame of the same vendor, in one
// interleaved run, in real browsers. Build first: `npm run build && node bench/hub.mjs [chromium firefox webkit] [--samples=200]`.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { argv, exit } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const scratch = mkdtempSync(join(here, '.scratch-'))
try {
  // The tests' browsers and sites, which are TypeScript; they look for their pages beside themselves.
  const outfile = join(scratch, 'hub-bench.mjs')
  const own = JSON.stringify(pathToFileURL(join(here, '..', 'test', 'browser', 'bench.ts')).href)
  await build({ entryPoints: [join(here, 'hub-bench.ts')], outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external', define: { 'import.meta.url': own }, logLevel: 'error' })
  const { run, engines } = await import(pathToFileURL(outfile).href)
  const [, , ...given] = argv
  const samples = Number(given.find((each) => each.startsWith('--samples='))?.slice(10) ?? 200)
  const wanted = given.filter((each) => engines.includes(each))
  await run(wanted.length > 0 ? wanted : ['chromium'], samples)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
// The display that WebKit draws on would keep this process waiting; it goes with it.
exit(0)
