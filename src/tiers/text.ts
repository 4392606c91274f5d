import type { Change, Entry, Outcome, Tier, Traits, Usage } from '../contracts.js'
import { decodeEntry, encodeEntry, isOurs } from '../entry.js'
import { asTierError, StorageError } from '../errors.js'
import { settle } from '../register.js'

type Text = string | null | undefined

/** Settles a change against the text that stands there, and has it replaced, or removed (`null`). Foreign text is never removed. */
export const settleText = <T>(change: Change, raw: Text, keep: (text: string | null, entry: Entry | null) => T, decode = decodeEntry, encode = encodeEntry): number | T | undefined => {
  const { name } = change
  const next = settle(decode(name, raw), change)
  if (typeof next === 'number') return next
  if (next || (next === null && isOurs(raw))) return keep(next && encode(name, next), next)
  return
}

/** So many texts are remembered beside their entries, each shorter than this. */
const MOST = 2048

/**
 * A tier over a place that keeps texts and answers at once. `look` answers how to get a text from what is there
 * now, and once `keep` was called from what is there then; `list` the names that may hold one, as of the last look. What
 * `keep` was given is read back: a place may drop it without a word.
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
  /** To compare a text with what stood there takes a tenth of a checksum. What is seen to be gone does not stay here. */
  const known = new Map<string, [raw: Text, entry: Entry]>()
  const remember = (name: string, raw: Text, entry: Entry | null | undefined): void => {
    known.delete(name)
    if (entry && raw!.length < MOST && known.size < MOST) known.set(name, [raw, entry])
  }
  const decode = (name: string, raw: Text): Entry | undefined => {
    const last = known.get(name)
    if (last && last[0] === raw) return last[1]
    const entry = decodeEntry(name, raw)
    remember(name, raw, entry)
    return entry
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
      return asked.map((name) => decode(name, get(name)))
    },
    write(changes) {
      /** To look costs a question to another process for cookies: not again before something is changed. */
      let get: ReturnType<typeof look> | undefined
      return changes.map((change): Outcome => {
        const { name } = change
        try {
          const see = (get ??= look())
          return settleText(change, see(name), (text, entry) => {
            keep(name, text, entry)
            if (see(name) != text) return new StorageError('refused', `${tier}: did not keep ${name}`)
            remember(name, text, entry && { ...entry })
            return
          }, decode)
        } catch (cause) {
          get = undefined
          return asTierError(cause, tier)
        }
      })
    },
    names,
    usage: usage ?? ((prefix) => ({ bytes: names(prefix).map((name) => name + look()(name)).join('').length })),
    close: () => known.clear(),
  }
}
