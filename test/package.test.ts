import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { builtFiles, doors, manifest, promisedFiles, reachedFrom, ROOT, specifiersOf, textOf } from './package/built.js'
import { complaintsOfConsumers } from './package/consumers.js'
import { unlocked, type Locked } from './package/lock.js'

const SCRIPT = /\.(c?js|d\.c?ts)$/
const ENTRIES_FOR_CHUNKS = ['indexed-db', 'local-storage'].flatMap((name) => [`dist/${name}.js`, `dist/${name}.cjs`])
const PUBLISHED = /^(dist\/.+|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/

/** Runs `code` as an ES module in a Node of its own, in the package's folder, so that 'holdfast' is this package. */
const inNode = (code: string): unknown => JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', code], { cwd: ROOT, encoding: 'utf8' }))

describe('the published package', () => {
  const built = builtFiles()
  const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, Locked> }

  test('holds every file that package.json points to', () => {
    expect(promisedFiles().filter((path) => path !== 'package.json' && !built.includes(path))).toEqual([])
  })

  test('holds no script and no declaration that no door leads to', () => {
    const reached = reachedFrom(promisedFiles().filter((path) => SCRIPT.test(path)))
    // What tsup.config.ts makes an entry only so that the rest of its code becomes a chunk is a door to nobody.
    for (const path of ENTRIES_FOR_CHUNKS) reached.add(path)
    expect(built.filter((path) => SCRIPT.test(path) && !reached.has(path))).toEqual([])
  })

  test('declares its types for import and for require, at each door', () => {
    for (const target of Object.values(manifest.exports)) {
      if (typeof target === 'string') continue
      expect(target).toMatchObject({ import: { types: expect.stringMatching(/\.d\.ts$/) }, require: { types: expect.stringMatching(/\.d\.cts$/) } })
      expect(Object.keys(target['import'] ?? {})[0], 'types come first, or TypeScript does not see them').toBe('types')
      expect(Object.keys(target['require'] ?? {})[0], 'types come first, or TypeScript does not see them').toBe('types')
    }
  })

  test.each(doors)('%s gives the same names to import and to require', (door) => {
    const [imported, required] = inNode(`
      import { createRequire } from 'node:module'
      const named = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== 'module.exports').sort()
      const require = createRequire(${JSON.stringify(`${ROOT}package.json`)})
      console.log(JSON.stringify([named(await import('${door}')), named(require('${door}'))]))
    `) as [string[], string[]]
    expect(imported).not.toEqual([])
    expect(required).toEqual(imported)
  })

  test('depends at run time on nothing, and its files import nothing', () => {
    // The program is for Node alone.
    const packages = built.filter((path) => SCRIPT.test(path) && path !== 'dist/command.js').flatMap((path) => specifiersOf(textOf(path)).filter((specifier) => !specifier.startsWith('.')))
    expect([...new Set(packages)]).toEqual([])
    expect(manifest).not.toHaveProperty('dependencies')
  })

  test('packs dist, README, LICENSE, CHANGELOG and package.json, and nothing else', () => {
    const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as [{ files: { path: string }[] }]
    const paths = packed.files.map(({ path }) => path)
    expect(paths.filter((path) => !PUBLISHED.test(path))).toEqual([])
    expect(['README.md', 'LICENSE', 'CHANGELOG.md', ...promisedFiles()].filter((path) => !paths.includes(path))).toEqual([])
  })

  test('is locked on every platform: what a locked package asks for is locked, too, or `npm ci` refuses', () => {
    expect(unlocked(packages)).toEqual([])
    expect(unlocked({ 'node_modules/a': { dependencies: { b: '1' }, optionalDependencies: { c: '1' } }, 'node_modules/a/node_modules/b': {} })).toEqual(['node_modules/a asks for c'])
  })

  test('is locked without the addresses of a registry, so that any registry will do', () => {
    expect(Object.keys(packages).length).toBeGreaterThan(1)
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })
})

describe('the types of the package', () => {
  test('hold for an application in ES modules and for one in CommonJS', () => {
    expect(complaintsOfConsumers()).toEqual([])
  })

  test('refuse what the package does not have, in both', () => {
    expect(complaintsOfConsumers("import { nothing } from 'holdfast'\nexport const kept = nothing").sort()).toEqual([
      expect.stringMatching(/^consumer\.cts:1 .*nothing/),
      expect.stringMatching(/^consumer\.mts:1 .*nothing/),
    ])
  })
})

describe('a specifier', () => {
  test('is found in every way to write an import, minified or not', () => {
    const text = '/**\n * import { a } from "shown"\n */\nimport{a}from"idb";import"./b.js";export*from\'./c.js\';const d=require("d"),e=import("e");import type { F } from "f"'
    expect(specifiersOf(text)).toEqual(['idb', './b.js', './c.js', 'd', 'e', 'f'])
  })
})
