import { decodeEntry } from '../entry.js'
import { entriesIn } from './cookie-entries.js'

/** What `readEntry` takes. */
export interface ReadEntryOptions {
  /** As given to `cookieTier`, or to the handler's `cookies`. */
  prefix?: string
  /** The site of the page that wrote it (`brand.test`), where a handler keeps sites apart. */
  site?: string
  /** The clock, ms since 1970. Default `Date.now`. */
  now?: () => number
  /** As given to the storage as `codec`. Default: JSON. */
  decode?: (text: string) => unknown
}

/**
 * The value that a page's `cookieTier`, or the handler of this package, keeps under `namespace.key`, read from a
 * request's Cookie header. Absent, removed, expired and damaged are all `undefined`. Visitors can write what they
 * like into their cookies: check the value as you check any other input.
 *
 * @example
 * import { cookieTier, createStorage } from 'holdfast'
 * import { readEntry } from 'holdfast/server'
 * await createStorage({ namespace: 'acme-chat', tiers: [cookieTier()] }).set('token', 'abc')
 * const header = document.cookie // what the browser sends
 * readEntry(header, 'acme-chat.token') // => 'abc'
 * readEntry(header, 'acme-chat.other') // => undefined
 */
export const readEntry = (cookieHeader: string | null | undefined, name: string, { prefix = '', site, now = Date.now, decode = JSON.parse }: ReadEntryOptions = {}): unknown => {
  try {
    const { text, expires } = decodeEntry(name, entriesIn(cookieHeader!, prefix, site).textOf(name))!
    return text === null || expires! <= now() ? undefined : decode(text)
  } catch {
    // Not there, or no such text.
    return
  }
}
