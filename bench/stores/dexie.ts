import { Dexie, type EntityTable } from 'dexie'
import type { MakeStore } from './store.js'

export const make: MakeStore = () => {
  const database = new Dexie('bench') as Dexie & { entries: EntityTable<{ key: string; value: string }, 'key'> }
  database.version(1).stores({ entries: 'key' })
  return {
    set: (key, value) => database.entries.put({ key, value }),
    get: async (key) => (await database.entries.get(key))?.value,
    setMany: (entries) => database.entries.bulkPut(entries.map(([key, value]) => ({ key, value }))),
    getMany: (keys) => database.entries.bulkGet([...keys]),
    keys: () => database.entries.toCollection().primaryKeys(),
  }
}
