import { isOurs } from '../entry.js'
import { decode, nameOf, newestOf, NO_NAME } from '../tiers/cookie-text.js'

/** Twins and pieces of one name that are looked at: a header made up to cost time has more. */
const MOST = 24

/** The entries in a Cookie header, as the cookie tier writes them; those of a site that is kept apart bear its name. */
export const entriesIn = (header: string, prefix: string, site: string | false | undefined) => {
  const start = prefix + (site ? site + '!' : '')
  /** By the name that a cookie belongs to, encoded: pieces are called by their head. */
  const groups = new Map<string, string[]>()
  for (const cookie of header.split(/; */)) {
    const wire = nameOf(cookie).split('|')[0]!
    groups.set(wire, [...(groups.get(wire) ?? []), cookie].slice(0, MOST))
  }
  const encoded = start.replace(NO_NAME, encodeURIComponent)
  /** Throws where it is no text, or holds a lone surrogate. */
  const wireName = (name: string): string => encoded + name.replace(NO_NAME, encodeURIComponent)
  const groupOf = (name: string): string[] => groups.get(wireName(name)) ?? []
  /** What was asked for once, or written since. */
  const texts = new Map<string, string | null | undefined>()
  const textOf = (name: string): string | null | undefined => {
    if (!texts.has(name)) texts.set(name, newestOf(groupOf(name), wireName, name))
    return texts.get(name)
  }
  const namesIn = (begin: string): string[] =>
    [...groups.keys()].map(decode).flatMap((whole) => {
      const name = whole.slice(start.length)
      return whole.startsWith(start + begin) && isOurs(textOf(name)) ? name : []
    })
  return { groups, wireName, groupOf, texts, textOf, namesIn }
}
