import type { Env } from '../contracts.js'
import { toText } from './base64.js'

/** Where WebCrypto is looked up, too: `subtle` is absent where the page is not https. */
export interface CryptoEnv extends Env {
  readonly crypto?: { getRandomValues(array: Uint8Array<ArrayBuffer>): unknown; readonly subtle?: SubtleCrypto } | undefined
  readonly navigator?: (NonNullable<Env['navigator']> & { readonly locks?: { request(name: string, run: () => Promise<unknown>): Promise<unknown> } | undefined }) | undefined
}

/** A key of the caller's: a server's, say, so that sibling subdomains open each other's cookies. */
export interface GivenKey {
  /** 1 to 64 printable ASCII characters but `.`. It stands in the clear in each text. */
  id: string
  /** 32 bytes, or an AES-GCM key of 256 bits that may encrypt and decrypt. */
  key: CryptoKey | Uint8Array
}

/** Where `aesGcm` has its keys from. What rejects here is told as `locked`. */
export interface SealKey {
  /** The id of the key that seals now; it is made where there is none. */
  current(): Promise<string>
  /** `undefined`: there is none of this id, or no more. Makes nothing. */
  find(id: string): Promise<CryptoKey | undefined>
  /** Told of a key that opened a text. */
  opened?(id: string): void
  /** From now on a new key seals; those before it still open. */
  rotate?: (() => Promise<void>) | undefined
  /** Once all was sealed anew after this page's last `rotate`: forgets the keys that nobody can have sealed with since. */
  retire?: (() => Promise<void>) | undefined
  /** Forgets every key, and leaves no trace. */
  destroy?: (() => Promise<void>) | undefined
  /** The same for one namespace, with keys of its own. */
  within?(namespace: string): SealKey
}

/** The one kind of key, as WebCrypto wants to be told: no script gets the bytes out of it again. */
export const KIND: [AesKeyAlgorithm, boolean, KeyUsage[]] = [{ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']]

/** Where there is none it throws, or what it answers does when it is used. */
export const subtleOf = (env: CryptoEnv): SubtleCrypto => env.crypto!.subtle!

export const importAes = (env: CryptoEnv, bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> => subtleOf(env).importKey('raw', bytes, ...KIND)

/** In base64. */
export const random = (env: CryptoEnv, length: number): string => toText(env.crypto!.getRandomValues(new Uint8Array(length)) as Uint8Array)

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
