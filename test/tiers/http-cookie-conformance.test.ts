import { describe, expect, test } from 'vitest'
import type { Tier } from 'holdfast'
import { httpCookieTier } from 'holdfast'
import { cookieJar, tierCases } from 'holdfast/testing'
import { createHandler } from 'holdfast/server'
import { ENDPOINT, visit } from '../server/visit.js'

const allow = ['https://*.brand.test']

/** Each a browser of its own; each call of the function it answers is one more tier in it. */
const places: Record<string, () => () => Tier> = {
  'in one page': () => {
    const { env } = visit(createHandler({ allow, cookies: { room: 32_000 } }), cookieJar())
    return () => httpCookieTier({ endpoint: ENDPOINT, env })
  },
  'in a tab each, behind two copies of the server': () => {
    const jar = cookieJar()
    const copies = [createHandler({ allow, cookies: { room: 32_000 } }), createHandler({ allow, cookies: { room: 32_000 } })]
    let count = 0
    const balanced = (request: Request): Promise<Response> => copies[count++ % 2]!(request)
    return () => httpCookieTier({ endpoint: ENDPOINT, env: visit(balanced, jar).env })
  },
  'for several sites, kept apart, with a prefix': () => {
    const { env } = visit(createHandler({ allow: [...allow, 'https://other.test'], cookies: { prefix: '__Host-', partitioned: true, room: 32_000 } }), cookieJar())
    return () => httpCookieTier({ endpoint: ENDPOINT, env })
  },
  'until the browser closes': () => {
    const { env } = visit(createHandler({ allow, cookies: { domain: 'vendor.test', room: 32_000 } }), cookieJar())
    return () => httpCookieTier({ endpoint: ENDPOINT, lifetime: 'session', env })
  },
}

describe.each(Object.entries(places))('httpCookie, %s', (_name, place) => {
  const make = place()
  const { traits } = make()
  for (const { title, skip, run } of tierCases) {
    const reason = skip?.(traits)
    test(reason ? `${title} (does not concern it: ${reason})` : title, async () => {
      if (reason) expect(reason).toBeTruthy()
      else await run(make)
    })
  }
})
