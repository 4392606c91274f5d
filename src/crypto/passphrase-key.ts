import { fromText, toText } from './base64.js'
import type { CryptoEnv, SealKey } from './seal-key.js'
import { AES, random, subtleOf, USES, utf8 } from './seal-key.js'

/** What `passphraseKey` takes beside its text. */
export interface PassphraseOptions {
  /** Rounds of PBKDF2 for what is sealed from now on, 1 to 10,000,000. Default 600,000 (OWASP). */
  iterations?: number
  env?: CryptoEnv
}

/** Derived keys that a page remembers. */
const REMEMBERED = 16

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
  if (typeof text !== 'string' || !text) throw new TypeError('text: no passphrase')
  if (!(Number.isInteger(iterations) && iterations > 0 && iterations <= 1e7)) throw new RangeError('iterations: not 1 to 10000000')
  const derived = new Map<string, Promise<CryptoKey>>()
  let own: string | undefined

  const fresh = (): string => (own = iterations + '-' + toText(random(env, 16)))

  const find = async (id: string): Promise<CryptoKey | undefined> => {
    const [rounds, salt = ''] = id.split('-') as [string, string?]
    const bytes = fromText(salt)
    if (!(bytes.length && +rounds > 0 && +rounds <= iterations * 4)) return
    const subtle = subtleOf(env)
    if (derived.size > REMEMBERED) derived.clear()
    const deriving =
      derived.get(id) ??
      subtle
        // The same letters from every keyboard.
        .importKey('raw', utf8(text.normalize('NFKC')), 'PBKDF2', false, ['deriveKey'])
        .then((base) => subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt: bytes, iterations: +rounds }, base, AES, false, USES))
    derived.set(id, deriving)
    return deriving
  }

  return {
    async current() {
      const id = own ?? fresh()
      return { id, key: (await find(id))! }
    },
    find,
    opened(id) {
      // One salt for all tabs and pages, so that each derives once. It is of this passphrase: it opened a text.
      if (parseInt(id) >= iterations) own ??= id
    },
    async rotate() {
      fresh()
    },
  }
}
