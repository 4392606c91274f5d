import type { Entry } from '../../src/contracts.js'
import { decodeEntry, encodeEntry } from '../../src/entry.js'
import { answered, byTick, completed, type MakeStore } from './store.js'

/**
 * An exploration: a namespace as a log of batches, in memory from the first read on. One record for what a tick
 * writes, one read at the start, one compaction now and then. An entry that is large has a record of its own.
 *
 * A write appends, and asks in the same transaction and the same breath what others have added since: of two entries of a
 * name the later stamp wins for whoever reads the log, so nothing has to be read before it is written, and the writer still
 * learns what stands against it. A read is one of three forms:
 * - `checked`: one transaction a tick asks for what others have added. Nothing that was acknowledged is ever missed.
 * - `noticed`: from memory, unless a notice says that another page writes, or has written. The notice goes before the
 *   write, so that by its end others have heard; a page that has not been given the notice yet answers the older value.
 * - `leased`: the same, but who answers from memory holds a shared lock, and a write asks for its holders while it commits:
 *   where there are others, it is acknowledged once all of them have said that they heard, or after a while.
 */

/** What a batch says of a name. `null`: it is forgotten. `at`: its text is in a record of its own, of that key. */
type Said = readonly [name: string, raw: string | null, at?: string]

interface Batch {
  id: number
  said: readonly Said[]
  /** Several batches in one record; with `whole`, all that there is: what was known before it is forgotten. */
  page?: 'merged' | 'whole'
}

/** Beyond that a text has a record of its own, so that nobody copies it who does not ask for it. */
const LARGE = 4096
/** Entries that one record of a compaction holds. */
const PAGE = 256
/** So many batches are merged into pages; pages that hold twice what there is are written anew. */
const BATCHES = 256

const RECORDS = 'records'
const LARGES = 'large'
const range = (after: number): IDBKeyRange => IDBKeyRange.lowerBound(after, true)

function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore(RECORDS, { keyPath: 'id', autoIncrement: true })
    request.result.createObjectStore(LARGES)
  }
  return answered(request)
}

/** An entry, or the key of the record that holds it. */
type Held = Entry | string

/** Those that nobody names any more. */
function dropLarges(larges: IDBObjectStore, all: readonly Said[]): void {
  const named = new Set(all.flatMap(([, , at]) => at ?? []))
  const kept = larges.getAllKeys()
  kept.onsuccess = () => kept.result.forEach((key) => named.has(String(key)) || larges.delete(key))
}

interface Log {
  entries: Map<string, Held>
  /** Whether others have added something that was not read yet. */
  behind(): boolean
  /** Brings in what stands behind the last record that was seen. */
  check(): Promise<void>
  read(names: readonly string[]): Promise<(Entry | undefined)[]>
  /** `exclusive` is called once the transaction runs, when no other page can read what stood there before. */
  write(said: readonly Said[], exclusive?: () => void, sure?: boolean): Promise<void>
}

