import type { Entry } from '../../src/contracts.js'
import { decodeEntry, encodeEntry } from '../../src/entry.js'
import { answered, byTick, completed, type MakeStore, openDatabase } from './store.js'

/**
 * An exploration: a record for each entry, as the tier has it, and no storage above it. `ranged`: what a large batch needs
 * is read by one `getAll` over the range of its names, not by a `get` for each.
 */

type Put = readonly [name: string, raw: string, expires: number]

/** Below that a `get` each is as good. */
const MANY = 8

interface Stored {
  raw: string
  expires: number
}

const RECORDS = 'entries'

export const make: MakeStore = async ({ form }) => {
  const database = await openDatabase('bench')
  let [stamp, passed] = [Date.now(), 0]

  /** By name: in one request, what lies between the first and the last of them, if that is not much more than was asked for. */
  const held = async (records: IDBObjectStore, names: readonly string[]): Promise<Map<string, Stored>> => {
    if (form === 'ranged' && names.length > MANY) {
      const sorted = [...names].sort()
      const range = IDBKeyRange.bound(sorted[0], sorted.at(-1))
      const [keys, values] = await Promise.all([answered(records.getAllKeys(range)), answered(records.getAll(range))])
      return new Map(keys.map((key, index) => [String(key), values[index] as Stored]))
    }
    const found = await Promise.all(names.map((name) => answered(records.get(name)) as Promise<Stored>))
    return new Map(found.map((stored, index) => [names[index]!, stored]))
  }
  const write = async (puts: readonly Put[]): Promise<void> => {
    const transaction = database.transaction(RECORDS, 'readwrite', { durability: 'relaxed' })
    const done = completed(transaction)
    const records = transaction.objectStore(RECORDS)
    const standing = await held(records, puts.map(([name]) => name))
    for (const [name, raw, expires] of puts) {
      const [next, before] = [decodeEntry(name, raw)!, decodeEntry(name, standing.get(name)?.raw)]
      if (!before || before.stamp <= next.stamp) records.put({ raw, expires }, name)
    }
    transaction.commit()
    await done
  }
  const read = async (names: readonly string[]): Promise<unknown[]> => {
    const found = await held(database.transaction(RECORDS).objectStore(RECORDS), names)
    return names.map((name) => {
      const entry: Entry | undefined = decodeEntry(name, found.get(name)?.raw)
      return entry?.text && entry.expires! > Date.now() + passed ? JSON.parse(entry.text) : undefined
    })
  }
  const putOf = (name: string, value: string, ms = 86_400_000): Put => {
    const expires = Math.floor(Date.now() + passed + ms)
    return [name, encodeEntry(name, { text: JSON.stringify(value), stamp: (stamp += 1 / 2048), lifetime: 'device', expires }), expires]
  }
  const put = byTick<Put, void>(async (puts) => {
    await write(puts)
    return []
  })
  return {
    set: (name, value) => put(putOf(name, value)),
    get: byTick<string, unknown>(read),
    setMany: (pairs) => write(pairs.map(([name, value]) => putOf(name, value))),
    getMany: read,
    async keys() {
      const records = database.transaction(RECORDS).objectStore(RECORDS)
      const [keys, gone] = await Promise.all([answered(records.getAllKeys()), answered(records.index('expires').getAllKeys(IDBKeyRange.upperBound(Date.now() + passed)))])
      const expired = new Set(gone)
      return keys.filter((key) => !expired.has(key))
    },
    async expire(pairs) {
      await write(pairs.map(([name, value]) => putOf(name, value, 1)))
      passed += 2
    },
    async sweep() {
      const transaction = database.transaction(RECORDS, 'readwrite', { durability: 'relaxed' })
      const done = completed(transaction)
      const records = transaction.objectStore(RECORDS)
      const gone = (await answered(records.index('expires').getAllKeys(IDBKeyRange.upperBound(Date.now() + passed)))) as string[]
      // What lies beside each other goes in one request: a name that is not expired ends a run.
      const all = (await answered(records.getAllKeys())) as string[]
      const expired = new Set(gone)
      let first: string | undefined
      all.forEach((name, index) => {
        if (!expired.has(name)) return
        first ??= name
        if (expired.has(all[index + 1]!)) return
        records.delete(IDBKeyRange.bound(first, name))
        first = undefined
      })
      transaction.commit()
      await done
      return gone.length
    },
  }
}
