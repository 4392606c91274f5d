import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { doors, ROOT, textOf } from './package/built.js'
import { recorder } from './package/recorder.js'
import { bundle, GLOBAL_SCRIPT } from './size/budgets.js'

const { resolve } = createRequire(`${ROOT}package.json`)

/** What a page may withhold: absent, null or throwing. Node's own loader does without all of them. */
const DANGEROUS = [
  ...['window', 'self', 'document', 'location', 'navigator', 'localStorage', 'sessionStorage', 'indexedDB', 'cookieStore', 'caches', 'crypto'],
  ...['BroadcastChannel', 'MessageChannel', 'IDBDatabase', 'IDBKeyRange', 'IDBRequest', 'IDBTransaction', 'IDBObjectStore', 'IDBIndex', 'IDBCursor'],
  ...['addEventListener', 'removeEventListener', 'dispatchEvent', 'requestIdleCallback', 'setTimeout', 'setInterval', 'queueMicrotask', 'fetch', 'performance'],
]

describe('importing', () => {
  test.each(doors)('%s as CommonJS looks up no global and makes none', (door) => {
    const realm = recorder()
    expect(Object.keys(realm.load(resolve(door)))).not.toEqual([])
    expect(realm.read()).toEqual([])
    expect(realm.made()).toEqual([])
  })

  test.each(doors)('%s as an ES module looks up no global and makes none', async (door) => {
    const { text } = await bundle(`import * as all from '${door}'\n;[].push(all)`)
    const realm = recorder()
    realm.script(`(() => {${text}})()`)
    expect(realm.read()).toEqual([])
    expect(realm.made()).toEqual([])
  })

  test.each(doors)('%s in Node works where every dangerous global throws', (door) => {
    const code = `
      for (const name of ${JSON.stringify(DANGEROUS)}) {
        Object.defineProperty(globalThis, name, { get() { throw new Error('import touched ' + name) }, configurable: true })
      }
      const { length } = Object.keys(await import('${door}'))
      process.stdout.write(String(length))
    `
    const names = execFileSync(process.execPath, ['--input-type=module', '--eval', code], { cwd: ROOT, encoding: 'utf8' })
    expect(Number(names)).toBeGreaterThan(0)
  })

  test('the plain script makes `holdfast` and nothing else, and looks up no other global', () => {
    const realm = recorder()
    realm.script(textOf(GLOBAL_SCRIPT))
    expect(realm.made()).toEqual(['holdfast'])
    expect(realm.read()).toEqual([])
  })

  test('the plain script holds the names of the package, but for what a page with a bundler uses', () => {
    const realm = recorder()
    realm.script(textOf(GLOBAL_SCRIPT))
    expect(Object.keys(realm.value('holdfast') as object).sort()).toEqual(Object.keys(realm.load(resolve('holdfast'))).filter((name) => !['external', 'httpCookieTier', 'legacy', 'mirror'].includes(name)).sort())
  })
})

describe('the plain script', () => {
  const made = (): typeof import('holdfast') => {
    const realm = recorder()
    realm.script(textOf(GLOBAL_SCRIPT))
    return realm.value('holdfast') as typeof import('holdfast')
  }

  test.each([
    ['consent', { allows: () => true, watch: () => () => {} }],
    ['seal', { id: 'k', seal: async (text: string) => text, open: async (text: string) => text }],
  ] as const)('refuses a %s, and says so, rather than go without', (argument, part) => {
    const { createStorage, defineKeys, key, memoryTier } = made()
    const keys = defineKeys({ token: key({ category: 'necessary' }) })
    expect(() => createStorage({ namespace: 'chat', tiers: [memoryTier()], keys, [argument]: part })).toThrow(argument + ': not in the plain script')
  })

  test('keeps the rules of a registry', async () => {
    const { createStorage, defineKeys, key, memoryTier } = made()
    const keys = defineKeys({ token: key<string>({ ttl: '1d', secret: true }) })
    const storage = createStorage({ namespace: 'chat', tiers: [memoryTier()], keys, now: () => 0, env: { setTimeout: () => 0 } })
    expect({ ...(await storage.set('token', 'abc')), passed: undefined }).toMatchObject({ tier: 'memory', expires: 864e5 })
    expect(await storage.get('token')).toBe('abc')
  })
})

describe('the recorder', () => {
  test.each([
    ['a global that is used', 'const a = localStorage', 'localStorage'],
    ['a global that is asked for', "const a = typeof indexedDB", 'indexedDB'],
    ['a property of globalThis', 'const a = globalThis.document', 'document'],
  ])('notes %s', (_, code, name) => {
    const realm = recorder()
    realm.script(`try { ${code} } catch {}`)
    expect(realm.read()).toEqual([name])
  })

  test('notes a global that is made, and leaves the language alone', () => {
    const realm = recorder()
    realm.script('var made = new Map([[Date.now(), [Math.max(1, 2)]]]); globalThis.other = JSON.stringify(made)')
    expect(realm.made().sort()).toEqual(['made', 'other'])
    expect(realm.read()).toEqual([])
  })
})
