import { describe, expect, test } from 'vitest'
import { BUDGETS, bundle, FULL_CHAIN, MEMORY_ONLY, sizeOf } from './size/budgets.js'

const IDB_MARKS = /IDB(Database|ObjectStore|Index|Cursor|Transaction|KeyRange)|openDB|objectStore/i

describe('what a visitor downloads', async () => {
  const sizes = await Promise.all(BUDGETS.map(async (budget) => ({ ...budget, size: await sizeOf(budget) })))
  const grouped = (bytes: number): string => `${bytes.toLocaleString('en')} B`.padStart(9)
  console.log(sizes.map(({ name, size, limit, goal }) => `${name.padEnd(26)} ${grouped(size)} of ${grouped(limit)}, the goal is ${grouped(goal)}`).join('\n'))

  test.each(sizes)('stays within $limit bytes of brotli: $name', ({ size, limit }) => {
    expect(size).toBeLessThanOrEqual(limit)
  })

  test('has no trace of IndexedDB where only memory is asked for', async () => {
    const { text, from } = await bundle(MEMORY_ONLY.code ?? '')
    expect(from.filter((path) => /\/idb\/|indexed-db/.test(path))).toEqual([])
    expect(text).not.toMatch(IDB_MARKS)
  })

  test('has IndexedDB in it where that is asked for, by the same marks', async () => {
    const { text, from } = await bundle(FULL_CHAIN.code ?? '')
    expect(from.filter((path) => path.includes('node_modules'))).toEqual([])
    expect(text).toMatch(IDB_MARKS)
  })

  test('holds nothing of the documents, the hub, consent or crypto unless it is asked for', async () => {
    const { from } = await bundle(`${FULL_CHAIN.code}\nimport { cobrowse, livepersonClassic } from 'holdfast/presets'\nconsole.log(cobrowse, livepersonClassic)`)
    const words = (await bundle("import { toHtml } from 'holdfast/disclosure'\nconsole.log(toHtml)")).text
    expect(words).toMatch(/<html/i)
    expect(from.filter((path) => /dist\/(disclosure|consent|crypto|testing)/.test(path))).toEqual([])
    expect((await bundle(FULL_CHAIN.code ?? '')).text).not.toMatch(/<html|globalPrivacyControl|PBKDF2/i)
  })

  test('is nothing where the package is imported and not used', async () => {
    expect((await bundle("import 'holdfast'\nimport { memoryTier } from 'holdfast'")).text.trim()).toBe('')
  })
})
