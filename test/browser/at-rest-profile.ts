import { createDecipheriv } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import puppeteer from 'puppeteer-core'
import { expression, outcome } from './evaluation.js'
import type { Written } from './at-rest-page.js'
import type { Evaluate } from './browser.js'
import { descendants, endTree, isAlive, own, scratchDirectory, until, within } from './processes.js'
import { program } from './programs.js'
import type { Pages } from './sites.js'

const limit = 45_000

export interface Visit {
  evaluate: Evaluate
  /** As the visitor closes it: everything is written. */
  close(): Promise<void>
}

export interface Profile {
  engine: 'chromium' | 'firefox'
  path: string
  /** Starts the browser on this profile and goes to the page. */
  visit(url: string): Promise<Visit>
  remove(): void
}

/** A browser's profile that outlives its browser. With `restores`, it brings its last session back when it starts. */
export function profileOf(engine: 'chromium' | 'firefox', proxy: string, restores = false): Profile {
  const { path, remove } = scratchDirectory(`${engine}-profile`)
  const [host, port] = proxy.split(':')
  const options = {
    chromium: {
      executablePath: program('chromium'),
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-component-update', '--ignore-certificate-errors', `--proxy-server=http://${proxy}`, '--proxy-bypass-list=<-loopback>'],
    },
    firefox: {
      browser: 'firefox' as const,
      executablePath: program('firefox-esr'),
      extraPrefsFirefox: {
        'network.proxy.type': 1,
        'network.proxy.http': host,
        'network.proxy.http_port': Number(port),
        'network.proxy.ssl': host,
        'network.proxy.ssl_port': Number(port),
        'network.proxy.allow_hijacking_localhost': true,
        'browser.startup.page': restores ? 3 : 0,
      },
    },
  }
  if (engine === 'chromium') {
    mkdirSync(join(path, 'Default'))
    writeFileSync(join(path, 'Default', 'Preferences'), JSON.stringify({ session: { restore_on_startup: restores ? 1 : 5 } }))
  }
  const visit = async (url: string): Promise<Visit> => {
    const driver = await puppeteer.launch({ ...options[engine], userDataDir: path, headless: true, acceptInsecureCerts: true, timeout: limit })
    const pid = driver.process()!.pid!
    own(pid)
    const page = await driver.newPage()
    await page.goto(url, { timeout: limit })
    return {
      evaluate: async (run, ...given) => outcome(await within(page.evaluate(expression(run, given)), limit, `an answer from the page in ${engine}`)),
      close: async () => {
        const all = [pid, ...descendants(pid)]
        await within(driver.close(), limit, `${engine} to close`)
        await until(() => !isAlive(pid), limit, `the end of ${engine}`)
        await endTree(pid, all)
      },
    }
  }
  return { engine, path, visit, remove }
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Twelve characters of a text in a row, wherever they begin, each way in which a browser may have written them. */
function fragmentsOf(text: string): Buffer[] {
  const spelled = [0, 1, 2].map((from) => Buffer.from(text.slice(from)).toString('base64').replace(/=+$/, '').slice(0, -1))
  return [text, ...spelled].flatMap((one) =>
    Array.from({ length: one.length - 11 }, (_, at) => one.slice(at, at + 12)).flatMap((part) => {
      const wide = Buffer.from(part, 'utf16le')
      return [Buffer.from(part), wide, Buffer.from(wide).swap16()]
    }),
  )
}

/**
 * For each text, the files of a profile, names included, that hold any twelve characters of it in a row: as UTF-8, as
 * UTF-16 of either order, or in base64. The compression of browsers does not hide them: Snappy and LZ4 leave what does
 * not repeat as it is.
 */
export function filesWith<Name extends string>({ path }: Profile, texts: Record<Name, string>): Record<Name, string[]> {
  const found = Object.fromEntries(Object.keys(texts).map((name) => [name, new Set()])) as Record<Name, Set<string>>
  const byStart = new Map<number, { name: Name; fragment: Buffer }[]>()
  // The second and the third byte: the first of UTF-16 is as often as not a zero, as much of a file is.
  const starts = new Uint8Array(1 << 16)
  for (const name of Object.keys(texts) as Name[]) {
    for (const fragment of fragmentsOf(texts[name])) {
      const start = fragment.readUInt16LE(1)
      byStart.set(start, [...(byStart.get(start) ?? []), { name, fragment }])
      starts[start] = 1
    }
  }
  for (const file of filesBelow(path)) {
    for (const bytes of [Buffer.from(file), readFileSync(file)]) {
      for (let at = 0; at + 2 < bytes.length; at++) {
        const start = bytes[at + 1]! | (bytes[at + 2]! << 8)
        if (starts[start] !== 1) continue
        for (const { name, fragment } of byStart.get(start)!) {
          if (bytes[at] === fragment[0] && bytes.subarray(at, at + fragment.length).equals(fragment)) found[name].add(file.slice(path.length + 1))
        }
      }
    }
  }
  return Object.fromEntries(Object.entries<Set<string>>(found).map(([name, files]) => [name, [...files]])) as Record<Name, string[]>
}

/** The files with 32 bytes in a row that are the key of a sealed text: what a thief would try who has the whole profile. */
export function filesWithKeyOf({ path }: Profile, { text, context }: Written): string[] {
  const [head = '', body = ''] = text.split('.')
  const all = Buffer.from(body, 'base64')
  const opens = (key: Buffer): boolean => {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, all.subarray(0, 12)).setAAD(Buffer.from(`${head}.${context}`)).setAuthTag(all.subarray(-16))
      decipher.update(all.subarray(12, -16))
      decipher.final()
      return true
    } catch {
      return false
    }
  }
  return filesBelow(path)
    .filter((file) => /brand\.test.*(indexeddb|idb)/i.test(file))
    .filter((file) => {
      const bytes = readFileSync(file)
      for (let at = 0; at + 32 <= bytes.length; at++) {
        // A key does not hold four zeros in a row, and most of a database's file is zeros.
        if (bytes.readUInt32LE(at + 14) !== 0 && opens(bytes.subarray(at, at + 32))) return true
      }
      return false
    })
    .map((file) => file.slice(path.length + 1))
}

let bundled: Promise<string> | undefined

/** `/at-rest` on every host. */
export const atRestPages: Pages = async (url) => {
  if (url.pathname === '/at-rest') return { body: '<!doctype html><meta charset="utf-8"><title>at rest</title><script src="/at-rest.js"></script>' }
  if (url.pathname === '/at-rest.js') return { body: await (bundled ??= bundle()), headers: { 'content-type': 'text/javascript; charset=utf-8' } }
  return
}

async function bundle(): Promise<string> {
  const result = await build({ entryPoints: [new URL('./at-rest-page.ts', import.meta.url).pathname], bundle: true, write: false, format: 'iife', target: 'es2021', logLevel: 'silent' })
  return result.outputFiles[0]?.text ?? ''
}
