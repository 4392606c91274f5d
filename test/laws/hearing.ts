import type { Asked } from './asked.js'
import { holdingOf, isAllowed, keysOfCategory } from './asked.js'
import type { Deed } from './deeds.js'
import { demand } from './law-broken.js'
import type { Run } from './operation.js'
import { keysIn } from './operation.js'
import { checkWithdrawn, conclude, loosen, withdraw } from './refusals.js'
import { noteRelease } from './releases.js'
import type { Answering } from './schedule.js'
import { GATED } from './schedule.js'
import type { Page, World } from './world.js'

/** How the pages hear what the visitor allows, and when they have done what follows. */

/** One thing less to wait for. */
const resettle = ({ asked }: Page): void => {
  asked!.unsettled--
  if (!asked!.unsettled) asked!.lost = {}
}

const settle = (page: Page, asked: Asked): void => {
  asked.unsettled++
  void page.storage.flush().then(() => resettle(page))
}

/** A page acts upon what it knows: when it hears of it, or at its first operation. */
const hear = (world: World, deeds: Deed[], page: Page, step: number): void => {
  const { asked } = page
  if (!asked) return
  asked.heard++
  if (!asked.unsettled) asked.since = page.calls.length
  for (const category of GATED) {
    const answer = asked.answers[category]
    const before = asked.noted[category]
    asked.noted[category] = answer
    for (const key of keysOfCategory(category)) {
      if (answer === 'refused' && before !== 'refused') withdraw(world, deeds, page, asked, key, step)
      const holding = holdingOf(asked, key)
      if (answer === 'allowed' && holding.waits !== 'no') asked.holdings.set(key, { ...holding, waits: 'maybe' })
      if (answer === 'not known' && holding.waits === 'maybe') asked.holdings.set(key, { ...holding, known: false })
    }
  }
  // Without anything to do it is not disturbed: to wait for a page sweeps it.
  if (asked.withdrawals.length || asked.holdings.size || Object.keys(asked.lost).length) settle(page, asked)
}

/** An answer comes while an operation runs: what the page holds then depends on which was first. */
export const unsettle = ({ page, operation, since }: Run): void => {
  const asked = page.asked!
  if (!asked.unsettled) asked.since = since
  asked.unsettled++
  for (const key of keysIn(operation)) asked.holdings.set(key, { ...holdingOf(asked, key), known: false, waits: 'maybe' })
}

/** The operation is over, and what follows from the answer may only begin now. */
export const calm = ({ page }: Run): void => {
  settle(page, page.asked!)
  resettle(page)
}

/** At its first operation a page acts upon what it knew when it was loaded. */
export const awaken = (world: World, deeds: Deed[], run: Pick<Run, 'page' | 'step'> & Partial<Run>): void => {
  const { page, step } = run
  if (!page.asked || page.asked.heard) return
  hear(world, deeds, page, step)
  if (!page.asked.unsettled) run.heard = page.asked.heard
}

/** The answer reaches a page, for one category after the other. */
export const tell = (world: World, deeds: Deed[], page: Page, { categories, answer }: Pick<Answering, 'categories' | 'answer'>, step: number): void => {
  const asked = page.asked!
  for (const category of categories) {
    if (asked.answers[category] === 'allowed' && answer !== 'allowed') asked.lost[category] = world.texts.length + 1
    if (world.schedule.consenting!.remembered) world.told[page.tab - 1]![category] = answer
    asked.tell(category, answer)
    hear(world, deeds, page, step)
  }
}

/** After each operation and each step: what the pages have done by now about what they heard. */
export const follow = async (world: World, deeds: Deed[], step: number): Promise<void> => {
  for (const page of world.visitors) {
    const { asked } = page
    if (!asked) continue
    for (const key of asked.released.splice(0)) noteRelease(world, deeds, page, asked, key, step)
    for (const { key } of asked.withdrawals) loosen(deeds, page, key)
    demand(!asked.breaches.length, 5, () => asked.breaches[0]!)
    if (!page.dead && asked.unsettled) continue
    for (const one of asked.withdrawals.splice(0)) {
      conclude(world, deeds, page, asked, one, step)
      if (!page.dead && !isAllowed(asked, one.key)) await checkWithdrawn(world, page, one)
    }
  }
}
