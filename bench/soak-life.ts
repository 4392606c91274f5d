import type { Consent, Env, Holdfast, Tier } from 'holdfast'
import { cookieTier, createStorage, defineKeys, indexedDBTier, isStorageError, key, localStorageTier, memoryTier, mirror, sessionStorageTier } from 'holdfast'
import { choice } from 'holdfast/consent'
import { aesGcm } from 'holdfast/crypto'
import type { FakeClock, Faults } from 'holdfast/testing'
import { fakeClock, faulty } from 'holdfast/testing'
import type { Page, Taken } from './soak-browser.js'
import { createBrowser } from './soak-browser.js'

/** The life of a widget at speed: tabs that open and close, and in them storages that do all they can. */

type Storage = Holdfast<Record<string, unknown>>
type Random = () => number

/** Whatever is left of pages that are gone: nothing, if all is well. */
export interface Leftovers extends Taken {
  /** Listeners of the consent, which outlives every page. */
  watchers: number
}

const NAMES = ['token', 'visitor', 'draft', 'once', 'queue', 'flags']

const keys = defineKeys({
  token: key<unknown>({ ttl: '1h', category: 'necessary', secret: true }),
  visitor: key<unknown>({ ttl: '1d', category: 'analytics' }),
  draft: key<unknown>({ ttl: 'tab', category: 'functional' }),
  once: key<unknown>({ ttl: '5m', category: 'necessary', once: true }),
  queue: key<unknown>({ ttl: '30m', category: 'functional', sliding: true, version: 1 }),
  flags: key<unknown>({ ttl: '1m', category: 'marketing' }),
})

/** mulberry32 */
const randomOf = (seed: number): Random => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The chains, by namespace. */
const chains: Record<string, (env: Env) => Tier[]> = {
  ladder: (env) => [indexedDBTier({ env }), localStorageTier({ env }), sessionStorageTier({ env }), cookieTier({ domain: 'site', env }), memoryTier()],
  texts: (env) => [localStorageTier({ env }), cookieTier({ env, maxBytes: 8000 }), memoryTier()],
  mirrored: (env) => [mirror(cookieTier({ env }), localStorageTier({ env })), memoryTier()],
  declared: (env) => [localStorageTier({ env }), sessionStorageTier({ env }), memoryTier()],
}

export const NAMESPACES = Object.keys(chains)

/** IndexedDB in memory takes a hundred times as long as the others. */
const CHANCES: [number, string][] = [[0.04, 'ladder'], [0.5, 'texts'], [0.75, 'mirrored'], [1, 'declared']]

interface Tab {
  page: Page
  namespace: string
  storage: Storage
  plan: Faults
  undo: (() => void)[]
  left: number
}

