// Runs a program of this folder that is TypeScript, with the tests' browsers and sites, which look for their pages beside themselves.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { argv, exit } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Its `run` is given the words of the command line and the project's directory, and answers the exit code. */
export async function runTypeScript(entry) {
  const scratch = mkdtempSync(join(here, '.scratch-'))
  let code = 1
  try {
    const outfile = join(scratch, 'program.mjs')
    const own = JSON.stringify(pathToFileURL(join(here, '..', 'test', 'browser', 'bench.ts')).href)
    await build({ entryPoints: [join(here, entry)], outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external', define: { 'import.meta.url': own }, logLevel: 'error' })
    const { run } = await import(pathToFileURL(outfile).href)
    code = await run(argv.slice(2), join(here, '..'))
  } catch (error) {
    console.error(error instanceof RangeError ? error.message : error)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  exit(code)
}
