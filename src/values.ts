import type { Found } from './route.js'
import type { MaybePromise } from './contracts.js'
import { isStorageError, StorageError } from './errors.js'
import type { Codec } from './json.js'
import type { Way } from './options.js'
import { LONE } from './options.js'

/** A value that was read, and whether it was made of one of an earlier version. */
export interface Value {
  value: unknown
  migrated?: boolean
}

/** Values as text and back, as the codec and the key's rule say. */
export const createValues = (codec: Codec, corrupt: (key: string, tier: string) => void) => ({
  /** The text as it is now, whatever the caller does to the value later. */
  encode(key: string, value: unknown): string {
    let text
    try {
      text = codec.encode(value)
    } catch (cause) {
      throw isStorageError(cause) ? cause : new StorageError('unencodable', key + ': not encoded', { cause })
    }
    if (typeof text !== 'string' || LONE.test(text)) throw new StorageError('unencodable', key + ': no text, or a lone surrogate')
    return text
  },
  /** What the rule asks of it, before it is written. */
  admit({ key, refinement: { check, wrap } }: Way, text: string): MaybePromise<string> {
    const form = wrap ? wrap(text) : text
    return check
      ? Promise.resolve(text).then((text) => check(codec.decode(text))).then(
          () => form,
          (cause: unknown) => {
            throw new StorageError('unencodable', key + ': not as its schema says', { cause })
          },
        )
      : form
  },
  /** `undefined`: there is none, or none that can be read. */
  decode({ key, refinement: { read } }: Way, { text, newest }: Found): MaybePromise<Value | undefined> {
    const failed = (): undefined => corrupt(key, newest!.link.tier.name) as undefined
    if (text === undefined) return
    try {
      return read ? read(text, codec.decode).catch(failed) : { value: codec.decode(text) }
    } catch {
      return failed()
    }
  },
})

export type Values = ReturnType<typeof createValues>
