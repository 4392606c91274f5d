import { describe, expect, test } from 'vitest'
import { house } from './architecture/house.js'
import * as rules from './architecture/rules.js'
import type { Source } from './architecture/source.js'

const sources = house()

const lines = (count: number): string => 'work()\n'.repeat(count)
const file = (path: string, text: string): Source => ({ path, text })

describe('the house', () => {
  test('has its door, so that the rules below judge something', () => {
    expect(sources.map(({ path }) => path)).toEqual(expect.arrayContaining(['src/contracts.ts', 'src/index.ts']))
  })

  test.each<[string, (sources: Source[]) => string[]]>([
    ['has no file over 300 lines', rules.longFiles],
    ['has no function over 60 lines, and no factory that lists methods over 180', rules.longFunctions],
    ['has no circle of imports, type imports included', rules.circles],
    ['gives every file a layer', rules.unplaced],
    ['keeps no layer for a file that is gone', rules.departed],
    ['has no import upward', rules.upwardArrows],
    ['keeps what stands beside the core on leaves and contracts, and out of the core', rules.sideDoors],
    ['keeps contracts free of code', rules.impureContracts],
    ['lets nobody inside go through an index.ts', rules.innerDoors],
    ["ends each relative import in '.js'", rules.missingExtensions],
    ['brings types by `import type`', rules.hiddenTypeImports],
    ['has no file named utils, helpers, types or common', rules.vagueNames],
  ])('%s', (_, rule) => {
    expect(rule(sources)).toEqual([])
  })
})

describe('the rule about sizes', () => {
  test('finds a file of 301 lines and passes one of 300', () => {
    expect(rules.longFiles([file('src/a.ts', lines(300)), file('src/b.ts', lines(301))])).toEqual(['src/b.ts has 301 lines; a file may have 300'])
  })

  test('finds a function of 61 lines, by declaration, arrow or method, and passes one of 60', () => {
    const complaints = rules.longFunctions([
      file('src/a.ts', `function short() {\n${lines(58)}}\nfunction long() {\n${lines(59)}}`),
      file('src/b.ts', `const arrow = () => {\n${lines(59)}}\nclass A { method() {\n${lines(59)}} }`),
    ])
    expect(complaints).toEqual([
      'src/a.ts:61 long has 61 lines; a function may have 60',
      'src/b.ts:1 arrow has 61 lines; a function may have 60',
      'src/b.ts:62 method has 61 lines; a function may have 60',
    ])
  })

  test('lets a factory that lists methods reach 180 lines and measures its methods by themselves', () => {
    const method = (name: string, count: number): string => `${name}() {\n${lines(count - 2)}},\n`
    const factory = (...methods: string[]): string => `function make() {\n  return {\n${methods.join('')}  }\n}`
    expect(rules.longFunctions([file('src/a.ts', factory(method('a', 58), method('b', 58), method('c', 60)))])).toEqual([])
    expect(rules.longFunctions([file('src/a.ts', factory(method('a', 60), method('b', 60), method('c', 57)))])).toEqual([
      'src/a.ts:1 make has 181 lines; a factory that lists methods may have 180',
    ])
    expect(rules.longFunctions([file('src/a.ts', factory(method('a', 61), method('b', 2)))])).toEqual(['src/a.ts:3 a has 61 lines; a function may have 60'])
  })

  test('knows a factory that answers its methods by name', () => {
    const inner = (name: string): string => `const ${name} = () => {\n${lines(30)}}\n`
    const outer = `function make() {\n${inner('get')}${inner('set')}const tier = { get, set }\nreturn tier\n}`
    expect(rules.longFunctions([file('src/a.ts', outer)])).toEqual([])
  })

  test('is not talked round by an object at the end of a long function', () => {
    const complaints = rules.longFunctions([file('src/a.ts', `function make() {\n${lines(61)}return { get: () => 1, set: () => 2 }\n}`)])
    expect(complaints).toEqual(['src/a.ts:1 make has 64 lines; a function may have 60'])
  })
})

