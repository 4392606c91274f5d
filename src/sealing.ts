import { batched } from './answer.js'
import type { Seal } from './contracts.js'
import type { Secret } from './route.js'

/** Seals and opens the secrets of one storage. What one tick seals goes on together, so that it stays one batch. */
export const createSealing = (seal: Seal | undefined) => {
  const sealAll = batched<[text: string, context: string], PromiseSettledResult<string>>((items) => Promise.allSettled(items.map(async (item) => seal!.seal(...item))))
  /** What a sealed text is bound to: under another name or path, or with another stamp, it does not open. */
  return (name: string, path = ''): Secret => {
    const contextOf = (stamp: number): string => JSON.stringify([name, path, stamp])
    return {
      seal: (text, stamp) =>
        new Promise((resolve, reject) => {
          if (!seal) return resolve(undefined)
          sealAll([text, contextOf(stamp)], (result) => (result.status === 'fulfilled' ? resolve(result.value) : reject(result.reason as Error)))
        }),
      async open(text, stamp) {
        if (!seal) throw new TypeError('no seal')
        return seal.open(text, contextOf(stamp))
      },
    }
  }
}
