import type { Tier } from '../../src/contracts.js'
import type { CookieJar, FakeClock } from '../../src/testing/index.js'
import type { Browser } from '../hub/windows.js'
import { browser, HUB } from '../hub/windows.js'
import type { Damageable } from './damage.js'
import { damageable } from './damage.js'
import type { Implementation } from './implementation.js'
import type { Host } from './schedule.js'
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

/** Where nothing is partitioned the hub alone keeps sites apart; where storage is keyed by the origin on top, it cannot join a site. */
export const createVisitor = ({ hubTier, serveHub, inMemory }: Implementation, split: boolean): Visitor => {
  const places = new Map<readonly Tier[], Damageable[]>()
  const visitor: Browser = browser({
    keyed: split ? 'origin' : 'nothing',
    tiers() {
      const made = inMemory('indexedDB', 'localStorage').map(damageable)
      const tiers = made.map(({ tier }) => tier)
      places.set(tiers, made)
      return tiers
    },
    script: ({ env, tiers }) => void serveHub({ allow: ['https://*.brand.test', 'https://*.other.test'], tiers, env, now: visitor.clock.now }),
  })
  const { clock, jar } = visitor
  const load = (host: Host): Tier => hubTier({ url: HUB, env: visitor.page(urlOf(host)).env })
  const placesOf = (host: Host): Damageable[] => places.get(visitor.tiers(urlOf(host)))!
  const damage = (host: Host) => (name: string): boolean => {
    const found = placesOf(host).map((place) => ({ place, names: (place.tier.names('') as string[]).filter((one) => one.startsWith(siteOf(host).replaceAll('.', '/')) && one.endsWith('.' + name)) }))
    return found.map(({ place, names }) => names.filter((one) => place.damage(one)).length).some((count) => count > 0)
  }
  const hubs: Hubs = {
    tierFor: (_, host) => load(host),
    placeFor(_, host) {
      const raw = load(host)
      return { raw, parts: [raw], damage: damage(host) }
    },
    loseMark: (_, host) => loseMark(placesOf(host)),
    loseCookie: (host) => loseCookie(jar, host),
  }
  return { clock, jar, hubs }
}
