import type { Chain } from './chain.js'
import type { Route } from './route.js'
import { isStorageError, StorageError } from './errors.js'
import type { Link } from './link.js'
import { copyOf } from './link.js'
import type { Stamps } from './stamps.js'
import type { Inspection, TierStatus } from './surface.js'

/** Writes, reads back and removes an entry of its own name: its success is no promise of room for more (H15). */
const probe = async (link: Link, start: string, stamps: Stamps, expires: number): Promise<void> => {
  const { tier } = link
  const name = `${start || 'holdfast.'}probe-${Math.random().toString(36).slice(2)}`
  await link.retry()
  const outcome = await link.write({ name, entry: { text: '', stamp: stamps.next(name), lifetime: tier.traits.lifetimes.slice(-1)[0]!, expires } })
  const copy = await copyOf(link, name)
  await link.write({ name, drop: Infinity })
  if (tier.destroy) await link.ask(() => tier.destroy!(name))
  if (!isStorageError(outcome) && !isStorageError(copy) && !copy[0]) link.fail(new StorageError('refused', tier.name + ': not kept'))
}

export const statusOf = async (link: Link, start: string, stamps: Stamps, probing: false | number): Promise<TierStatus> => {
  if (probing) await probe(link, start, stamps, probing)
  const { tier, health } = link
  const { tried, reason } = health
  const usage = tried && !reason && (await link.ask(() => tier.usage?.(start)))
  const { lifetimes, reach, mayReach, access } = tier.traits
  return { name: tier.name, state: reason ? 'down' : tried ? 'ready' : 'untried', ...(reason && { reason: reason.code, message: reason.message }), lifetimes, reach, ...(mayReach && { mayReach }), ...(access !== undefined && { access }), ...(!isStorageError(usage) && usage) }
}

export const inspectOf = async ({ find }: Chain, route: Route): Promise<Inspection> => {
  const { copies, newest } = await find(route)
  return {
    copies: copies.map((held) => {
      const { text, stamp, expires } = held.entry
      return { tier: held.link.tier.name, stamp, ...(expires && { expires }), bytes: text?.length ?? 0, wins: held === newest }
    }),
  }
}