function createLog(database: IDBDatabase): Log {
  const entries = new Map<string, Held>()
  let seen = 0
  let batches = 0
  let inPages = 0
  /** What batches say that are not in a page yet, and the first of them. */
  const loose = new Map<string, Said>()
  let first = Infinity
  let behind = false

  const apply = ({ id, said, page }: Batch): void => {
    if (page) {
      if (page === 'whole') {
        entries.clear()
        inPages = 0
      }
      inPages += said.length
    } else {
      batches++
      first = Math.min(first, id)
      for (const each of said) loose.set(each[0], each)
    }
    for (const [name, raw, at] of said) {
      if (at) entries.set(name, at)
      else if (raw === null) entries.delete(name)
      else {
        const [next, held] = [decodeEntry(name, raw)!, entries.get(name)]
        if (held === undefined || typeof held === 'string' || held.stamp <= next.stamp) entries.set(name, next)
      }
    }
  }
  const take = (found: Batch[]): void => {
    for (const batch of found) apply(batch)
    seen = Math.max(seen, found.at(-1)?.id ?? 0)
    behind = false
  }

  /** Batches become pages. What others have added by now is read first. */
  const compact = async (): Promise<void> => {
    const transaction = database.transaction([RECORDS, LARGES], 'readwrite', { durability: 'relaxed' })
    const done = completed(transaction)
    const records = transaction.objectStore(RECORDS)
    const added = records.getAll(range(seen))
    added.onsuccess = () => {
      take(added.result as Batch[])
      const whole = inPages + loose.size > 2 * entries.size + PAGE
      const all = whole ? [...entries].map(([name, entry]): Said => (typeof entry === 'string' ? [name, '', entry] : [name, encodeEntry(name, entry)])) : [...loose.values()]
      records.delete(IDBKeyRange.bound(whole ? 0 : first, seen))
      for (let from = 0; from === 0 || from < all.length; from += PAGE) {
        records.add({ said: all.slice(from, from + PAGE), page: whole && from === 0 ? 'whole' : 'merged' }).onsuccess = ({ target }) => void (seen = (target as IDBRequest<number>).result)
      }
      inPages = whole ? all.length : inPages + all.length
      loose.clear()
      batches = 0
      first = Infinity
      if (whole) dropLarges(transaction.objectStore(LARGES), all)
    }
    await done
  }

  return {
    entries,
    behind: () => behind,
    check: async () => take((await answered(database.transaction(RECORDS).objectStore(RECORDS).getAll(range(seen)))) as Batch[]),
    async read(names) {
      const larges = new Map<string, Entry | undefined>()
      for (const name of names) {
        const held = entries.get(name)
        if (typeof held === 'string') larges.set(name, decodeEntry(name, (await answered(database.transaction(LARGES).objectStore(LARGES).get(held))) as string))
      }
      return names.map((name) => {
        const held = entries.get(name)
        return typeof held === 'string' ? larges.get(name) : held
      })
    },
    async write(changes, exclusive, sure) {
      const large = changes.some(([, raw]) => raw !== null && raw.length > LARGE)
      const transaction = database.transaction(large ? [RECORDS, LARGES] : [RECORDS], 'readwrite', { durability: 'relaxed' })
      const done = completed(transaction)
      const records = transaction.objectStore(RECORDS)
      const said = changes.map(([name, raw]): Said => {
        if (raw === null || raw.length <= LARGE) return [name, raw]
        // The key is another one each time: a write that comes too late replaces nothing.
        const at = `${name} ${raw.slice(0, 40)}`
        transaction.objectStore(LARGES).put(raw, at)
        return [name, '', at]
      })
      // Asked and told in one breath: what is waited for is the transaction, once.
      if (!sure) {
        const added = records.getAll(range(seen))
        added.onsuccess = () => take(added.result as Batch[])
      }
      records.add({ said }).onsuccess = ({ target }) => {
        exclusive?.()
        const id = (target as IDBRequest<number>).result
        apply({ id, said })
        // A gap is what others have added: it is read before anything is taken for all there is.
        if (id === seen + 1) seen = id
        else behind = true
      }
      transaction.commit()
      await done
      if (batches > BATCHES || (loose.size > 2 * PAGE && batches > 8)) await compact()
    },
  }
}

const LOCK = 'bench.packed'
/** A page that does not answer in that time is frozen, or gone: it asks anew before it answers anything. */
const PATIENCE = 200

interface Notices {
  /** What memory holds may be old: another page writes, or has written. */
  unsure(): boolean
  /** From here on memory is as new as the read that begins now. */
  sure(): void
  around(write: (exclusive: () => void) => Promise<void>): Promise<void>
}

