import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtFiles, ROOT } from '../package/built.js'

/** A site's own folder, in which the package is installed. */
let folder = ''
let program = ''

const KEYS = `
import { defineKeys, external, key, localStorageTier } from 'holdfast'
export const namespace = 'acme-chat'
export const tiers = [localStorageTier()]
export const keys = defineKeys({
  token: key({ ttl: '1d', category: 'necessary', purpose: 'Keeps the conversation' }),
  tracker: external({ name: '_gat_gtag_UA_*', ttl: '1m', category: 'analytics', purpose: 'Limits requests', party: 'third', provider: 'google.com' }),
})
export const deviceStorage = { purposes: { analytics: [8] }, third: ['*.google.com'] }
`

const FILES: Record<string, string> = {
  'keys.mjs': KEYS,
  'registry.cjs': "const { defineKeys, key } = require('holdfast')\nmodule.exports = defineKeys({ visitor: key({ ttl: '1y', tiers: ['cookie'], purpose: 'Counts visitors' }) })\n",
  'named.cjs': "const { defineKeys, key } = require('holdfast')\nexports.namespace = 'shop'\nexports.keys = defineKeys({ visitor: key({ tiers: ['cookie'] }) })\n",
  'preset.mjs': "import { liveperson } from 'holdfast/presets'\nexport default liveperson({ siteId: '123', solution: 'first-party' })\n",
  'words.mjs': "import { english } from 'holdfast/disclosure'\nexport * from './keys.mjs'\nexport const title = 'Our cookies'\nexport const words = { ...english, lead: 'What we keep:' }\n",
  'nothing.mjs': 'export const other = 1\n',
  'list.mjs': 'export default []\n',
  'broken.mjs': "throw new Error('the module is broken')\n",
  'wrong.mjs': "import { defineKeys, key } from 'holdfast'\nexport const keys = defineKeys({ token: key({ ttl: '1 day' }) })\n",
  'chainless.mjs': "import { defineKeys, key } from 'holdfast'\nexport const keys = defineKeys({ token: key({ ttl: '1d', tiers: ['vault'] }) })\n",
}

interface Ended {
  code: number | null
  out: string
  err: string
}

/** Runs the program as the site's developer does. */
const holdfast = (...words: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...words], { cwd: folder, encoding: 'utf8' }, (_, out, err) => resolve({ code: child.exitCode, out, err }))
  })

