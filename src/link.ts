import type { Change, Entry, Env, MaybePromise, Outcome, Tier } from './contracts.js'
import { andThen, batched, isPromise } from './answer.js'
import { aboutOneWrite, asTierError, isStorageError, StorageError } from './errors.js'
import type { Health } from './health.js'
import { healthOf } from './health.js'

export interface LinkOptions {
  now: () => number
  env: Env
  /** The ms that one operation of the tier may take. */
  deadline: number
  /** The name that holds the namespace's epoch; each batch asks for it once. `''`: there is none. */
  epoch: string
}

/** What a tier holds for a name, and for the epoch. */
export type Copy = readonly [entry: Entry | undefined, epoch: Entry | undefined]

/** One tier as a storage sees it: batched by tick, bounded by a deadline, never throwing. */
export interface Link {
  readonly tier: Tier
  readonly health: Health
  /** Told in the same breath by a tier that answers at once. */
  read(name: string, done: (copy: Copy | StorageError) => void): void
  /** A number is the stamp, of the name or of the epoch, that stands against the change. */
  write(change: Change): Promise<Outcome>
  /** An operation beside the batches. */
  ask<T>(operation: (tier: Tier) => MaybePromise<T>): MaybePromise<T | StorageError>
  /** Tries a tier that is down, now. */
  retry(): Promise<void>
  /** Remembers a change that the tier could not be told. */
  miss(change: Change): void
  /** Takes the tier down, unless the error is about one write. */
  fail(error: StorageError): StorageError
  /** For a storage that uses the tier: hears when it is back. Answers how to leave; the last to leave closes the tier. */
  join(heard: () => void): () => Promise<void>
}

/** Seconds after which a tier that is down is tried again. */
const PAUSES = [1, 5, 30]

const stampOf = (change: Change): number => ('drop' in change ? change.drop : change.entry.stamp)

