import { isOurs } from '../entry.js'
import { decode, nameOf, newestOf, NO_NAME } from '../tiers/cookie-text.js'

/** Cookies of a request, and twins and pieces of one name, that are looked at: a header made up to cost time has more. */
const MOST = 512
const MOST_OF_ONE = 24

/** The entries in a Cookie header, as the cookie tier writes them; those of a site that is kept apart bear its name. */
export const entriesIn = (header: string, prefix: string, site: string | false | undefined) => {
  const start = prefix + (site ? site + '!' : '')
  const cookies = header.split(/; */, MOST)
  /** What a cookie belongs to, encoded: pieces are called by their head. */
  const baseOf = (cookie: string): string => nameOf(cookie).split('|')[0]!
  const encoded = start.replace(NO_NAME, encodeURIComponent)
  /** Throws where it is no text, or holds a lone surrogate. */
  const wireName = (name: string): string => encoded + name.replace(NO_NAME, encodeURIComponent)
  const groupOf = (name: string, wire = wireName(name)): string[] => cookies.filter((cookie) => baseOf(cookie) === wire).slice(0, MOST_OF_ONE)
  /** What was asked for once, or written since. */
  const texts = new Map<string, string | null | undefined>()
  const textOf = (name: string): string | null | undefined => {
    if (!texts.has(name)) texts.set(name, newestOf(groupOf(name), wireName, name))
    return texts.get(name)
  }
  const namesIn = (begin: string): string[] =>
    [...new Set(cookies.map((cookie) => decode(baseOf(cookie))))].flatMap((whole) => {
      const name = whole.slice(start.length)
      return whole.startsWith(start + begin) && isOurs(textOf(name)) ? name : []
    })
  return { cookies, wireName, groupOf, texts, textOf, namesIn }
}
