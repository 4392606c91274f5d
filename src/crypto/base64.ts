/** RFC 4648 §4. A cookie takes each of its characters as one byte (RFC 6265 §4.1.1). */
export const toText = (bytes: Uint8Array): string => {
  let text = ''
  // Not as arguments of one call: a large value has more bytes than a stack has room.
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

/** `undefined`: no text of ours. Another spelling of the same bytes, which `atob` allows, is none either. */
export const fromText = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    if (toText(bytes) === text) return bytes
  } catch {}
  return
}
