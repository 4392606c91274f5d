import type { Change, MaybePromise, Outcome, Reach, Tier } from '../contracts.js'
import { StorageError } from '../errors.js'

/** What goes wrong. Read at each operation, so a test may change it at any time. */
export interface Faults {
  /** Every operation throws this. */
  throws?: unknown
  /** Every operation waits for ever, and does nothing. */
  hangs?: boolean
  /** Operations wait for this, then take effect and answer: later than a deadline, if the test wants it so. */
  late?: Promise<unknown> | undefined
  /** The bytes that the tier may hold, in UTF-16 units of names and texts; more is `quota`, for that change alone. */
  quota?: number | undefined
  /** That many operations fail as a lost connection does; then it is back. */
  drops?: number
  /** Writes seem to succeed, then abort: nothing of the batch is kept. */
  aborts?: boolean
  /** Writes answer as if they were kept, and are not. */
  ignores?: boolean
  /** Before the next operation everything is gone, as after the browser has evicted it; then it turns itself off. */
  evicts?: boolean
}

const failure = (name: string): Error => Object.assign(new Error(name), { name })

/**
 * A tier that fails as planned: for tests of what a widget does when a browser misbehaves. Its name and traits
 * are those of the tier, but that it may answer late.
 *
 * @example
 * import { createStorage, localStorageTier, memoryTier } from 'holdfast'
 * import { faulty } from 'holdfast/testing'
 * const plan = { quota: 10 }
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [faulty(localStorageTier(), plan), memoryTier()] })
 * const { tier, passed } = await storage.set('token', 'longer than ten')
 * tier // => 'memory'
 * passed // => [{ tier: 'localStorage', code: 'quota' }]
 */
export const faulty = (tier: Tier, plan: Faults): Tier => {
  const paths = new Map<string, Tier>()

  const sizeOf = async (change: Change): Promise<number> => {
    const { name } = change
    const [before] = await tier.read([name])
    const size = (text: string | null | undefined): number => (text === undefined ? 0 : name.length + (text?.length ?? 0))
    return size('entry' in change ? change.entry.text : undefined) - size(before?.text)
  }
  const used = async (): Promise<number> => {
    const names = await tier.names('')
    const entries = await tier.read(names)
    return names.reduce((sum, name, index) => sum + name.length + (entries[index]?.text?.length ?? 0), 0)
  }
  /** One after another, each measured against what the ones before it left. */
  const rationed = async (changes: readonly Change[], quota: number): Promise<Outcome[]> => {
    const outcomes: Outcome[] = []
    for (const change of changes) {
      const grows = await sizeOf(change)
      if (grows > 0 && (await used()) + grows > quota) outcomes.push(new StorageError('quota', `${tier.name}: ${change.name} does not fit`))
      else outcomes.push(...(await tier.write([change])))
    }
    return outcomes
  }
  const evict = async (): Promise<void> => {
    plan.evicts = false
    await tier.write((await tier.names('')).map((name) => ({ name, drop: Infinity })))
  }
  const act = <T>(operation: () => MaybePromise<T>): MaybePromise<T> => {
    if (plan.throws !== undefined) throw plan.throws
    if (plan.hangs) return new Promise(() => {})
    if (plan.drops) {
      plan.drops--
      throw failure('InvalidStateError')
    }
    if (plan.late) return plan.late.then(operation)
    return plan.evicts ? evict().then(operation) : operation()
  }

  return {
    name: tier.name,
    get traits() {
      const { sync: _sync, ...traits } = tier.traits
      return traits
    },
    open: () => act(() => tier.open()),
    read: (names) => act(() => tier.read(names)),
    write: (changes) =>
      act(() => {
        if (plan.aborts) return Promise.reject(failure('AbortError'))
        if (plan.ignores) return changes.map(() => undefined)
        return plan.quota === undefined ? tier.write(changes) : rationed(changes, plan.quota)
      }),
    names: (prefix) => act(() => tier.names(prefix)),
    ...(tier.expired && { expired: (prefix: string, now: number) => act(() => tier.expired!(prefix, now)) }),
    ...(tier.usage && { usage: (prefix: string) => act(() => tier.usage!(prefix)) }),
    ...(tier.destroy && { destroy: (name: string) => act(() => tier.destroy!(name)) }),
    ...(tier.watch && { watch: (heard: (name: string) => void) => tier.watch!(heard) }),
    ...(tier.prove && { prove: (reach: Reach | undefined) => act(() => tier.prove!(reach)) }),
    ...(tier.kept && { kept: (name: string) => tier.kept!(name) }),
    ...(tier.at && {
      at(path: string) {
        const scoped = tier.at!(path)
        const made = scoped === tier ? this : (paths.get(path) ?? faulty(scoped, plan))
        paths.set(path, made)
        return made
      },
    }),
    close: () => tier.close(),
  }
}
