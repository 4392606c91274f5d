import type { Change, Entry, MaybePromise, Outcome, Tier } from 'holdfast'
import type { TierName } from './schedule.js'

/** One place that keeps entries: an origin's localStorage, a tab's sessionStorage, a page's memory. */
export interface Place {
  tier: TierName
  /** What stands there as far as acknowledged changes tell; `'damaged'`: text that was replaced beneath the tier. */
  shadow: Map<string, Entry | 'damaged'>
  /** Names under which somebody else's text was put: it is not ours to remove. */
  foreign: Set<string>
  /** The tier without faults and without a record, to look beneath. */
  raw: Tier
  /** Replaces the text of a name beneath the tier. */
  damage(name: string, how: string): Promise<boolean>
}

/** One operation of a tier, as a page asked for it. */
export interface Call {
  place: Place
  verb: 'open' | 'read' | 'write' | 'names' | 'expired' | 'usage' | 'destroy' | 'close'
  names: readonly string[]
  changes: readonly Change[]
  outcomes: readonly Outcome[]
  state: 'pending' | 'answered' | 'failed'
  /** Why it failed, or why one of its changes did, by the rules that map what a tier throws. */
  code: string | undefined
  /** Waiting time, which no jump of the clock moves; and the clock when it was last heard of. */
  started: number
  ended: number
  clock: number
  /** The tier was told not to answer (`late`: not yet), or to lie. */
  stuck: boolean
  late: boolean
  lied: boolean
}

/** What the record needs to know of the page that asks. */
export interface Witness {
  dead: boolean
  calls: Call[]
  /** Calls of all pages that will be answered without a timer. */
  flight: Set<Call>
  /** More calls than that are a loop without an end: they are not answered, so that it stops. */
  limit: number
  elapsed(): number
  now(): number
  /** For a person who looks into one schedule. */
  trace?: ((line: string) => void) | undefined
}

const FALLS_THROUGH = ['unavailable', 'quota', 'too-large', 'timeout', 'lost', 'refused']

/** The code that the design gives to what a tier throws. */
export const codeOf = (cause: unknown): string => {
  const { code, name } = (cause ?? {}) as { code?: unknown; name?: unknown }
  if (typeof code === 'string' && FALLS_THROUGH.includes(code)) return code
  return name === 'QuotaExceededError' ? 'quota' : name === 'InvalidStateError' ? 'lost' : 'unavailable'
}

export const takesDown = (code: string | undefined): boolean => code !== undefined && code !== 'quota' && code !== 'too-large'

/** A damaged text of ours goes with any drop, a foreign one stays: which of them it was is not known here. */
const forget = (shadow: Place['shadow'], { name, drop, bury }: { name: string; drop: number; bury?: number }, held: Entry | 'damaged'): void => {
  if (held !== 'damaged' && held.stamp > drop) return
  if (!bury || held === 'damaged') shadow.delete(name)
  else if (held.text !== null) shadow.set(name, { text: null, stamp: drop, lifetime: 'device', expires: bury })
}

const apply = (call: Call): void => {
  const { shadow } = call.place
  call.changes.forEach((change, index) => {
    if (call.outcomes[index] !== undefined) return
    const held = shadow.get(change.name)
    if ('entry' in change) shadow.set(change.name, change.entry)
    else if (change.drop && held) forget(shadow, change, held)
  })
}

const isPromise = <T>(value: MaybePromise<T>): value is Promise<T> => typeof (value as Promise<T> | undefined)?.then === 'function'

/** The tier as it is, with everything that a page asks of it written down; a page that is gone asks nothing any more. */
export const recorded = (tier: Tier, place: Place, plan: { hangs?: boolean; late?: unknown; ignores?: boolean }, page: Witness, sync: boolean): Tier => {
  const run = <T>(verb: Call['verb'], about: { names?: readonly string[]; changes?: readonly Change[] }, act: () => MaybePromise<T>): MaybePromise<T> => {
    if (page.dead || page.calls.length > page.limit) return new Promise(() => {})
    const call: Call = {
      place, verb, names: about.names ?? [], changes: about.changes ?? [], outcomes: [], state: 'pending', code: undefined,
      started: page.elapsed(), ended: Infinity, clock: page.now(), stuck: !!plan.hangs || !!plan.late, late: !plan.hangs && !!plan.late, lied: !!plan.ignores,
    }
    page.calls.push(call)
    if (!call.stuck) page.flight.add(call)
    const told = `${place.tier} ${verb} ${JSON.stringify(about.changes ?? about.names ?? '')}`
    page.trace?.(`> ${told}`)
    const over = (state: 'answered' | 'failed', answer: unknown): void => {
      call.state = state
      page.flight.delete(call)
      call.ended = page.elapsed()
      call.clock = page.now()
      page.trace?.(`< ${told} ${state} ${state === 'failed' ? String(answer) : JSON.stringify(answer)}`)
      if (state === 'failed') call.code = codeOf(answer)
      else if (verb === 'write') {
        call.outcomes = answer as readonly Outcome[]
        const failures = call.outcomes.filter((outcome) => typeof outcome === 'object').map(codeOf)
        call.code = failures.find(takesDown) ?? failures[0]
        if (!call.lied) apply(call)
      }
    }
    try {
      const answer = act()
      if (!isPromise(answer)) {
        over('answered', answer)
        return answer
      }
      return answer.then(
        (value) => {
          over('answered', value)
          // A page that is gone hears no answer.
          return page.dead ? new Promise<T>(() => {}) : value
        },
        (cause: unknown) => {
          over('failed', cause)
          if (page.dead) return new Promise<T>(() => {})
          throw cause
        },
      )
    } catch (cause) {
      over('failed', cause)
      throw cause
    }
  }
  return {
    name: tier.name,
    traits: sync ? { ...tier.traits, sync } : tier.traits,
    open: () => run('open', {}, () => tier.open()),
    read: (names) => run('read', { names }, () => tier.read(names)),
    write: (changes) => run('write', { changes, names: changes.map(({ name }) => name) }, () => tier.write(changes)),
    names: (prefix) => run('names', {}, () => tier.names(prefix)),
    ...(tier.expired && { expired: (prefix: string, now: number) => run('expired', {}, () => tier.expired!(prefix, now)) }),
    ...(tier.usage && { usage: (prefix: string) => run('usage', {}, () => tier.usage!(prefix)) }),
    ...(tier.destroy && { destroy: (name: string) => run('destroy', {}, () => tier.destroy!(name)) }),
    close: () => run('close', {}, () => tier.close()),
  }
}
