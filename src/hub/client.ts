import type { Env, Kept, Lifetime, Outcome, Tier, Traits } from '../contracts.js'
import { decodeEntry, encodeEntry, LIFETIMES } from '../entry.js'
import type { StorageError } from '../errors.js'
import { createConnection } from './connection.js'
import { createJudge } from './proof.js'
import type { Page, State } from './protocol.js'
import { calm } from './protocol.js'

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

const known = /* @__PURE__ */ new WeakMap<object, Record<string, HubTier>>()

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
    address = new URL(url)
  } catch {}
  if (!address?.host) throw new TypeError('url: not http(s)')
  const patience = timeout ?? 1500
  if (!(patience > 0 && patience < Infinity)) throw new RangeError('timeout: not ms above 0')
  const tiers = known.get(env) ?? {}
  known.set(env, tiers)
  return (tiers[timeout + ' ' + address] ??= createTier(page, address, patience, timeout))
}

const createTier = (page: Page, url: URL, patience: number, timeout: number | undefined): HubTier => {
  const judge = createJudge(page, url.host)
  const kept = new Map<string, Kept>()
  const listeners = new Set<(name: string) => void>()
  let lifetimes: readonly Lifetime[] | undefined
  let access: boolean | undefined
  let mark: State['mark']
  /** Whether this partition reaches the site; `undefined`: it is not known. */
  let proven: boolean | undefined
  /** Whether the brand's cookie tells what this partition showed. */
  let noted: boolean

  const learn = (state: unknown): boolean => {
    const told = state as State
    lifetimes = LIFETIMES.filter((lifetime) => told.lifetimes.includes(lifetime))
    mark = told.mark
    noted = false
    proven = judge(mark)
    return (access = !!told.access)
  }
  const { begin, ask, reset, close } = createConnection(
    page,
    url,
    (state) => {
      learn(state)
      if (listeners.size) void tell()
    },
    (names) => names.forEach((name) => listeners.forEach((listener) => listener('' + name))),
  )
  /** Asked in any case, so it is also what opens the hub. */
  const listen = (): Promise<unknown> => ask('watch', listeners.size ? 'on' : '')
  const tell = calm<void>(listen)

  return {
    name: 'hub',
    get traits() {
      return { lifetimes: lifetimes ?? ['device'], reach: proven ? 'site' : 'origin', mayReach: proven === undefined ? 'site' : undefined, access, deadline: timeout } as Traits
    },
    open() {
      reset()
      return listen() as Promise<void>
    },
    read: (names) => Promise.all(names.map(async (name) => decodeEntry(name, (await ask('read', name)) as string))),
    write: (changes) =>
      Promise.all(
        changes.map((change) => {
          const { name } = change
          const answered = 'entry' in change ? ask('write', name, encodeEntry(name, change.entry)) : ask('drop', name, change.drop, change.bury ?? 0)
          return answered.then(
            (answer) => (LIFETIMES.includes(answer as Lifetime) ? void kept.set(name, { lifetime: answer as Lifetime }) : (answer as Outcome)),
            (error: StorageError) => {
              // What concerns the whole hub is thrown: it is no answer.
              begin()
              return error
            },
          )
        }),
      ),
    names: async (prefix) => ((await ask('names', prefix)) as string[]).filter((name) => name.startsWith(prefix)),
    async prove(reach) {
      begin()
      if (!lifetimes) await listen()
      if (reach !== 'site' || (noted && proven !== undefined)) return
      if (!mark) learn(await ask('mark', ''))
      proven = judge(mark, !noted)
      noted = true
    },
    kept: (name) => kept.get(name),
    async destroy(name) {
      learn(await ask('destroy', name))
      if (!mark) judge(mark, true)
    },
    watch(listener) {
      const heard = calm(listener)
      if (listeners.add(heard).size < 2) void tell()
      return () => {
        if (listeners.delete(heard) && !listeners.size) void tell()
      }
    },
    requestAccess: () =>
      Promise.race([
        ask('access', '').then(learn),
        new Promise((resolve) => (page.setTimeout ?? setTimeout)(resolve, patience)),
      ]).then(Boolean, () => false),
    close,
  }
}
