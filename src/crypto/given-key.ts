import type { CryptoEnv, GivenKey, SealKey } from './seal-key.js'
import { importAes } from './seal-key.js'

/** A caller's key as `aesGcm` uses it. */
export const givenKey = ({ id, key }: GivenKey, env: CryptoEnv): SealKey => {
  if (/^[!--/-~]{1,64}$/.exec(id)?.[0] !== id) throw new RangeError('keys.id: not like k1')
  let bytes = ArrayBuffer.isView(key) && Uint8Array.from(key)
  if ((bytes ? bytes.length * 8 : ((key as CryptoKey | undefined)?.algorithm as AesKeyAlgorithm | undefined)?.length) !== 256) throw new TypeError('keys.key: not of 256 bits')
  return {
    current: async () => id,
    async find(asked) {
      if (asked !== id) return
      // Once: to import costs as much as to seal.
      if (bytes) key = await importAes(env, bytes)
      bytes = false
      return key as CryptoKey
    },
  }
}
