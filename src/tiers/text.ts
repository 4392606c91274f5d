import type { Change, Entry, Outcome, Tier, Traits, Usage } from '../contracts.js'
import { decodeEntry, encodeEntry, isOurs } from '../entry.js'
import { asTierError, StorageError } from '../errors.js'
import { settle } from '../register.js'

type Text = string | null | undefined

/** As `settle`, of the text that stands there; but foreign text is never removed. */
export const settleText = (change: Change, raw: Text): number | Entry | null | undefined => {
  const next = settle(decodeEntry(change.name, raw), change)
  return next === null && !isOurs(raw!) ? undefined : next
}

/**
 * A tier over a place that keeps texts and answers at once. `look` answers how to get a text from what is there
 * now, `list` the names that may hold one. What `keep` was given is read back: a place may drop it without a word.
 */
export const textTier = (
  tier: string,
  traits: Traits,
  look: () => (name: string) => Text,
  /** `null` removes what is there. */
  keep: (name: string, text: string | null, entry: Entry | null) => void,
  list: () => string[],
  usage?: (prefix: string) => Usage,
): Tier => {
  const change = (one: Change): Outcome => {
    const { name } = one
    try {
      const next = settleText(one, look()(name))
      if (next === undefined || typeof next === 'number') return next
      const text = next && encodeEntry(name, next)
      keep(name, text, next)
      return look()(name) == text ? undefined : new StorageError('refused', `${tier}: did not keep ${name}`)
    } catch (cause) {
      return asTierError(cause, tier)
    }
  }
  const names = (prefix: string): string[] => {
    const get = look()
    return list().filter((name) => name.startsWith(prefix) && isOurs(get(name) ?? ''))
  }
  return {
    name: tier,
    traits,
    open() {},
    read(asked) {
      const get = look()
      return asked.map((name) => decodeEntry(name, get(name)))
    },
    write: (changes) => changes.map(change),
    names,
    usage: usage ?? ((prefix) => ({ bytes: names(prefix).map((name) => name + look()(name)).join('').length })),
    close() {},
  }
}
