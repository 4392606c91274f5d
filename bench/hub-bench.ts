import { build } from 'esbuild'
import { launch } from '../test/browser/engines.js'
import { engines, type Engine } from '../test/browser/browser.js'
import { type Pages, startSites } from '../test/browser/sites.js'
import { createVendor } from '../test/browser/vendor-pages.js'

const bare = `addEventListener('message', ({ ports: [port] }) => {
  const answers = ['${'x'.repeat(240)}']
  port.onmessage = ({ data: { id } }) => port.postMessage({ id, answers })
})`

/** Speaks as a hub does, and keeps nothing. */
const fake = `addEventListener('message', ({ data: { holdfast }, source, origin }) => {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = ({ data: { id, ops } }) => port1.postMessage({ id, answers: ops.map(() => undefined) })
  source.postMessage({ holdfast, version: 1, state: { lifetimes: ['device'], access: false } }, origin, [port2])
})`

const median = (times: number[]): number => [...times].sort((one, other) => one - other)[Math.floor(times.length / 2)]!

export async function run(wanted: string[], samples: number): Promise<void> {
  const bundled = await build({ entryPoints: [new URL('../../bench/hub-page.ts', import.meta.url).pathname], bundle: true, write: false, format: 'iife', target: 'es2021', logLevel: 'silent' })
  const vendor = createVendor()
  const pages: Pages = (url, request, response) => {
    if (url.pathname === '/bench') return { body: '<!doctype html><title>bench</title><body><script src="/bench.js"></script>' }
    if (url.pathname === '/bench.js') return { body: bundled.outputFiles[0]!.text, headers: { 'content-type': 'text/javascript' } }
    if (url.pathname === '/bare') return { body: `<!doctype html><script>${bare}</script>` }
    if (url.pathname === '/fake') return { body: `<!doctype html><script>${fake}</script>` }
    if (url.pathname === '/hub-bench') return { body: '<!doctype html><script type="module" src="/vendor-hub.js"></script>' }
    return vendor.pages(url, request, response)
  }
  const sites = await startSites(pages)
  try {
    for (const engine of wanted as Engine[]) {
      const browser = await launch(engine, { proxy: sites.proxy })
      try {
        await browser.tab.goto(sites.url('a', '/bench'))
        const times = await browser.tab.evaluate((count) => (globalThis as unknown as { measure(samples: number): Promise<Record<string, number[]>> }).measure(count), samples)
        const base = median(times['bare']!)
        console.log(`\n${engine} ${browser.version}: µs a round trip, median of ${samples} samples; ratio to the bare one`)
        for (const [way, each] of Object.entries(times)) console.log(`  ${way.padEnd(40)}${median(each).toFixed(0).padStart(7)}${(median(each) / base).toFixed(2).padStart(8)}`)
      } finally {
        await browser.close()
      }
    }
  } finally {
    await sites.close()
  }
}

export { engines }
