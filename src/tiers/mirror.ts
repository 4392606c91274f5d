import { andThen, isPromise } from '../answer.js'
import type { Change, Entry, Env, MaybePromise, Outcome, Tier, Traits } from '../contracts.js'
import { asTierError, isStorageError, StorageError } from '../errors.js'
import { keeps, LONGEST, reachesTo, spanOf } from '../lifetime.js'
import { tombstone } from '../register.js'

/** What `mirror` takes beside the two. */
export interface MirrorOptions {
  /** Default: the name of the first. */
  name?: string
  /** The ms that the second may take before the first answers alone. Default: half of the deadline that one of them names, or 750. */
  wait?: number
  /** Where timers are looked up. */
  env?: Env
}

/** What it throws becomes its answer. */
const settled = <T>(tier: Tier, act: () => MaybePromise<T>): MaybePromise<T | StorageError> => {
  const failed = (cause: unknown): StorageError => asTierError(cause, tier.name)
  try {
    const answer = act()
    return isPromise(answer) ? answer.catch(failed) : answer
  } catch (cause) {
    return failed(cause)
  }
}

/** Between a value and a tombstone of one stamp, the value wins. */
const newer = (one: Entry | undefined, other: Entry | undefined): Entry | undefined =>
  one && other && (other.stamp - one.stamp || +(one.text === null) - +(other.text === null)) <= 0 ? one : (other ?? one)

const union = (one: string[], other: string[]): string[] => [...new Set([...one, ...other])]

const isValue = (change: Change): change is { name: string; entry: Entry } => 'entry' in change && change.entry.text !== null

/** Of what came before; neither a question, nor damaged text to be taken away. */
const isDrop = (change: Change): change is { name: string; drop: number; bury?: number } => 'drop' in change && change.drop >= 1

interface Item {
  index: number
  change: Change
}

/** Hands these on, if there are any, and has each outcome noted. */
const hand = (items: readonly Item[], give: (changes: readonly Change[]) => MaybePromise<readonly Outcome[] | StorageError>, note: (item: Item, outcome: Outcome) => void): MaybePromise<void> =>
  andThen(items[0] ? give(items.map(({ change }) => change)) : [], (answer) => items.forEach((item, at) => note(item, isStorageError(answer) ? answer : answer[at])))

/** A value that the second can keep for no lifetime so short makes it forget an older one. */
const passedOn = ({ traits }: Tier, change: Change): Change =>
  isValue(change) && !keeps(traits, change.entry.lifetime) ? { name: change.name, drop: change.entry.stamp } : change

/** What the first holds against a copy that the second was not told about; the failure, where it can hold nothing. */
const against = (change: Change, failure: StorageError, outlives: boolean): Change | StorageError | undefined => {
  const { name } = change
  if (isValue(change)) {
    const { entry } = change
    // The older copy would come back when the value has expired.
    return entry.expires && !entry.retain ? { name, entry: { ...entry, retain: Math.floor(entry.stamp + LONGEST) } } : undefined
  }
  if (!isDrop(change)) return 'entry' in change && outlives ? failure : undefined
  const { drop, bury } = change
  return outlives || drop === Infinity ? failure : { name, entry: tombstone(drop, bury || drop + LONGEST) }
}

/**
 * Two tiers that both hold each value, for its lifetime in each: a first-party cookie, and its duplicate on another
 * domain. The later stamp of the two is read. The first decides: what it does not take is not written, and a second
 * that fails, or takes too long, takes nothing away. A removal counts although the second could not be told: then the
 * first keeps a tombstone, so that the older copy stays outranked.
 *
 * @example
 * import { cookieTier, createStorage, localStorageTier, mirror } from 'holdfast'
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [mirror(cookieTier(), localStorageTier())] })
 * const { tier, also } = await storage.set('visitor', 'abc')
 * ;[tier, also] // => ['cookie', ['localStorage']]
 */
