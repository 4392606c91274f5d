import type { Chain } from './chain.js'
import type { Found, Ground } from './route.js'
import { askEach, ROUNDS } from './route.js'
import type { Entry, Outcome } from './contracts.js'
import { FRACTIONS } from './entry.js'
import type { StorageError } from './errors.js'
import { isStorageError } from './errors.js'
import type { Gate } from './gate.js'
import type { Link } from './link.js'
import type { Ways } from './options.js'
import type { Destroyed } from './surface.js'

/** The verbs that concern all names of a namespace at once. `start` begins every name; `''` where only declared names are ours. */
export const createNamespace = (ground: Ground, chain: Chain, links: readonly Link[], start: string, { declared, wayOf, waysNamed }: Ways, flush: (unqueued: boolean) => Promise<void>, gate?: Gate) => {
  const { stamps, now } = ground
  /** Where names have no beginning of their own, the declared ones are ours and no others. */
  const namesOf = async (link: Link, expired?: boolean): Promise<readonly string[] | StorageError> =>
    start ? link.ask((tier) => (expired && tier.expired ? tier.expired(start, now()) : tier.names(start))) : declared!.map(({ name }) => name)

  /** Finds each name that some tier lists; finding repairs. */
  const scan = async (verb: string, expired?: boolean, everywhere?: boolean): Promise<Found[]> => {
    const listed = await askEach(verb, links, (link) => namesOf(link, expired))
    const names = new Set(listed.flatMap((names) => names ?? []))
    const seen = verb === 'keys' && gate
    if (seen) for (const name of seen.names()) names.add(name)
    names.delete(start)
    const found = await Promise.all(
      [...names].flatMap(waysNamed).map((way) => chain.find(everywhere ? { ...way, links: way.everywhere } : seen ? seen.route(way) : way, true).catch(() => undefined)),
    )
    return found.flatMap((one) => one ?? [])
  }

  return {
    keys: async (): Promise<string[]> => (await scan('keys')).flatMap(({ key, text }) => (text !== undefined && wayOf(key) ? key : [])),

    sweep: async (): Promise<number> => (await scan('sweep', true)).filter(({ expired }) => expired).length,

    /** An epoch in each tier outranks what cannot be reached or listed now; then what can be reached goes. */
    async clear(): Promise<void> {
      if (!start) return void (await Promise.all(declared!.map((way) => chain.put(way, null, 'device'))))
      for (let round = 0; round < ROUNDS; round++) {
        const entry: Entry = { text: null, stamp: stamps.next(start), lifetime: 'device' }
        const change = { name: start, entry }
        const unreached: Link[] = []
        const met = await askEach<Outcome>('clear', links, async (link) => {
          const outcome = await link.write(change)
          if (isStorageError(outcome)) unreached.push(link)
          return outcome
        })
        for (const link of unreached) link.miss(change)
        ground.cleared = entry.stamp
        ground.wrote?.(start, entry.stamp, null)
        const later = Math.max(0, ...met.map((outcome) => (typeof outcome === 'number' ? outcome : 0)))
        // Above the epoch, too: names of one moment share a stamp.
        stamps.saw(later || entry.stamp + 1 / FRACTIONS)
        // What lives on was stamped later: by a page whose clock was ahead. The next epoch is above it.
        const left = await scan('clear', false, true)
        await flush(true)
        if (!later && !left.some(({ newest }) => newest)) return
      }
    },

    /** What a tier held that was away during this page's `clear` goes when it is back. */
    tidy: async (): Promise<unknown> => ground.cleared && scan('clear', false, true),

    async destroy(): Promise<Destroyed> {
      const unreached: Destroyed['unreached'] = []
      await Promise.all(
        links.map(async (link) => {
          const { tier, health } = link
          // This is the last chance: also a tier that is down is asked.
          await link.retry()
          const listed = await namesOf(link)
          const names = isStorageError(listed) ? [] : listed
          for (const name of health.missed.keys()) if (start ? name.startsWith(start) : declared!.some((way) => way.name === name)) health.missed.delete(name)
          const gone: unknown[] = await Promise.all([...names, start].map((name) => link.write({ name, drop: Infinity })))
          for (const name of start ? [start] : names) gone.push(await link.ask(() => tier.destroy?.(name)))
          const failure = [listed, ...gone].find(isStorageError)
          if (failure) unreached.push({ tier: tier.name, code: failure.code, message: failure.message })
        }),
      )
      return { unreached }
    },
  }
}
