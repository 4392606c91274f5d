import { check, parseOrigins } from '../origins.js'
import type { CookieEndpoint } from './endpoint.js'
import { createEndpoint } from './endpoint.js'
import { hubPage } from './hub-page.js'
import type { Headline } from './must.js'
import { must } from './must.js'

/** The page that a brand's `hubTier` loads into its hidden iframe. */
export interface HubPage {
  /** Default `'/hub'`. */
  path?: string
  /** The URL of the module script that calls `serveHub`. */
  script: string
}

/** What `createHandler` takes. */
export interface HandlerOptions {
  /** Origins: `https://brand.test`, or `https://*.brand.test` for one or more labels before the name, not for the name itself. */
  allow: readonly string[]
  hub?: HubPage
  cookies?: CookieEndpoint
  /** The clock, ms since 1970. */
  now?: () => number
}

/**
 * The server's half: the hub page, and HttpOnly cookies for `httpCookieTier`, as one function of the Fetch API for any
 * runtime. It keeps no state, so any number of copies may answer. What it does not know it answers with 404, and what
 * is malformed with a status and nothing else; it never rejects. Throws a RangeError that names the option.
 *
 * @example
 * import { createHandler } from 'holdfast/server'
 * const handler = createHandler({ allow: ['https://*.brand.test'], hub: { script: '/hub.js' }, cookies: { partitioned: true } })
 * const page = await handler(new Request('https://chat.vendor.test/hub'))
 * page.status // => 200
 * page.headers.get('content-security-policy')?.endsWith('frame-ancestors https://*.brand.test') // => true
 * const forged = await handler(new Request('https://chat.vendor.test/entries', { method: 'POST', body: 'a=b' }))
 * forged.status // => 403
 */
export const createHandler = ({ allow, hub, cookies, now = Date.now }: HandlerOptions): ((request: Request) => Promise<Response>) => {
  const siteOf = parseOrigins(allow)
  const page = hub?.path ?? '/hub'
  const path = cookies?.path ?? '/entries'
  check(page[0] === '/' && path[0] === '/', 'path', '/chat')
  check(!hub || hub.script, 'hub.script', '/hub.js')
  const endpoint = cookies && createEndpoint(cookies, allow, siteOf, now)

  return async (request) => {
    const { pathname } = new URL(request.url)
    const methods = endpoint && pathname === path ? 'POST, OPTIONS' : hub && pathname === page ? 'GET, HEAD' : ''
    const headers: Headline[] = [['vary', 'origin'], ['cache-control', 'no-store'], ['x-content-type-options', 'nosniff'], ['allow', methods]]
    let status = 200
    let body: string | null = null
    try {
      must(methods, 404)
      must(methods.split(', ').includes(request.method), 405)
      body = methods[0] === 'P' ? await endpoint!(request, headers) : hubPage(hub!.script, allow, headers)
    } catch (thrown) {
      status = +(thrown as number) || 400
    }
    return new Response(body, { status, headers })
  }
}
