import type { Env } from 'holdfast'
import type { CookieJar } from 'holdfast/testing'

/** One request and what came back, as a browser's network panel would list them. */
export interface Exchange {
  url: string
  init: RequestInit
  question: Record<string, unknown>
  status: number
  lines: string[]
}

/**
 * A browser's `fetch` on a page, in front of a handler: it adds Origin and Cookie, takes Set-Cookie into the jar as
 * strictly as browsers do, and shows no answer that CORS does not allow. `exchanges` is all that went over the wire.
 */
export const visit = (handler: (request: Request) => Promise<Response>, jar: CookieJar, page = 'https://a.brand.test') => {
  const exchanges: Exchange[] = []
  const fetch = (async (input: string, init: RequestInit = {}) => {
    const url = new URL(input, page).href
    const { document } = jar.at(url)
    const headers = new Headers(init.headers)
    const { signal: _, ...rest } = init
    headers.set('origin', page)
    if (init.credentials === 'include' && document!.cookie) headers.set('cookie', document!.cookie)
    const response = await handler(new Request(url, { ...rest, headers }))
    const lines = response.headers.getSetCookie()
    for (const line of lines) document!.cookie = line
    exchanges.push({ url, init, question: JSON.parse(String(init.body)) as Record<string, unknown>, status: response.status, lines })
    const shown = response.headers.get('access-control-allow-origin') === page && response.headers.get('access-control-allow-credentials') === 'true'
    if (!shown) throw new TypeError('Failed to fetch')
    return response
  }) as typeof globalThis.fetch
  const env: Env & { fetch: typeof globalThis.fetch } = { fetch }
  return { env, exchanges }
}

export const ENDPOINT = 'https://chat.vendor.test/entries'
