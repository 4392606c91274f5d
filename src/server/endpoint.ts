import type { Change, Entry } from '../contracts.js'
import { decodeEntry } from '../entry.js'
import { LONGEST } from '../lifetime.js'
import { check } from '../origins.js'
import { COOKIE_BYTES, nameOf, NO_VALUE } from '../tiers/cookie-text.js'
import { HEADER, ITEMS } from '../tiers/http-cookie.js'
import { settleText } from '../tiers/text.js'
import { entriesIn } from './cookie-entries.js'
import type { Headline } from './must.js'
import { must } from './must.js'

/** Nothing to do; written; the later stamp that stands there; or why not. */
export type WireOutcome = undefined | true | number | 'too-large' | 'quota'

/** Where a page's `httpCookieTier` keeps its entries. */
export interface CookieEndpoint {
  /** Default `'/entries'`. */
  path?: string
  /** The cookies' domain. Default: this host alone. */
  domain?: string
  /** Default `'None'`, which a page of another site needs. */
  sameSite?: 'Strict' | 'Lax' | 'None'
  /** One jar for each top-level site (CHIPS). */
  partitioned?: boolean
  /** Put before each name; the browser then refuses cookies that do not keep what the prefix promises. */
  prefix?: '__Host-' | '__Secure-'
  /** Keeps the entries of each site under names of its own. Default: where `allow` names more than one site. */
  apart?: boolean
  /** The most bytes that all cookies of a request may take; a write beyond is `quota`, and four times that is refused. Default 8,000: many servers refuse 8,192. */
  room?: number
}

/** What a body may take, in characters. */
const BODY = 100_000

/** A change as JSON: an entry as text of ours that decodes to itself, or a drop with its `bury`. */
export type WireChange = readonly [name: string, entry: string] | readonly [name: string, drop: number, bury?: number]

/** Never read beyond what it may take. */
const readBody = async (body: Request['body']): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) must((text += decoder.decode(chunk, { stream: true })).length < BODY, 413)
  return text
}

/** No browser keeps it for longer than was asked, by the storage's clock, which need not be this one. */
const ageOf = ({ stamp, expires = Infinity, retain = 0 }: Entry, now: number): string =>
  '; Max-Age=' + Math.ceil(Math.min(LONGEST, Math.max(expires, retain) - Math.min(now, stamp)) / 1000)

/** What is no text throws where it is used as one. */
const changeOf = ([name, what, bury]: WireChange): Change => {
  if (typeof what === 'number') return { name, drop: what, bury: bury! }
  const entry = decodeEntry(name, what)!
  must(!entry.corrupt)
  return { name, entry }
}

/** Answers the questions of the pages of allowed origins; of a request that is refused, nothing is done. */
export const createEndpoint = (
  { domain = '', sameSite = 'None', partitioned, prefix = '' as never, room = 8000, apart }: CookieEndpoint,
  allow: readonly string[],
  siteOf: (origin: string) => string | undefined,
  now: () => number,
) => {
  check(!domain || prefix !== '__Host-', 'cookies.prefix', '__Secure-')
  apart ??= new Set(allow.map((pattern) => siteOf(pattern.replace('*', 'x')))).size > 1
  /** Without a partition, and with one: twins where that was changed. */
  const scopes = ['', '; Partitioned'].map((part) => `; Path=/${domain && '; Domain=' + domain}; Secure; HttpOnly; SameSite=${sameSite}${part}`)

  return async ({ headers, method, body }: Request, told: Headline[]): Promise<string> => {
    const origin = headers.get('origin')!
    const header = headers.get('cookie') ?? ''
    const site = siteOf(origin)
    must(site, 403)
    told.push(
      ['access-control-allow-origin', origin],
      ['access-control-allow-credentials', 'true'],
      ['access-control-allow-methods', 'POST'],
      ['access-control-allow-headers', 'content-type, ' + HEADER],
      ['access-control-max-age', '7200'], // Chromium's most
      ['content-type', 'application/json'],
    )
    must(method === 'POST', 204)
    must(headers.get(HEADER), 403)
    must(/^application\/json/i.test(headers.get('content-type')!), 415)
    must(header.length < 4 * room, 431)
    const { read, write, names, session } = JSON.parse(await readBody(body)) as { read?: string[]; write?: WireChange[]; names?: string; session?: unknown }
    must((read ?? write ?? names) != null && [read, write, names].every((each) => !each || each.length <= ITEMS)) // a lone digit is JSON, too
    const { groups, wireName, groupOf, texts, textOf, namesIn } = entriesIn(header, prefix, apart && site)
    let size = header.length
    const lines: Headline[] = []
    const settleOne = (change: Change): WireOutcome =>
      settleText(change, textOf(change.name), (text, entry) => {
        const { name } = change
        const cookie = entry ? `${wireName(name)}=${text!.replace(NO_VALUE, encodeURIComponent)}` : ''
        const standing = groupOf(name)
        const more = cookie.length - standing.join('; ').length
        if (cookie[COOKIE_BYTES + 1]) return 'too-large' // browsers do not count the `=`
        if (cookie && size + more > room) return 'quota'
        size += more
        groups.set(wireName(name), cookie ? [cookie] : [])
        texts.set(name, text)
        // Pieces of an older value go, and twins: which of them a reader sees first never changes by writing (H12).
        if (!cookie || standing[1]) for (const each of standing) for (const scope of scopes) lines.push(['set-cookie', `${nameOf(each)}=${scope}; Max-Age=0`])
        if (cookie) lines.push(['set-cookie', cookie + scopes[partitioned ? 1 : 0] + (entry!.lifetime === 'device' && !session ? ageOf(entry!, now()) : '')])
        return true
      })
    const answer = JSON.stringify({
      // Where a wildcard lets each sibling ask, they all have the same cookies here.
      reach: siteOf(origin.replace('//', '//x.')) === site ? 'site' : 'origin',
      outcomes: write?.map(changeOf).map(settleOne),
      entries: read?.map(textOf),
      names: names != null && namesIn(names),
    })
    told.push(...lines)
    return answer
  }
}
