/** A library, or a medium by hand, as the workloads use it: in the way that its own users would write. */
export interface Store {
  /** Answers at once, so that no loop waits for it. */
  sync?: boolean
  set(key: string, value: string): unknown
  get(key: string): unknown
  /** The library's own call for many at once; left out where it has none. */
  setMany?(entries: readonly (readonly [key: string, value: string])[]): unknown
  /** Answers an array in the order of `keys`, whose items may be `{ value }`, or a `Map`. */
  getMany?(keys: readonly string[]): unknown
  keys?(): unknown
  /** Stores entries that have expired by the time this is done. */
  expire?(entries: readonly (readonly [key: string, value: string])[]): unknown
  /** Removes what has expired. */
  sweep?(): unknown
  /** Waits for work that no answer waited for: it counts, too. */
  settle?(): unknown
}

/** Of the page's address: what the one module serves several contestants by. */
export interface Given {
  /** Which form of a store that has several. */
  form: string
  /** Where the hub's page is. */
  hub: string
}

export type MakeStore = (given: Given) => Store | Promise<Store>

/** The answer of a request of IndexedDB. */
export function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** The end of a transaction of IndexedDB. */
export function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })
}

/** A database with a store of that name, and an index on `expires`. */
export function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => void request.result.createObjectStore('entries').createIndex('expires', 'expires')
  return answered(request)
}

/** What one tick asks for, as one call of `run`. */
export function byTick<Item, Answer>(run: (items: Item[]) => Promise<readonly Answer[]>): (item: Item) => Promise<Answer> {
  let queue: [item: Item, done: (answer: Answer) => void, fail: (cause: unknown) => void][] = []
  const flush = async (): Promise<void> => {
    const asked = queue
    queue = []
    try {
      const answers = await run(asked.map(([item]) => item))
      asked.forEach(([, done], index) => done(answers[index]!))
    } catch (cause) {
      asked.forEach(([, , fail]) => fail(cause))
    }
  }
  return (item) =>
    new Promise((done, fail) => {
      if (queue.push([item, done, fail]) === 1) queueMicrotask(() => void flush())
    })
}
