import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { house } from './architecture/house.js'
import { complaintsOf } from './examples/checked.js'
import { fromDocComments, fromMarkdown, type Example } from './examples/extract.js'
import { runInPage } from './examples/page.js'
import { moduleOf, scriptOf, type Same } from './examples/script.js'

const ROOT = new URL('../', import.meta.url)

const same: Same = (actual, expected, where, open) => {
  if (open) expect(actual, where).toMatchObject(expected as object)
  else expect(actual, where).toEqual(expected)
}

const run = async (example: Example): Promise<void> => runInPage(await scriptOf(example), same)

const pages = ['README.md', ...markdownUnder('docs')].filter((path) => existsSync(new URL(path, ROOT)))
const examples = [
  ...pages.flatMap((path) => fromMarkdown(path, readFileSync(new URL(path, ROOT), 'utf8'))),
  ...house().flatMap(({ path, text }) => fromDocComments(path, text)),
]

function markdownUnder(folder: string): string[] {
  if (!existsSync(new URL(folder, ROOT))) return []
  return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `${folder}/${path}`)
    .sort()
}

describe('what the documentation tells a reader to write', () => {
  const complaints = complaintsOf(examples)

  test('is there: README.md and the doc comments of src/ hold examples', () => {
    expect(examples.some(({ path }) => path === 'README.md'), 'README.md has no ```ts or ```js block').toBe(true)
    expect(examples.some(({ path }) => path.startsWith('src/')), 'no doc comment under src/ has an @example').toBe(true)
  })

  test.each(examples.map(({ name }) => name))('%s has the types that it claims', (name) => {
    expect(complaints.get(name)).toEqual([])
  })

  test.each(examples.filter(({ runs }) => runs).map((example) => [example.name, example] as const))('%s does what it says', (_, example) => run(example))
})

const example = (code: string, language: Example['language'] = 'ts'): Example => ({ name: 'page.md:1', path: 'page.md', line: 1, language, code, runs: true })

describe('an example in a text', () => {
  test('is found in a fence of Markdown, with its line, its language and its mark', () => {
    const page = ['# Page', '```ts', 'one()', '```', '', '- item', '', '  ```js no-run', '  two()', '    three()', '  ```', '```html', '<p>', '```'].join('\n')
    expect(fromMarkdown('page.md', page)).toEqual([
      { name: 'page.md:3', path: 'page.md', line: 3, language: 'ts', code: 'one()', runs: true },
      { name: 'page.md:9', path: 'page.md', line: 9, language: 'js', code: 'two()\n  three()', runs: false },
    ])
  })

  test('is found in a doc comment, bare or fenced, up to the next tag', () => {
    const source = ['const zero = 0', '/**', ' * Does it.', ' * @example', ' * one()', ' * @param a What', ' * @example', ' * ```js', ' * two(`', ' * @not-a-tag`)', ' * ```', ' */'].join('\n')
    expect(fromDocComments('src/a.ts', source)).toMatchObject([
      { name: 'src/a.ts:5', language: 'ts', code: 'one()' },
      { name: 'src/a.ts:9', language: 'js', code: 'two(`\n@not-a-tag`)' },
    ])
  })
})

describe('an example', () => {
  test('passes when its lines hold, of a value, a promise, a const and a part of an object', async () => {
    const code = ['1 + 1 // => 2', "Promise.resolve('a') // => 'a'", 'export const found = await Promise.resolve({ a: [1], b: 2 }) // => { a: [1], … }', 'found.b // => 2'].join('\n')
    await expect(run(example(code))).resolves.toBeUndefined()
  })

  test.each([
    ['a value that differs', "1 + 1\n1 + 1 // => 3", 'page.md:2'],
    ['a part of an object that differs', '({ a: 1, b: 2 }) // => { a: 2, … }', 'page.md:1'],
    ['a throw', "throw new Error('thrown')", 'thrown'],
    ['a rejection that is awaited', "await Promise.reject(new Error('awaited'))", 'awaited'],
    ['a rejection that nobody handles', "void Promise.reject(new Error('left alone'))", 'left alone'],
    ['a throw in a callback', "setTimeout(() => { throw new Error('later') })\nawait new Promise((resolve) => setTimeout(resolve, 5))", 'later'],
    ["a '// =>' that belongs to nothing", "if (true) {\n  1 + 1 // => 3\n}", "page.md:2: '// =>' wants an expression"],
  ])('fails for %s', async (_, code, message) => {
    await expect(run(example(code))).rejects.toThrow(message)
  })

  test('finds IndexedDB, web storage and cookies in its page, all of them empty', async () => {
    const code = [
      'localStorage.setItem("a", "1")',
      'document.cookie = "a=1"',
      'document.cookie // => "a=1"',
      'await new Promise((resolve) => { indexedDB.open("a").onsuccess = resolve })',
      ';(await indexedDB.databases()).length // => 1',
    ].join('\n')
    await run(example(code))
    await run(example('localStorage.length + sessionStorage.length // => 0\ndocument.cookie // => ""\n;(await indexedDB.databases()).length // => 0'))
  })

  test('keeps its imports at the top', () => {
    expect(moduleOf(example("const a = 1\nimport { b } from 'holdfast'\nb(a)"))).toBe("import { b } from 'holdfast'\nexport default async (same) => {\nconst a = 1\nb(a)\n}")
  })

  test('fails for a type that does not fit, at its line, and for JavaScript that does not parse', () => {
    const complaints = complaintsOf([
      { ...example('const ready = true\nconst count: number = ready ? "one" : 2\nawait Promise.resolve(count)'), name: 'types' },
      { ...example('const = 1', 'js'), name: 'syntax' },
    ])
    expect(complaints.get('types')).toEqual([expect.stringContaining("page.md:2 Type 'string | number'")])
    expect(complaints.get('syntax')?.[0]).toContain('page.md:1')
  })
})
