import type { DBSchema, IDBPDatabase } from 'idb'
import { wrap } from 'idb'
import type { Env } from '../contracts.js'
import { asTierError, StorageError } from '../errors.js'

export const STORE = 'entries'

/** What a record holds: the entry in its wire form, and its expiry once more for the index. */
export interface Schema extends DBSchema {
  [STORE]: { key: string; value: { raw: string; expires?: number }; indexes: { expires: number } }
}

export type Database = IDBPDatabase<Schema>

/** How often a lost connection is opened anew before the tier gives up (H7). */
const TRIES = 3

/** The connections of one tier, by the database's name. */
export const createConnections = (env: Env) => {
  const open = new Map<string, Promise<Database | undefined>>()

  /** Version 1 for ever, or an older copy of this package could not open it (H6). Answers `undefined` where a read would have made it. */
  const connect = async (name: string, create: boolean, forget: () => void): Promise<Database | undefined> => {
    if (!env.indexedDB) throw new StorageError('unavailable', 'indexedDB: not in this browser')
    // WebKit leaves an empty database behind where the upgrade is aborted (WebKit bug 313922): asked first, where it can be.
    const known = create ? undefined : await env.indexedDB.databases?.().catch(() => undefined)
    if (known && !known.some((one) => one.name === name && one.version)) return
    const request = env.indexedDB.open(name, 1)
    let absent = false
    request.onupgradeneeded = () => {
      if (create) request.result.createObjectStore(STORE).createIndex('expires', 'expires')
      else {
        absent = true
        request.transaction!.abort()
      }
    }
    try {
      const database = (await wrap(request)) as unknown as Database
      database.onversionchange = () => {
        // Another tab deletes or upgrades: a connection left open would hang it.
        forget()
        database.close()
      }
      database.onclose = forget
      return database
    } catch (error) {
      if (absent) return
      throw error
    }
  }

  const connection = async (name: string, create: boolean): Promise<Database | undefined> => {
    let opening = open.get(name)
    if (!opening) {
      const forget = (): void => {
        if (open.get(name) === opening) open.delete(name)
      }
      opening = connect(name, create, forget)
      open.set(name, opening)
      opening.then((database) => database || forget(), forget)
    }
    const database = await opening
    return database || !create ? database : connection(name, create)
  }

  return {
    /** Retrying on a lost connection is worthless: it is dropped and opened anew. `absent` answers where no database is. */
    async use<T>(name: string, create: boolean, act: (database: Database) => Promise<T>, absent: T): Promise<T> {
      for (let tries = 1; ; tries++) {
        const database = await connection(name, create)
        if (!database) return absent
        try {
          return await act(database)
        } catch (cause) {
          if (asTierError(cause, '').code === 'quota') throw cause
          open.delete(name)
          database.close()
          if (tries === TRIES) throw new StorageError('lost', `indexedDB: lost ${tries} times`, { cause })
        }
      }
    },
    /** Forgets connections that are still being opened: what hangs for ever is tried anew, what answers late still serves who waits. */
    restart: () => open.clear(),
    async close(): Promise<void> {
      const all = [...open.values()]
      open.clear()
      for (const opening of all) (await opening)?.close()
    },
  }
}
