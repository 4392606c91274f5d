/** Values of 200 bytes, as a token is; the same ones in each run. */

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

let state = 1

/** Numbers without a pattern that a compression would find (mulberry32). */
function random(): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

export function textOf(length: number): string {
  return Array.from({ length }, () => LETTERS[Math.floor(random() * 64)]).join('')
}

const tokens = Array.from({ length: 97 }, () => textOf(200))

/** What stands under the key of that number after so many rounds of writing. */
export function token(index: number, round = 0): string {
  return tokens[(index * 7 + round) % tokens.length]!
}
