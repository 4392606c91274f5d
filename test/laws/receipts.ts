import type { Receipt } from '../../src/route.js'
import type { Entry } from '../../src/contracts.js'
import type { Change } from './changed.js'
import type { Dealing } from './deeds.js'
import { mayReachSite, reachesSite, stampOf } from './deeds.js'
import { demand } from './law-broken.js'
import type { Key, Lasting } from './schedule.js'
import { SECOND } from './stand-ins.js'
import type { World } from './world.js'
import { lifetimeOf, nameOf, spanOf } from './world.js'

const LIFE = { page: 0, tab: 1, session: 2, device: 3 }
const REACH = { page: 0, tab: 1, origin: 2, site: 3 }

export const took = ({ change, outcome, state }: Dealing['asked'][number], text: string): boolean =>
  'entry' in change && change.entry.text === text && state === 'answered' && outcome === undefined

/** The stamp under which a tier took the value last; 0: it never did. */
export const stampTaken = ({ asked }: Dealing, text: string): number => {
  const [last] = asked.filter((one) => took(one, text)).slice(-1)
  return last ? stampOf(last.change) : 0
}

/** It did all that it was asked to do. */
const sound = ({ asked, lied }: Dealing): boolean => asked.length > 0 && !lied && asked.every(({ outcome, state }) => state === 'answered' && typeof outcome !== 'object')

/** What is so, whatever has been proven. */
const trueReach = ({ schedule: { siting } }: World, { tier, traits }: Dealing): keyof typeof REACH => (tier === 'hub' ? (siting!.split ? 'origin' : 'site') : traits.reach)

/** The second of a mirror holds the value if the receipt says so. */
const checkSecond = ({ schedule: { composed } }: World, { title, key, dealings, alone }: Change, { also = [] }: Receipt, text: string): void => {
  if (!also.includes(SECOND)) return
  const doubled = dealings.find(({ tier }) => composed?.as === 'mirror' && composed.tier === tier)
  demand(doubled, 6, () => `${title} was given a receipt for ${SECOND}, which is not in its chain`)
  const [held] = doubled!.place.parts[1]!.read([nameOf(key as Key)]) as (Entry | undefined)[]
  demand(!alone || doubled!.lied || held?.text === text, 6, () => `${title} was given a receipt for ${SECOND}, which does not hold the value`)
}

/** Those that hold the value on purpose are named, and no others. */
const checkNamed = ({ title, key, dealings, alone }: Change, { tier, also = [] }: Receipt, text: string): [Dealing, ...Dealing[]] => {
  const name = nameOf(key as Key)
  const [taker, ...others] = [tier, ...also.filter((one) => one !== SECOND)].map((named) => {
    const found = dealings.find((dealing) => dealing.tier === named)
    demand(found, 6, () => `${title} was given a receipt for ${named}, which is not in its chain`)
    demand(stampTaken(found!, text), 6, () => `${title} was given a receipt for ${named}, which did not take the value`)
    return found!
  }) as [Dealing, ...Dealing[]]
  const stamp = stampTaken(taker, text)
  if (!alone) return [taker, ...others]
  for (const other of others) demand(stampTaken(other, text) === stamp, 6, () => `${title} gave ${other.tier} a stamp of its own`)
  for (const dealing of dealings) {
    const held = dealing.place.shadow.get(name)
    const holds = typeof held === 'object' && held.text === text && held.stamp === stamp && sound(dealing)
    demand(!holds || dealing === taker || others.includes(dealing), 6, () => `${title} was given a receipt that does not name ${dealing.tier}, which holds the value`)
  }
  return [taker, ...others]
}

/** Whether a tier that was asked all it could be asked would have taken the value. */
const couldTake = (dealing: Dealing, lifetime: keyof typeof LIFE): boolean =>
  sound(dealing) && dealing.met && !dealing.down && !dealing.refuses && dealing.traits.lifetimes.some((one) => LIFE[one] <= LIFE[lifetime])

