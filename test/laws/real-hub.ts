import type { Entry, Tier } from '../../src/contracts.js'
import type { CookieJar, FakeClock } from '../../src/testing/index.js'
import type { Browser } from '../hub/windows.js'
import { browser, HUB } from '../hub/windows.js'
import type { Damageable } from './damage.js'
import { damageable } from './damage.js'
import type { Implementation } from './implementation.js'
import type { Plan } from './plans.js'
import type { Host, Siting } from './schedule.js'
import type { Hubs } from './stand-in-hub.js'
import { ADDRESS, siteOf } from './stand-in-hub.js'

/** A browser of windows, frames and messages, with the hub itself in each page. */
export interface Visitor {
  clock: FakeClock
  jar: CookieJar
  hubs: Hubs
}

const urlOf = (host: Host): string => `https://${ADDRESS[host]}/`

/** The mark's name in the vendor's storage: that of a site, and nothing after its dot. */
const isMark = (name: string): boolean => name.indexOf('.') === name.length - 1

const loseMark = async (places: readonly Damageable[]): Promise<void> => {
  for (const { tier } of places) await tier.write((await tier.names('')).filter(isMark).map((name) => ({ name, drop: Infinity })))
}

const loseCookie = (jar: CookieJar, host: Host): void => {
  const { document } = jar.at(urlOf(host))
  for (const pair of document!.cookie.split('; ')) if (pair.startsWith('holdfast.hub')) document!.cookie = `${pair.split('=')[0]}=; Domain=${siteOf(host)}; Path=/; Secure; Max-Age=0`
}

const newest = (entries: readonly (Entry | undefined)[]): Entry | undefined => entries.reduce((one, other) => (!one || (other && other.stamp > one.stamp) ? other : one))

/** A site's part of the vendor's places, without faults and without a hub: to look beneath. */
const beneath = (places: readonly Damageable[], host: Host): Damageable => {
  const start = siteOf(host).replaceAll('.', '/') + '.'
  const tiers = places.map(({ tier }) => tier)
  return {
    damage: (name) => places.filter(({ tier, damage }) => (tier.names(start + name) as string[]).includes(start + name) && damage(start + name)).length > 0,
    tier: {
      ...tiers[0]!,
      name: 'hub',
      async read(names) {
        const all = await Promise.all(tiers.map((tier) => tier.read(names.map((name) => start + name))))
        return names.map((_, index) => newest(all.map((entries) => entries[index])))
      },
      async write(changes) {
        const outcomes = await Promise.all(tiers.map((tier) => tier.write(changes.map((change) => ({ ...change, name: start + change.name })))))
        return outcomes[0]!
      },
      names: async (prefix) => [...new Set((await Promise.all(tiers.map((tier) => tier.names(start + prefix)))).flat())].map((name) => name.slice(start.length)),
    },
  }
}

/** Where nothing is partitioned the hub alone keeps sites apart; where storage is keyed by the origin on top, it cannot join a site. */
export const createVisitor = ({ hubTier, serveHub, inMemory, faulty }: Implementation, { split, vendor }: Siting, plan: Plan): Visitor => {
  const places = new Map<Tier, Damageable[]>()
  const open = new Set<() => unknown>()
  const visitor: Browser = browser({
    keyed: split ? 'origin' : 'nothing',
    tiers() {
      const made = inMemory(...['indexedDB', 'localStorage'].slice(0, vendor)).map(damageable)
      const tiers = made.map(({ tier }) => faulty(tier, plan))
      places.set(tiers[0]!, made)
      return tiers
    },
    script: ({ env, tiers }) => void open.add(serveHub({ allow: ['https://*.brand.test', 'https://*.other.test'], tiers, env, now: visitor.clock.now }).close),
  })
  const { clock, jar } = visitor
  const placesOf = (host: Host): Damageable[] => places.get(visitor.tiers(urlOf(host))[0]!)!
  const hubs: Hubs = {
    tierFor(_, host) {
      const tier = hubTier({ url: HUB, env: visitor.page(urlOf(host)).env })
      open.add(tier.close)
      return tier
    },
    placeFor(_, host) {
      const { tier, damage } = beneath(placesOf(host), host)
      return { raw: tier, parts: [tier], damage }
    },
    loseMark: (_, host) => loseMark(placesOf(host)),
    loseCookie: (host) => loseCookie(jar, host),
    // Message ports live until they are closed.
    end: () => open.forEach((close) => void close()),
  }
  return { clock, jar, hubs }
}
