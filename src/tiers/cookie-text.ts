/** RFC 6265 §4.1.1: what is not a cookie-octet, and `%` itself, is percent-encoded (WebKit mangles the rest). */
export const encodeValue = (text: string): string => text.replace(/[^!#$&-+\--:<-[\]-~]/gu, encodeURIComponent)

/** A cookie's name is a token (RFC 2616 §2.2). */
export const encodeName = (text: string): string => text.replace(/[^!#$&'*+\-.0-9A-Z^_`a-z|~]/gu, encodeURIComponent)

/** Text that was not encoded by us stays as it is. */
export const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export type Pair = readonly [name: string, value: string]

/** The pairs of a Cookie header or of `document.cookie`, in its order, twins included, still encoded. */
export const parsePairs = (header: string): Pair[] =>
  header.split(/; */).flatMap((part): Pair[] => {
    const at = part.indexOf('=')
    return at < 0 ? [] : [[part.slice(0, at), part.slice(at + 1)]]
  })

/** What browsers take: name and value together, in bytes of UTF-8; attributes do not count. */
export const COOKIE_BYTES = 4096

const HEADER = 'hfc.'

/**
 * Cuts an encoded value that is too large into cookies of one generation, the header last: it carries count,
 * generation and checksum, so that a torn or mixed set reads as damaged, never as something else (H13). A piece
 * begins with `+`: it is no entry of its own.
 */
export const cut = (name: string, value: string, generation: string): Pair[] => {
  const size = COOKIE_BYTES - name.length - generation.length - 7
  const pieces: Pair[] = []
  for (let at = 0; at < value.length; at += size) pieces.push([`${name}~${generation}.${pieces.length}`, '+' + value.slice(at, at + size)])
  return [...pieces, [name, HEADER + [pieces.length, generation, value.split('.')[1]].join('.')]]
}

/** Whether a cookie is a piece of a cut value of this name. */
export const isPiece = (name: string, [other]: Pair): boolean => other.startsWith(name + '~')

/** The decoded text of a pair; a cut one is put together, and is `hf1` alone where a piece is missing. */
export const join = (pairs: readonly Pair[], [name, value]: Pair): string => {
  if (!value.startsWith(HEADER)) return decode(value)
  const [, count, generation, sum] = value.split('.')
  const pieces: (string | undefined)[] = []
  for (let index = 0; index < +count! && index < 99; index++) {
    const [, piece] = pairs.find(([other]) => other === `${name}~${generation}.${index}`) ?? []
    pieces.push(piece?.startsWith('+') ? piece.slice(1) : undefined)
  }
  const whole = pieces.includes(undefined) ? '' : pieces.join('')
  return whole.split('.')[1] === sum ? decode(whole) : 'hf1'
}
