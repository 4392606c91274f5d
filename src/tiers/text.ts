import type { Change, Entry, Outcome, Tier, Traits, Usage } from '../contracts.js'
import { decodeEntry, encodeEntry, isOurs } from '../entry.js'
import { asTierError, StorageError } from '../errors.js'
import { settle } from '../register.js'

type Text = string | null | undefined

/** Settles a change against the text that stands there, and has it replaced, or removed (`null`). Foreign text is never removed. */
export const settleText = <T>(change: Change, raw: Text, keep: (text: string | null, entry: Entry | null) => T): number | T | undefined => {
  const { name } = change
  const next = settle(decodeEntry(name, raw), change)
  if (typeof next === 'number') return next
  if (next || (next === null && isOurs(raw))) return keep(next && encodeEntry(name, next), next)
  return
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
  const write = (changes: readonly Change[]): Outcome[] => {
    /** To look costs a question to another process for cookies: not again before something is changed. */
    let get: ReturnType<typeof look> | undefined
    return changes.map((change) => {
      const { name } = change
      try {
        return settleText(change, (get ??= look())(name), (text, entry) => {
          get = undefined
          keep(name, text, entry)
          return (get = look())(name) == text ? undefined : new StorageError('refused', `${tier}: did not keep ${name}`)
        })
      } catch (cause) {
        return asTierError(cause, tier)
      }
    })
  }
  const names = (prefix: string): string[] => {
    const get = look()
    return list().filter((name) => name.startsWith(prefix) && isOurs(get(name)))
  }
  return {
    name: tier,
    traits,
    open() {},
    read(asked) {
      const get = look()
      return asked.map((name) => decodeEntry(name, get(name)))
    },
    write,
    names,
    usage: usage ?? ((prefix) => ({ bytes: names(prefix).map((name) => name + look()(name)).join('').length })),
    close() {},
  }
}
