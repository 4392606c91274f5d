import { launch } from '../../test/browser/engines.js'
import { startSites } from '../../test/browser/sites.js'
import { bundle } from '../bundles.js'
import { figureOf, told } from '../statistics.js'
import type { Stale } from './stale-page.js'

/** `node bench/stale.mjs`: how stale a read from memory is, with the notice before the write, and with every read checked. */

declare global {
  var stale: Stale
}

const isolated = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }

export async function run(_: readonly string[], root: string): Promise<number> {
  const script = await bundle("export * from './exploration/stale-page.js'\nimport * as page from './exploration/stale-page.js'\nconsole.log(page)", `${root}/bench`)
  const sites = await startSites(({ pathname }) => (pathname === '/' ? { headers: isolated, body: `<!doctype html><script>${script}</script>` } : undefined))
  const browser = await launch('chromium', { proxy: sites.proxy })
  try {
    for (const form of ['checked', 'noticed', 'leased']) {
      for (const busy of [0, 20]) {
        const [writer, reader] = [await browser.newTab(), await browser.newTab()]
        for (const tab of [writer, reader]) await tab.goto(`https://${form}-${busy}.test/?form=${form}`)
        await writer.evaluate(() => globalThis.stale.serve())
        const { ahead, within } = await reader.evaluate(() => globalThis.stale.skew(300))
        const [done, seen] = await Promise.all([writer.evaluate(() => globalThis.stale.write(200, 20)), reader.evaluate((work) => globalThis.stale.read(6000, work), busy)])
        const took = figureOf(done.slice(1).map((at, index) => at - done[index]! - 20)).median
        // By the reader's clock; what lies within the clocks' own error is not told.
        const acknowledged = done.map((at) => at - ahead)
        const late = seen.flatMap(([began, value]) => {
          const missed = acknowledged.findIndex((at, index) => index > value && at + within < began)
          return missed < 0 ? [] : [began - acknowledged[missed]!]
        })
        late.sort((one, other) => one - other)
        console.log(`${form}, ${told(took)} ms a set, reader busy for ${busy} ms: ${late.length} of ${seen.length} reads stale, by ${late.length > 0 ? `${late[late.length >> 1]!.toFixed(2)} ms in the middle, ${late.at(-1)!.toFixed(2)} ms at most` : 'nothing'}; clocks within ${within.toFixed(2)} ms`)
        await Promise.all([writer.close(), reader.close()])
      }
    }
  } finally {
    await browser.close()
    await sites.close()
  }
  return 0
}
