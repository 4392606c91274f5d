import 'fake-indexeddb/auto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import * as fc from 'fast-check'
import { LawBroken } from './law-broken.js'
import type { PlantedFault } from './planted-faults.js'
import { emphasisOf, seed } from './properties.js'
import { propertyOf, trialOver } from './trials.js'
import type { Implementation } from './implementation.js'

export { PLANTED_FAULTS } from './planted-faults.js'

/** What found a planted fault, and after how many schedules. */
export interface Caught {
  by: string
  runs: number
}

/** The text of a file with the fault in it; fails loudly where the source has moved on. */
const patched = (root: string, { name, patches }: PlantedFault): Map<string, string> => {
  const texts = new Map<string, string>()
  for (const { file, find, replace } of patches) {
    const path = join(root, file)
    const text = texts.get(path) ?? readFileSync(path, 'utf8')
    const times = text.split(find).length - 1
    if (times !== 1) throw new Error(`"${name}": the text to patch stands ${times} times in ${file}; adapt test/laws/planted-faults.ts to the source:\n${find}`)
    texts.set(path, text.replace(find, () => replace))
  }
  return texts
}

/** A build of the package with the fault in it, in a folder from which its dependencies are found. */
export const plant = async (root: string, fault: PlantedFault): Promise<Implementation> => {
  const texts = patched(root, fault)
  const filter = new RegExp(fault.patches.map(({ file }) => file.replace(/.*\//, '').replace('.', '\\.')).join('|'))
  const { outputFiles } = await build({
    stdin: { contents: "export * from './src/index.ts'\nexport * from './src/testing/index.ts'\nexport * from './src/chain-tier.ts'\nexport * from './src/tiers/mirror.ts'\nexport * from './src/hub/client.ts'\nexport * from './src/hub/host/serve.ts'", resolveDir: root, loader: 'ts' },
    bundle: true, write: false, format: 'esm', platform: 'node', packages: 'external',
    plugins: [{ name: 'plant', setup: (builder) => builder.onLoad({ filter }, ({ path }) => (texts.has(path) ? { contents: texts.get(path)!, loader: 'ts' } : undefined)) }],
  })
  const folder = join(root, 'node_modules', '.cache', 'holdfast-planted')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${fault.name.replace(/\W+/g, '-').slice(0, 40)}-${process.pid}.mjs`)
  writeFileSync(file, outputFiles[0]!.text)
  try {
    return (await import(pathToFileURL(file).href)) as Implementation
  } finally {
    rmSync(file)
  }
}

/** Runs schedules against the fault until one finds it; `undefined`: none did. */
export const hunt = async (root: string, fault: PlantedFault, most: number): Promise<Caught | undefined> => {
  const implementation = await plant(root, fault)
  let runs = 0
  for (const law of fault.laws) {
    const result = await fc.check(propertyOf(trialOver(fault.footing, emphasisOf(fault.footing, law)), implementation), { numRuns: most, seed: seed + law, endOnFailure: true, interruptAfterTimeLimit: 30_000 })
    runs += result.numRuns
    if (!result.failed) continue
    const error = result.errorInstance
    return { runs, by: error instanceof LawBroken ? error.message : `a crash: ${String(error)}` }
  }
  return undefined
}
