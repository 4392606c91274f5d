import { answered, byTick, completed, type MakeStore, openDatabase, type Store } from './store.js'

/** IndexedDB by hand, in each of the ways in which it can be asked: what no library on it can beat. */

type Pair = readonly [key: string, value: string]

const RECORDS = 'entries'
const relaxed = { durability: 'relaxed' } as const

const pairwise = (write: (pairs: Pair[]) => Promise<void>): Store['set'] => {
  const put = byTick<Pair, void>(async (pairs) => {
    await write(pairs)
    return []
  })
  return (key, value) => put([key, value])
}

/** One transaction for each operation; with `commit`, it does not wait for the last request's event. */
function each(database: IDBDatabase, commit: boolean): Required<Omit<Store, 'sync' | 'settle'>> {
  const write = (act: (records: IDBObjectStore) => void): Promise<void> => {
    const transaction = database.transaction(RECORDS, 'readwrite', relaxed)
    act(transaction.objectStore(RECORDS))
    if (commit) transaction.commit()
    return completed(transaction)
  }
  const read = <T>(ask: (records: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const transaction = database.transaction(RECORDS)
    const answer = answered(ask(transaction.objectStore(RECORDS)))
    if (commit) transaction.commit()
    return answer
  }
  return {
    set: (key, value) => write((records) => records.put(value, key)),
    get: (key) => read((records) => records.get(key)),
    setMany: (entries) => write((records) => entries.forEach(([key, value]) => records.put(value, key))),
    getMany(keys) {
      const records = database.transaction(RECORDS).objectStore(RECORDS)
      return Promise.all(keys.map((key) => answered(records.get(key))))
    },
    keys: () => read((records) => records.getAllKeys()),
    expire: (entries) => write((records) => entries.forEach(([key, value]) => records.put({ value, expires: 1 }, key))),
    sweep: () =>
      new Promise<void>((resolve, reject) => {
        const transaction = database.transaction(RECORDS, 'readwrite', relaxed)
        const records = transaction.objectStore(RECORDS)
        const found = records.index('expires').getAllKeys(IDBKeyRange.upperBound(Date.now()))
        found.onsuccess = () => found.result.forEach((key) => records.delete(key))
        completed(transaction).then(resolve, reject)
      }),
  }
}

/** One transaction for all of a tick. */
function tick(database: IDBDatabase): ReturnType<typeof each> {
  const { setMany, getMany, ...rest } = each(database, true)
  return {
    ...rest,
    set: pairwise(async (pairs) => {
      await setMany(pairs)
    }),
    get: byTick<string, unknown>(async (keys) => (await getMany(keys)) as unknown[]),
    setMany,
    getMany,
  }
}

/** So many entries of 200 bytes make a record of some 50 kB. */
const GROUP = 256

/** The entries of a batch packed in a record for each group, found again by a directory in memory. No safety of any kind. */
function packed(database: IDBDatabase): Store {
  const recordOf = new Map<string, string>()
  const write = async (pairs: readonly Pair[], expires?: number): Promise<void> => {
    const transaction = database.transaction(RECORDS, 'readwrite', relaxed)
    const store = transaction.objectStore(RECORDS)
    for (let from = 0; from < pairs.length; from += GROUP) {
      const part = pairs.slice(from, from + GROUP)
      const record = part[0]![0]
      for (const [key] of part) recordOf.set(key, record)
      store.put({ expires, packed: JSON.stringify(Object.fromEntries(part)) }, record)
    }
    transaction.commit()
    await completed(transaction)
  }
  const read = async (keys: readonly string[]): Promise<unknown[]> => {
    const store = database.transaction(RECORDS).objectStore(RECORDS)
    const wanted = [...new Set(keys.flatMap((key) => recordOf.get(key) ?? []))]
    const found = await Promise.all(wanted.map((record) => answered(store.get(record)) as Promise<{ packed: string } | undefined>))
    const held = new Map(found.map((record, index) => [wanted[index], JSON.parse(record?.packed ?? '{}') as Record<string, string>]))
    return keys.map((key) => held.get(recordOf.get(key))?.[key])
  }
  return {
    set: pairwise(write),
    get: byTick<string, unknown>(read),
    setMany: (entries) => write(entries),
    getMany: read,
    expire: (entries) => write(entries, 1),
    sweep: each(database, true).sweep,
  }
}

/** Everything in memory after one `getAll`, reads from there, writes through: nothing a second tab does is seen. */
async function memoryFirst(database: IDBDatabase): Promise<Store> {
  const { set, setMany, expire } = tick(database)
  const records = database.transaction(RECORDS).objectStore(RECORDS)
  const [keys, values] = await Promise.all([answered(records.getAllKeys()), answered(records.getAll())])
  const memory = new Map<string, unknown>(keys.map((key, index) => [String(key), values[index]]))
  return {
    set(key, value) {
      memory.set(key, value)
      return set(key, value)
    },
    get: async (key) => memory.get(key),
    setMany(entries) {
      for (const [key, value] of entries) memory.set(key, value)
      return setMany(entries)
    },
    getMany: async (keys) => keys.map((key) => memory.get(key)),
    keys: async () => [...memory.keys()],
    async expire(entries) {
      for (const [key, value] of entries) memory.set(key, { value, expires: 1 })
      await expire(entries)
    },
    async sweep() {
      const now = Date.now()
      const gone = [...memory].filter(([, value]) => (value as { expires?: number }).expires! <= now)
      const transaction = database.transaction(RECORDS, 'readwrite', relaxed)
      const store = transaction.objectStore(RECORDS)
      for (const [key] of gone) {
        memory.delete(key)
        store.delete(key)
      }
      transaction.commit()
      await completed(transaction)
    },
  }
}

export const make: MakeStore = async ({ form }) => {
  const database = await openDatabase('bench')
  if (form === 'tick') return tick(database)
  if (form === 'packed') return packed(database)
  if (form === 'memory') return memoryFirst(database)
  return each(database, form === 'commit')
}
