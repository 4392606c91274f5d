import { createChain } from './chain.js'
import { isStorageError, StorageError } from './errors.js'
import { createEmitter } from './events.js'
import { createIdle } from './idle.js'
import { json } from './json.js'
import type { Term, Ttl } from './lifetime.js'
import { parseTtl } from './lifetime.js'
import { createLink } from './link.js'
import { createNamespace } from './namespace.js'
import type { StorageOptions, Way } from './options.js'
import { checkOptions, createWays } from './options.js'
import { createPage } from './page.js'
import { inspectOf, statusOf } from './report.js'
import type { Ground, Receipt } from './route.js'
import type { Rules, ValuesOf } from './rules.js'
import { createStamps } from './stamps.js'
import type { Holdfast, WriteOptions } from './surface.js'
import { createTurns } from './turns.js'

/** The reasons of a rule; a value that goes past a tier for one of them has not fallen back. */
const RULED = ['lifetime', 'secret', 'reach']

/** What a storage is made of. Nothing of it touches the browser before the first operation. */
const assemble = (options: StorageOptions) => {
  checkOptions(options)
  const { namespace, tiers, idle, now = Date.now, env = globalThis, deadline = 1500 } = options
  const epoch = namespace ? namespace + '.' : undefined
  const links = tiers.map((tier) => createLink(tier, { now, env, deadline, epoch }))
  const { wayOf, start, declared } = createWays(options, links)
  const stamps = createStamps(now)
  const turns = createTurns()
  const { on, emit } = createEmitter()
  let cleared = 0
  const page = createPage(env, links, () => all.sweep())
  const ground: Ground = {
    now,
    stamps,
    emit: (event, name, tier) => emit(event, { key: name.slice(start.length), tier }),
    defer: page.defer,
    cleared: () => cleared,
  }
  const chain = createChain(ground)
  const all = createNamespace({ ...ground, chain, links, start, declared, wayOf, clearedAt: (stamp) => void (cleared = stamp) })
  const use = idle === undefined ? undefined : createIdle(parseTtl(idle).ms!, epoch!, links, now, all.clear)
  return { links, wayOf, start, stamps, turns, on, emit, page, chain, all, use, now }
}

/**
 * A storage over a chain of tiers. Making one touches nothing: the first real write is its own probe, and a
 * read creates nothing. Throws a TypeError or RangeError that names the argument.
 *
 * @example
 * import { cookieTier, createStorage, indexedDBTier, localStorageTier, memoryTier, sessionStorageTier } from 'holdfast'
 * const storage = createStorage({
 *   namespace: 'acme-chat',
 *   tiers: [indexedDBTier(), localStorageTier(), sessionStorageTier(), cookieTier({ domain: 'site' }), memoryTier()],
 *   ttl: '1d',
 * })
 * const receipt = await storage.set('token', 'eyJhbGciOi')
 * receipt.tier // => 'indexedDB'
 * await storage.get('token') // => 'eyJhbGciOi'
 */
