import type { Seal } from '../contracts.js'
import { StorageError } from '../errors.js'
import { fromText, toText } from './base64.js'
import { givenKey } from './given-key.js'
import type { CryptoEnv, GivenKey, SealKey } from './seal-key.js'
import { AES, random, subtleOf, utf8 } from './seal-key.js'

/** What `aesGcm` takes beside its keys. */
export interface AesGcmOptions {
  env?: CryptoEnv
}

/** A seal whose keys come and go; what a kind of key does not have is `undefined`. */
export interface KeyedSeal extends Seal, Pick<SealKey, 'rotate' | 'retire' | 'destroy'> {
  /** The same for one namespace, with keys of its own where they were given no name. */
  within(namespace: string): KeyedSeal
}

/** Bytes; NIST SP 800-38D §8.2.2 wants random ones no shorter. */
const NONCE = 12

const locked = (cause: unknown): StorageError => new StorageError('locked', 'seal: no key, or no crypto.subtle, which wants https', { cause })

/**
 * Seals with AES-256-GCM (NIST SP 800-38D), a fresh nonce for each text. The context is authenticated: a sealed text
 * opens only where it was put. Of several keys the first seals and each opens, which is how another kind of key takes
 * over. Both calls reject with `locked` where there is no `crypto.subtle` or no key can be had now; `open` rejects with
 * another Error where the text is damaged or its key is gone. Throws a TypeError or RangeError for a key that is none.
 *
 * @example
 * import { aesGcm } from 'holdfast/crypto'
 * const seal = aesGcm({ id: 'k1', key: crypto.getRandomValues(new Uint8Array(32)) })
 * const sealed = await seal.seal('eyJhbGciOi', 'acme-chat.token')
 * sealed.slice(0, 4) // => '1k1.'
 * await seal.open(sealed, 'acme-chat.token') // => 'eyJhbGciOi'
 * await seal.open(sealed, 'acme-chat.other').catch((error) => error.message) // => 'sealed text: does not open'
 */
export const aesGcm = (keys: SealKey | GivenKey | readonly (SealKey | GivenKey)[], { env = globalThis }: AesGcmOptions = {}): KeyedSeal => {
  const sources = [keys].flat().map((key) => ((key as SealKey | undefined)?.find ? (key as SealKey) : givenKey({ ...(key as GivenKey) }, env)))
  // Where there is none, it is refused like one that is none.
  const first = sources[0] ?? givenKey({} as GivenKey, env)
  const parameters = (iv: Uint8Array<ArrayBuffer>, head: string, context: string): AesGcmParams => ({ ...AES, iv, additionalData: utf8(head + '.' + context) })

  return {
    id: 'aes-gcm',
    /** `1` for the version, the key's id, `.`, then nonce, ciphertext and tag in base64. */
    async seal(text, context) {
      try {
        const { id, key } = await first.current()
        const nonce = random(env, NONCE)
        const sealed = await subtleOf(env).encrypt(parameters(nonce, '1' + id, context), key, utf8(text))
        return `1${id}.${toText(nonce)}${toText(new Uint8Array(sealed))}`
      } catch (cause) {
        throw locked(cause)
      }
    },
    async open(sealed, context) {
      const head = sealed.split('.')[0]!
      const bytes = fromText(sealed.slice(head.length + 1))
      let failure = new Error('sealed text: does not open')
      for (const source of sources) {
        try {
          const id = head.slice(1)
          const subtle = subtleOf(env)
          const key = await source.find(id)
          // A tag that does not fit rejects with a DOMException that says nothing.
          const text = key && (await subtle.decrypt(parameters(bytes.subarray(0, NONCE), head, context), key, bytes.subarray(NONCE)).catch(() => {}))
          if (text) {
            source.opened?.(id)
            return new TextDecoder('utf-8', { ignoreBOM: true }).decode(text)
          }
        } catch (cause) {
          failure = locked(cause)
        }
      }
      throw failure
    },
    rotate: first.rotate,
    retire: first.retire,
    destroy: first.destroy,
    within: (namespace) => aesGcm(sources.map((source) => source.within?.(namespace) ?? source), { env }),
  }
}
