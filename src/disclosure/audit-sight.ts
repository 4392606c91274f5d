import type { Area } from './physical.js'

/** One thing that is kept, by its name. */
export interface Kept {
  area: Area
  name: string
  /** What it holds, where that may be an entry of holdfast's or a piece of one: it tells how long, and goes nowhere. */
  text?: string
  /** When the browser will drop it, in ms since 1970, or `null`: when it closes. `undefined`: it does not tell. */
  expires?: number | null
  /** Of a cookie, where the browser tells. */
  domain?: string
}

/** An area that could not be listed, and why. */
export interface Unreadable {
  area: Area
  reason: string
}

/** What a page can see of what it keeps. */
export interface Sight {
  kept: Kept[]
  unreadable: Unreadable[]
}

/** What `look` looks up: each may be absent, null, throwing or half there. */
export interface SightEnv {
  readonly parent?: unknown
  readonly document?: { readonly cookie: string } | undefined
  readonly navigator?: { readonly cookieEnabled?: boolean } | undefined
  readonly cookieStore?: { getAll(): Promise<readonly { name?: string; expires?: number | null }[]> } | undefined
  readonly localStorage?: Storage | null | undefined
  readonly sessionStorage?: Storage | null | undefined
  readonly indexedDB?: IDBFactory | undefined
  readonly setTimeout?: ((run: () => void, ms: number) => unknown) | undefined
}

type Add = (kept: Kept) => void

/** Each of these stands alone: the audit from outside runs its text in a page, so nothing from without may be named in it. */
const lists = {
  async cookies(env: SightEnv, add: Add): Promise<void> {
    const pairs = env.document!.cookie.split('; ').filter(Boolean)
    // Where cookies are blocked, Chromium shows it by other storage alone; WebKit shows it by nothing.
    const blocked = (): boolean => {
      try {
        return env.navigator?.cookieEnabled === false || (env.localStorage, false)
      } catch {
        return true
      }
    }
    if (!pairs.length && blocked()) throw new Error('cookies are blocked')
    const expiries = new Map<string, number | null>()
    const told = await Promise.resolve(env.cookieStore?.getAll()).catch(() => undefined)
    // Of twins the one that stays longest; some browsers do not tell.
    for (const { name, expires } of told ?? []) if (name !== undefined && expires !== undefined) expiries.set(name, Math.max(expires ?? 0, expiries.get(name) ?? 0) || null)
    for (const pair of pairs) {
      const at = pair.indexOf('=')
      const [name, text] = at < 0 ? ['', pair] : [pair.slice(0, at), pair.slice(at + 1)]
      const expires = expiries.get(name)
      add({ area: 'cookie', name, ...((text.startsWith('hf1') || name.includes('|')) && { text }), ...(expires !== undefined && { expires }) })
    }
  },
  async webStorage(env: SightEnv, add: Add, area: 'localStorage' | 'sessionStorage'): Promise<void> {
    const found = env[area]!
    for (let index = 0; index < found.length; index++) {
      const name = found.key(index)!
      const text = found.getItem(name) ?? ''
      add({ area, name, ...(text.startsWith('hf1') && { text }) })
    }
  },
  async databases(env: SightEnv, add: Add): Promise<void> {
    const all = await env.indexedDB!.databases()
    // As WebKit does in a frame of another site, whatever is there.
    if (!all.length && (env.parent ?? env) !== env) throw new Error('none is listed, but in a frame that may be withheld')
    for (const { name } of all) add({ area: 'database', name: String(name) })
  },
  /** Of one of our own: a connection to somebody else's may be in their way. */
  async records(env: SightEnv, add: Add, name: string): Promise<void> {
    const settled = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error as Error)
      })
    const request = env.indexedDB!.open(name)
    // It has just gone: then it is not made anew.
    request.onupgradeneeded = () => request.transaction!.abort()
    const database = await settled(request)
    database.onversionchange = () => database.close()
    try {
      if (!database.objectStoreNames.contains('entries')) return
      const store = database.transaction('entries').objectStore('entries')
      const [names, records] = await Promise.all([settled(store.getAllKeys()), settled<{ raw?: unknown }[]>(store.getAll())])
      names.forEach((name, index) => add({ area: 'indexedDB', name: String(name), text: String(records[index]?.raw) }))
    } finally {
      database.close()
    }
  },
}

const lookWith = async (env: SightEnv, patience: number, { cookies, webStorage, databases, records }: typeof lists): Promise<Sight> => {
  const kept: Kept[] = []
  const unreadable: Unreadable[] = []
  const attempt = async (areas: readonly Area[], list: (add: Add) => Promise<void>): Promise<void> => {
    const found: Kept[] = []
    try {
      // A browser may never answer.
      const late = new Promise((_, reject) => (env.setTimeout ?? setTimeout)(() => reject(new Error(`no answer in ${patience} ms`)), patience))
      await Promise.race([list((one) => found.push(one)), late])
    } catch (error) {
      const { name, message } = error as Error
      for (const area of areas) unreadable.push({ area, reason: `${name}: ${message}` })
    }
    kept.push(...found)
  }
  await attempt(['cookie'], (add) => cookies(env, add))
  await attempt(['localStorage'], (add) => webStorage(env, add, 'localStorage'))
  await attempt(['sessionStorage'], (add) => webStorage(env, add, 'sessionStorage'))
  await attempt(['database', 'indexedDB'], (add) => databases(env, add))
  for (const { area, name } of [...kept]) if (area === 'database' && name.startsWith('holdfast.')) await attempt(['indexedDB'], (add) => records(env, add, name))
  return { kept, unreadable }
}

/** Lists what is kept, and changes nothing. */
export const look = (env: SightEnv, patience: number): Promise<Sight> => lookWith(env, patience, lists)

/** The same as an expression, for a page in which this package is not. */
export const lookText = (patience: number): string => {
  // A method's text is none of a function: it wants its object around it.
  const parts = Object.entries(lists).map(([name, list]) => `${name}: ({ ${list} }).${name}`)
  return `(${lookWith})(globalThis, ${patience}, { ${parts.join(', ')} })`
}
