import type { Change, Entry, Env, MaybePromise, Outcome, Tier } from './contracts.js'
import { aboutOneWrite, asTierError, isStorageError, StorageError } from './errors.js'
import type { Health } from './health.js'
import { healthOf } from './health.js'

export interface LinkOptions {
  now: () => number
  env: Env
  /** ms that one operation of the tier may take. */
  deadline: number
  /** The name that holds the namespace's epoch; each batch asks for it once. `undefined`: there is none. */
  epoch: string | undefined
}

export interface Copy {
  entry: Entry | undefined
  /** The epoch's own entry, as this tier holds it. */
  epoch: Entry | undefined
}

/** What a write met, and the stamp of the epoch that this tier holds (0: none). */
export type Written = readonly [outcome: Outcome, epoch: number]

/** One tier as a storage sees it: batched by tick, bounded by a deadline, never throwing. */
export interface Link {
  readonly tier: Tier
  readonly health: Health
  read(name: string): Promise<Copy | StorageError>
  write(change: Change): Promise<Written>
  /** An operation beside the batches. */
  ask<T>(operation: (tier: Tier) => MaybePromise<T>): Promise<T | StorageError>
  /** Tries a tier that is down, now; its answer comes by `health`. */
  retry(): Promise<void>
  /** Remembers a change that the tier could not be told. */
  miss(change: Change): void
  /** Takes the tier down. */
  fail(error: StorageError): void
  /** Counts a storage that uses the tier, and tells it when the tier is back. */
  join(heard: () => void): void
  /** The last storage to leave closes the tier. */
  leave(): Promise<void>
}

/** Seconds after which a tier that is down is tried again. */
const PAUSES = [1, 5, 30]

const isPromise = <T>(value: MaybePromise<T>): value is Promise<T> => typeof (value as Promise<T> | undefined)?.then === 'function'
const stampOf = (change: Change): number => ('drop' in change ? change.drop : change.entry.stamp)

export const createLink = (tier: Tier, { now, env, deadline, epoch }: LinkOptions): Link => {
  const health = healthOf(tier)
  const { missed } = health
  let reads: { name: string; done: (copy: Copy | StorageError) => void }[] = []
  let writes: { change: Change; done: (written: Written) => void }[] = []
  let scheduled = false
  let joined: (() => void) | undefined

  const up = (): void => {
    const { state } = health
    if (state === 'ready') return
    Object.assign(health, { state: 'ready', reason: undefined, failures: 0 })
    if (state === 'down') health.heard.forEach((heard) => heard())
  }

  const pause = (): void => {
    health.retryAt = now() + PAUSES[Math.min(health.failures++, 2)]! * 1000
  }

  const failed = (error: StorageError): StorageError => {
    if (!aboutOneWrite(error) && health.reason !== error) {
      if (health.state !== 'down' || now() >= health.retryAt) pause()
      Object.assign(health, { state: 'down', reason: error, opened: false })
      // Whoever else waits for this tier has waited enough: a hang costs one deadline, once.
      health.waiting.forEach((end) => end(error))
    }
    return error
  }

  /** An answer within the deadline; a later one shows that the tier is back. */
  const bounded = <T>(answer: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      let waiting = true
      const end = (error: unknown): void => {
        if (!waiting) return
        waiting = false
        health.waiting.delete(end)
        void (env.clearTimeout ?? clearTimeout)(timer as never)
        reject(error)
      }
      const timer = (env.setTimeout ?? setTimeout)(() => end(new StorageError('timeout', `${tier.name}: no answer within ${deadline} ms`)), deadline)
      health.waiting.add(end)
      answer.then((value) => {
        if (waiting) resolve(value)
        else {
          up()
          schedule()
        }
        end(0)
      }, end)
    })

  const attempt = async <T>(operation: (tier: Tier) => MaybePromise<T>): Promise<T | StorageError> => {
    try {
      if (!health.opened) {
        health.opened = true
        const opening = tier.open()
        if (isPromise(opening)) await bounded(opening)
      }
      const answer = operation(tier)
      const value = isPromise(answer) ? await bounded(answer) : answer
      up()
      return value
    } catch (cause) {
      return failed(asTierError(cause, tier.name))
    }
  }

  const retry = async (): Promise<void> => {
    if (health.state !== 'down') return
    pause()
    await attempt(() => tier.read([epoch ?? '.']))
    schedule()
  }

  const ask: Link['ask'] = async (operation) => {
    const { state, reason, retryAt } = health
    if (state === 'down') {
      if (now() < retryAt) return reason!
      // After a hang nobody waits for the trial: whoever comes after it has answered has the tier again.
      if (reason!.code === 'timeout') {
        void retry()
        return reason!
      }
    }
    return attempt(operation)
  }

  const flush = (): void => {
    scheduled = false
    const asked = reads
    const told = writes
    reads = []
    writes = []
    if (told.length || missed.size) void tell(told)
    if (asked.length) void answer(asked)
  }

  /** What the tier missed goes first, then the batch, then a question for the epoch. */
  const tell = async (told: typeof writes): Promise<void> => {
    const late = [...missed.values()]
    const changes = [...late, ...told.map(({ change }) => change)]
    if (epoch !== undefined) changes.push({ name: epoch, drop: 0 })
    const answer = await ask((tier) => tier.write(changes))
    const outcomes = isStorageError(answer) ? changes.map(() => answer) : answer
    late.forEach((change, index) => {
      if (!isStorageError(outcomes[index]) && missed.get(change.name) === change) missed.delete(change.name)
    })
    const last = epoch !== undefined && outcomes[changes.length - 1]
    told.forEach(({ done }, index) => {
      const outcome = outcomes[late.length + index]
      done([isStorageError(outcome) ? failed(asTierError(outcome, tier.name)) : outcome, typeof last === 'number' ? last : 0])
    })
  }

  const answer = async (asked: typeof reads): Promise<void> => {
    const names = [...new Set(asked.map(({ name }) => name))]
    if (epoch !== undefined) names.push(epoch)
    const entries = await ask((tier) => tier.read(names))
    if (isStorageError(entries)) return asked.forEach(({ done }) => done(entries))
    const held = new Map(names.map((name, index) => [name, entries[index]]))
    const seen = (name: string): Entry | undefined => {
      const entry = held.get(name)
      const change = missed.get(name)
      return entry && change && entry.stamp <= stampOf(change) ? ('entry' in change ? change.entry : undefined) : entry
    }
    asked.forEach(({ name, done }) => done({ entry: seen(name), epoch: epoch === undefined ? undefined : seen(epoch) }))
  }

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    void Promise.resolve().then(flush)
  }

  return {
    tier,
    health,
    read: (name) =>
      new Promise((done) => {
        reads.push({ name, done })
        schedule()
      }),
    write: (change) =>
      new Promise((done) => {
        writes.push({ change, done })
        schedule()
      }),
    ask,
    retry,
    fail: failed,
    join(heard) {
      joined = heard
      health.heard.add(heard)
    },
    async leave() {
      health.heard.delete(joined!)
      if (health.heard.size) return
      if (health.opened) await attempt(() => tier.close())
      health.opened = false
    },
    miss(change) {
      const before = missed.get(change.name)
      if (!before || stampOf(before) <= stampOf(change)) missed.set(change.name, change)
    },
  }
}
