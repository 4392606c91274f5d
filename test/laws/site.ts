import type { Env, Reach, Tier } from '../../src/contracts.js'
import { damageArea } from './damage.js'
import type { Implementation } from './implementation.js'
import type { Places } from './places.js'
import { damageJar, placeOf, refusing } from './places.js'
import type { Host, Siting, TierName } from './schedule.js'
import type { StandIn } from './stand-ins.js'

/** Two hosts of one site, and another site: one jar of cookies, storage by host, and a vendor's hub in each page. */

const ADDRESS: Record<Host, string> = { a: 'a.brand.test', b: 'b.brand.test', other: 'www.other.test' }
const siteOf = (host: Host): string => ADDRESS[host].split('.').slice(1).join('.')

/** The name of the brand's cookie that carries the mark. */
const MARK = 'hub-mark'

/** What the vendor's frame sees: the storage of one site on top, or of one origin on top (WebKit). */
interface Partition {
  register: StandIn
  mark: string | undefined
}

type Cookies = { cookie: string }

const markIn = (document: Cookies): string[] | undefined => document.cookie.split('; ').find((pair) => pair.startsWith(MARK + '='))?.slice(MARK.length + 1).split('/')

const putMark = (document: Cookies, host: Host, parts: readonly string[] | undefined): void => {
  document.cookie = `${MARK}=${parts?.join('/') ?? ''}; Domain=${siteOf(host)}; Path=/; Secure; Max-Age=${parts ? 34_560_000 : 0}`
}

/** Whether siblings see this partition: a page of another host has seen its mark, or has seen another one; `undefined`: nobody knows yet. */
const judge = (mark: string, host: Host, document: Cookies): boolean | undefined => {
  const [known, by, state] = markIn(document) ?? []
  if (known === mark && (by !== host || state === 'shared')) {
    putMark(document, host, [mark, by!, 'shared'])
    return true
  }
  if (known === mark) return state === 'split' ? false : undefined
  putMark(document, host, [mark, host, known ? 'split' : ''])
  return known ? false : undefined
}

/** The hub as a page sees it: it knows no more of its reach than has been proven. */
const hubOf = (partition: Partition, host: Host, document: Cookies): Tier => {
  let proven: boolean | undefined
  return {
    ...partition.register.make(),
    name: 'hub',
    get traits() {
      return { lifetimes: partition.register.raw.traits.lifetimes, reach: proven ? ('site' as const) : ('origin' as const), ...(proven === undefined && { mayReach: 'site' as const }) }
    },
    prove(reach: Reach | undefined) {
      if (reach !== 'site' || proven !== undefined) return
      partition.mark ??= Math.random().toString(36).slice(2)
      proven = judge(partition.mark, host, document)
    },
  }
}

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

/** One of each, made when it is first asked for. */
const createShelf = <T>(make: () => T): ((id: string) => T) & { clear(id: string): void } => {
  const all = new Map<string, T>()
  const find = (id: string): T => {
    if (!all.has(id)) all.set(id, make())
    return all.get(id)!
  }
  return Object.assign(find, { clear: (id: string) => void all.delete(id) })
}

/** The browser of a visitor who goes from one host to the other. */
export const createSites = (implementation: Implementation, { hosts, split }: Siting, make: (name: TierName) => StandIn, now: () => number): Places => {
  const { cookieTier, cookieJar, inMemory, localStorageTier, sessionStorageTier } = implementation
  const jar = cookieJar({ now })
  const areas = createShelf(createArea)
  const bases = createShelf(() => make('indexedDB'))
  const partitions = createShelf((): Partition => ({ register: make('hub'), mark: undefined }))
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
      case 'hub': return hubOf(partitions(idOf(name, tab)), hostOf(tab), documentOf(tab))
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
  const standInOf = (name: TierName, tab: number): StandIn | undefined => (name === 'hub' ? partitions(idOf(name, tab)).register : name === 'indexedDB' ? bases(idOf(name, tab)) : undefined)
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
      if (name === 'hub') partitions(idOf(name, tab)).mark = undefined
      if (name === 'cookie') putMark(documentOf(tab), hostOf(tab), undefined)
    },
    closeTab: (tab) => areas.clear(`sessionStorage ${tab}`),
    restart: async () => jar.restart(),
    hasDatabase: async () => false,
  }
}
