import { StorageError } from './errors.js'

/** Turns values into text and back; text must come back as an equal value of the same type. */
export interface Codec {
  encode(value: unknown): string
  decode(text: string): unknown
}

/** Throws where JSON would drop or change something, naming its path. */
const check = (value: unknown, path: string, above: readonly unknown[]): void => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || (Number.isFinite(value) && !Object.is(value, -0))) return
  const keys = typeof value === 'object' && !above.includes(value) && Object.keys(value)
  const list = Array.isArray(value)
  // Plain is what has a prototype without one: each frame has an Object of its own. Holes, symbols and hidden properties get lost.
  const plain = keys && (list || (Object.getPrototypeOf(value) && !Object.getPrototypeOf(Object.getPrototypeOf(value))))
  if (!plain || Reflect.ownKeys(value!).length !== keys.length + +list || (list && `${keys}` !== `${[...value.keys()]}`)) throw new StorageError('unencodable', path + ' does not survive JSON')
  for (const key of keys) check((value as Record<string, unknown>)[key], path + (list ? `[${key}]` : '.' + key), [...above, value])
}

/** What JSON keeps exactly; the rest is refused. */
export const json: Codec = {
  encode(value) {
    check(value, 'value', [])
    return JSON.stringify(value)
  },
  decode: JSON.parse,
}
