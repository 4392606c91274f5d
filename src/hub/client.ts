import type { Env, Lifetime, Outcome, Tier, Traits } from '../contracts.js'
import { decodeEntry, encodeEntry } from '../entry.js'
import { asTierError, StorageError } from '../errors.js'
import { createConnection } from './connection.js'
import { createProof } from './proof.js'
import type { Page, State } from './protocol.js'
import { isHex, LIFETIMES } from './protocol.js'

/** What `hubTier` takes. */
export interface HubOptions {
  /** The hub's page, on the vendor's domain. */
  url: string
  /** The ms that an operation may take, over the storage's `deadline`. */
  timeout?: number
  env?: Env
}

/** The hub as a tier, and what a click handler asks of it. */
export interface HubTier extends Tier {
  /**
   * Asks the browser to give the hub's frame its own, unpartitioned cookies (Storage Access API). Answers whether it
   * has them now, after the deadline at the latest; never rejects. Browsers want a visitor's click within the frame.
   */
  requestAccess(): Promise<boolean>
}

const known = /* @__PURE__ */ new WeakMap<object, Map<string, HubTier>>()

/**
 * Keeps entries on the vendor's domain, in the hub that `serveHub` runs in a hidden frame. Asked for twice, it is the
 * same tier, so that a page has one frame of a hub and waits for it once. Nothing happens before the first operation.
 * Throws a TypeError or RangeError that names the argument.
 *
 * @example
 * import { createStorage, memoryTier } from 'holdfast'
 * import { hubTier } from 'holdfast/hub'
 * const hub = hubTier({ url: 'https://chat.vendor.test/hub', timeout: 50 })
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [hub, memoryTier()] })
 * const { tier, passed } = await storage.set('token', 'abc')
 * // Here is no such vendor, so the next tier takes it.
 * tier // => 'memory'
 * passed // => [{ tier: 'hub', code: 'timeout' }]
 */
export const hubTier = ({ url, timeout, env = globalThis }: HubOptions): HubTier => {
  const page = env as Page
  let address
  try {
    address = new URL(url, page.location?.href)
  } catch {}
  if (!/^http/.test(address?.protocol!)) throw new TypeError('url: not an http(s) address')
  if (timeout !== undefined && !(timeout > 0 && timeout < Infinity)) throw new RangeError('timeout: not ms above 0')
  const key = timeout + ' ' + address
  const tiers = known.get(env) ?? new Map<string, HubTier>()
  known.set(env, tiers)
  const tier = tiers.get(key) ?? createTier(page, address!, timeout)
  tiers.set(key, tier)
  return tier
}

const createTier = (page: Page, url: URL, timeout: number | undefined): HubTier => {
  const patience = timeout ?? 1500
  const proof = createProof(page, url.host)
  const kept = new Map<string, Lifetime | undefined>()
  const listeners = new Set<(name: string) => void>()
  let mark: string | undefined
  /** Whether the brand's cookie tells what this partition of the hub showed. */
  let noted: boolean
  let traits: Traits = { lifetimes: ['device'], reach: 'origin', mayReach: 'site', ...(timeout && { deadline: timeout }) }

  const judge = (write?: boolean): void => {
    const proven = proof.judge(mark, write)
    const { mayReach: _before, ...others } = traits
    traits = { ...others, reach: proven ? 'site' : 'origin', ...(proven === undefined && { mayReach: 'site' }) }
  }
  const learn = (told: unknown): void => {
    const state = told as State
    traits = { ...traits, lifetimes: LIFETIMES.filter((lifetime) => state.lifetimes.includes(lifetime)), access: !!state.access }
    mark = isHex(state.mark) ? state.mark : undefined
    noted = false
    judge()
  }
  const listen = (): unknown => ask('watch', listeners.size ? 'on' : '').catch(() => {})
  const { open, connect, ask, close } = createConnection(
    page,
    url,
    patience,
    (state) => {
      learn(state)
      if (listeners.size) listen()
    },
    (names) => {
      for (const name of names)
        for (const listener of listeners)
          try {
            listener(name)
          } catch {} // a listener that throws harms nobody
    },
  )

  return {
    name: 'hub',
    get traits() {
      return traits
    },
    open,
    read: (names) => Promise.all(names.map(async (name) => decodeEntry(name, (await ask('read', name)) as string))),
    write: (changes) =>
      Promise.all(
        changes.map(async (change): Promise<Outcome> => {
          const { name } = change
          try {
            const answer = await ('entry' in change ? ask('write', name, encodeEntry(name, change.entry)) : ask('drop', name, change.drop, change.bury ?? 0))
            if (typeof answer === 'number') return answer
            if (answer !== undefined && !LIFETIMES.includes(answer as Lifetime)) throw new StorageError('unavailable', 'hub: bad answer')
            kept.set(name, answer as Lifetime)
            return
          } catch (cause) {
            return asTierError(cause, 'hub')
          }
        }),
      ),
    names: async (prefix) => ((await ask('names', prefix)) as string[]).filter((name) => name.startsWith(prefix)),
    async prove(reach) {
      await connect()
      if (reach !== 'site' || (noted && !traits.mayReach)) return
      if (!mark) learn(await ask('mark', ''))
      judge(!noted)
      noted = true
    },
    kept(name) {
      const lifetime = kept.get(name)
      return lifetime && { lifetime }
    },
    async destroy(name) {
      learn(await ask('destroy', name))
      if (!mark) proof.forget()
    },
    watch(listener) {
      if (listeners.add(listener).size < 2) listen()
      return () => {
        if (listeners.delete(listener) && !listeners.size) listen()
      }
    },
    requestAccess: () =>
      Promise.race([
        ask('access', '').then((state) => {
          learn(state)
          return !!traits.access
        }),
        new Promise<false>((resolve) => (page.setTimeout ?? setTimeout)(() => resolve(false), patience)),
      ]).catch(() => false),
    close() {
      listeners.clear()
      close()
    },
  }
}