beforeAll(() => {
  builtFiles()
  const { bin } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { bin: { holdfast: string } }
  folder = mkdtempSync(join(tmpdir(), 'holdfast-bin-'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules/holdfast'), 'dir')
  program = join(folder, 'node_modules/holdfast', bin.holdfast)
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('holdfast disclose', () => {
  test('prints a registry as Markdown, in English or German', async () => {
    const { code, out, err } = await holdfast('disclose', 'keys.mjs')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/\| `acme-chat\.token` \| Keeps the conversation \|/)
    expect(out).toMatch(/_gat_gtag_UA_\\?\*/)
    const german = await holdfast('disclose', './keys.mjs', '--format', 'md', '--language=de', '--title', 'Unsere Cookies')
    expect(german).toMatchObject({ code: 0, err: '' })
    expect(german.out.split('\n')[0]).toBe('# Unsere Cookies')
    expect(german.out).not.toContain('Strictly necessary')
  })

  test('prints HTML, JSON and the IAB\'s device storage disclosure', async () => {
    expect((await holdfast('disclose', 'keys.mjs', '--format', 'html')).out).toMatch(/^<!doctype html>/i)
    const rows = JSON.parse((await holdfast('disclose', 'keys.mjs', '--format', 'json')).out) as { name: string }[]
    expect(rows.map(({ name }) => name)).toEqual(['acme-chat.token', '_gat_gtag_UA_*'])
    const { disclosures } = JSON.parse((await holdfast('disclose', 'keys.mjs', '--format', 'device-storage')).out) as { disclosures: { identifier: string; purposes: number[] }[] }
    expect(disclosures.map(({ identifier, purposes }) => [identifier, purposes])).toEqual([['acme-chat.token', []], ['_gat_gtag_UA_*', [8]]])
  })

  test.each([
    ['registry.cjs', 'visitor'],
    ['named.cjs', 'shop.visitor'],
    ['preset.mjs', 'LPSID-123'],
  ])('takes the module %s', async (file, name) => {
    const { code, out } = await holdfast('disclose', file, '--format', 'json')
    expect(code).toBe(0)
    expect((JSON.parse(out) as { name: string }[]).map((row) => row.name)).toContain(name)
  })

  test('takes namespace, title and words of the module, and the options over them', async () => {
    const { out } = await holdfast('disclose', 'words.mjs')
    expect(out.split('\n').slice(0, 3)).toEqual(['# Our cookies', '', 'What we keep:'])
    const other = await holdfast('disclose', 'words.mjs', '--namespace', 'other', '--title', 'Cookies', '--language', 'en')
    expect(other.out).toContain('`other.token`')
    expect(other.out.split('\n')[0]).toBe('# Cookies')
    expect(other.out).not.toContain('What we keep:')
  })
})

describe('holdfast disclose --check', () => {
  test('says nothing and exits with 0 where the page is up to date, whatever its line ends', async () => {
    const { out } = await holdfast('disclose', 'keys.mjs')
    for (const text of [out, out.trimEnd(), out.replaceAll('\n', '\r\n'), '\ufeff' + out]) {
      writeFileSync(join(folder, 'COOKIES.md'), text)
      expect(await holdfast('disclose', 'keys.mjs', '--check', 'COOKIES.md')).toEqual({ code: 0, out: '', err: '' })
    }
  })

  test('shows what is out of date, line by line, and exits with 1', async () => {
    const { out } = await holdfast('disclose', 'keys.mjs')
    writeFileSync(join(folder, 'COOKIES.md'), out.replace('Keeps the conversation', 'Keeps the talk'))
    const { code, out: shown, err } = await holdfast('disclose', 'keys.mjs', '--check', 'COOKIES.md')
    expect(code).toBe(1)
    expect(err).toMatch(/^holdfast: COOKIES\.md is out of date\./)
    const lines = shown.split('\n')
    expect(lines.slice(0, 2)).toEqual(['--- COOKIES.md', '+++ keys.mjs'])
    expect(lines.filter((line) => line.startsWith('-')).slice(1)).toEqual([expect.stringContaining('Keeps the talk')])
    expect(lines.filter((line) => line.startsWith('+')).slice(1)).toEqual([expect.stringContaining('Keeps the conversation')])
  })
})

describe('what cannot be carried out', () => {
  test('is told with what there is, and exits with 2; the help itself with 0', async () => {
    const help = await holdfast('--help')
    expect(help).toMatchObject({ code: 0, err: '' })
    for (const word of ['disclose', 'audit', '--check', '--browser', 'Exit codes']) expect(help.out).toContain(word)
    expect(await holdfast('disclose', '--help')).toEqual(help)
    expect(await holdfast('help')).toEqual(help)
    expect(await holdfast()).toEqual({ code: 2, out: '', err: help.out })
  })

  test.each<[string[], string]>([
    [['tell'], 'tell: no command; there are disclose and audit'],
    [['disclose'], 'disclose: KEYS is missing'],
    [['disclose', 'keys.mjs', 'other.mjs'], 'disclose: one KEYS is expected, and other.mjs is another'],
    [['disclose', 'keys.mjs', '--fromat', 'md'], "Unknown option '--fromat'"],
    [['disclose', 'keys.mjs', '--format'], "Option '--format <value>' argument missing"],
    [['disclose', 'keys.mjs', '--format', 'pdf'], '--format pdf: expected md, html, json, device-storage'],
    [['disclose', 'keys.mjs', '--language', 'fr'], '--language fr: expected en, de'],
    [['disclose', 'missing.mjs'], 'missing.mjs: no such file'],
    [['disclose', 'nothing.mjs'], 'nothing.mjs: exports neither `keys` nor a default'],
    [['disclose', 'list.mjs'], 'list.mjs: exports neither `keys` nor a default'],
    [['disclose', 'broken.mjs'], 'broken.mjs: not loaded: the module is broken'],
    [['disclose', 'wrong.mjs'], 'wrong.mjs: not loaded: keys.token.ttl: '],
    [['disclose', 'chainless.mjs'], 'chainless.mjs: keys.token.tiers: no tier vault'],
    [['disclose', 'keys.mjs', '--check', 'missing.md'], 'missing.md: not read: '],
    [['audit'], 'audit: URL is missing'],
    [['audit', 'brand.test', '--keys', 'keys.mjs'], 'brand.test: no http(s) address'],
    [['audit', 'file:///etc/passwd'], 'file:///etc/passwd: no http(s) address'],
    [['audit', 'https://brand.test'], 'audit: --keys is missing'],
    [['audit', 'https://brand.test', '--keys', 'keys.mjs'], 'audit: --browser is missing'],
    [['audit', 'https://brand.test', '--keys', 'keys.mjs', '--browser', '/missing', '--wait', 'long'], '--wait long: not seconds from 0 to 600'],
    [['audit', 'https://brand.test', '--keys', 'missing.mjs', '--browser', '/missing'], 'missing.mjs: no such file'],
  ])('%j says %s', async (words, said) => {
    const { code, out, err } = await holdfast(...words)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err.split('\n')[0]!.startsWith('holdfast: ' + said), err).toBe(true)
    expect(err.split('\n').slice(1)).toEqual(['`holdfast --help` tells what there is.', ''])
  })

  test('a browser that is not there is named, and so is the driver that is not installed', async () => {
    const words = ['audit', 'https://brand.test', '--keys', 'keys.mjs', '--browser', '/missing/chromium']
    expect((await holdfast(...words)).err).toMatch(/^holdfast: \/missing\/chromium: did not start: /)
    // The program alone in a folder from which no driver is found.
    const bare = mkdtempSync(join(tmpdir(), 'holdfast-bare-'))
    try {
      writeFileSync(join(bare, 'command.mjs'), readFileSync(program))
      writeFileSync(join(bare, 'keys.mjs'), 'export const keys = {}\n')
      const ended = await new Promise<Ended>((resolve) => {
        const child = execFile(process.execPath, [join(bare, 'command.mjs'), ...words], { cwd: bare, encoding: 'utf8' }, (_, out, err) => resolve({ code: child.exitCode, out, err }))
      })
      expect(ended).toMatchObject({ code: 2, err: expect.stringMatching(/^holdfast: puppeteer-core is not installed, .*npm install --save-dev puppeteer-core\n/) })
    } finally {
      rmSync(bare, { recursive: true })
    }
  })
})
