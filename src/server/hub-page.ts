import type { Headline } from './must.js'

/** The page that brands put into a hidden iframe: one script, and nothing else may run, load, be sent or frame it. */
export const hubPage = (script: string, allow: readonly string[], headers: Headline[]): string => {
  const nonce = crypto.randomUUID()
  headers.push(
    ['content-type', 'text/html'],
    ['content-security-policy', `default-src 'none'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors ${allow.join(' ')}`],
    // A page that is isolated (COEP: require-corp) frames only what says both.
    ['cross-origin-embedder-policy', 'require-corp'],
    ['cross-origin-resource-policy', 'cross-origin'],
    ['referrer-policy', 'no-referrer'],
  )
  return `<!doctype html><script type="module" nonce="${nonce}" src="${script}"></script>`
}
