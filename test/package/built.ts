import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package as it would be published: package.json and dist/. */

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Manifest {
  name: string
  exports: Record<string, string | Record<string, Record<string, string>>>
  main: string
  module: string
  types: string
  unpkg: string
  jsdelivr: string
  bin: Record<string, string>
}

export const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as Manifest

/** The names under which code is imported: 'holdfast', 'holdfast/testing' … */
export const doors: string[] = Object.keys(manifest.exports)
  .filter((door) => !door.endsWith('.json'))
  .map((door) => posix.join(manifest.name, door))

/** Every file that package.json points to, without the leading './'. */
export function promisedFiles(): string[] {
  const { main, module, types, unpkg, jsdelivr, bin } = manifest
  const ofExports = Object.values(manifest.exports).flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target).flatMap((condition) => Object.values(condition))))
  return [...new Set([main, module, types, unpkg, jsdelivr, ...Object.values(bin), ...ofExports].map((path) => posix.normalize(path)))].sort()
}

/** The files of dist/ with their paths from the root; fails in words where nothing was built. */
export function builtFiles(): string[] {
  if (!existsSync(`${ROOT}dist`)) throw new Error('there is no dist/: run `npm run build` first')
  return readdirSync(`${ROOT}dist`, { recursive: true, encoding: 'utf8' }).map((path) => `dist/${path.replaceAll('\\', '/')}`).sort()
}

export function textOf(path: string): string {
  if (path.startsWith('dist/')) builtFiles()
  return readFileSync(`${ROOT}${path}`, 'utf8')
}

/** What a built file imports or requires, by the names it writes. Doc comments show imports, too, and are left out. */
export function specifiersOf(text: string): string[] {
  const code = text.replace(/^[ \t]*\/\*\*.*?\*\//gms, '')
  return [...code.matchAll(/(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*(["'`])([^"'`]+)\1/g)].map((match) => match[2] as string)
}

/** The built files that can be reached from `start` by relative imports. */
export function reachedFrom(start: readonly string[]): Set<string> {
  const reached = new Set<string>()
  const visit = (path: string): void => {
    if (reached.has(path)) return
    reached.add(path)
    for (const specifier of specifiersOf(textOf(path)).filter((each) => each.startsWith('.'))) visit(declared(posix.join(posix.dirname(path), specifier), path))
  }
  start.forEach(visit)
  return reached
}

/** A declaration names the script beside which its own declaration stands: './a.js' means './a.d.ts'. */
function declared(target: string, importer: string): string {
  return /\.d\.c?ts$/.test(importer) ? target.replace(/\.(c?)js$/, '.d.$1ts') : target
}