export const mirror = (first: Tier, second: Tier, { name = first.name, wait, env = globalThis }: MirrorOptions = {}): Tier => {
  if (wait !== undefined && !(wait > 0)) throw new RangeError('wait: not ms above 0')
  /** Names whose last value the second took, too. */
  const doubled = new Set<string>()
  const paths = new Map<string, Tier>()
  let opened = false
  /** Which of the two did not list its names: nobody knows what is left there. */
  let unlisted: StorageError | undefined
  /** The second has not answered in time. It is asked again once it has answered. */
  let hangs = false

  const traitsOf = (): Traits => {
    const { traits } = first
    const { sync, onWire, deadline, reach } = second.traits
    const longest = Math.max(traits.deadline ?? 0, deadline ?? 0)
    // A place that answers at once holds no copy that is out of reach. Through a second that reaches further, another page's first does.
    return { ...traits, sync: !!(traits.sync && sync && reachesTo(traits.reach, reach)), onWire: !!(traits.onWire || onWire), ...(longest && { deadline: longest }) }
  }
  const late = (): StorageError => new StorageError('timeout', `${second.name}: no answer yet`)

  /** Never throws, and never keeps the first waiting for long. */
  const askSecond = <T>(act: () => MaybePromise<T>): MaybePromise<T | StorageError> => {
    if (hangs) return late()
    const heard = (answer: T | StorageError): T | StorageError => {
      hangs = false
      if (isStorageError(answer)) opened = false
      return answer
    }
    const open = (): void => void (opened = true)
    const answer = andThen(
      settled(second, () => (opened ? act() : andThen(andThen(second.open(), open), act))),
      heard,
    )
    if (!isPromise(answer)) return answer
    return new Promise((resolve) => {
      const end = (): void => {
        hangs = true
        resolve(late())
      }
      const timer = (env.setTimeout ?? setTimeout)(end, wait ?? (traitsOf().deadline ?? 1500) / 2)
      void answer.then((value) => {
        ;(env.clearTimeout ?? clearTimeout)(timer as never)
        resolve(value)
      })
    })
  }

  /** Asks both at once; one that fails leaves the other to answer. */
  const both = <T>(act: (tier: Tier) => MaybePromise<T>, merge: (one: T, other: T) => T, missed?: (failure: StorageError) => void): MaybePromise<T> => {
    const theirs = askSecond(() => act(second))
    return andThen(settled(first, () => act(first)), (one) =>
      andThen(theirs, (other) => {
        for (const answer of [one, other]) if (isStorageError(answer)) missed?.(answer)
        if (!isStorageError(other)) return isStorageError(one) ? other : merge(one, other)
        if (isStorageError(one)) throw one
        return one
      }),
    )
  }
  /** Takes older copies away: the second's always, the first's where the value was removed, because it may live longer there. */
  const tidy = (names: readonly string[], ones: readonly (Entry | undefined)[], others: readonly (Entry | undefined)[]): void => {
    const older = (held: readonly (Entry | undefined)[], by: readonly (Entry | undefined)[], all: boolean): Change[] =>
      names.flatMap((name, index) => {
        const [loser, winner] = [held[index], by[index]]
        return loser && winner && loser.text !== null && loser.stamp < winner.stamp && (all || winner.text === null) ? { name, drop: loser.stamp } : []
      })
    const [mine, theirs] = [older(ones, others, false), older(others, ones, true)]
    if (mine[0]) void settled(first, () => first.write(mine))
    if (theirs[0]) void askSecond(() => second.write(theirs))
  }

  /** Entries go to the first, then everything to the second, then drops to the first: what it forgets, the second has forgotten, or it keeps a tombstone. */
  const write = (changes: readonly Change[]): MaybePromise<readonly Outcome[]> => {
    const outcomes: Outcome[] = []
    const missed = new Map<number, StorageError>()
    const items = changes.map((change, index): Item => ({ index, change }))
    // A question goes with what there is, so that a batch is one write.
    const waits = ({ change }: Item): boolean => isDrop(change) || !changes.some((one) => 'entry' in one)
    const toFirst = (given: readonly Change[]): MaybePromise<readonly Outcome[] | StorageError> => settled(first, () => first.write(given))
    const note = ({ index }: Item, outcome: Outcome, before = outcomes[index]): void =>
      void (outcomes[index] = typeof before === 'number' && typeof outcome === 'number' ? Math.max(before, outcome) : (outcome ?? before))
    return andThen(hand(items.filter((item) => !waits(item)), toFirst, note), () =>
      // A value that the first did not take stops here; a removal does not.
      andThen(
        hand(
          items.flatMap(({ index, change }) => (isValue(change) && outcomes[index] !== undefined ? [] : [{ index, change: passedOn(second, change) }])),
          (given) => askSecond(() => second.write(given)),
          ({ index, change }, outcome) => {
            if (isValue(change) && outcome === undefined) doubled.add(change.name)
            else doubled.delete(change.name)
            if (isStorageError(outcome)) missed.set(index, outcome)
            else if (!isStorageError(outcomes[index])) note({ index, change }, outcome)
          },
        ),
        () => {
          const last = items.flatMap(({ index, change }): Item[] => {
            const failure = missed.get(index) ?? ('drop' in change && change.drop === Infinity ? unlisted : undefined)
            // What the first has not taken, or a later stamp outranks, needs no guard.
            if (!failure || outcomes[index] !== undefined) return waits({ index, change }) ? [{ index, change }] : []
            const guard = against(change, failure, spanOf(second.traits) > spanOf(first.traits))
            if (isStorageError(guard)) outcomes[index] = guard
            else if (guard) return [{ index, change: guard }]
            // Nothing is to stay, whatever the second says; or it is a question.
            return waits({ index, change }) && (!isDrop(change) || change.drop === Infinity) ? [{ index, change }] : []
          })
          // A value was taken before, whatever comes of its second write.
          return andThen(hand(last, toFirst, (item, outcome) => isValue(item.change) || note(item, outcome)), () => outcomes)
        },
      ),
    )
  }

  const at = (path: string): Tier => {
    const [one, other] = [first.at!(path), second.at!(path)]
    if (one === first && other === second) return tier
    const made = paths.get(path) ?? Object.assign(mirror(one, other, { name, env, ...(wait && { wait }) }), { at })
    paths.set(path, made)
    return made
  }

  const tier: Tier = {
    name,
    parts: [first, second],
    get traits() {
      return traitsOf()
    },
    open: () => first.open(),
    read: (names) =>
      both<readonly (Entry | undefined)[]>(
        (one) => one.read(names),
        (ones, others) => {
          tidy(names, ones, others)
          return names.map((_, index) => newer(ones[index], others[index]))
        },
      ),
    write,
    names(prefix) {
      unlisted = undefined
      return both((one) => one.names(prefix), union, (failure) => (unlisted = failure))
    },
    kept(name) {
      const kept = first.kept?.(name)
      return doubled.has(name) ? { ...kept, also: [...(kept?.also ?? []), second.name, ...(second.kept?.(name)?.also ?? [])] } : kept
    },
    close() {
      if (opened) void settled(second, () => second.close())
      opened = false
      return first.close()
    },
    ...(first.expired && second.expired && { expired: (prefix: string, now: number) => both((one) => one.expired!(prefix, now), union) }),
    ...((first.usage || second.usage) && {
      usage: (prefix: string) => both((one) => one.usage?.(prefix) ?? {}, (one, other) => ({ ...one, bytes: (one.bytes ?? 0) + (other.bytes ?? 0) })),
    }),
    // How far the second reaches does not count.
    ...((first.prove || second.prove) && {
      prove(reach) {
        const theirs = askSecond(() => second.prove?.(undefined))
        return andThen(first.prove?.(reach), () => andThen(theirs, () => {}))
      },
    }),
    ...((first.destroy || second.destroy) && {
      destroy: (name) =>
        andThen(settled(first, () => first.destroy?.(name)), (one) =>
          andThen(askSecond(() => second.destroy?.(name)), (other) => {
            for (const failure of [one, other]) if (isStorageError(failure)) throw failure
          }),
        ),
    }),
    ...((first.watch || second.watch) && {
      watch(heard) {
        const undo = [first.watch?.(heard), second.watch?.(heard)]
        return () => undo.forEach((stop) => stop?.())
      },
    }),
    // A tier without paths would take two registers of one name for one.
    ...(first.at && second.at && { at }),
  }
  return tier
}