describe('the rules about arrows', () => {
  test('find a circle, also one of types, and tell it once', () => {
    const ring = [file('src/b.ts', "import { c } from './c.js'"), file('src/a.ts', "import type { B } from './b.js'"), file('src/c.ts', "export * from './a.js'")]
    expect(rules.circles(ring)).toEqual(['import circle: src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts'])
    expect(rules.circles(ring.slice(0, 2))).toEqual([])
  })

  test('see a circle that runs through import() and import types', () => {
    const ring = [file('src/a.ts', "const b = () => import('./b.js')"), file('src/b.ts', "type A = import('./a.js').A")]
    expect(rules.circles(ring)).toEqual(['import circle: src/a.ts -> src/b.ts -> src/a.ts'])
  })

  test('ask for the place of a file that has none', () => {
    expect(rules.unplaced([file('src/stray.ts', ''), file('src/chain.ts', ''), file('src/tiers/new.ts', ''), file('src/hub/client.ts', '')])).toEqual([
      'src/stray.ts has no layer: place it in test/architecture/layers.ts',
    ])
  })

  test('find each file that has a layer and is gone', () => {
    const gone = rules.departed(sources.filter(({ path }) => path !== 'src/chain.ts' && path !== 'src/tiers/memory.ts'))
    expect(gone).toContain('src/chain.ts is gone: take it out of test/architecture/layers.ts')
    expect(gone.filter((complaint) => complaint.includes('tiers'))).toEqual([])
  })

  test('find an arrow upward and pass one downward or within a layer', () => {
    const complaints = rules.upwardArrows([
      file('src/entry.ts', "import { stamp } from './stamps.js'\n\nimport { chain } from './chain.js'"),
      file('src/chain.ts', "import type { Entry } from './contracts.js'"),
      file('src/tiers/memory.ts', "import { createStorage } from '../storage.js'"),
    ])
    expect(complaints).toEqual([
      'src/entry.ts:3 (leaves) imports src/chain.ts (chain), which is above it',
      'src/tiers/memory.ts:1 (leaves) imports src/storage.ts (storage), which is above it',
    ])
  })

  test('keep the sides off the upper layers and off each other, and the core off the sides', () => {
    const complaints = rules.sideDoors([
      file('src/hub/client.ts', "import { a } from '../entry.js'\nimport { b } from './protocol.js'\nimport { c } from '../storage.js'"),
      file('src/server/handler.ts', "import { d } from '../hub/protocol.js'"),
      file('src/storage.ts', "import { choice } from './consent/choice.js'"),
    ])
    expect(complaints).toEqual([
      'src/hub/client.ts:3 (hub) imports src/storage.ts (storage); it may import leaves and contracts only',
      'src/server/handler.ts:1 (server) imports src/hub/protocol.ts (hub); it may import leaves and contracts only',
      'src/storage.ts:1 is core and imports src/consent/choice.ts; the core does not know consent',
    ])
  })
})

describe('the rules about imports and names', () => {
  test('find code and strange company in contracts, and contracts in errors', () => {
    const complaints = rules.impureContracts([
      file('src/contracts.ts', "import { StorageError } from './errors.js'\nimport type { Stamp } from './stamps.js'"),
      file('src/errors.ts', "import type { Tier } from './contracts.js'"),
    ])
    expect(complaints).toEqual([
      'src/contracts.ts:1 imports src/errors.ts at run time; contracts are types only',
      'src/contracts.ts:2 imports src/stamps.ts; contracts rest on errors.ts alone',
      'src/errors.ts:1 imports contracts.ts, which already imports errors.ts',
    ])
    expect(rules.impureContracts([file('src/contracts.ts', "import type { StorageError } from './errors.js'")])).toEqual([])
  })

  test('find an import of a door', () => {
    expect(rules.innerDoors([file('src/testing/index.ts', "import { a } from '../index.js'\nimport { b } from '../entry.js'")])).toEqual([
      'src/testing/index.ts:1 imports the door src/index.ts; import the file that holds the thing',
    ])
  })

  test("find a relative import that does not end in '.js' and leave packages alone", () => {
    expect(rules.missingExtensions([file('src/a.ts', "import { b } from './b'\nimport { c } from './c.ts'\nimport { openDB } from 'idb'\nexport * from './d.js'")])).toEqual([
      "src/a.ts:1 imports './b'; end it in '.js'",
      "src/a.ts:2 imports './c.ts'; end it in '.js'",
    ])
  })

  test('find an import that brings types only and does not say so', () => {
    const complaints = rules.hiddenTypeImports([
      file('src/contracts.ts', 'export interface Tier {}\nexport type Reach = 1'),
      file('src/a.ts', "import { type Tier } from './contracts.js'\nimport { Reach } from './contracts.js'\nexport { Tier } from './contracts.js'"),
      file('src/b.ts', "import type { Tier } from './contracts.js'\nimport { openDB, type IDBPDatabase } from 'idb'\nimport './c.js'"),
    ])
    expect(complaints).toEqual([1, 2, 3].map((line) => `src/a.ts:${line} brings only types from './contracts.js'; write 'import type' or 'export type'`))
  })

  test('find names that say nothing, of files and of folders', () => {
    const complaints = rules.vagueNames([file('src/utils.ts', ''), file('src/helpers/a.ts', ''), file('src/types.ts', ''), file('src/common.ts', ''), file('src/typed-entry.ts', '')])
    expect(complaints).toHaveLength(4)
  })
})
