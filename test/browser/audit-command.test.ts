import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { program } from './programs.js'

const ROOT = new URL('../../', import.meta.url).pathname
const day = 86_400_000

/** A site with holdfast on it as a plain script, and with cookies of its server's. */
const site = (): Server =>
  createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (pathname === '/holdfast.js') return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(`${ROOT}dist/holdfast.global.js`))
    if (pathname === '/gone') return void response.writeHead(404).end('gone')
    if (pathname !== '/clean' && pathname !== '/stray') return void response.writeHead(204).end()
    const stray = pathname === '/stray'
    const cookies = ['server-id=S3CRET; HttpOnly; Max-Age=3600; Path=/', ...(stray ? ['session=S3CRET; HttpOnly; Path=/'] : [])]
    response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': cookies }).end(`<!doctype html><script src="/holdfast.js"></script><script>
      const { createStorage, indexedDBTier, localStorageTier, cookieTier } = holdfast
      const storage = createStorage({ namespace: 'acme-chat', tiers: [indexedDBTier()] })
      const cookies = createStorage({ namespace: 'acme-chat', tiers: [cookieTier()] })
      storage.set('token', 'S3CRET', { ttl: '1d' })
      cookies.set('visitor', 'S3CRET', { ttl: ${stray ? "'30d'" : "'1d'"} })
      ${stray ? "localStorage.setItem('stray\\u001b[31m', 'S3CRET')" : ''}
    </script>`)
  })

const KEYS = `
import { defineKeys, external, key } from 'holdfast'
export default {
  namespace: 'acme-chat',
  tiers: ['indexedDB', 'cookie'],
  keys: defineKeys({
    token: key({ ttl: '1d', tiers: ['indexedDB'] }),
    visitor: key({ ttl: '1d', tiers: ['cookie'] }),
    other: key({ ttl: '1d', tiers: ['cookie'] }),
    server: external({ name: 'server-*', ttl: '1h', httpOnly: true }),
  }),
}
`

/** The one that drives Chromium also drives Firefox, each as a user has it. */
describe.each([['chromium', 'chromium'], ['firefox', 'firefox-esr']])('%s: holdfast audit', (_, browser) => {
  let folder = ''
  let server: Server
  let address = ''

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(ROOT, join(folder, 'node_modules/holdfast'), 'dir')
    writeFileSync(join(folder, 'keys.mjs'), KEYS)
    server = site()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    await new Promise((resolve) => (server.close(resolve), server.closeAllConnections()))
    rmSync(folder, { recursive: true })
  })

  const audit = (path: string, ...words: string[]): Promise<{ code: number | null; out: string; err: string }> =>
    new Promise((resolve) => {
      const all = [join(folder, 'node_modules/holdfast/dist/command.js'), 'audit', address + path, '--keys', 'keys.mjs', '--browser', program(browser), '--wait', '1', ...words]
      const child = execFile(process.execPath, all, { cwd: folder, encoding: 'utf8', timeout: 55_000 }, (_, out, err) => resolve({ code: child.exitCode, out, err }))
    })

  it('exits with 0 where all that is kept is declared, HttpOnly cookies included', async () => {
    const { code, out, err } = await audit('/clean', '--format', 'json')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).not.toContain('S3CRET')
    const found = JSON.parse(out) as { present: { area: string; name: string; domain?: string; expires?: number }[] }
    expect(found).toMatchObject({ undeclared: [], longer: [], unreadable: [], unknown: [], absent: [{ key: 'other' }] })
    expect(found.present.map(({ area, name }) => `${area} ${name}`).sort()).toEqual(['cookie acme-chat.visitor', 'cookie server-id', 'database holdfast.acme-chat', 'indexedDB acme-chat.token'])
    const served = found.present.find(({ name }) => name === 'server-id')!
    expect(served.domain).toBe('127.0.0.1')
    expect(Math.abs(served.expires! - Date.now() - day / 24)).toBeLessThan(120_000)
  })

  it('exits with 1 and a table where something is undeclared, or lives longer than declared', async () => {
    const { code, out, err } = await audit('/stray')
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(out).not.toContain('S3CRET')
    // Names are the page's: no control character of one reaches the terminal.
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    expect(out).not.toMatch(/[\x00-\x09\x0b-\x1f]/)
    const lines = out.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))
    expect(lines).toEqual(expect.arrayContaining(['undeclared | cookie | session | 127.0.0.1 | - | -', 'undeclared | localStorage | stray [31m | - | - | -']))
    expect(lines.find((line) => line.startsWith('longer'))).toMatch(/^longer \| cookie \| acme-chat\.visitor \| 127\.0\.0\.1 \| visitor \| 2\d{3}-.*Z; declared 1d$/)
    expect(out.trimEnd().split('\n').pop()).toBe('2 undeclared, 1 longer, 3 present, 1 absent, 0 unknown')
  })

  it('exits with 2 where the page is not to be had', async () => {
    expect(await audit('/gone')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('/gone: answered 404') })
  })
})
