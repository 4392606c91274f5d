import type { Change, Tier } from 'holdfast'

/** What a tier was asked, in order. */
export interface Calls {
  opens: number
  reads: (readonly string[])[]
  writes: (readonly Change[])[]
  lists: string[]
  closes: number
}

/** A tier that tells what it was asked; its traits are those of the tier. */
export const counting = (tier: Tier): { tier: Tier; calls: Calls; reset: () => void; total: () => number } => {
  const calls: Calls = { opens: 0, reads: [], writes: [], lists: [], closes: 0 }
  return {
    calls,
    reset: () => Object.assign(calls, { opens: 0, reads: [], writes: [], lists: [], closes: 0 }),
    total: () => calls.opens + calls.reads.length + calls.writes.length + calls.lists.length,
    tier: {
      ...tier,
      name: tier.name,
      traits: tier.traits,
      open() {
        calls.opens++
        return tier.open()
      },
      read(names) {
        calls.reads.push(names)
        return tier.read(names)
      },
      write(changes) {
        calls.writes.push(changes)
        return tier.write(changes)
      },
      names(prefix) {
        calls.lists.push(prefix)
        return tier.names(prefix)
      },
      close() {
        calls.closes++
        return tier.close()
      },
    },
  }
}
