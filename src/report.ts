import type { createChain } from './chain.js'
import type { Traits } from './contracts.js'
import { isStorageError, StorageError } from './errors.js'
import type { Link } from './link.js'
import type { Route } from './route.js'
import { toEach } from './route.js'
import type { Stamps } from './stamps.js'
import type { Inspection, Status, TierStatus } from './surface.js'

/** Writes, reads back and removes an entry of its own name: success of this is not a promise of room for more (H15). */
const probe = async (link: Link, start: string, stamps: Stamps, now: () => number): Promise<void> => {
  const { tier, health } = link
  if (health.state === 'down') await link.retry()
  const name = `${start || 'holdfast.'}probe-${Math.random().toString(36).slice(2)}`
  const { lifetimes }: Traits = tier.traits
  const [outcome] = await link.write({ name, entry: { text: 'probe', stamp: stamps.next(name), lifetime: lifetimes[lifetimes.length - 1]!, expires: Math.floor(now() + 60_000) } })
  const copy = await link.read(name)
  await link.write({ name, drop: Infinity })
  if (tier.destroy) await link.ask(() => tier.destroy!(name))
  if (!isStorageError(outcome) && !isStorageError(copy) && copy.entry?.text !== 'probe') link.fail(new StorageError('refused', `${tier.name}: did not keep what it took`))
}

export const statusOf = async (links: readonly Link[], start: string, stamps: Stamps, now: () => number, probing: boolean): Promise<Status> => ({
  tiers: await toEach(links, async (link): Promise<TierStatus> => {
    if (probing) await probe(link, start, stamps, now)
    const { tier, health } = link
    const { lifetimes, reach } = tier.traits
    const { state, reason } = health
    const usage = state === 'ready' && tier.usage ? await link.ask(() => tier.usage!(start)) : {}
    return { name: tier.name, state, ...(reason && { reason: reason.code }), lifetimes, reach, ...(!isStorageError(usage) && usage) }
  }),
})

export const inspectOf = async ({ find }: ReturnType<typeof createChain>, route: Route): Promise<Inspection> => {
  const { copies, newest } = await find(route)
  return {
    copies: copies.map(({ link, entry }) => ({
      tier: link.tier.name,
      stamp: entry.stamp,
      ...(entry.expires !== undefined && { expires: entry.expires }),
      bytes: entry.text?.length ?? 0,
      wins: entry === newest,
    })),
  }
}
