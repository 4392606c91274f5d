import type { Deed } from './deeds.js'
import type { Place } from './recorder.js'
import { isBefore } from './reading.js'
import type { Key, Schedule } from './schedule.js'
import type { Page, World } from './world.js'
import { nameOf } from './world.js'

/** A page that knows that the hub reaches the site needs no other copy of what the hub holds. */
const mayGiveUp = ({ siting }: Schedule, page: Page, name: string, stamp: number): boolean => {
  const held = page.places.get('hub')?.shadow.get(name)
  return !siting!.split && page.tiers.get('hub')?.traits.reach === 'site' && typeof held === 'object' && held.stamp >= stamp
}

const isOf = ({ key, kind, stamp }: Deed, name: string, entry: { stamp: number }): boolean => kind === 'set' && nameOf(key as Key) === name && stamp === entry.stamp

/** Notes the copies that made up for a reach that was not proven, and that went once it was; and those that went for the sake of news that was a lie. */
export const noteGivenUp = (world: World, deeds: readonly Deed[]): void => {
  const places = new Set(world.pages.flatMap((page) => [...page.places.values()]))
  for (const place of places) noteDropped(world, deeds, place)
}

const noteDropped = (world: World, deeds: readonly Deed[], place: Place): void => {
  for (const { name, entry, page } of place.dropped.splice(0)) {
    const wide = world.rulingOf(name.slice(nameOf('' as Key).length)).wide
    const given = wide && mayGiveUp(world.schedule, world.visitors.find(({ calls }) => calls === page.calls)!, name, entry.stamp)
    for (const deed of deeds) if (isOf(deed, name, entry) && (given || deeds.some((one) => one.lied && isBefore(deed, one)))) deed.keepers.delete(place)
  }
}
