import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'
import { builtFiles, ROOT, textOf } from '../package/built.js'

/** What a visitor downloads for each way to use the package: brotli bytes, bundled and minified from dist/. */
export interface Budget {
  name: string
  /** What it may not grow beyond. */
  limit: number
  /** What it is meant to be; docs/decisions/0007-size.md says why it is not yet. */
  goal: number
  /** What an application writes; `undefined` for the plain script. */
  code?: string
  /** What it had written before: only what comes on top of that counts. */
  above?: string
}

export const GLOBAL_SCRIPT = 'dist/holdfast.global.js'

export const MEMORY_ONLY: Budget = {
  name: 'memory only',
  limit: 10_800,
  goal: 2_500,
  code: "import { createStorage, memoryTier } from 'holdfast'\nconsole.log(createStorage, memoryTier)",
}

export const FULL_CHAIN: Budget = {
  name: 'the full chain',
  limit: 15_200,
  goal: 5_500,
  code: [
    "import { createStorage, indexedDBTier, localStorageTier, sessionStorageTier, cookieTier, memoryTier } from 'holdfast'",
    'console.log(createStorage, indexedDBTier, localStorageTier, sessionStorageTier, cookieTier, memoryTier)',
  ].join('\n'),
}

export const PLAIN_SCRIPT: Budget = { name: 'the plain script', limit: 15_500, goal: 6_500 }

export const HUB: Budget = {
  name: 'the hub, above the core',
  limit: 1_600,
  goal: 1_600,
  code: `${FULL_CHAIN.code}\nimport { hubTier } from 'holdfast/hub'\nconsole.log(hubTier)`,
  above: FULL_CHAIN.code!,
}

export const HUB_HOST: Budget = {
  name: "the hub's page, above the core",
  limit: 1_800,
  goal: 1_800,
  code: `${FULL_CHAIN.code}\nimport { serveHub } from 'holdfast/hub/host'\nconsole.log(serveHub)`,
  above: FULL_CHAIN.code!,
}

export const SERVER: Budget = { name: 'the server', limit: 3_000, goal: 3_000, code: "import { createHandler, nodeListener, readEntry } from 'holdfast/server'\nconsole.log(createHandler, nodeListener, readEntry)" }

/** Who asks for consent has declared keys. */
const KEYS = `${FULL_CHAIN.code}\nimport { defineKeys, key } from 'holdfast'\nconsole.log(defineKeys, key)`

export const CONSENT: Budget = {
  name: 'consent, above core and keys',
  limit: 1_500,
  goal: 1_500,
  code: `${KEYS}\nimport { choice, gpc, oneTrust, tcf } from 'holdfast/consent'\nconsole.log(choice, gpc, oneTrust, tcf)`,
  above: KEYS,
}

export const CRYPTO: Budget = {
  name: 'crypto, above the core',
  limit: 1_800,
  goal: 1_200,
  code: `${FULL_CHAIN.code}\nimport { aesGcm, deviceKey, passphraseKey, sessionKey } from 'holdfast/crypto'\nconsole.log(aesGcm, deviceKey, passphraseKey, sessionKey)`,
  above: FULL_CHAIN.code!,
}

export const BUDGETS: readonly Budget[] = [MEMORY_ONLY, FULL_CHAIN, PLAIN_SCRIPT, HUB, HUB_HOST, SERVER, CONSENT, CRYPTO]

export async function sizeOf({ code, above }: Budget): Promise<number> {
  const text = code === undefined ? textOf(GLOBAL_SCRIPT) : (await bundle(code)).text
  return brotliCompressSync(text).length - (above === undefined ? 0 : brotliCompressSync((await bundle(above)).text).length)
}

/** As an application would: 'holdfast' is found through the package's own exports. `from` are the files it holds code of. */
export async function bundle(code: string): Promise<{ text: string; from: string[] }> {
  builtFiles()
  const result = await build({
    stdin: { contents: code, resolveDir: ROOT },
    absWorkingDir: ROOT,
    tsconfigRaw: '{}',
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2021',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const [output] = Object.values(result.metafile.outputs)
  const from = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  return { text: result.outputFiles[0]?.text ?? '', from: from.map(([path]) => path) }
}
