import { decodeEntry, isOurs } from '../entry.js'

/** What a cookie's value may not hold: what is no cookie-octet (RFC 6265 §4.1.1; WebKit mangles the rest), `%` itself, and `|`, which is ours. */
export const NO_VALUE = /[^!-~]|["%,;\\|]/gu

/** What a cookie's name may not hold: what is no token (RFC 2616 §2.2), and `|` again. */
export const NO_NAME = /[^!-~]|["%,/:-@[-\]{-}]/gu

/** Text that was not encoded by us stays as it is. */
export const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The name of a cookie, still encoded. */
export const nameOf = (cookie: string): string => cookie.split('=')[0]!

/** The values of all cookies of this name, among those of `document.cookie`: twins included, still encoded. */
const valuesOf = (cookies: readonly string[], name: string): string[] =>
  cookies.flatMap((cookie) => (cookie.startsWith(name + '=') ? cookie.slice(name.length + 1) : []))

/** What browsers take: name and value together, in bytes of UTF-8; attributes do not count. */
export const COOKIE_BYTES = 4096

/**
 * The cookies of a value. One that is too large is cut into pieces of one generation, its stamp:
 * `base|generation|index`. The cookie of its own name comes last and carries the entry's head with its checksum, the
 * generation and the count, so that a torn or mixed set reads as damaged, never as something else (H13).
 */
export const cut = (name: string, base: string, value: string): string[] => {
  if (name.length + value.length <= COOKIE_BYTES) return [`${name}=${value}`]
  const [kind, checksum, generation] = value.split('.') as [string, string, string]
  const head = kind + '.' + checksum
  const pieces = value.slice(head.length).match(RegExp(`.{1,${COOKIE_BYTES - base.length - generation.length - 5}}`, 'g'))!
  return [...pieces.map((piece, index) => `${base}|${generation}|${index}=${piece}`), `${name}=${head}|${generation}|${pieces.length}`]
}

/** One cookie of a name, put together where it was cut. */
export interface Standing {
  /** Whose it is; `''` also where it can be read by nobody. */
  mark: string
  text: string
  /** Its stamp; 0 where it is damaged, -1 where it is foreign. */
  rank: number
}

/**
 * The cookies of one name, whatever their scopes, the newest first. `document.cookie` does not show their paths, so at
 * another path than the tier's own the checksum covers a mark of it, too, and pieces are called by it. `marks` are those
 * that may stand here.
 */
export const standingOf = (cookies: readonly string[], wireName: (name: string) => string, name: string, marks: readonly string[]): Standing[] =>
  valuesOf(cookies, wireName(name))
    .map((value) => {
      let found: Standing
      for (const mark of marks) {
        let [text, generation, count] = value.split('|') as [string, string, string]
        for (let index = 0, piece; index < +count && (piece = valuesOf(cookies, `${wireName(name + mark)}|${generation}|${index}`)[0]); index++) text += piece
        text = decode(text)
        const entry = isOurs(text) && decodeEntry(name + mark, text)!
        const whole = entry && !entry.corrupt
        found = { mark: whole ? mark : '', text, rank: entry ? entry.stamp : -1 }
        if (whole) break
      }
      return found!
    })
    .sort((one, other) => other.rank - one.rank)

/** The text of a name at a tier's own path: of all copies the newest, a damaged one before a foreign one. */
export const newestOf = (cookies: readonly string[], wireName: (name: string) => string, name: string): string | undefined => standingOf(cookies, wireName, name, [''])[0]?.text
