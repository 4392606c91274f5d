import type { Entry, Lifetime } from './contracts.js'

const LIFETIMES: readonly Lifetime[] = ['page', 'tab', 'session', 'device']

/** Stamps are whole multiples of 1/2048 below 2^42, so that they are exact as numbers and as text. */
export const FRACTIONS = 2048

/** FNV-1a over UTF-16 units: tells a truncated or mixed text, not a forged one. It covers the name. */
const checksum = (text: string): string => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return (hash >>> 0).toString(32)
}

const digits = (value: number | undefined): string => (value === undefined ? '' : value.toString(32))
const number = (text: string): number | undefined => (text ? parseInt(text, 32) : undefined)

/**
 * One versioned form for text tiers and cookies: `hf1` lifetime `.` checksum `.` stamp `.` expires `.` retain `.` text.
 * Lifetimes 0 to 3 carry a value, 4 to 7 a tombstone.
 */
export const encodeEntry = (name: string, { text, stamp, lifetime, expires, retain }: Entry): string => {
  const kind = LIFETIMES.indexOf(lifetime) + (text === null ? 4 : 0)
  const body = `${digits(stamp * FRACTIONS)}.${digits(expires)}.${digits(retain)}.${text ?? ''}`
  return `hf1${kind}.${checksum(kind + name + '\n' + body)}.${body}`
}

/** Text of this version, damaged or not, or the header of a cut one (`hfc`). Foreign text and a newer version's is not ours to remove. */
export const isOurs = (raw: string): boolean => /^hf[1c]/.test(raw)

const CORRUPT: Entry = { text: null, stamp: 0, lifetime: 'page', corrupt: true }

/** `null` and `undefined` stay absent; what does not parse is marked `corrupt`, never thrown. */
export const decodeEntry = (name: string, raw: string | null | undefined): Entry | undefined => {
  if (raw == null) return
  const parts = /^hf1([0-7])\.(\w+)\.((\w+)\.(\w*)\.(\w*)\.([^]*))$/.exec(raw)
  if (!parts || parts[2] !== checksum(parts[1] + name + '\n' + parts[3])) return CORRUPT
  const kind = +parts[1]!
  const entry: Entry = { text: kind > 3 ? null : parts[7]!, stamp: number(parts[4]!)! / FRACTIONS, lifetime: LIFETIMES[kind % 4]! }
  const expires = number(parts[5]!)
  const retain = number(parts[6]!)
  if (expires !== undefined) entry.expires = expires
  if (retain !== undefined) entry.retain = retain
  return entry
}
