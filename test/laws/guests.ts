import type { Entry, Lifetime } from '../../src/contracts.js'
import { demand } from './law-broken.js'
import type { World } from './world.js'

/** who else lives at the origin: a widget whose namespace begins alike, and keys that were never ours. */

const NEIGHBOUR = 'chatbot.token'
const FOREIGN: readonly (readonly [string, string])[] = [['chat', 'not-ours'], ['chat-token', 'hf'], ['chatter.token', '1'], ['foreign', '{}']]

const entryFor = (lifetimes: readonly Lifetime[]): Entry => ({ text: '"of the neighbour"', stamp: 1_790_000_000_000, lifetime: lifetimes[lifetimes.length - 1]! })

export const plantGuests = async ({ pages, browser }: World): Promise<void> => {
  for (const { tab, places } of pages)
    for (const [tier, { raw }] of places) {
      await raw.write([{ name: NEIGHBOUR, entry: entryFor(raw.traits.lifetimes) }])
      const area = browser.areaOf(tier, tab)
      if (area) for (const [name, text] of FOREIGN) area.setItem(name, text)
      if (tier === 'cookie') for (const [name, text] of FOREIGN) browser.cookies(tab).cookie = `${name}=${text}; Path=/; Max-Age=34000000`
    }
}

/** Cookies end after 400 days by themselves, and a tab's sessionStorage with the tab. */
export const checkGuests = async ({ pages, browser, latest, elapsed, clock }: World): Promise<void> => {
  const old = Math.max(elapsed, latest - clock.now() + elapsed) > 300 * 86_400_000
  for (const { tab, tabLife, places } of pages)
    for (const [tier, { raw }] of places) {
      if (tier === 'memory' || (tier === 'sessionStorage' && tabLife > 0) || (tier === 'cookie' && old)) continue
      const [entry] = await raw.read([NEIGHBOUR])
      demand(entry?.text === '"of the neighbour"', 10, () => `the neighbouring namespace lost ${NEIGHBOUR} in ${tier}`)
      const area = browser.areaOf(tier, tab)
      const jar = tier === 'cookie' ? browser.cookies(tab).cookie.split('; ') : []
      for (const [name, text] of FOREIGN) {
        if (area) demand(area.getItem(name) === text, 10, () => `${tier} lost the foreign key ${name}`)
        if (tier === 'cookie' && jar.some((pair) => pair.startsWith('foreign='))) demand(jar.includes(`${name}=${text}`), 10, () => `the foreign cookie ${name} was lost`)
      }
    }
}
