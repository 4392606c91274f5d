import type { Entry, Lifetime } from './contracts.js'

export const LIFETIMES: readonly Lifetime[] = ['page', 'tab', 'session', 'device']

/** Stamps are whole multiples of 1/2048 below 2^42, so that they are exact as numbers and as text. */
export const FRACTIONS = 2048

/**
 * One versioned form for text tiers and cookies: `hf1` lifetime `.` checksum `.` stamp `.` expires `.` retain `.` text.
 * Lifetimes 0 to 3 carry a value, 4 to 7 a tombstone.
 */
export const encodeEntry = (name: string, { text, stamp, lifetime, expires, retain }: Entry): string => {
  const kind = LIFETIMES.indexOf(lifetime) + (text === null ? 4 : 0)
  const body = [stamp * FRACTIONS, expires, retain, text].map((part) => (part as number)?.toString(32)).join('.')
  // FNV-1a over code points: tells a truncated or mixed text, not a forged one. It covers the name.
  const covered = kind + name + '\n' + body
  let hash = 0x811c9dc5
  // Not for … of: that makes a string of each, and takes twice the time.
  for (let index = 0, code; index < covered.length; index += code > 0xffff ? 2 : 1) hash = Math.imul(hash ^ (code = covered.codePointAt(index)!), 0x01000193)
  return `hf1${kind}.${(hash >>> 0).toString(32)}.${body}`
}

/** Text of this version, damaged or not. Foreign text and a newer version's is not ours to remove. */
export const isOurs = (raw: string | null | undefined): boolean | undefined => raw?.startsWith('hf1')

const parse = (digits: string | undefined): number => parseInt(digits!, 32)

/** `null` and `undefined` stay absent; what does not encode to the very same text again is marked `corrupt`, never thrown. */
export const decodeEntry = (name: string, raw: string | null | undefined): Entry | undefined => {
  if (raw == null) return
  const [head, , stamp, expires, retain, ...text] = raw.split('.')
  const kind = +head![3]!
  const entry: Entry = { text: kind > 3 ? null : text.join('.'), stamp: parse(stamp) / FRACTIONS, lifetime: LIFETIMES[kind % 4]! }
  if (expires) entry.expires = parse(expires)
  if (retain) entry.retain = parse(retain)
  return encodeEntry(name, entry) === raw ? entry : { text: null, stamp: 0, lifetime: 'page', corrupt: true }
}
