import type { Secret } from './route.js'
import type { Seal } from './contracts.js'

/** What a sealed text is bound to: under another name or path, or with another stamp, it does not open. */
export const secretOf = (seal: Seal | undefined, name: string, path = ''): Secret => {
  const contextOf = (stamp: number): string => JSON.stringify([name, path, stamp])
  return {
    seal: async (text, stamp) => seal?.seal(text, contextOf(stamp)),
    async open(text, stamp) {
      if (!seal) throw new TypeError('no seal')
      return seal.open(text, contextOf(stamp))
    },
  }
}
