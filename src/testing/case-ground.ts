import type { Change, Entry, Outcome, Tier, Traits } from '../contracts.js'

/** One sentence that every tier must make true. */
export interface TierCase {
  title: string
  /** Why the case does not concern a tier of such traits; `undefined`: it does. */
  skip?(traits: Traits): string | undefined
  /** Throws where the tier breaks it. Each call of `make` answers a tier over the same place; names are the case's own. */
  run(make: () => Tier): Promise<void>
}

let cases = 0

/** A namespace of the case's own, so that cases do not meet. */
export const freshPrefix = (): string => `case${(cases++).toString(36)}${Math.random().toString(36).slice(2, 8)}.`

const show = (value: unknown): string => JSON.stringify(value, (_, inner: unknown) => (inner === undefined ? 'undefined' : inner)) ?? 'undefined'

/** Plain data, property order aside. */
export const expectEqual = (actual: unknown, expected: unknown, what: string): void => {
  const sorted = (value: unknown): unknown =>
    value && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))) : Array.isArray(value) ? value.map(sorted) : value
  if (show(sorted(actual)) !== show(sorted(expected))) throw new Error(`${what}: expected ${show(expected)}, got ${show(actual)}`)
}

/** An entry that the tier can keep. */
export const entryFor = ({ lifetimes }: Traits, text: string | null, stamp: number, more: Partial<Entry> = {}): Entry => ({ text, stamp, lifetime: lifetimes[lifetimes.length - 1]!, ...more })

export const writeOne = async (tier: Tier, change: Change): Promise<Outcome> => (await tier.write([change]))[0]
export const readOne = async (tier: Tier, name: string): Promise<Entry | undefined> => (await tier.read([name]))[0]

export const opened = async (make: () => Tier): Promise<Tier> => {
  const tier = make()
  await tier.open()
  return tier
}
