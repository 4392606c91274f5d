import { readdirSync, readFileSync } from 'node:fs'
import type { Source } from './source.js'

const ROOT = new URL('../../', import.meta.url)

/** Every TypeScript file of src/, with its path from the root of the project. */
export function house(): Source[] {
  return readdirSync(new URL('src/', ROOT), { recursive: true, encoding: 'utf8' })
    .map((path) => `src/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ path, text: readFileSync(new URL(path, ROOT), 'utf8') }))
}
