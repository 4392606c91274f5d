import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Contestant } from './contestants.js'

/** Everything that pages run, bundled as an application would, and how large that is. */

export async function bundle(contents: string, directory: string, format: 'iife' | 'esm' = 'iife'): Promise<string> {
  const result = await build({
    stdin: { contents, resolveDir: directory, loader: 'ts' },
    absWorkingDir: directory,
    tsconfigRaw: '{}',
    bundle: true,
    minify: true,
    format,
    platform: 'browser',
    target: 'es2021',
    legalComments: 'none',
    write: false,
    logLevel: 'silent',
  })
  return result.outputFiles[0]!.text
}

/** Bundles are asked for again and again by pages; each is made once. */
export function createBundles(directory: string) {
  const made = new Map<string, Promise<string>>()
  const once = (contents: string): Promise<string> => {
    const text = made.get(contents) ?? bundle(contents, directory)
    made.set(contents, text)
    return text
  }
  return {
    page: ({ store }: Contestant) => once(`import { make } from './stores/${store}.js'\nimport { serve } from './page/page.js'\nserve(make)`),
    hub: (name: string) => once(`import { serve } from './hubs/${name}.js'\nserve()`),
    cold: ({ cold }: Contestant) => once(cold!),
  }
}

export type Bundles = ReturnType<typeof createBundles>

const tiers = 'indexedDBTier, localStorageTier, sessionStorageTier, cookieTier, memoryTier'

/** What an application imports of each, by the name that the table gives it. */
const imports: readonly (readonly [title: string, code: string])[] = [
  ['**holdfast**, five tiers', `export { createStorage, ${tiers} } from 'holdfast'`],
  ['**holdfast**, IndexedDB and memory', "export { createStorage, indexedDBTier, memoryTier } from 'holdfast'"],
  ['**holdfast**, localStorage and memory', "export { createStorage, localStorageTier, memoryTier } from 'holdfast'"],
  ['**holdfast**, five tiers and the hub', `export { createStorage, ${tiers} } from 'holdfast'\nexport { hubTier } from 'holdfast/hub'`],
  ['**holdfast**, five tiers and a seal', `export { createStorage, ${tiers} } from 'holdfast'\nexport { aesGcm, deviceKey } from 'holdfast/crypto'`],
  ['idb-keyval', "export { del, get, set } from 'idb-keyval'"],
  ['idb', "export { openDB } from 'idb'"],
  ['localForage', "export { default } from 'localforage'"],
  ['Dexie', "export { default } from 'dexie'"],
  ['unstorage, IndexedDB', "export { createStorage } from 'unstorage'\nexport { default } from 'unstorage/drivers/indexedb'"],
  ['unstorage, localStorage', "export { createStorage } from 'unstorage'\nexport { default } from 'unstorage/drivers/localstorage'"],
  ['store2, with its expiry', "import 'store2/src/store.cache.js'\nexport { default } from 'store2'"],
  ['lscache', "export { default } from 'lscache'"],
  ['basil.js', "export { default } from 'basil.js'"],
  ['js-cookie', "export { default } from 'js-cookie'"],
  ['universal-cookie', "export { default } from 'universal-cookie'"],
  ["cross-storage, the brand's page", "export { default } from 'cross-storage/lib/client.js'"],
  ["**holdfast**, the hub's page, localStorage", "export { localStorageTier } from 'holdfast'\nexport { serveHub } from 'holdfast/hub/host'"],
  ["cross-storage, the hub's page", "export { default } from 'cross-storage/lib/hub.js'"],
  ["Segment's UniversalStorage", "export { initializeStorages, UniversalStorage } from '@segment/analytics-next/dist/pkg/core/storage'"],
]

export const FULL_SIZE = imports[0]![0]

export function sizesOf(directory: string): Promise<{ title: string; bytes: number; ours: boolean }[]> {
  return Promise.all(
    imports.map(async ([title, code]) => ({ title, bytes: brotliCompressSync(await bundle(code, directory, 'esm')).length, ours: title.includes('holdfast') })),
  )
}
