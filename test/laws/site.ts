import type { Env, Tier } from '../../src/contracts.js'
import type { CookieJar } from '../../src/testing/index.js'
import { damageArea } from './damage.js'
import type { Implementation } from './implementation.js'
import type { Places } from './places.js'
import { damageJar, placeOf, refusing } from './places.js'
import type { Host, Siting, TierName } from './schedule.js'
import type { Cookies, Hubs } from './stand-in-hub.js'
import { ADDRESS, createShelf, siteOf } from './stand-in-hub.js'
import type { StandIn } from './stand-ins.js'

/** Two hosts of one site, and another site: one jar of cookies, storage by host, and a vendor's hub in each page. */

/** Enough of a Storage for a tier. */
const createArea = (): Storage => {
  const texts = new Map<string, string>()
  return {
    getItem: (name) => texts.get(name) ?? null,
    setItem: (name, text) => void texts.set(name, text),
    removeItem: (name) => void texts.delete(name),
    key: (index) => [...texts.keys()][index] ?? null,
    clear: () => texts.clear(),
    get length() {
      return texts.size
    },
  }
}

/** The browser of a visitor who goes from one host to the other. */
export const createSites = ({ cookieTier, inMemory, localStorageTier, sessionStorageTier }: Implementation, { hosts, split }: Siting, make: (name: TierName) => StandIn, jar: CookieJar, hubs: Hubs): Places => {
  const areas = createShelf(createArea)
  const bases = createShelf(() => make('indexedDB'))
  let full = false
  const hostOf = (tab: number): Host => hosts[tab - 1]!
  const documentOf = (tab: number): Cookies => envOf(tab).document as Cookies
  const envOf = (tab: number): Env => jar.at(`https://${ADDRESS[hostOf(tab)]}/`)
  const idOf = (name: TierName, tab: number): string => {
    const host = hostOf(tab)
    if (name === 'memory') return ''
    if (name === 'sessionStorage') return `${name} ${tab}`
    return `${name} ${name === 'cookie' || (name === 'hub' && !split) ? siteOf(host) : host}`
  }
  const areaOf = (name: TierName, tab: number): Storage | undefined => (name === 'localStorage' || name === 'sessionStorage' ? areas(idOf(name, tab)) : undefined)
  const tierFor = (name: TierName, tab: number): Tier => {
    switch (name) {
      case 'hub': return hubs.tierFor(idOf(name, tab), hostOf(tab))
      case 'cookie': return cookieTier({ domain: siteOf(hostOf(tab)), env: envOf(tab) })
      case 'localStorage': return localStorageTier({
        env: {
          get localStorage() {
            return full ? refusing(areaOf(name, tab)!) : areaOf(name, tab)
          },
        },
      })
      case 'sessionStorage': return sessionStorageTier({ env: { sessionStorage: areaOf(name, tab) } })
      case 'indexedDB': return bases(idOf(name, tab)).make()
      default: return inMemory(name)[0]!
    }
  }
  const standInOf = (name: TierName, tab: number): Pick<StandIn, 'raw' | 'parts' | 'damage'> | undefined => (name === 'hub' ? hubs.placeFor(idOf(name, tab), hostOf(tab)) : name === 'indexedDB' ? bases(idOf(name, tab)) : undefined)
  const damageOf = (name: TierName, tab: number): ((name: string, how: string) => boolean) => {
    const area = areaOf(name, tab)
    if (area) return damageArea(area)
    return name === 'cookie' ? damageJar(jar, documentOf(tab), `; Path=/; Domain=${siteOf(hostOf(tab))}`) : (standInOf(name, tab)?.damage ?? (() => false))
  }

  return {
    areaOf,
    idOf,
    tierFor,
    siteOf: (tab) => siteOf(hostOf(tab)),
    placeFor(name, tab, tier) {
      const standIn = standInOf(name, tab)
      return placeOf(name, standIn?.raw ?? tier, damageOf(name, tab), standIn?.parts)
    },
    cookies: documentOf,
    refuse(name, refuses) {
      if (name === 'localStorage') full = refuses
      if (name === 'cookie') jar.refuses = refuses
    },
    evicted(name, tab) {
      if (name === 'hub') return hubs.loseMark(idOf(name, tab), hostOf(tab))
      if (name === 'cookie') hubs.loseCookie(hostOf(tab))
    },
    closeTab: (tab) => areas.clear(`sessionStorage ${tab}`),
    restart: async () => jar.restart(),
    hasDatabase: async () => false,
    end: () => hubs.end(),
  }
}
