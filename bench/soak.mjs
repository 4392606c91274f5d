#!/usr/bin/env node
// The life of a widget at speed, with fakes, in Node: whether memory grows, whether a listener is left.
// `npm run build && node bench/soak.mjs [--operations 1000000] [--seed 1]`.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { exit } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'

const { values } = parseArgs({ options: { operations: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } } })
const operations = Number(values.operations)
const points = 10

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

/** In bytes, once everything that may go is gone. */
async function heap() {
  for (let round = 0; round < 4; round++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return process.memoryUsage().heapUsed
}

/** Least squares: the growth for each step. */
function slopeOf(heights) {
  const middle = (heights.length - 1) / 2
  const mean = heights.reduce((sum, height) => sum + height, 0) / heights.length
  const spread = heights.reduce((sum, _, index) => sum + (index - middle) ** 2, 0)
  return heights.reduce((sum, height, index) => sum + (index - middle) * (height - mean), 0) / spread
}

const here = fileURLToPath(new URL('.', import.meta.url))
const scratch = mkdtempSync(join(here, '.scratch-'))
const faults = []
process.on('unhandledRejection', (error) => faults.push(`unhandled: ${error?.stack ?? error}`))
try {
  const outfile = join(scratch, 'soak-life.mjs')
  await build({ entryPoints: [join(here, 'soak-life.ts')], outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'error' })
  const { createLife } = await import(pathToFileURL(outfile).href)
  const life = createLife(Number(values.seed))
  const from = performance.now()
  const heights = []
  console.log(`${operations} operations, --seed ${values.seed}`)
  for (let point = 1; point <= points; point++) {
    await life.run(operations / points)
    await life.rest()
    heights.push(await heap())
    const { operations: done, opened, rejected } = life.seen
    console.log(`${done} operations, ${opened} storages, ${rejected} rejected, ${(life.lived() / 3_600_000).toFixed(1)} h lived in ${Math.round((performance.now() - from) / 1000)} s: heap ${(heights.at(-1) / 2 ** 20).toFixed(2)} MiB, ${life.held()} closed storages held, left ${JSON.stringify(life.left())}`)
  }
  faults.push(...life.faults)
  const kept = await life.end()
  await heap()
  const left = Object.entries(life.left()).filter(([, count]) => count)
  const growth = slopeOf(heights.slice(1))
  console.log(`\n${JSON.stringify(life.seen)}`)
  console.log(`heap: ${(growth / 1024).toFixed(1)} KiB for each ${operations / points} operations after the first ${operations / points}`)
  if (growth * (points - 1) > 2 ** 20) faults.push('the heap grows by more than 1 MiB')
  if (life.held()) faults.push(`${life.held()} closed storages are still held`)
  for (const [what, count] of left) faults.push(`${count} ${what} left`)
  for (const one of kept) faults.push(`left after destroy: ${one}`)
  for (const fault of new Set(faults)) console.log(`FAULT (${faults.filter((one) => one === fault).length}): ${fault}`)
  console.log(faults.length ? `${faults.length} FAULTS` : 'no fault')
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
exit(faults.length ? 1 : 0)
