import type { MaybePromise } from './contracts.js'
import type { Rule } from './rule.js'

/** What a rule asks of a value on its way in and out, beside the codec. */
export interface Refinement {
  /** Rejects where the value is none that the rule declares. */
  check?(value: unknown): Promise<unknown>
  /** Writes the version of its form before the text. */
  wrap?(text: string): string
  /** Answers the value, and whether it was made of one of an earlier version. Rejects where it is none. */
  read?(text: string, decode: (text: string) => unknown): Promise<{ value: unknown; migrated: boolean }>
}

const known = /* @__PURE__ */ new WeakMap<object, Refinement>()

/** `undefined`: it did not go through `defineKeys`, so that nobody checked it. */
export const refinementOf = (rule: Rule): Refinement | undefined => known.get(rule)

/** A version's mark. No text of JSON begins like that. */
const MARKED = /^(\d+)~(.*)$/s

/** Made by `defineKeys`, so that a storage without a registry carries nothing of it. */
export const refine = (rule: Rule): void => {
  const { version = 0, migrate, schema } = rule
  const check = async (value: unknown): Promise<unknown> => {
    const result = await schema!['~standard'].validate(value)
    // What its messages say may hold the value.
    if (result.issues) throw new TypeError('not as its schema says')
    return result.value
  }
  const current = (value: unknown, from: number): MaybePromise<unknown> => {
    if (from === version) return value
    if (from > version || !migrate) throw new RangeError('of version ' + from)
    return migrate(value, from)
  }
  known.set(rule, {
    ...(schema && { check }),
    ...(version && { wrap: (text) => version + '~' + text }),
    ...((version || schema) && {
      async read(text, decode) {
        const [, mark = 0, rest = text] = (version && MARKED.exec(text)) || []
        const value = await current(decode(rest), +mark)
        return { value: schema ? await check(value) : value, migrated: +mark !== version }
      },
    }),
  })
}
