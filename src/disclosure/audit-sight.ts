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
  readonly document?: { readonly cookie: string } | undefined
  readonly navigator?: { readonly cookieEnabled?: boolean } | undefined
  readonly cookieStore?: { getAll(): Promise<readonly { name?: string; expires?: number | null }[]> } | undefined
  readonly localStorage?: Storage | null | undefined
  readonly sessionStorage?: Storage | null | undefined
  readonly indexedDB?: IDBFactory | undefined
  readonly setTimeout?: ((run: () => void, ms: number) => unknown) | undefined
}

/**
 * Lists what is kept, and changes nothing. It stands alone: the audit from outside runs its text in a page, so nothing
 * from without may be named in it.
 */
export const look = async (env: SightEnv, patience: number): Promise<Sight> => {
  const kept: Kept[] = []
  const unreadable: Unreadable[] = []
  const attempt = async (areas: readonly Area[], list: () => unknown): Promise<void> => {
    try {
      // A browser may never answer.
      const late = new Promise((_, reject) => (env.setTimeout ?? setTimeout)(() => reject(new Error(`no answer in ${patience} ms`)), patience))
      await Promise.race([list(), late])
    } catch (error) {
      const { name, message } = error as Error
      for (const area of areas) unreadable.push({ area, reason: `${name}: ${message}` })
    }
  }
  const settled = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error as Error)
    })

  const listCookies = async (): Promise<void> => {
    const pairs = env.document!.cookie.split('; ').filter(Boolean)
    if (!pairs.length && env.navigator?.cookieEnabled === false) throw new Error('cookies are switched off')
    const expiries = new Map<string, number | null>()
    const told = await Promise.resolve(env.cookieStore?.getAll()).catch(() => undefined)
    // Of twins the one that stays longest; some browsers do not tell.
    for (const { name, expires } of told ?? []) if (name !== undefined && expires !== undefined) expiries.set(name, Math.max(expires ?? 0, expiries.get(name) ?? 0) || null)
    for (const pair of pairs) {
      const at = pair.indexOf('=')
      const [name, text] = at < 0 ? ['', pair] : [pair.slice(0, at), pair.slice(at + 1)]
      const expires = expiries.get(name)
      kept.push({ area: 'cookie', name, ...((text.startsWith('hf1') || name.includes('|')) && { text }), ...(expires !== undefined && { expires }) })
    }
  }
  const listArea = (area: 'localStorage' | 'sessionStorage') => (): void => {
    const found = env[area]!
    for (let index = 0; index < found.length; index++) {
      const name = found.key(index)!
      const text = found.getItem(name) ?? ''
      kept.push({ area, name, ...(text.startsWith('hf1') && { text }) })
    }
  }
  const listRecords = async (database: IDBDatabase): Promise<void> => {
    database.onversionchange = () => database.close()
    try {
      if (!database.objectStoreNames.contains('entries')) return
      const store = database.transaction('entries').objectStore('entries')
      const [names, records] = await Promise.all([settled(store.getAllKeys()), settled<{ raw?: unknown }[]>(store.getAll())])
      names.forEach((name, index) => kept.push({ area: 'indexedDB', name: String(name), text: String(records[index]?.raw) }))
    } finally {
      database.close()
    }
  }
  const listDatabases = async (): Promise<void> => {
    const factory = env.indexedDB!
    for (const { name } of await factory.databases()) {
      kept.push({ area: 'database', name: String(name) })
      // Only our own are opened: a connection to somebody else's may be in their way.
      if (!name?.startsWith('holdfast.')) continue
      await attempt(['indexedDB'], async () => {
        const request = factory.open(name)
        // It has just gone: then it is not made anew.
        request.onupgradeneeded = () => request.transaction!.abort()
        await listRecords(await settled(request))
      })
    }
  }
  await attempt(['cookie'], listCookies)
  await attempt(['localStorage'], listArea('localStorage'))
  await attempt(['sessionStorage'], listArea('sessionStorage'))
  await attempt(['database', 'indexedDB'], listDatabases)
  return { kept, unreadable }
}