/** What one tab does next. */
const deedsOf = (random: Random): [number, (tab: Tab) => unknown][] => {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const name = (): string => pick(NAMES)
  const value = (): unknown => pick([() => 'x'.repeat(Math.floor(random() * 100)), () => random(), () => ({ list: [random(), null, 'text'] }), () => 'y'.repeat(Math.floor(5000 * random() ** 6))])()
  const ttl = (): { ttl?: never } => (random() < 0.3 ? ({ ttl: pick([1000, '1m', '1h', 'tab', 'session', 'page']) } as never) : {})
  const failing = (): unknown => {
    if (random() < 0.2) throw new Error('the token server is away')
    return value()
  }
  const listen = (tab: Tab, undo: () => void): void => {
    tab.undo.push(undo)
    // Half of them are taken back, half are left to the end of the storage.
    if (tab.undo.length > 2) tab.undo.splice(Math.floor(random() * 2), 1)[0]!()
  }
  return [
    [40, ({ storage }) => storage.get(name())],
    [28, ({ storage, namespace }) => storage.set(name(), value(), namespace === 'declared' ? {} : ttl())],
    [8, ({ storage }) => storage.remove(name())],
    [4, ({ storage }) => storage.take(name())],
    [4, ({ storage }) => storage.update(name(), (before) => (random() < 0.2 ? undefined : (before ?? value())))],
    [4, ({ storage, namespace }) => storage.getOrSet(name(), failing, { ...(random() < 0.5 && { refreshBefore: '30s' }), ...(namespace === 'declared' ? {} : ttl()) })],
    [2, ({ storage }) => storage.touch(name())],
    [2, ({ storage }) => storage.has(name())],
    [2, ({ storage }) => storage.getMany(NAMES)],
    [1, ({ storage }) => storage.setMany(NAMES.map((each) => [each, value()] as const))],
    [2, (tab) => listen(tab, tab.storage.watch(name(), () => {}))],
    [1, (tab) => listen(tab, tab.storage.on('corrupt', () => {}))],
    [1, ({ storage }) => storage.keys()],
    [0.5, ({ storage }) => storage.sweep()],
    [0.5, ({ storage }) => storage.inspect(name())],
    [0.5, ({ storage }) => storage.status({ probe: random() < 0.3 })],
    [0.2, ({ storage }) => storage.clear()],
    [0.3, ({ page }) => (page.tell('pagehide'), page.tell('pageshow'))],
    [0.3, ({ page }) => (page.show('hidden'), page.show('visible'), page.resume())],
    [0.6, ({ plan }) => void Object.assign(plan, pick<Faults>([{ quota: 500 }, { throws: new Error('broken') }, { drops: 2 }, { hangs: true }, { ignores: true }]))],
    [0.8, ({ plan }) => void Object.assign(plan, { quota: undefined, throws: undefined, drops: 0, hangs: false, ignores: false })],
  ]
}

/** What may be thrown at a caller here. */
const expected = (error: unknown): boolean => isStorageError(error) || (error as Error).message === 'the token server is away'

/** Consents that outlive the pages, with every listener counted. */
const createConsent = (): Consent & { watchers(): number; answer(random: Random): void } => {
  const answers = choice({ analytics: true })
  let watchers = 0
  return {
    allows: answers.allows,
    watch(heard) {
      const undo = answers.watch(heard)
      watchers++
      return () => {
        watchers--
        undo()
      }
    },
    watchers: () => watchers,
    answer: (random) => void answers.update({ [['analytics', 'functional', 'marketing'][Math.floor(random() * 3)]!]: random() < 0.6 }),
  }
}

/** Lets the event loop turn until it is done, and the clock go on where something waits for that. */
const until = async (work: Promise<unknown>, clock: FakeClock): Promise<void> => {
  let done = false
  const settled = work.finally(() => (done = true))
  for (let turn = 1; !done; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    // WebCrypto works beside the event loop, so a few turns say nothing.
    if (turn % 300 === 0) await clock.advance(clock.next() ?? 1500)
  }
  await settled
}

