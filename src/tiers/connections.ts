import type { Env } from '../contracts.js'
import { StorageError } from '../errors.js'

export const STORE = 'entries'

export const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** The connections of one tier, by the database's name. `gone` hears of each that is no more: the browser, or another tab, may have deleted all. */
export const createConnections = (env: Env, gone?: (name: string) => void) => {
  const open = new Map<string, Promise<IDBDatabase | undefined>>()

  /** Version 1 for ever, or an older copy of this package could not open it (H6). Answers `undefined` where a read would have made it. */
  const connect = async (name: string, create: boolean, forget: () => unknown): Promise<IDBDatabase | undefined> => {
    const factory = env.indexedDB!
    // WebKit leaves an empty database behind where the upgrade is aborted (WebKit bug 313922): asked first; also where no vendor is told, as
    // browsers always do (HTML, 8.10.1.1: "Apple Computer, Inc.", "Google Inc." or none). In a frame of another site it lists none.
    if (!create && /^(Apple|undefined)/.test(`${env.navigator?.vendor}`) && (env.parent ?? env) === env && (await factory.databases?.().catch(() => undefined))?.every((one) => one.name !== name || !one.version)) return
    let absent: boolean | undefined
    const request = factory.open(name, 1)
    request.onupgradeneeded = () => {
      absent = !create
      if (create) request.result.createObjectStore(STORE).createIndex('expires', 'expires')
      else request.transaction!.abort()
    }
    try {
      const database = await answerOf(request)
      database.onclose = forget
      database.onversionchange = () => {
        // Another tab deletes or upgrades: a connection left open would hang it.
        forget()
        database.close()
      }
      return database
    } catch (error) {
      if (!absent) throw error
    }
  }

  /** `undefined` where no database is. Retrying on a lost connection is worthless: it is opened anew, until three were lost (H7). */
  const use = async <T>(name: string, act: (database: IDBDatabase) => Promise<T>, create = false, tries = 3): Promise<T | undefined> => {
    let opening = open.get(name)
    if (!opening) {
      const forget = (): unknown => (gone?.(name), open.get(name) === opening && open.delete(name))
      opening = connect(name, create, forget)
      open.set(name, opening)
      opening.then((database) => database || forget(), forget)
    }
    const database = await opening
    if (!database) return create ? use(name, act, create, tries) : undefined
    try {
      return await act(database)
    } catch (cause) {
      // By now another may be in its place.
      if (open.get(name) === opening) open.delete(name)
      database.close()
      if (tries < 2) throw new StorageError('lost', 'indexedDB: lost', { cause })
      return use(name, act, create, tries - 1)
    }
  }

  /** What hangs for ever is tried anew; what answers late still serves who waits, and is closed then: a connection that is listened to is never collected. */
  const close = (): void => {
    open.forEach((opening) => opening.then((database) => database?.close(), () => {}))
    open.clear()
  }

  return [use, close] as const
}
