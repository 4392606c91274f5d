import { andThen, promised } from './answer.js'
import type { createAdoption } from './adoption.js'
import type { Chain } from './chain.js'
import type { Found, Receipt } from './route.js'
import { StorageError } from './errors.js'
import type { Emitter } from './events.js'
import type { Gate } from './gate.js'
import type { Term, Ttl } from './lifetime.js'
import { keeps, parseTtl, spanOf } from './lifetime.js'
import type { Link } from './link.js'
import type { Way } from './options.js'
import { checkKey } from './options.js'
import type { WriteOptions } from './surface.js'
import type { Turns } from './turns.js'
import type { Value, Values } from './values.js'

/** What the verbs of one key stand on. */
export interface KeyedGround {
  wayOf(key: string): Way | undefined
  declared: readonly Way[] | undefined
  /** What older code left is taken over, where there is a registry. */
  createAdoption: typeof createAdoption | undefined
  /** Whether the page is on its way out. */
  leaving(): boolean
  /** Before each operation. */
  ready(write?: boolean): Promise<void> | undefined
  turns: Turns
  chain: Chain
  values: Values
  gate: Gate | undefined
  emit: Emitter['emit']
  defer<T>(work: Promise<T>, queued?: boolean): Promise<T>
  now: () => number
}

/** The reasons of a rule; a value that goes past a tier for one of them has not fallen back. */
const RULED = ['lifetime', 'secret', 'reach']

/** Tiers that answer at once go first: of the others nobody knows whether they still will. */
const atOnce = (way: Way): Way => {
  const rank = ({ tier: { traits } }: Link): number => (spanOf(traits) ? +!traits.sync : 2)
  return { ...way, hurried: true, links: [...way.links].sort((one, other) => rank(one) - rank(other)) }
}

/** The verbs that concern one key, each by its rule. */
export const createKeyed = ({ wayOf, declared, createAdoption, leaving, ready, turns, chain, values, gate, emit, defer, now }: KeyedGround) => {
  /** Keys whose value was taken up the chain, or was to be: once in a visit. */
  const risen = new Set<string>()
  const routeOf = (way: Way): Way => (gate ? gate.route(way) : way)
  /** What comes before the key's own work: what waited goes to its place, what older code left is taken over. */
  const enter = async (way: Way): Promise<Way> => {
    if (gate?.waits(way)) await gate.settle(way)
    const route = routeOf(way)
    if (route === way) await adoption?.adopt(way)
    return route
  }
  /** Every verb of one key: its rule, the state of the storage, and for those that write its turn. */
  const verb = <T>(key: string, act: (way: Way) => Promise<T>, inTurn = true, write?: boolean): Promise<T> =>
    promised(() => {
      checkKey(key)
      const way = wayOf(key)
      if (!way) throw new StorageError('unknown-key', key + ': not a key')
      const begin = (): Promise<T> => {
        if (adoption?.waits(way) || gate?.waits(way)) return turns.one(key, async () => act(await enter(way)))
        return inTurn && !leaving() ? turns.one(key, () => act(routeOf(way))) : defer(act(routeOf(way)))
      }
      const entering = ready(write)
      return entering ? entering.then(begin) : begin()
    })
  const place = async (way: Way, text: string, { lifetime, ms }: Term, read?: Found['newest']): Promise<Receipt | undefined> => {
    const { key, held } = way
    const receipt = await chain.put(leaving() ? atOnce(way) : way, text, lifetime, ms, read)
    if (receipt?.passed.some(({ code }) => !RULED.includes(code))) emit('fallback', { key, tier: receipt.tier, passed: receipt.passed })
    if (!receipt || !held) return receipt
    await gate!.hold(held)
    emit('held', { key })
    return { ...receipt, held: 'consent' }
  }
  const adoption = createAdoption?.({ declared: declared!, chain, values, place, emit })
  /** A read that gives a value its lifetime, or its form, anew; in the key's turn. */
  const renew = async (way: Way, { text, newest }: Found, { value, migrated }: Value): Promise<void> => {
    const { stamp, lifetime, expires } = newest!.entry
    const left = expires && expires - now()
    const term = way.sliding && way.term(value)
    const due = term && left! < term.ms! * 0.9
    // By now it may be removed, or have lost its consent.
    if (!(migrated || due) || routeOf(way.held ?? way) !== way || (await chain.find(way)).newest?.entry.stamp !== stamp) return
    await place(way, migrated ? await values.admit(way, values.encode(way.key, value)) : text!, due ? term : { lifetime, ...(left && { ms: left }) }, newest)
  }
  const read = <T>(way: Way, act: (found: Found, value?: Value) => T): Promise<T> =>
    chain.find(way).then((found) =>
      andThen(values.decode(way, found), (value) => {
        const { key, links: [first], reach } = way
        const { traits } = first!.tier
        const { link, entry } = found.newest ?? {}
        // A page put it there as it went, or while the first tier was away.
        if (value && link !== first && link!.tier.traits.sync && !traits.sync && !first!.health.reason && keeps(traits, entry!.lifetime) && !reach && !risen.has(key)) {
          risen.add(key)
          defer(turns.one(key, () => renew(way, found, { ...value, migrated: true })), true)
        }
        return act(found, value)
      }),
    )
  const find = (way: Way): Promise<[found: Found, value?: Value | undefined]> => read(way, (found, value) => [found, value])
  const peek = (key: string): Promise<unknown> =>
    verb(key, (way) =>
      read(way, (found, value) => {
        if (value && (value.migrated || way.sliding)) defer(turns.one(key, () => renew(way, found, value)), true)
        return value?.value
      }), false)
  /** One that its rule renews has no other lifetime: a read could not tell. */
  const termOf = (key: string, ttl: Ttl | undefined): Term | undefined => {
    if (ttl !== undefined && wayOf(key)?.sliding) throw new RangeError(`ttl: ${key} has that of its rule, because it slides`)
    return ttl === undefined ? ttl : parseTtl(ttl)
  }
  const set = (key: string, value: unknown, { ttl }: WriteOptions = {}): Promise<Receipt> =>
    promised(() => {
      checkKey(key)
      const term = termOf(key, ttl)
      const text = values.encode(key, value)
      const kept = (way: Way, form: string): Promise<Receipt> => place(way, form, term ?? way.term(value)) as Promise<Receipt>
      return verb(key, (way) => andThen(values.admit(way, text), (form) => kept(way, form)) as Promise<Receipt>, true, true)
    })
  const remove = (key: string): Promise<void> => verb(key, async (way) => void (way.held ? await gate!.purge(way.held) : await chain.put(way, null, 'device')))
  const touch = async (key: string, ttl?: Ttl): Promise<Receipt | undefined> => {
    const term = termOf(key, ttl)
    return verb(key, async (way) => {
      for (;;) {
        const [{ text, newest }, read] = await find(way)
        if (!read) return
        const receipt = await place(way, text!, term ?? way.term(read.value), newest)
        if (receipt) return receipt
      }
    })
  }
  return { now, wayOf, verb, find, place, termOf, routeOf, peek, set, remove, touch, disown: adoption?.disown }
}

export type Keyed = ReturnType<typeof createKeyed>
