import type { Env } from 'holdfast'
import { JSDOM } from 'jsdom'

/** The storage objects of a page in jsdom, as an `env` for the tiers. */
export const storageObjects = (url = 'https://www.brand.test/'): { localStorage: Storage; sessionStorage: Storage } => {
  const { localStorage, sessionStorage } = new JSDOM('', { url }).window
  return { localStorage, sessionStorage }
}

/** What a storage object holds, by name. */
export const contentsOf = (area: Storage): Record<string, string> => Object.fromEntries(Array.from({ length: area.length }, (_, index) => [area.key(index)!, area.getItem(area.key(index)!)!]))

/** A page in which the named globals throw when they are looked at, as where the user blocks them. */
export const blocked = (...names: (keyof Env)[]): Env => {
  const env = {}
  for (const name of names)
    Object.defineProperty(env, name, {
      get() {
        throw new DOMException('Access is denied for this document.', 'SecurityError')
      },
    })
  return env
}
