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

/** The connections that are opened through a factory from now on, in order. */
export const connectionsTo = (indexedDB: IDBFactory): IDBDatabase[] => {
  const connections: IDBDatabase[] = []
  const open = indexedDB.open.bind(indexedDB)
  indexedDB.open = (...request) => {
    const opening = open(...request)
    opening.addEventListener('success', () => connections.push(opening.result))
    return opening
  }
  return connections
}

/** Makes every `open` of a database wait, as Safari's first one does, until the answer is called; its contents stay. */
export const holdUp = async (indexedDB: IDBFactory, name: string): Promise<() => void> => {
  const holder = await answerOf(indexedDB.open(name, 1))
  // An upgrade that has to wait for the holder, and is given up then.
  const upgrade = indexedDB.open(name, 2)
  upgrade.onupgradeneeded = () => upgrade.transaction!.abort()
  upgrade.onerror = (event) => event.preventDefault()
  await new Promise((resolve) => (upgrade.onblocked = resolve))
  return () => holder.close()
}
