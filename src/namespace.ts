import type { createChain } from './chain.js'
import type { Entry } from './contracts.js'
import type { Attempt } from './errors.js'
import { attempt, isStorageError } from './errors.js'
import type { Link } from './link.js'
import type { Way } from './options.js'
import type { Ground } from './route.js'
import { noTier, ROUNDS, toEach, tombstone } from './route.js'
import type { Destroyed } from './surface.js'

export interface NamespaceOptions extends Ground {
  chain: ReturnType<typeof createChain>
  links: readonly Link[]
  /** The beginning of every name; `''` where only declared names are ours. */
  start: string
  declared: readonly string[] | undefined
  /** `undefined` for a name that is not a key of this storage. */
  wayOf(key: string): Way | undefined
  clearedAt(stamp: number): void
}

/** The verbs that concern all names of a namespace at once. */
export const createNamespace = ({ chain, links, start, declared, wayOf, stamps, now, emit, clearedAt, cleared }: NamespaceOptions) => {
  const namesOf = async (link: Link) => (start ? link.ask(async (tier) => (await tier.names(start)).filter((name) => name !== start)) : declared!)

  const wayOfName = (name: string): Way | undefined => {
    try {
      return wayOf(name.slice(start.length))
    } catch {
      return // no key of ours can be called so
    }
  }

  const keys = async (): Promise<string[]> => {
    const answers = await toEach(links, namesOf)
    const attempts = answers.flatMap((answer, index) => (isStorageError(answer) ? attempt(links[index]!.tier.name, answer) : []))
    if (attempts.length === links.length) throw noTier('keys', start, attempts, answers[0])
    const names = [...new Set(answers.flatMap((answer) => (isStorageError(answer) ? [] : answer)))]
    const ways = names.flatMap((name) => wayOfName(name) ?? [])
    const found = await Promise.all(ways.map((way) => chain.find(way).catch(() => undefined)))
    return ways.flatMap(({ name }, index) => (found[index]?.entry ? name.slice(start.length) : []))
  }

  /** An epoch in each tier outranks what cannot be reached or listed now; then what can be reached goes. */
  const clear = async (): Promise<void> => {
    if (!start) return void (await Promise.all(declared!.map((key) => chain.erase(wayOf(key)!))))
    for (let round = 0; round < ROUNDS; round++) {
      const entry: Entry = { text: null, stamp: stamps.next(start), lifetime: 'device' }
      const failures: Attempt[] = []
      let later = 0
      const met = (outcome: unknown): void => {
        if (typeof outcome === 'number') later = Math.max(later, outcome)
      }
      await toEach(links, async (link) => {
        const [outcome] = await link.write({ name: start, entry })
        met(outcome)
        if (!isStorageError(outcome)) return
        link.miss({ name: start, entry })
        failures.push(attempt(link.tier.name, outcome))
      })
      if (failures.length === links.length) throw noTier('clear', start, failures, failures)
      clearedAt(entry.stamp)
      await toEach(links, async (link) => {
        const names = await namesOf(link)
        if (!isStorageError(names)) await Promise.all(names.map(async (name) => met((await link.write({ name, drop: entry.stamp }))[0])))
      })
      if (!later) return
      stamps.saw(later)
    }
  }

  /** What has expired in one tier goes, or becomes the tombstone that it must leave. */
  const sweepOne = async (link: Link, swept: Map<string, string>): Promise<void> => {
    const at = now()
    const names = start && link.tier.expired ? await link.ask((tier) => tier.expired!(start, at)) : await namesOf(link)
    if (isStorageError(names)) return
    await Promise.all(
      names.map(async (name) => {
        const copy = await link.read(name)
        if (isStorageError(copy) || !copy.entry || copy.entry.corrupt) return
        const { text, stamp, expires, retain } = copy.entry
        if (expires! <= at && text !== null && name !== start) swept.set(name, link.tier.name)
        if (expires! <= at || stamp <= Math.max(cleared(), copy.epoch?.stamp ?? 0))
          await link.write(text !== null && retain! > at ? { name, entry: tombstone(stamp, retain!) } : { name, drop: stamp })
      }),
    )
  }

  const sweep = async (): Promise<number> => {
    const swept = new Map<string, string>()
    await toEach(links, (link) => sweepOne(link, swept))
    swept.forEach((tier, name) => emit('expired', name, tier))
    return swept.size
  }

  const destroy = async (): Promise<Destroyed> => {
    const unreached: Attempt[] = []
    await toEach(links, async (link) => {
      const { missed } = link.health
      for (const name of missed.keys()) if (start ? name.startsWith(start) : declared!.includes(name)) missed.delete(name)
      const names = await namesOf(link)
      const gone = isStorageError(names) ? [names] : (await Promise.all([...names, ...(start ? [start] : [])].map((name) => link.write({ name, drop: Infinity })))).map(([outcome]) => outcome)
      if (link.tier.destroy) for (const name of start ? [start] : declared!) gone.push((await link.ask((tier) => tier.destroy!(name))) ?? undefined)
      const failure = gone.find(isStorageError)
      if (failure) unreached.push(attempt(link.tier.name, failure))
    })
    return { unreached }
  }

  return { keys, clear, sweep, destroy }
}
