/** What an IndexedDB request answers. */
export const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error!)
  })

/** The records of a database that is there already, past every tier; each call opens and closes it. */
export const recordsOf = (indexedDB: IDBFactory, name: string) => {
  const use = async <T>(act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const database = await answerOf(indexedDB.open(name))
    try {
      return await answerOf(act(database.transaction('entries', 'readwrite').objectStore('entries')))
    } finally {
      database.close()
    }
  }
  return {
    get: (key: string) => use<{ raw: string } | undefined>((store) => store.get(key) as IDBRequest<{ raw: string } | undefined>),
    put: async (key: string, record: unknown): Promise<void> => void (await use((store) => store.put(record, key))),
    keys: () => use((store) => store.getAllKeys()),
  }
}
