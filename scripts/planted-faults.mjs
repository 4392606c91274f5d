#!/usr/bin/env node
// Plants faults in the source, one at a time, and runs the laws' schedules until they are found: a law that finds
// no fault is no test. `npm run planted-faults -- tombstone` plants those with that word in their name.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, exit, pid } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'node_modules', '.cache', 'holdfast-planted')
/** Schedules for each law that is asked to find a fault; most are found within a hundred. */
const MOST = 5000

/** A way into the package is its source, as in vitest.config.ts. */
const doors = { name: 'doors', setup: (builder) => builder.onResolve({ filter: /^holdfast(\/|$)/ }, ({ path }) => ({ path: join(root, 'src', path.slice('holdfast'.length), 'index.ts') })) }

/** The harness is TypeScript: it is bundled to where its dependencies are found. */
async function load() {
  const { outputFiles } = await build({ entryPoints: [join(root, 'test/laws/planted.ts')], bundle: true, write: false, format: 'esm', platform: 'node', packages: 'external', plugins: [doors] })
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `harness-${pid}.mjs`)
  writeFileSync(file, outputFiles[0].text)
  try {
    return await import(pathToFileURL(file).href)
  } finally {
    rmSync(file)
  }
}

const { hunt, PLANTED_FAULTS } = await load()
const faults = PLANTED_FAULTS.filter(({ name }) => argv.slice(2).every((word) => name.includes(word)))
let missed = 0
for (const fault of faults) {
  const caught = await hunt(root, fault, MOST).catch((error) => console.log(`STALE   ${error.message}`))
  if (!caught) missed++
  console.log(caught ? `caught  ${fault.name}\n        after ${caught.runs} schedules: ${caught.by}` : `MISSED  ${fault.name}`)
}
console.log(`${faults.length - missed} of ${faults.length} planted faults caught`)
exit(missed ? 1 : 0)
