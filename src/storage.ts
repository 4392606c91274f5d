import { promised } from './answer.js'
import type { Ground, Receipt } from './route.js'
import { createBus } from './bus.js'
import { createChain } from './chain.js'
import type { Tier } from './contracts.js'
import { asTierError, isStorageError, StorageError } from './errors.js'
import { createEmitter } from './events.js'
import { createExclusive } from './exclusive.js'
import { createIdle } from './idle.js'
import { json } from './json.js'
import { createKeyed } from './keyed.js'
import { parseTtl } from './lifetime.js'
import type { Link } from './link.js'
import { createLink } from './link.js'
import { createLocks } from './lock.js'
import { createNamespace } from './namespace.js'
import type { StorageOptions } from './options.js'
import { checkKey, checkOptions, createWays } from './options.js'
import { createPage } from './page.js'
import { partsOf } from './parts.js'
import { inspectOf, statusOf } from './report.js'
import type { Rules, ValuesOf } from './rule.js'
import { createStamps } from './stamps.js'
import type { Holdfast } from './surface.js'
import { turnsOf } from './turns.js'
import { createValues } from './values.js'
import { createWatching } from './watching.js'

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
  const { namespace, tiers, idle, consent, now = Date.now, env = globalThis, deadline = 1500, codec = json } = options
  const start = namespace && namespace + '.'
  const linked = new Map<Tier, Link>()
  const linkOf = (tier: Tier): Link => {
    const link = linked.get(tier) ?? createLink(tier, { now, env, deadline, epoch: start })
    linked.set(tier, link)
    return link
  }
  const seal = options.seal?.within?.(namespace) ?? options.seal
  const parts = options.keys && partsOf(options.keys)
  if (options.keys && !parts) throw new TypeError('keys: not from defineKeys')
  const ways = createWays(options, start, linkOf, parts?.declaredWays(options, start, linkOf, seal))
  const { wayOf, declared } = ways
  const own = tiers.map(linkOf)
  /** Those of other paths, too. */
  const links = [...linked.values()]
  const stamps = createStamps(now)
  const turns = turnsOf(env, start)
  const { on, emit } = createEmitter()
  const bus = createBus(env, start)
  const locks = createLocks(env)
  const page = createPage(env, links, () => all.sweep(), {
    leave() {
      locks.yield()
      // An open channel keeps a page out of the back/forward cache in some browsers, and hears nothing there.
      bus.close()
    },
    back: () => watching.again(),
  })
  const { defer } = page
  const wrote: Ground['wrote'] = (name, stamp, text, expires) => {
    bus.post({ name, stamp })
    exclusive.changed(name)
    watching.changed(name, stamp, text, expires)
  }
  const ground: Ground = { now, stamps, emit: (event, key, tier) => emit(event, { key, tier }), defer, wrote, cleared: 0 }
  const chain = createChain(ground)
  const gate = consent && parts!.createGate!({ consent, declared: declared!, chain, turns, now, env, wrote, defer: (work) => defer(work, true), emit: (event, key) => emit(event, { key }) })
  const all = createNamespace(ground, chain, links, start, ways, page.flush, gate)
  const values = createValues(codec, (key, tier) => emit('corrupt', { key, tier }))
  const clear = async (): Promise<void> => {
    gate?.clear()
    await all.clear()
    await keyed.disown?.()
  }
  const use = idle && createIdle(parseTtl(idle).ms!, start, links, now, clear)
  let closed = false
  /** A tier is back that may have missed a `clear`. */
  let untidy = false

  let entered: Promise<void> | undefined
  /** Before each operation; the first one starts the page's own work. */
  const ready = (write?: boolean): Promise<void> | undefined => {
    if (closed) throw new StorageError('closed', 'closed')
    page.start()
    gate?.start()
    if (untidy) defer(all.tidy())
    untidy = false
    return (entered = use ? use(write) : undefined)
  }
  const keyed = createKeyed({ wayOf, declared, createAdoption: parts?.createAdoption, leaving: page.leaving, ready, turns, chain, values, gate, emit, defer, now })
  const { verb, peek, set, remove, touch, routeOf } = keyed
  const exclusive = createExclusive({ keyed, chain, values, locks, bus, start, patience: 10 * deadline, now, defer })
  const { take, update, getOrSet } = exclusive
  const watching = createWatching({ bus, links, start, find: (way) => chain.find(routeOf(way)), decode: values.decode, now, env, defer })
  /** For a key that is used once, to get is to take. */
  const get = (key: string): Promise<unknown> => (declared && wayOf(key)?.once ? take(key) : peek(key))
  const end = async (): Promise<void> => {
    closed = true
    page.stop()
    gate?.stop()
    watching.stop()
    locks.yield()
    // What is under way would open a tier again, and the channel.
    await page.flush(true)
    await Promise.all(undo.map((leave) => leave()))
    bus.close()
  }
  const undo = links.map((link) =>
    link.join(() => {
      emit('recovered', { tier: link.tier.name })
      untidy = true
    }),
  )
  const whole = <T>(act: () => Promise<T>, inTurn?: boolean, urgent?: boolean): Promise<T> =>
    promised(() => {
      const begin = (): Promise<T> => (inTurn ? turns.all(act, urgent) : defer(act()))
      const entering = ready()
      return entering ? entering.then(begin) : begin()
    })

  return {
    get,
    set,
    on,
    async getMany(keys) {
      const values = await Promise.all(keys.map(get))
      return new Map(keys.flatMap((key, index) => (values[index] === undefined ? [] : [[key, values[index]]])))
    },
    has: async (key) => (await peek(key)) !== undefined,
    async setMany(entries, options) {
      const all = [...entries]
      const results = await Promise.allSettled(all.map(([key, value]) => set(key, value, options)))
      const errors = results.flatMap((result) => (result as PromiseRejectedResult).reason as StorageError ?? [])
      const [cause] = errors
      if (!cause) return new Map(all.map(([key], index) => [key, (results[index] as PromiseFulfilledResult<Receipt>).value]))
      throw isStorageError(cause) ? new StorageError(cause.code, errors.map(({ message }) => message).join('; '), { cause, attempts: errors.flatMap(({ attempts }) => attempts ?? []) }) : cause
    },
    take,
    update,
    getOrSet,
    remove,
    touch,
    keys: () => whole(all.keys),
    clear: () => whole(clear, true, true),
    sweep: () => whole(all.sweep),
    watch(key, listener) {
      checkKey(key)
      const way = wayOf(key)
      if (!way) throw new StorageError('unknown-key', key + ': not a key')
      page.start()
      return watching.watch(way, listener)
    },
    inspect: (key) => verb(key, (way) => inspectOf(chain, way), false),
    async status({ probe } = {}) {
      if (probe) await ready()
      const tiers = await defer(Promise.all(own.map((link) => statusOf(link, start, stamps, !!probe && Math.floor(now() + 6e4)))))
      const first = own.find(({ health }) => !health.reason)
      // What answers at once is a copy that each process has of its own, and hears late.
      return { tiers, exclusive: first && !first.tier.traits.sync && locks.across() ? 'tabs' : 'page' }
    },
    async rotate() {
      await ready()
      if (!seal) throw new StorageError('locked', 'rotate: no seal')
      // Its parts wait for turns, which `destroy` has by then.
      await parts!.rotate!(seal, keyed, turns, declared)
    },
    flush: () => page.flush(),
    async close() {
      if (closed) return
      // What was asked before takes its turn before.
      await entered?.catch(() => {})
      await turns.all(end)
    },
    destroy: () =>
      whole(async () => {
        page.stop()
        await page.flush(true)
        gate?.clear()
        const destroyed = await all.destroy()
        await seal?.destroy?.().catch((cause: unknown) => {
          const { code, message } = asTierError(cause, 'seal')
          destroyed.unreached.push({ tier: 'seal', code, message })
        })
        await end()
        return destroyed
      }, true),
  }
}