export const createLink = (tier: Tier, { now, env, deadline: usual, epoch }: LinkOptions): Link => {
  const deadline = tier.traits.deadline ?? usual
  const health = healthOf(tier)
  const { missed, waiting } = health

  /** A tier that refuses what it is given may be readable all the while: an entry that stays proves it well. */
  const up = (proof: boolean): void => {
    if (!proof && health.reason?.code === 'refused') return
    health.tried = true
    if (!health.reason) return
    health.reason = undefined
    health.failures = 0
    health.heard.forEach((heard) => heard())
  }

  /** A clock that was set back does not keep a tier down. */
  const due = (): boolean => {
    const left = health.retryAt - now()
    return left <= 0 || left > PAUSES[2]! * 1000
  }

  const pause = (): void => {
    health.retryAt = now() + PAUSES[Math.min(health.failures++, 2)]! * 1000
  }

  const fail = (error: StorageError): StorageError => {
    if (!health.left && !aboutOneWrite(error) && health.reason !== error) {
      if (!health.reason || due()) pause()
      health.reason = error
      health.opened = false
      // Whoever else waits for this tier has waited enough: a hang costs one deadline, once.
      waiting.forEach((end) => end(error))
    }
    return error
  }

  /** An answer within the deadline; a later one shows that the tier is back. */
  const bounded = <T>(answer: MaybePromise<T>): MaybePromise<T> =>
    isPromise(answer)
      ? new Promise((resolve, reject) => {
          const end = (error: unknown): void => {
            waiting.delete(end)
            ;(env.clearTimeout ?? clearTimeout)(timer as never)
            reject(error)
          }
          const timer = (env.setTimeout ?? setTimeout)(() => end(new StorageError('timeout', `${tier.name}: no answer in ${deadline} ms`)), deadline)
          waiting.add(end)
          answer.then((value) => {
            if (waiting.has(end)) resolve(value)
            else {
              up(false)
              if (missed.size) void tell([])
            }
            end(0)
          }, end)
        })
      : answer

  const attempt = <T>(operation: (tier: Tier) => MaybePromise<T>, proof = false): MaybePromise<T | StorageError> => {
    const failed = (cause: unknown): StorageError => fail(asTierError(cause, tier.name))
    const start = (): MaybePromise<T> => {
      // What comes late would open it for nobody.
      if (health.left) throw new StorageError('unavailable', tier.name + ': closed')
      return bounded(operation(tier))
    }
    const over = (value: T): T => {
      const failure = Array.isArray(value) && value.find((one) => isStorageError(one) && !aboutOneWrite(one))
      if (failure) fail(failure)
      else up(proof)
      return value
    }
    try {
      const closed = !health.opened && !health.left
      if (closed) health.opened = true
      const answer = andThen(closed ? andThen(bounded(tier.open()), start) : start(), over)
      return isPromise(answer) ? answer.catch(failed) : answer
    } catch (cause) {
      return failed(cause)
    }
  }

  const retry = async (): Promise<void> => {
    if (!health.reason) return
    pause()
    await attempt(() => tier.read([epoch || '.']))
    if (missed.size) await tell([])
  }

  const ask = <T>(operation: (tier: Tier) => MaybePromise<T>, proof?: boolean): MaybePromise<T | StorageError> => {
    const { reason } = health
    if (reason && (proof || reason.code !== 'refused')) {
      // After a hang nobody waits for the trial: whoever comes after its answer has the tier again.
      const trial = due()
      if (trial && reason.code === 'timeout') void retry()
      if (!trial || reason.code === 'timeout') return reason
    }
    return attempt(operation, proof)
  }

  /** What the tier missed goes first, then the batch, then a question for the epoch. */
  const tell = (changes: readonly Change[]): MaybePromise<Outcome[]> => {
    const late = [...missed.values()]
    const all = [...late, ...changes]
    if (epoch) all.push({ name: epoch, drop: 0 })
    return andThen(ask(() => tier.write(all), all.some((change) => 'entry' in change)), (answer) => {
      // Why it was not asked is known; by now it may be back.
      if (isStorageError(answer)) return changes.map(() => answer)
      const outcomes: readonly Outcome[] = Array.isArray(answer) ? answer : all.map(() => asTierError(answer, tier.name))
      late.forEach((change, index) => isStorageError(outcomes[index]) || (missed.get(change.name) === change && missed.delete(change.name)))
      const standing = epoch && outcomes[all.length - 1]
      return changes.map((change, index) => {
        const outcome = outcomes[late.length + index]
        // Whatever else a tier answers is not a promise that it has the entry.
        if (outcome !== undefined && typeof outcome !== 'number') return fail(asTierError(outcome, tier.name))
        return change.name !== epoch && (standing as number) >= stampOf(change) ? (standing as number) : outcome
      })
    })
  }
  const write = batched(tell)

  /** What the tier has not heard yet is not answered from it. */
  const seen = (name: string, entry: Entry | undefined): Entry | undefined => {
    const change = entry && missed.get(name)
    return change && !entry.corrupt && entry.stamp <= stampOf(change) ? undefined : entry
  }

  const read = batched<string, Copy | StorageError>((names) => {
    if (missed.size) void tell([])
    const each = names[1] ? [...new Set(names)] : names
    const places = each.length < names.length ? new Map(each.map((name, index) => [name, index])) : undefined
    const asked = epoch ? [...each, epoch] : each
    return andThen(ask(() => tier.read(asked)), (entries) => {
      if (!Array.isArray(entries)) {
        const error = isStorageError(entries) ? entries : fail(asTierError(entries, tier.name))
        return names.map(() => error)
      }
      const mark = epoch ? seen(epoch, entries[each.length]) : undefined
      return names.map((name, index) => [seen(name, entries[places?.get(name) ?? index]), mark])
    })
  })

  return {
    tier,
    health,
    read,
    write: (change) => new Promise((done) => write(change, done)),
    ask,
    retry,
    fail,
    join(heard) {
      health.heard.add(heard)
      health.left = false
      return async () => {
        health.heard.delete(heard)
        if (health.heard.size) return
        // One that is down may still have something open.
        health.opened = true
        const close = attempt(() => tier.close())
        health.opened = false
        health.left = true
        await close
      }
    },
    miss(change) {
      const before = missed.get(change.name)
      if (!before || stampOf(before) <= stampOf(change)) missed.set(change.name, change)
    },
  }
}

export const copyOf = ({ read }: Link, name: string): Promise<Copy | StorageError> => new Promise((done) => read(name, done))
