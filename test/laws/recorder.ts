import type { Change, Entry, MaybePromise, Outcome, Reach, Tier } from '../../src/contracts.js'
import type { TierName } from './schedule.js'

/** One place that keeps entries: an origin's localStorage, a tab's sessionStorage, a page's memory. */
export interface Place {
  tier: TierName
  /** What stands there as far as acknowledged changes tell; `'damaged'`: text that was replaced beneath the tier. */
  shadow: Map<string, Entry | 'damaged'>
  /** Names under which somebody else's text was put: it is not ours to remove. */
  foreign: Set<string>
  /** Names of damaged text that was dropped: what is ours goes, and it may have been somebody else's. */
  unsure: Set<string>
  /** Values that a page took away, until the model has looked at them. */
  dropped: { name: string; entry: Entry; page: Witness }[]
  /** The tier without faults and without a record, to look beneath. */
  raw: Tier
  /** Two, where one tier is composed of two places. */
  parts: readonly Tier[]
  /** Replaces the text of a name beneath the tier. */
  damage(name: string, how: string): Promise<boolean>
}

/** One operation of a tier, as a page asked for it. */
export interface Call {
  place: Place
  verb: 'open' | 'read' | 'write' | 'names' | 'expired' | 'usage' | 'prove' | 'destroy' | 'close'
  page: Witness
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
  /** Looks at each change before the tier is asked for it. */
  heed?: ((changes: readonly Change[], tier: TierName) => void) | undefined
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
const forget = ({ place: { shadow, dropped, unsure }, page }: Call, { name, drop, bury }: { name: string; drop: number; bury?: number }, held: Entry | 'damaged'): void => {
  if (held !== 'damaged' && held.stamp > drop) return
  if (held !== 'damaged' && held.text !== null) dropped.push({ name, entry: held, page })
  if (held === 'damaged') unsure.add(name)
  if (!bury || held === 'damaged') shadow.delete(name)
  else if (held.text !== null) shadow.set(name, { text: null, stamp: drop, lifetime: 'device', expires: bury })
}

const apply = (call: Call): void => {
  const { shadow } = call.place
  call.changes.forEach((change, index) => {
    if (call.outcomes[index] !== undefined) return
    const held = shadow.get(change.name)
    if ('entry' in change) shadow.set(change.name, change.entry)
    else if (change.drop && held) forget(call, change, held)
  })
}

const isPromise = <T>(value: MaybePromise<T>): value is Promise<T> => typeof (value as Promise<T> | undefined)?.then === 'function'

type Asked = Pick<Call, 'verb'> & Partial<Pick<Call, 'names' | 'changes'>>

/** Faults of a tier that the record must know of. */
type Planned = { hangs?: boolean; late?: unknown; ignores?: boolean }

const callOf = (place: Place, { hangs, late, ignores }: Planned, page: Witness, { verb, names = [], changes = [] }: Asked): Call => ({
  place, verb, names, changes, outcomes: [], state: 'pending', code: undefined, page,
  started: page.elapsed(), ended: Infinity, clock: page.now(), stuck: !!hangs || !!late, late: !hangs && !!late, lied: !!ignores,
})

/** What became of a call: the page may be gone by then. */
const settle = (call: Call, page: Witness, state: 'answered' | 'failed', answer: unknown): void => {
  call.state = state
  page.flight.delete(call)
  call.ended = page.elapsed()
  call.clock = page.now()
  if (state === 'failed') call.code = codeOf(answer)
  else if (call.verb === 'write') {
    call.outcomes = answer as readonly Outcome[]
    const failures = call.outcomes.filter((outcome) => typeof outcome === 'object').map(codeOf)
    call.code = failures.find(takesDown) ?? failures[0]
    if (!call.lied) apply(call)
  }
}

/** Everything that a page asks is written down; a page that is gone asks nothing any more, and hears no answer. */
const recorder = (place: Place, plan: Planned, page: Witness) => <T>(asked: Asked, act: () => MaybePromise<T>): MaybePromise<T> => {
  if (page.dead || page.calls.length > page.limit) return new Promise(() => {})
  const call = callOf(place, plan, page, asked)
  page.calls.push(call)
  page.heed?.(call.changes, place.tier)
  if (!call.stuck) page.flight.add(call)
  const told = (): string => `${place.tier} ${call.verb} ${JSON.stringify(asked.changes ?? call.names)}`
  page.trace?.(`> ${told()}`)
  const over = (state: 'answered' | 'failed', answer: unknown): void => {
    settle(call, page, state, answer)
    page.trace?.(`< ${told()} ${state} ${state === 'failed' ? String(answer) : JSON.stringify(answer)}`)
  }
  const failed = (cause: unknown): Promise<T> => {
    over('failed', cause)
    if (page.dead) return new Promise(() => {})
    throw cause
  }
  try {
    const answer = act()
    if (isPromise(answer))
      return answer.then((value) => {
        over('answered', value)
        return page.dead ? new Promise<T>(() => {}) : value
      }, failed)
    over('answered', answer)
    return answer
  } catch (cause) {
    return failed(cause)
  }
}

/** The tier as it is, with a record of all that a page asks of it. */
export const recorded = (tier: Tier, place: Place, plan: Planned, page: Witness, sync: boolean): Tier => {
  const run = recorder(place, plan, page)
  return {
    name: tier.name,
    get traits() {
      return sync ? { ...tier.traits, sync } : tier.traits
    },
    open: () => run({ verb: 'open' }, () => tier.open()),
    read: (names) => run({ verb: 'read', names }, () => tier.read(names)),
    write: (changes) => run({ verb: 'write', changes, names: changes.map(({ name }) => name) }, () => tier.write(changes)),
    names: (prefix) => run({ verb: 'names' }, () => tier.names(prefix)),
    ...(tier.expired && { expired: (prefix: string, now: number) => run({ verb: 'expired' }, () => tier.expired!(prefix, now)) }),
    ...(tier.usage && { usage: (prefix: string) => run({ verb: 'usage' }, () => tier.usage!(prefix)) }),
    ...(tier.prove && { prove: (reach: Reach | undefined) => run({ verb: 'prove' }, () => tier.prove!(reach)) }),
    ...(tier.kept && { kept: (name: string) => tier.kept!(name) }),
    ...(tier.destroy && { destroy: (name: string) => run({ verb: 'destroy' }, () => tier.destroy!(name)) }),
    close: () => run({ verb: 'close' }, () => tier.close()),
  }
}
