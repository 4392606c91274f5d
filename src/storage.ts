import type { Found, Ground, Receipt } from './chain.js'
import { createChain } from './chain.js'
import type { Tier } from './contracts.js'
import { isStorageError, StorageError } from './errors.js'
import { createEmitter } from './events.js'
import { createIdle } from './idle.js'
import { json } from './json.js'
import type { Term, Ttl } from './lifetime.js'
import { parseTtl } from './lifetime.js'
import type { Link } from './link.js'
import { createLink } from './link.js'
import { createNamespace } from './namespace.js'
import type { StorageOptions, Way } from './options.js'
import { checkKey, checkOptions, createWays } from './options.js'
import { createPage } from './page.js'
import { inspectOf, statusOf } from './report.js'
import type { Rules, ValuesOf } from './rules.js'
import { createStamps } from './stamps.js'
import type { Holdfast, WriteOptions } from './surface.js'
import { turnsOf } from './turns.js'

/** The reasons of a rule; a value that goes past a tier for one of them has not fallen back. */
const RULED = ['lifetime', 'secret', 'reach']

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
// Without a registry any key holds anything.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function createStorage<Values = Record<string, any>>(options: StorageOptions): Holdfast<Values>
export function createStorage(options: StorageOptions): Holdfast<Record<string, unknown>> {
  checkOptions(options)
  const { namespace, tiers, idle, now = Date.now, env = globalThis, deadline = 1500, codec = json } = options
  const start = namespace && namespace + '.'
  const linked = new Map<Tier, Link>()
  const linkOf = (tier: Tier): Link => {
    const link = linked.get(tier) ?? createLink(tier, { now, env, deadline, epoch: start })
    linked.set(tier, link)
    return link
  }
  const own = tiers.map(linkOf)
  const ways = createWays(options, start, linkOf)
  const { wayOf } = ways
  /** Those of other paths, too. */
  const links = [...linked.values()]
  const stamps = createStamps(now)
  const turns = turnsOf(env, start)
  const { on, emit } = createEmitter()
  const page = createPage(env, links, () => all.sweep())
  const ground: Ground = { now, stamps, emit: (event, key, tier) => emit(event, { key, tier }), defer: page.defer, cleared: 0 }
  const chain = createChain(ground)
  const all = createNamespace(ground, chain, links, start, ways, page.flush)
  const use = idle && createIdle(parseTtl(idle).ms!, start, links, now, all.clear)
  let closed = false
  /** A tier is back that may have missed a `clear`. */
  let untidy = false

  /** Before each operation; the first one starts the page's own work. */
  const ready = async (write?: boolean): Promise<void> => {
    if (closed) throw new StorageError('closed', 'closed')
    page.start()
    if (untidy) page.defer(all.tidy())
    untidy = false
    if (use) await use(write)
  }
  /** Every verb of one key: its rule, the state of the storage, and for those that write its turn. */
  const verb = async <T>(key: string, act: (way: Way) => Promise<T>, inTurn = true, write?: boolean): Promise<T> => {
    checkKey(key)
    const way = wayOf(key)
    if (!way) throw new StorageError('unknown-key', key + ': not a key')
    await ready(write)
    return inTurn ? turns.one(key, () => act(way)) : act(way)
  }
  const encode = (key: string, value: unknown): string => {
    let text
    try {
      text = codec.encode(value)
    } catch (cause) {
      throw isStorageError(cause) ? cause : new StorageError('unencodable', key + ': not encoded', { cause })
    }
    if (typeof text !== 'string' || /\p{Cs}/u.test(text)) throw new StorageError('unencodable', key + ': no text, or a lone surrogate')
    return text
  }
  const place = async (key: string, way: Way, text: string, { lifetime, ms }: Term, read?: Found['newest']): Promise<Receipt | undefined> => {
    const receipt = await chain.put(way, text, lifetime, ms, read)
    if (receipt?.passed.some(({ code }) => !RULED.includes(code))) emit('fallback', { key, tier: receipt.tier, passed: receipt.passed })
    return receipt
  }
  const decode = (key: string, { text, newest }: Found): unknown => {
    try {
      return text === undefined ? text : codec.decode(text)
    } catch {
      emit('corrupt', { key, tier: newest!.link.tier.name })
      return
    }
  }
  const get = (key: string): Promise<unknown> => verb(key, async (way) => decode(key, await chain.find(way)), false)
  const set = async (key: string, value: unknown, { ttl }: WriteOptions = {}): Promise<Receipt> => {
    const term = ttl === undefined ? ttl : parseTtl(ttl)
    const text = encode(key, value)
    return verb(key, (way) => place(key, way, text, term ?? way.term) as Promise<Receipt>, true, true)
  }
  const end = async (): Promise<void> => {
    closed = true
    page.stop()
    await Promise.all(undo.map((leave) => leave()))
  }
  const undo = links.map((link) =>
    link.join(() => {
      emit('recovered', { tier: link.tier.name })
      untidy = true
    }),
  )
  const whole = async <T>(act: () => Promise<T>, inTurn?: boolean, urgent?: boolean): Promise<T> => {
    await ready()
    return inTurn ? turns.all(act, urgent) : act()
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
      const errors = results.flatMap((result) => (result as PromiseRejectedResult).reason as StorageError ?? [])
      const [cause] = errors
      if (!cause) return new Map(all.map(([key], index) => [key, (results[index] as PromiseFulfilledResult<Receipt>).value]))
      throw isStorageError(cause) ? new StorageError(cause.code, errors.map(({ message }) => message).join('; '), { cause, attempts: errors.flatMap(({ attempts }) => attempts ?? []) }) : cause
    },
    remove: (key) => verb(key, async (way) => void (await chain.put(way, null, 'device'))),
    take: (key) =>
      verb(key, async (way) => {
        const found = await chain.find(way)
        const value = decode(key, found)
        // A newer value of another page is not what was read: it stays.
        if (value !== undefined) await chain.put(way, null, 'device', undefined, found.newest)
        return value
      }),
    async touch(key, ttl?: Ttl) {
      const term = ttl === undefined ? ttl : parseTtl(ttl)
      return verb(key, async (way) => {
        for (;;) {
          const { text, newest } = await chain.find(way)
          if (text === undefined) return
          const receipt = await place(key, way, text, term ?? way.term, newest)
          if (receipt) return receipt
        }
      })
    },
    keys: () => whole(all.keys),
    clear: () => whole(all.clear, true, true),
    sweep: () => whole(all.sweep),
    inspect: (key) => verb(key, (way) => inspectOf(chain, way), false),
    async status({ probe } = {}) {
      if (probe) await ready()
      return { tiers: await Promise.all(own.map((link) => statusOf(link, start, stamps, !!probe && Math.floor(now() + 6e4)))) }
    },
    flush: page.flush,
    async close() {
      if (!closed) await turns.all(end)
    },
    destroy: () =>
      whole(async () => {
        page.stop()
        await page.flush()
        const destroyed = await all.destroy()
        await end()
        return destroyed
      }, true),
  }
}
