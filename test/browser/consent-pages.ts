import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { build } from 'esbuild'
import type { Page, Pages } from './sites.js'

const stub = readFileSync(createRequire(import.meta.url).resolve('@iabtcf/stub'), 'utf8')
const bundled = new Map<string, Promise<string>>()

/**
 * Pages with consent: `/consent`, and `/consent-with-stub`, where the IAB's stub stands in the head as a CMP wants it.
 * `/cmp.js` is that CMP's main script, which a page loads when it likes. All else is left to `others`.
 */
export const consentPages =
  (others: Pages): Pages =>
  async (url, request, response) => {
    const script = (body: string): Page => ({ body, headers: { 'content-type': 'text/javascript; charset=utf-8' } })
    if (url.pathname === '/cmp-stub.js') return script(stub)
    if (url.pathname === '/cmp.js' || url.pathname === '/consent-page.js') return script(await bundle(`.${url.pathname.replace('.js', '.ts')}`))
    if (!/^\/consent(-with-stub)?$/.test(url.pathname)) return others(url, request, response)
    const frame = url.searchParams.get('frame')
    return {
      body: [
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>consent</title>',
        url.pathname === '/consent' ? '' : '<script src="/cmp-stub.js"></script>',
        '<script src="/consent-page.js"></script>',
        `<body>${frame ? `<iframe id="frame" src="${encodeURI(frame)}"></iframe>` : ''}`,
      ].join('\n'),
    }
  }

async function bundle(path: string): Promise<string> {
  const known = bundled.get(path) ?? bundleOf(path)
  bundled.set(path, known)
  return known
}

async function bundleOf(path: string): Promise<string> {
  const result = await build({
    entryPoints: [new URL(path, import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2021',
    sourcemap: 'inline',
    logLevel: 'silent',
  })
  return result.outputFiles[0]?.text ?? ''
}
