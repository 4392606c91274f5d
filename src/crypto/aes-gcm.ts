import type { Seal } from '../contracts.js'
import { StorageError } from '../errors.js'
import { fromText, toText } from './base64.js'
import { givenKey } from './given-key.js'
import type { CryptoEnv, GivenKey, SealKey } from './seal-key.js'
import { KIND, random, subtleOf, utf8 } from './seal-key.js'

/** What `aesGcm` takes beside its keys. */
export interface AesGcmOptions {
  env?: CryptoEnv
}

/** A seal whose keys come and go; what a kind of key does not have is `undefined`. */
export interface KeyedSeal extends Seal, Pick<SealKey, 'rotate' | 'retire' | 'destroy'> {
  /** The same for one namespace, with keys of its own where they were given no name. */
  within(namespace: string): KeyedSeal
}

const locked = (cause: unknown): StorageError => new StorageError('locked', 'seal: no key, or no https', { cause })

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
 * await seal.open(sealed, 'acme-chat.other').catch((error) => error.message) // => 'seal: does not open'
 */
export const aesGcm = (keys: SealKey | GivenKey | readonly (SealKey | GivenKey)[], { env = globalThis }: AesGcmOptions = {}): KeyedSeal => {
  const sources = [keys].flat().map((key) => ((key as SealKey | undefined)?.find ? (key as SealKey) : givenKey({ ...(key as GivenKey) }, env)))
  // Where there is none, it is refused like one that is none.
  const first = sources[0] ?? givenKey({} as GivenKey, env)
  /** What was opened with which key: to open it again would answer the same, for as long as the key is there. */
  const opened = new Map<string, [key: CryptoKey, text: string]>()
  const crypt = (use: 'encrypt' | 'decrypt', head: string, nonce: string, context: string, key: CryptoKey | undefined, bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> =>
    subtleOf(env)[use]({ ...KIND[0], iv: fromText(nonce), additionalData: utf8(head + context) }, key!, bytes)

  return {
    // Whoever has the seal can do with its key what the seal does.
    ...first,
    id: 'aes-gcm',
    /** `1` for the version, the key's id, `.`, then nonce, ciphertext and tag in base64. */
    async seal(text, context) {
      try {
        const id = await first.current()
        const head = `1${id}.`
        // NIST SP 800-38D §8.2.2 wants 12 random bytes or more.
        const nonce = random(env, 12)
        const key = await first.find(id)
        return head + nonce + toText(new Uint8Array(await crypt('encrypt', head, nonce, context, key, utf8(text))))
      } catch (cause) {
        throw locked(cause)
      }
    },
    async open(sealed, context) {
      // Fits any text: what is damaged is told by its tag.
      const [, head, id, nonce, rest] = /^(.?([^.]*)\.?)(.{0,16})(.*)/s.exec(sealed) as unknown as [string, string, string, string, string]
      const whole = `${context.length}:${context}${sealed}`
      let failure
      for (const source of sources) {
        try {
          const key = await source.find(id)
          let [by, text] = opened.get(whole) ?? []
          if (by !== key || text === undefined) {
            // A tag that does not fit rejects with a DOMException that says nothing, and so does no key.
            const bytes = await crypt('decrypt', head, nonce, context, key, fromText(rest)).catch(() => {})
            if (!bytes) continue
            text = new TextDecoder('utf8', { ignoreBOM: true }).decode(bytes)
            if (opened.size > 999) opened.clear()
            if (sealed.length < 4096) opened.set(whole, [key!, text])
          }
          source.opened?.(id)
          return text
        } catch (cause) {
          failure = locked(cause)
        }
      }
      throw failure ?? new Error('seal: does not open')
    },
    within: (namespace) => aesGcm(sources.map((source) => source.within?.(namespace) ?? source), { env }),
  }
}