/** Who answers from memory has to hear of those who write. */
async function createNotices(leased: boolean): Promise<Notices> {
  const bus = new BroadcastChannel(LOCK)
  let behind = true
  const own = Math.random()
  let count = 0
  const acks = new Map<number, () => void>()
  bus.onmessage = ({ data: { begin, end, ack, to } }) => {
    if (begin || end) behind = true
    if (begin && leased) bus.postMessage({ ack: begin, to })
    if (to === own && ack) acks.get(ack)?.()
  }
  if (leased) await new Promise((held) => void navigator.locks.request(LOCK, { mode: 'shared' }, () => (held(0), new Promise(() => {}))))

  return {
    unsure: () => behind,
    sure: () => void (behind = false),
    async around(write) {
      const id = ++count
      let heard = 0
      let enough: (() => void) | undefined
      acks.set(id, () => {
        heard++
        enough?.()
      })
      let others: Promise<number> = Promise.resolve(0)
      await write(() => {
        // From now on whoever asks the database waits for this write: a notice that came sooner could be answered by what stood there before.
        bus.postMessage({ begin: id, to: own })
        if (leased) others = navigator.locks.query().then(({ held }) => held!.filter(({ name }) => name === LOCK).length - 1)
      })
      bus.postMessage({ end: id })
      const wanted = await others
      if (heard < wanted) {
        await new Promise<void>((resolve) => {
          setTimeout(resolve, PATIENCE)
          enough = () => heard >= wanted && resolve()
        })
      }
      acks.delete(id)
    },
  }
}

export const make: MakeStore = async ({ form }) => {
  const database = await open('packed')
  const log = createLog(database)
  const fromMemory = form !== 'checked'
  const notices = await createNotices(form === 'leased')
  let [stamp, passed] = [Date.now(), 0]
  const textOf = (name: string, value: string, ms = 86_400_000): string =>
    encodeEntry(name, { text: JSON.stringify(value), stamp: Math.max((stamp += 1 / 2048), Date.now()), lifetime: 'device', expires: Math.floor(Date.now() + passed + ms) })
  const valueOf = (entry: Entry | undefined): unknown => (entry && entry.text !== null && !(entry.expires! <= Date.now() + passed) ? JSON.parse(entry.text) : undefined)

  let checking = 0
  const unsure = (): boolean => !fromMemory || checking > 0 || log.behind() || notices.unsure()
  const write = async (said: readonly Said[]): Promise<void> => (fromMemory ? notices.around((exclusive) => log.write(said, exclusive, form === 'leased' && !unsure())) : log.write(said))
  const read = async (names: readonly string[]): Promise<unknown[]> => {
    if (unsure()) {
      // What is heard while this read is under way counts anew.
      notices.sure()
      checking++
      await log.check()
      checking--
    }
    return (await log.read(names)).map(valueOf)
  }
  const put = byTick<Said, void>(async (said) => {
    await write(said)
    return []
  })
  const ask = byTick<string, unknown>(read)
  return {
    set: (name, value) => put([name, textOf(name, value)]),
    get(name) {
      const entry = log.entries.get(name)
      return unsure() || typeof entry === 'string' ? ask(name) : Promise.resolve(valueOf(entry))
    },
    setMany: (pairs) => write(pairs.map(([name, value]) => [name, textOf(name, value)])),
    getMany: read,
    async keys() {
      if (unsure()) await log.check()
      const now = Date.now() + passed
      return [...log.entries].flatMap(([name, entry]) => (typeof entry === 'string' || (entry.text !== null && !(entry.expires! <= now)) ? [name] : []))
    },
    async expire(pairs) {
      await write(pairs.map(([name, value]) => [name, textOf(name, value, 1)]))
      passed += 2
    },
    async sweep() {
      await log.check()
      const now = Date.now() + passed
      const gone = [...log.entries].flatMap(([name, entry]): Said[] => (typeof entry !== 'string' && entry.expires! <= now ? [[name, null]] : []))
      await write(gone)
      return gone.length
    },
  }
}