/** A key that asks for the site is where the site can read it, if any such place takes it. */
const checkWide = (world: World, { title, dealings, key }: Change, receipt: Receipt, takers: readonly Dealing[], ttl: Lasting): void => {
  const truth = Math.max(...takers.map((taker) => REACH[trueReach(world, taker)]))
  demand(REACH[receipt.reach] <= truth, 6, () => `${title} was promised the reach of the ${receipt.reach}, which ${takers.map(({ tier }) => tier).join(' and ')} does not have`)
  const { wide, secret } = world.rulingOf(key!)
  if (!wide) return demand(takers.length === 1, 6, () => `${title} was kept in ${takers.map(({ tier }) => tier).join(' and ')} for no reason`)
  for (const dealing of dealings) demand(dealing.tier !== 'hub' || !couldTake(dealing, lifetimeOf(ttl)) || dealing.proved, 6, () => `${title} did not ask the hub how far it reaches`)
  const sure = takers.some(reachesSite)
  const needless = sure && takers.find((taker) => !mayReachSite(taker))
  demand(!needless, 6, () => `${title} was kept in ${(needless as Dealing).tier}, too, which does not reach the site`)
  demand(sure === (receipt.reach === 'site'), 6, () => `${title} was promised the reach of the ${receipt.reach}, though ${takers.map(({ tier }) => tier).join(' and ')} ${sure ? 'is known to reach' : 'is not known to reach'} the site`)
  if (secret || sure) return
  const better = dealings.find((dealing) => reachesSite(dealing) && couldTake(dealing, lifetimeOf(ttl)))
  demand(!better, 6, () => `${title} was not kept in ${better!.tier}, which reaches the site`)
  const hopeful = dealings.find((dealing) => mayReachSite(dealing) && couldTake(dealing, lifetimeOf(ttl)))
  demand(!hopeful || takers.some(mayReachSite), 6, () => `${title} was not kept in ${hopeful!.tier}, which may reach the site`)
}

/** The tiers before the one that took it are told, each with a reason that is one. */
const checkPassed = (world: World, { title, dealings, key, page }: Change, { tier, also = [], passed }: Receipt, ttl: Lasting): void => {
  const { wide, secret } = world.rulingOf(key!)
  for (const { tier: name } of dealings.slice(0, dealings.findIndex((dealing) => dealing.tier === tier)))
    demand(also.includes(name) || passed.some((one) => one.tier === name), 6, () => `${title} was given a receipt that does not say why ${name} did not take it`)
  for (const { tier: name, code } of passed) {
    const { traits, place } = dealings.find((dealing) => dealing.tier === name) ?? {}
    demand(traits && name !== tier && !also.includes(name), 6, () => `${title} was told that ${name} was passed`)
    const failed = page.calls.some((call) => call.place === place && (call.state !== 'answered' || call.code !== undefined))
    const holds = code === 'reach' ? wide && !mayReachSite({ traits } as Dealing) : code === 'secret' ? secret && name !== 'memory' : code === 'lifetime' ? !traits!.lifetimes.some((one) => LIFE[one] <= LIFE[lifetimeOf(ttl)]) : failed
    demand(holds, 6, () => `${title} was told that ${name} was passed for ${code}, which is not so`)
  }
}

/** What a receipt says is so. Answers the places that it names. */
export const checkReceipt = (world: World, change: Change, receipt: Receipt, text: string, ttl: Lasting): [Dealing, ...Dealing[]] => {
  const { title, clock } = change
  checkSecond(world, change, receipt, text)
  const takers = checkNamed(change, receipt, text)
  const [{ traits, lied }] = takers
  demand(lied || LIFE[receipt.lifetime] <= LIFE[lifetimeOf(ttl)] && traits.lifetimes.includes(receipt.lifetime), 4, () => `${title} was promised ${receipt.lifetime} in ${receipt.tier}`)
  const span = spanOf(ttl)
  const latest = clock + (span ?? Infinity) + (world.clock.now() - clock)
  if (span !== undefined) demand(receipt.expires! <= latest, 4, () => `${title} was promised until ${receipt.expires}, ${receipt.expires! - latest} ms longer than asked`)
  // What runs beside it may write the same value, and learn of the hub's reach meanwhile.
  if (change.alone) checkWide(world, change, receipt, takers, ttl)
  checkPassed(world, change, receipt, ttl)
  return takers
}