export function createStorage<Declared extends Rules>(options: StorageOptions & { keys: Declared }): Holdfast<ValuesOf<Declared>>
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- without a registry any key holds anything
export function createStorage<Values = Record<string, any>>(options: StorageOptions): Holdfast<Values>
export function createStorage(options: StorageOptions): Holdfast<Record<string, unknown>> {
  const { links, wayOf, start, stamps, turns, on, emit, page, chain, all, use, now } = assemble(options)
  const { codec = json } = options
  let closed = false

  const need = (key: string): Way => {
    const way = wayOf(key)
    if (!way) throw new StorageError('unknown-key', `${key}: not among the storage's keys`)
    return way
  }
  /** Before each operation; the first one starts the page's own work. */
  const ready = async (write?: boolean): Promise<void> => {
    if (closed) throw new StorageError('closed', 'the storage was closed')
    page.start()
    await use?.(!!write)
  }
  const encode = (key: string, value: unknown): string => {
    let text
    try {
      text = codec.encode(value)
    } catch (cause) {
      if (isStorageError(cause)) throw cause
      throw new StorageError('unencodable', `${key}: the value cannot be encoded`, { cause })
    }
    if (typeof text !== 'string' || /\p{Cs}/u.test(text)) throw new StorageError('unencodable', `${key}: the codec gave no text, or a lone surrogate`)
    return text
  }
  const place = async (key: string, way: Way, text: string, { lifetime, ms }: Term): Promise<Receipt> => {
    const receipt = await chain.place(way, { text, lifetime, expires: ms && Math.floor(now() + ms) })
    const { tier, passed } = receipt
    if (passed.some(({ code }) => !RULED.includes(code))) emit('fallback', { key, tier, passed })
    return receipt
  }
  const read = async (key: string, way: Way): Promise<unknown> => {
    const { entry, link } = await chain.find(way)
    try {
      return entry && codec.decode(entry.text!)
    } catch {
      return void emit('corrupt', { key, tier: link!.tier.name })
    }
  }
  const end = async (): Promise<void> => {
    closed = true
    page.stop()
    await Promise.all(links.map((link) => link.leave()))
  }
  links.forEach((link) => link.join(() => emit('recovered', { tier: link.tier.name })))

  const set = async (key: string, value: unknown, { ttl }: WriteOptions = {}): Promise<Receipt> => {
    const way = need(key)
    const text = encode(key, value)
    const term = ttl === undefined ? way.term : parseTtl(ttl)
    await ready(true)
    return turns.one(way.name, () => place(key, way, text, term))
  }
  const get = async (key: string): Promise<unknown> => {
    const way = need(key)
    await ready()
    return read(key, way)
  }

  return {
    get,
    set,
    on,
    async getMany(keys) {
      const values = await Promise.all(keys.map(get))
      return new Map(keys.flatMap((key, index) => (values[index] === undefined ? [] : [[key, values[index]]])))
    },
    has: async (key) => (await get(key)) !== undefined,
    async setMany(entries, options) {
      const all = [...entries]
      const results = await Promise.allSettled(all.map(([key, value]) => set(key, value, options)))
      const receipts = new Map(results.flatMap((result, index) => (result.status === 'fulfilled' ? [[all[index]![0], result.value]] : [])))
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as StorageError] : []))
      const [cause] = failures
      if (!cause || !isStorageError(cause)) {
        if (cause) throw cause
        return receipts
      }
      throw new StorageError(cause.code, `set: ${failures.length} of ${all.length} were not stored: ${failures.map(({ message }) => message).join('; ')}`, {
        cause,
        attempts: failures.flatMap(({ attempts }) => attempts ?? []),
      })
    },
    async remove(key) {
      const way = need(key)
      await ready()
      return turns.one(way.name, () => chain.erase(way))
    },
    async take(key) {
      const way = need(key)
      await ready()
      return turns.one(way.name, async () => {
        const value = await read(key, way)
        if (value !== undefined) await chain.erase(way)
        return value
      })
    },
    async touch(key, ttl?: Ttl) {
      const way = need(key)
      const term = ttl === undefined ? way.term : parseTtl(ttl)
      await ready()
      return turns.one(way.name, async () => {
        const { entry } = await chain.find(way)
        return entry && place(key, way, entry.text!, term)
      })
    },
    async keys() {
      await ready()
      return all.keys()
    },
    async clear() {
      await ready()
      return turns.all(all.clear)
    },
    async sweep() {
      await ready()
      return all.sweep()
    },
    async inspect(key) {
      const way = need(key)
      await ready()
      return inspectOf(chain, way)
    },
    async status({ probe = false } = {}) {
      if (probe) await ready()
      return statusOf(links, start, stamps, now, probe)
    },
    flush: page.flush,
    async close() {
      if (!closed) await turns.all(end)
    },
    async destroy() {
      await ready()
      return turns.all(async () => {
        page.stop()
        await page.flush()
        const destroyed = await all.destroy()
        await end()
        return destroyed
      })
    },
  }
}
