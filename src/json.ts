import { StorageError } from './errors.js'

/** Turns values into text and back; text must come back as an equal value of the same type. */
export interface Codec {
  encode(value: unknown): string
  decode(text: string): unknown
}

const unencodable = (path: string, what: string): StorageError =>
  new StorageError('unencodable', `${path}: ${what} does not survive JSON; give a codec or another form`)

/** Throws where JSON would drop or change something. Prototypes are compared by depth, because values come from other frames too. */
const check = (value: unknown, path: string, above: readonly object[]): void => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Object.is(value, -0)) throw unencodable(path, Object.is(value, -0) ? '-0' : String(value))
    return
  }
  if (typeof value !== 'object') throw unencodable(path, typeof value)
  if (above.includes(value)) throw unencodable(path, 'a cycle')
  const list = Array.isArray(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!list && (!prototype || Object.getPrototypeOf(prototype))) throw unencodable(path, 'an object that is not plain')
  const names = Object.keys(value)
  // Holes, symbols and hidden properties are lost on the way.
  if (Reflect.ownKeys(value).length !== names.length + +list || (list && names.length !== value.length)) throw unencodable(path, 'a hole or a hidden property')
  for (const name of names) check((value as Record<string, unknown>)[name], list ? `${path}[${name}]` : `${path}.${name}`, [...above, value])
}

/** What JSON keeps exactly; the rest is refused, naming its path. */
export const json: Codec = {
  encode(value) {
    check(value, 'value', [])
    return JSON.stringify(value)
  },
  decode: (text) => JSON.parse(text) as unknown,
}
