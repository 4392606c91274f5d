/** Codes that let the next tier take over. `quota` and `too-large` concern one write; the others take the tier down. */
export type TierCode = 'unavailable' | 'quota' | 'too-large' | 'timeout' | 'lost' | 'refused'

/** Stable: part of the API, unlike the messages. */
export type Code = TierCode | 'no-tier' | 'unencodable' | 'unknown-key' | 'locked' | 'closed'

/** Why a tier did not take part; `lifetime`, `secret` and `reach` are the rule's reasons, not failures. */
export interface Attempt {
  tier: string
  code: Code | 'lifetime' | 'secret' | 'reach'
  message: string
}

/**
 * The one error of this package; told apart by `isStorageError`, never by `instanceof`, because frames and
 * duplicate bundles exist. Its message names keys and tiers, never a value.
 *
 * @example
 * import { StorageError } from 'holdfast'
 * const error = new StorageError('quota', 'disk: full', { cause: new Error('ENOSPC') })
 * error.code // => 'quota'
 */
export class StorageError extends Error {
  declare readonly code: Code
  /** Each tier that was tried, in order, and its reason. */
  declare readonly attempts: readonly Attempt[]
  /** The brand that crosses frames and bundles. */
  declare readonly holdfast: true

  constructor(code: Code, message: string, { cause, attempts = [] }: { cause?: unknown; attempts?: readonly Attempt[] } = {}) {
    super(message)
    Object.assign(this, { name: 'StorageError', code, attempts, holdfast: true }, cause !== undefined && { cause })
  }
}

/**
 * Whether a caught value is a `StorageError`, also one of another frame or another copy of this package.
 *
 * @example
 * import { isStorageError, StorageError } from 'holdfast'
 * isStorageError(new StorageError('closed', 'closed')) // => true
 * isStorageError(new Error('closed')) // => false
 */
export const isStorageError = (value: unknown): value is StorageError => !!(value as StorageError | undefined)?.holdfast

const FALLS_THROUGH = ['unavailable', 'quota', 'too-large', 'timeout', 'lost', 'refused']

/** `quota` and `too-large` are about one write: the tier itself is well. */
export const aboutOneWrite = ({ code }: StorageError): boolean => code === 'quota' || code === 'too-large'

/**
 * What a tier threw, as an error of ours: mapped by its name, with its cause. Its message is not repeated,
 * because a custom tier may have put a value into it.
 */
export const asTierError = (cause: unknown, tier: string): StorageError => {
  if (isStorageError(cause) && FALLS_THROUGH.includes(cause.code)) return cause
  const name = (cause as Error | undefined)?.name
  return new StorageError(name === 'QuotaExceededError' ? 'quota' : name === 'InvalidStateError' ? 'lost' : 'unavailable', `${tier}: ${name}`, { cause })
}