/** One visitor's life; the same `seed` lives the same. */
export const createLife = (seed: number) => {
  const random = randomOf(seed)
  const clock = fakeClock()
  const browser = createBrowser(clock)
  const consent = createConsent()
  const deeds = deedsOf(random)
  const weight = deeds.reduce((sum, [each]) => sum + each, 0)
  const seal = aesGcm({ id: 'k1', key: new Uint8Array(32).fill(7) })
  /** A page that is never left: storages come and go in it, over the same tiers. */
  const long = browser.page(true)
  const lasting = new Map(NAMESPACES.map((namespace) => [namespace, chains[namespace]!(long.env)]))
  const closed = new Set<WeakRef<object>>()
  const tabs = new Set<Tab>()
  const begun = clock.now()
  const faults: string[] = []
  const seen = { operations: 0, opened: 0, closed: 0, destroyed: 0, discarded: 0, rejected: 0 }

  const open = (namespace: string, page: Page, tiers: Tier[]): Storage =>
    createStorage({
      namespace,
      tiers,
      env: page.env,
      now: clock.now,
      ...(namespace === 'texts' && { idle: '1d' }),
      ...(namespace === 'declared' ? { keys, consent, seal } : { ttl: '1h' }),
    }) as Storage

  const openTab = (): Tab => {
    const chance = random()
    const [, namespace] = CHANCES.find(([most]) => chance < most)!
    const page = random() < 0.4 ? long : browser.page(random() < 0.8)
    const plan: Faults = {}
    const tiers = page === long ? lasting.get(namespace)! : chains[namespace]!(page.env)
    const [first, ...rest] = tiers as [Tier, ...Tier[]]
    const storage = open(namespace, page, page === long || random() < 0.7 ? tiers : [faulty(first, plan), ...rest])
    const tab = { page, namespace, storage, plan, undo: [], left: 10 + Math.floor(random() * 120) }
    tabs.add(tab)
    seen.opened++
    return tab
  }

  /** What a page still has once its storage is gone. What was late has had its time. */
  const check = (tab: Tab, how: string): void => {
    if (tab.page === long) return
    const left = Object.entries(tab.page.taken()).filter(([, count]) => count)
    if (left.length) faults.push(`${how} ${tab.namespace}: left ${left.map(([what, count]) => `${count} ${what}`).join(', ')}`)
    tab.page.discard()
  }

  const closeTab = async (tab: Tab): Promise<void> => {
    tabs.delete(tab)
    Object.assign(tab.plan, { quota: undefined, throws: undefined, drops: 0, hangs: false, ignores: false })
    const chance = random()
    if (chance < 0.3 && tab.page !== long && tab.namespace !== 'declared') {
      // The visitor closes the tab, in the middle of something.
      tab.storage.set('token', 'last words').catch(() => {})
      tab.page.discard()
      seen.discarded++
      return
    }
    const destroy = chance > 0.95
    await until(destroy ? tab.storage.destroy() : tab.storage.close(), clock)
    seen[destroy ? 'destroyed' : 'closed']++
    closed.add(new WeakRef(tab.storage))
    await clock.advance(2000)
    check(tab, destroy ? 'destroyed' : 'closed')
  }

  const act = async (tab: Tab): Promise<void> => {
    seen.operations++
    tab.left--
    let chance = random() * weight
    const [, deed] = deeds.find(([each]) => (chance -= each) < 0)!
    try {
      await deed(tab)
    } catch (error) {
      seen.rejected++
      if (!expected(error)) faults.push(`${tab.namespace}: ${String((error as Error).stack)}`)
    }
  }

  /** Goes on until so many operations were done. */
  const run = async (operations: number): Promise<void> => {
    for (const end = seen.operations + operations; seen.operations < end; ) {
      while (tabs.size < 4) openTab()
      const all = [...tabs]
      const batch = Array.from({ length: 1 + Math.floor(random() * 8) }, () => act(all[Math.floor(random() * all.length)]!))
      await until(Promise.all(batch), clock)
      if (random() < 0.1) consent.answer(random)
      if (random() < 0.2) await clock.advance(Math.floor(random() ** 4 * 60_000))
      for (const tab of all) if (tab.left < 0) await closeTab(tab)
    }
  }

  return {
    run,
    seen,
    faults,
    /** In ms. */
    lived: (): number => clock.now() - begun,
    /** Closes every tab; all that is late comes. */
    async rest(): Promise<void> {
      for (const tab of tabs) await closeTab(tab)
      await clock.advance(60_000)
      // What WebCrypto still has in hand.
      for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
    },
    left: (): Leftovers => ({ ...long.taken(), watchers: consent.watchers() }),
    /** Storages that were closed, and that somebody still holds. Wants a garbage collection before. */
    held(): number {
      for (const one of closed) if (!one.deref()) closed.delete(one)
      return closed.size
    },
    /** Destroys every namespace; answers what is still there. */
    async end(): Promise<string[]> {
      for (const namespace of NAMESPACES) {
        const storage = open(namespace, long, lasting.get(namespace)!)
        await until(storage.destroy().then(({ unreached }) => faults.push(...unreached.map(({ tier, message }) => `destroy ${namespace}: ${tier} ${message}`))), clock)
      }
      await clock.advance(60_000)
      return [...(await browser.kept()), ...Array.from(long.env.sessionStorage!, (_, index) => `sessionStorage ${long.env.sessionStorage!.key(index)}`)]
    },
  }
}
