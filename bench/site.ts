import type { Page, Pages } from '../test/browser/sites.js'
import type { Bundles } from './bundles.js'
import type { Contestant, Group } from './contestants.js'

/** Where each contestant's pages are: an origin, and even a site, of its own. */

const hostOf = (group: Group, { id }: Contestant): string => `${group.id}-${id}.test`
const hubHostOf = (group: Group, contestant: Contestant): string => `${group.hub === 'same site' ? 'hub.' : 'hub-'}${hostOf(group, contestant)}`

function hubAddress(group: Group, contestant: Contestant): string {
  const [name, query = ''] = contestant.hub!.split('?')
  return `https://${hubHostOf(group, contestant)}/hub/${name}?${query}`
}

export function addressOf(group: Group, contestant: Contestant, path: '/' | '/cold'): string {
  const url = new URL(path, `https://${hostOf(group, contestant)}`)
  url.searchParams.set('keys', String(contestant.keys ?? group.keys))
  if (contestant.form !== undefined) url.searchParams.set('form', contestant.form)
  if (contestant.hub !== undefined) url.searchParams.set('hub', hubAddress(group, contestant))
  return url.href
}

/** Without these the clock is coarse, and the heap's size is none (HTML, cross-origin isolation). A hub's page says the last for who frames it. */
const isolated = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'cross-origin',
}
/** Within a page, a script's text must not end its element. */
const inline = (text: string): string => `<script>${text.replaceAll('</script', '<\\/script')}</script>`

/** The clock starts right before the parser meets the application's script. */
const started = (hub: string): string => `
  globalThis.HUB = ${JSON.stringify(hub)}
  globalThis.cold = new Promise((resolve) => {
    globalThis.finish = (value) => resolve({ ms: performance.now() - globalThis.began, value })
  })
  globalThis.began = performance.now()`

/** `apart`: each cross-origin isolated, which has a process of its own. */
export function pagesOf(plan: readonly Group[], bundles: Bundles, apart: boolean): Pages {
  const headers = apart ? isolated : {}
  const html = (body: string): Page => ({ headers, body: `<!doctype html><meta charset="utf-8"><title>bench</title><body>${body}` })
  const script = (body: string): Page => ({ headers: { ...headers, 'content-type': 'text/javascript; charset=utf-8' }, body })
  const byHost = new Map(plan.flatMap((group) => group.contestants.flatMap((contestant) => [[hostOf(group, contestant), contestant] as const, [hubHostOf(group, contestant), contestant] as const])))
  return async ({ host, pathname, searchParams }) => {
    const contestant = byHost.get(host)
    if (!contestant) return
    if (pathname === '/page.js') return script(await bundles.page(contestant))
    if (pathname.startsWith('/hub.js/')) return script(await bundles.hub(pathname.slice('/hub.js/'.length)))
    if (pathname.startsWith('/hub/')) return html(`<script src="/hub.js/${pathname.slice('/hub/'.length)}"></script>`)
    if (pathname === '/cold') return html(inline(started(searchParams.get('hub') ?? '')) + inline(await bundles.cold(contestant)))
    if (pathname === '/') return html('<script src="/page.js"></script>')
    return
  }
}
