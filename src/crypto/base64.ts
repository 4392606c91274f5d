/** RFC 4648 §4. A cookie takes each of its characters as one byte (RFC 6265 §4.1.1). */
export const toText = (bytes: Uint8Array): string => {
  let text = ''
  // Not all at once: a large value has more bytes than a call may have arguments. `apply`: a spread takes ten times as long.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode.apply(null, bytes.subarray(at, at + 8192) as never)
  return btoa(text)
}

/** No bytes: it is no text of ours. Another spelling of the same bytes, which `atob` allows, is none either. */
export const fromText = (text: string | null | undefined): Uint8Array<ArrayBuffer> => {
  let binary = ''
  try {
    binary = atob(text!)
  } catch {}
  const bytes = new Uint8Array(btoa(binary) === text ? binary.length : 0)
  // Not `map`: that takes four times as long.
  for (let at = bytes.length; at--; ) bytes[at] = binary.charCodeAt(at)
  return bytes
}
