import { keysOfCategory, noteStanding } from './asked.js'
import type { Deed } from './deeds.js'
import { awaken, follow, tell } from './hearing.js'
import { demand } from './law-broken.js'
import { checkLeft } from './refusals.js'
import type { Answering, Schedule } from './schedule.js'
import type { Page, World } from './world.js'

/** How an answer reaches the pages, and what must be so in the end. */

const listeningTo = ({ pages }: World, { tab }: Answering): Page[] => (tab === 'all' ? pages : [pages[Math.min(tab, pages.length) - 1]!])

/** Until the pages have done what follows from all that they heard. */
const settled = async (world: World, pages: readonly Page[]): Promise<void> => {
  const started = world.elapsed
  await world.drain()
  for (let busy = pages.find(({ asked }) => asked!.unsettled); busy; busy = pages.find(({ asked }) => asked!.unsettled)) {
    const next = world.clock.next()
    demand(next !== undefined && world.elapsed - started < 60_000, 9, () => `what tab${busy!.tab} heard of the consent never settled`)
    await world.advance(next!)
  }
}

export const tellAll = (world: World, deeds: Deed[], step: Answering, number: number): void => {
  for (const page of listeningTo(world, step)) tell(world, deeds, page, step, number)
}

export const answer = async (world: World, deeds: Deed[], step: Answering, number: number): Promise<void> => {
  tellAll(world, deeds, step, number)
  if (step.settled) await settled(world, listeningTo(world, step))
}

/** One more operation on each page, and all that follows from it. */
const tour = async (world: World, deeds: Deed[], number: number): Promise<void> => {
  noteStanding(world)
  await world.advance(61_000)
  for (const page of world.pages) {
    page.asked!.unsettled++
    page.storage.get('token').then(() => {}, () => {}).then(() => page.storage.flush()).then(() => void page.asked!.unsettled--)
    awaken(world, deeds, { page, step: number })
  }
  await settled(world, world.pages)
  await follow(world, deeds, number)
}

/** In the end every tier is well, every tab hears of the refusal, and no value of the category is left anywhere. */
export const checkRefused = async (world: World, deeds: Deed[], { chain, consenting, steps }: Schedule): Promise<void> => {
  const number = steps.length + 1
  for (const tier of chain) world.heal(tier)
  await tour(world, deeds, number)
  noteStanding(world)
  for (const page of world.pages) tell(world, deeds, page, { categories: consenting!.last, answer: 'refused' }, number)
  await settled(world, world.pages)
  await follow(world, deeds, number)
  await tour(world, deeds, number)
  for (const page of world.pages)
    for (const category of consenting!.last)
      for (const key of keysOfCategory(category)) for (const tier of world.rulingOf(key).chain) await checkLeft(world, page, key, tier, 'the refusal by all tabs')
}
