import { fromText } from './base64.js'
import type { CryptoEnv, SealKey } from './seal-key.js'
import { KIND, random, subtleOf, utf8 } from './seal-key.js'

/** What `passphraseKey` takes beside its text. */
export interface PassphraseOptions {
  /** Rounds of PBKDF2 for what is sealed from now on, 1 to 10,000,000. Default 600,000 (OWASP). */
  iterations?: number
  env?: CryptoEnv
}

/**
 * Keys that are made from a passphrase by PBKDF2 with SHA-256 (RFC 8018), and kept nowhere. Rounds and salt stand in
 * each text; one that asks for more than four times the `iterations` is not opened, because it would stop the page.
 * Throws a TypeError or RangeError that names the argument.
 *
 * @example
 * import { aesGcm, passphraseKey } from 'holdfast/crypto'
 * const seal = aesGcm(passphraseKey('correct horse battery staple'))
 * const sealed = await seal.seal('eyJhbGciOi', 'acme-chat.token')
 * await seal.open(sealed, 'acme-chat.token') // => 'eyJhbGciOi'
 */
export const passphraseKey = (text: string, { iterations = 600_000, env = globalThis }: PassphraseOptions = {}): SealKey => {
  // The same letters from every keyboard.
  const phrase = text?.normalize?.('NFKC')
  if (!phrase) throw new TypeError('text: no passphrase')
  if (iterations !== iterations >>> 0 || !iterations || iterations > 1e7) throw new RangeError('iterations: not 1 to 1e7')
  let derived: Record<string, Promise<CryptoKey>> = {}
  let own: string | undefined

  const rotate = async (): Promise<string> => (own = iterations + '-' + random(env, 16))

  return {
    current: async () => own ?? rotate(),
    async find(id) {
      const [rounds, salt] = id.split('-') as [string, string?]
      if (!(+rounds > 0 && +rounds <= iterations * 4)) return
      const subtle = subtleOf(env)
      // What a page remembers has an end.
      if (Object.keys(derived)[16]) derived = {}
      return (derived[id] ??= subtle
        .importKey('raw', utf8(phrase), 'PBKDF2', false, ['deriveKey'])
        .then((base) => subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt: fromText(salt), iterations: +rounds }, base, ...KIND)))
    },
    opened(id) {
      // One salt for all tabs and pages, so that each derives once. It is of this passphrase: it opened a text.
      if (parseInt(id) >= iterations) own ??= id
    },
    rotate: rotate as never,
  }
}
