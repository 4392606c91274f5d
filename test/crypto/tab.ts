import { webcrypto } from 'node:crypto'
import type { CryptoEnv } from '../../src/crypto/index.js'

/** A tab of a browser: an env of its own over what tabs share. */
export const tab = (shared: CryptoEnv = {}): CryptoEnv => ({ crypto: webcrypto as unknown as CryptoEnv['crypto'], ...shared })

/** Locks as one browser has them: whoever asks for a name waits for who has it. */
export const sharedLocks = () => {
  const last = new Map<string, Promise<unknown>>()
  const asked: string[] = []
  const request = (name: string, run: () => Promise<unknown>): Promise<unknown> => {
    asked.push(name)
    const turn = (last.get(name) ?? Promise.resolve()).then(run, run)
    last.set(name, turn)
    return turn
  }
  return { asked, navigator: { locks: { request } } as unknown as CryptoEnv['navigator'] }
}

/** What a promise rejects with; a test fails where it does not reject. */
export const rejectionOf = async (promise: Promise<unknown>): Promise<Error & { code?: string }> => {
  const answer = await promise.then(
    () => undefined,
    (error: Error) => error,
  )
  if (!answer) throw new Error('it did not reject')
  return answer
}
