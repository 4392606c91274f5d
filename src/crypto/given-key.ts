import type { CryptoEnv, GivenKey, SealKey } from './seal-key.js'
import { importAes } from './seal-key.js'

/** A caller's key as `aesGcm` uses it. */
export const givenKey = ({ id, key }: GivenKey, env: CryptoEnv): SealKey => {
  if (/^[!--/-~]{1,64}$/.exec(id)?.[0] !== id) throw new RangeError("keys.id: not like 'k1'")
  const bytes = ArrayBuffer.isView(key) && Uint8Array.from(key)
  if (bytes ? bytes.length !== 32 : ((key as CryptoKey | undefined)?.algorithm as AesKeyAlgorithm | undefined)?.length !== 256) throw new TypeError('keys.key: not of 256 bits')
  const find = async (asked: string): Promise<CryptoKey | undefined> => (asked !== id ? undefined : bytes ? importAes(env, bytes) : (key as CryptoKey))
  return { find, current: async () => ({ id, key: (await find(id))! }) }
}
