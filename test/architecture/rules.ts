import { functionsOf, importsOf, typesDeclaredBy, type Import, type Source } from './source.js'
import { CORE_LAYERS, layerOf, sideOf } from './layers.js'

/**
 * The rules of the house, as pure functions: sources in, complaints out. An empty list is a pass, and each
 * complaint says where, what, and what to do.
 */

export const FILE_LINES = 300
export const FUNCTION_LINES = 60
export const FACTORY_LINES = 180

export function longFiles(sources: Source[]): string[] {
  return sources
    .map(({ path, text }) => ({ path, lines: text.replace(/\n$/, '').split('\n').length }))
    .filter(({ lines }) => lines > FILE_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines; a file may have ${FILE_LINES}`)
}

export function longFunctions(sources: Source[]): string[] {
  return sources.flatMap((source) =>
    functionsOf(source)
      .map((found) => ({ ...found, allowed: found.listsMethods ? FACTORY_LINES : FUNCTION_LINES }))
      .filter(({ lines, allowed }) => lines > allowed)
      .map(({ name, line, lines, allowed, listsMethods }) =>
        `${source.path}:${line} ${name} has ${lines} lines; a ${listsMethods ? 'factory that lists methods' : 'function'} may have ${allowed}`),
  )
}

/** Circles of imports, type imports included: each is told once, from its first file in alphabetical order. */
export function circles(sources: Source[]): string[] {
  const arrows = new Map(sources.map((source) => [source.path, inside(source).map(({ target }) => target).sort()]))
  const found = new Set<string>()
  const finished = new Set<string>()
  const visit = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      found.add(fromItsFirst(trail.slice(start)))
      return
    }
    if (finished.has(path)) return
    for (const target of arrows.get(path) ?? []) visit(target, [...trail, path])
    finished.add(path)
  }
  for (const path of [...arrows.keys()].sort()) visit(path, [])
  return [...found].map((circle) => `import circle: ${circle}`)
}

function fromItsFirst(circle: string[]): string {
  const first = circle.indexOf([...circle].sort()[0] as string)
  const turned = [...circle.slice(first), ...circle.slice(0, first)]
  return [...turned, turned[0]].join(' -> ')
}

/** Every file has a place, so a new one is a decision and not an accident. */
export function unplaced(sources: Source[]): string[] {
  return sources
    .filter(({ path }) => layerOf(path) === undefined && sideOf(path) === undefined)
    .map(({ path }) => `${path} has no layer: place it in test/architecture/layers.ts`)
}

/** Files that the table of layers names and that are not there. */
export function departed(sources: Source[]): string[] {
  const there = new Set(sources.map(({ path }) => path))
  return CORE_LAYERS.flatMap(({ files }) => files)
    .filter((file) => !file.endsWith('/') && !there.has(`src/${file}`))
    .map((file) => `src/${file} is gone: take it out of test/architecture/layers.ts`)
}

/** Within the core an arrow points down, or sideways within one layer. */
export function upwardArrows(sources: Source[]): string[] {
  return sources.flatMap((source) => {
    const from = layerOf(source.path)
    if (from === undefined) return []
    return inside(source).flatMap(({ target, line }) => {
      const to = layerOf(target)
      return to === undefined || rank(to) <= rank(from) ? [] : [`${source.path}:${line} (${from}) imports ${target} (${to}), which is above it`]
    })
  })
}

/** What stands beside the core rests on its lower layers only, and the core does not know that it exists. */
export function sideDoors(sources: Source[]): string[] {
  return sources.flatMap((source) => {
    const side = sideOf(source.path)
    return inside(source).flatMap(({ target, line }) => {
      const other = sideOf(target)
      const at = `${source.path}:${line}`
      // A preset only composes: it may take a hub. A hub's host runs a chain of its own, which is a tier like any other.
      if (layerOf(source.path) === 'presets' || target === 'src/chain-tier.ts') return []
      if (side === undefined) return other === undefined ? [] : [`${at} is core and imports ${target}; the core does not know ${other}`]
      if (other !== undefined) return other === side ? [] : [`${at} (${side}) imports ${target} (${other}); it may import leaves and contracts only`]
      const layer = layerOf(target)
      const low = layer === undefined || rank(layer) <= rank('leaves')
      return low ? [] : [`${at} (${side}) imports ${target} (${layer}); it may import leaves and contracts only`]
    })
  })
}

/** `contracts.ts` is what everybody reads first: it holds no code, and `errors.ts` stands without it. */
export function impureContracts(sources: Source[]): string[] {
  return sources.flatMap((source) => {
    const imports = inside(source)
    if (source.path === 'src/contracts.ts') {
      return imports.flatMap(({ target, line, typeOnly }) => [
        ...(typeOnly ? [] : [`src/contracts.ts:${line} imports ${target} at run time; contracts are types only`]),
        ...(target === 'src/errors.ts' ? [] : [`src/contracts.ts:${line} imports ${target}; contracts rest on errors.ts alone`]),
      ])
    }
    if (source.path !== 'src/errors.ts') return []
    return imports.filter(({ target }) => target === 'src/contracts.ts').map(({ line }) => `src/errors.ts:${line} imports contracts.ts, which already imports errors.ts`)
  })
}

export function innerDoors(sources: Source[]): string[] {
  return sources.flatMap((source) =>
    inside(source)
      .filter(({ target }) => /(^|\/)index\.ts$/.test(target))
      .map(({ target, line }) => `${source.path}:${line} imports the door ${target}; import the file that holds the thing`),
  )
}

export function missingExtensions(sources: Source[]): string[] {
  return sources.flatMap((source) =>
    importsOf(source)
      .filter(({ specifier }) => specifier.startsWith('.') && !specifier.endsWith('.js'))
      .map(({ specifier, line }) => `${source.path}:${line} imports '${specifier}'; end it in '.js'`),
  )
}

/** An import that brings types only says so as a whole: `import { type A }` still loads the file. */
export function hiddenTypeImports(sources: Source[]): string[] {
  const types = new Map(sources.map((source) => [source.path, typesDeclaredBy(source)]))
  return sources.flatMap((source) =>
    importsOf(source)
      .filter(({ typeOnly, names }) => !typeOnly && names.length > 0)
      .filter(({ target, names }) => names.every(({ name, typed }) => typed || types.get(target ?? '')?.has(name)))
      .map(({ specifier, line }) => `${source.path}:${line} brings only types from '${specifier}'; write 'import type' or 'export type'`),
  )
}

export function vagueNames(sources: Source[]): string[] {
  return sources
    .filter(({ path }) => path.split('/').some((part) => /^(utils?|helpers?|types?|common)(\.|$)/i.test(part)))
    .map(({ path }) => `${path}: name it for what it does; utils, helpers, types and common say nothing`)
}

function rank(layer: string): number {
  return CORE_LAYERS.findIndex(({ name }) => name === layer)
}

/** The imports that lead to another file of the house. */
function inside(source: Source): (Import & { target: string })[] {
  return importsOf(source).filter((found): found is Import & { target: string } => found.target !== undefined)
}
