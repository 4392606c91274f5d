import type { Env } from 'holdfast'

/** A page's cookies as the tier sees them, with every text that is written to `document.cookie`. */
export const recorded = ({ document, location }: Pick<Env, 'document' | 'location'>) => {
  const writes: string[] = []
  const env: Env = {
    location,
    document: {
      get cookie() {
        return document!.cookie
      },
      set cookie(text: string) {
        writes.push(text)
        document!.cookie = text
      },
    },
  }
  return { env, writes }
}

/** The names and values that a page sees, in the browser's order, twins included. */
export const pairsOf = ({ document }: Pick<Env, 'document'>): [name: string, value: string][] =>
  document!.cookie
    .split('; ')
    .filter(Boolean)
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])

/** The lower-case attributes of a text that was written, by name; those without a value are `''`. */
export const attributesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split(';')
      .slice(1)
      .map((part) => part.trim().split('='))
      .map(([name = '', value = '']) => [name.toLowerCase(), value]),
  )
