import type { Found } from './chain.js'
import { isStorageError, StorageError } from './errors.js'
import type { Codec } from './json.js'
import type { Way } from './options.js'

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
    if (typeof text !== 'string' || /\p{Cs}/u.test(text)) throw new StorageError('unencodable', key + ': no text, or a lone surrogate')
    return text
  },
  /** What the rule asks of it, before it is written. */
  async admit({ key, refinement: { check, wrap } }: Way, text: string): Promise<string> {
    try {
      await check?.(codec.decode(text))
    } catch (cause) {
      throw new StorageError('unencodable', key + ': not as its schema says', { cause })
    }
    return wrap ? wrap(text) : text
  },
  /** `undefined`: there is none, or none that can be read. */
  async decode({ key, refinement: { read } }: Way, { text, newest }: Found): Promise<Value | undefined> {
    try {
      if (text !== undefined) return read ? await read(text, codec.decode) : { value: codec.decode(text) }
    } catch {
      corrupt(key, newest!.link.tier.name)
    }
    return
  },
})

export type Values = ReturnType<typeof createValues>
