import { createRequire } from 'node:module'
import { IDBFactory } from 'fake-indexeddb'
import type { DOMWindow } from 'jsdom'
import type { Tier } from '../../src/contracts.js'
import { createChannels } from './channels.js'
import { damageArea, damageCookie, damageRecord } from './damage.js'
import type { Implementation } from './implementation.js'
import type { Place } from './recorder.js'
import type { Schedule, TierName } from './schedule.js'
import type { StandIn } from './stand-ins.js'
import { endSession } from './stand-ins.js'

let opened: DOMWindow[] | undefined

/** Made once, and only where they are asked for: jsdom takes a second, and a window a tenth of one. Each schedule finds them cleared. */
const windows = (): DOMWindow[] => {
  if (opened) return opened
  const { JSDOM } = createRequire(import.meta.url)('jsdom') as typeof import('jsdom')
  return (opened = [1, 2, 3].map(() => new JSDOM('', { url: 'https://brand.test/' }).window))
}

const URL_OF_PAGE = 'https://brand.test/'

/** What a browser keeps for all its tabs, and how a tab or a page gets its own. `tab` counts from 1. */
export interface Places {
  /** Memory is a page's own, so each call makes a new one. */
  tierFor(name: TierName, tab: number): Tier
  /** Which place the tier of a tab stands for; `''`: a place of the page's own. */
  idOf(name: TierName, tab: number): string
  /** Whose entries they are: no site sees another's. */
  siteOf(tab: number): string
  /** A new place with nothing known in it. */
  placeFor(name: TierName, tab: number, tier: Tier): Place
  closeTab(tab: number): void
  restart(): Promise<void>
  /** Real cookies and real localStorage then drop what is written, without a word. */
  refuse(name: TierName, refuses: boolean): void
  /** What goes beside the entries when the browser evicts a place. */
  evicted(name: TierName, tab: number): void | Promise<void>
  areaOf(name: TierName, tab: number): Storage | undefined
  cookies(tab: number): { cookie: string }
  /** Whether a database of that name exists. */
  hasDatabase(name: string): Promise<boolean>
  /** Nothing more is asked of it. */
  end(): void
}

/** A storage object that keeps what it has and takes nothing more. */
export const refusing = (area: Storage): Storage => ({
  getItem: (name) => area.getItem(name),
  setItem: () => {},
  removeItem: (name) => area.removeItem(name),
  key: (index) => area.key(index),
  clear: () => {},
  get length() {
    return area.length
  },
})

export const placeOf = (tier: TierName, raw: Tier, damage: (name: string, how: string) => boolean | Promise<boolean>, parts: readonly Tier[] = [raw]): Place =>
  ({ tier, shadow: new Map(), foreign: new Set(), unsure: new Set(), dropped: [], raw, parts, damage: async (name, how) => damage(name, how) })

/** Damage is done though the jar takes nothing from a page. */
export const damageJar = (jar: { refuses: boolean }, document: { cookie: string }, scope: string) => (name: string, how: string): boolean => {
  const { refuses } = jar
  jar.refuses = false
  const done = damageCookie(document, scope)(name, how)
  jar.refuses = refuses
  return done
}

/** Stand-ins in memory, for the tiers that a footing does not try; memory is a page's own. */
const createStandIns = (make: (name: TierName) => StandIn) => {
  const made = new Map<string, StandIn>()
  const idOf = (name: TierName, tab: number): string => (name === 'sessionStorage' ? `${name} ${tab}` : name)
  return {
    find: (name: TierName, tab: number): StandIn | undefined => made.get(idOf(name, tab)),
    at(name: TierName, tab: number): StandIn {
      const found = made.get(idOf(name, tab))
      if (found && name !== 'memory') return found
      const fresh = make(name)
      made.set(idOf(name, tab), fresh)
      return fresh
    },
    parts: (): readonly Tier[] => [...made].flatMap(([name, { parts }]) => (name === 'memory' ? [] : parts)),
    closeTab: (tab: number): unknown => made.delete(`sessionStorage ${tab}`),
  }
}

/** One origin without anything in it. */
export const createOrigin = (implementation: Implementation, { footing, chain }: Pick<Schedule, 'footing' | 'chain'>, make: (name: TierName) => StandIn, now: () => number): Places => {
  const { localStorageTier, sessionStorageTier, cookieTier, indexedDBTier, cookieJar } = implementation
  for (const { localStorage, sessionStorage } of opened ?? []) {
    localStorage.clear()
    sessionStorage.clear()
  }
  const jar = cookieJar({ now })
  const { document, location } = jar.at(URL_OF_PAGE) as { document: { cookie: string }; location: Location }
  const factory = new IDBFactory()
  const channels = createChannels()
  const standIns = createStandIns(make)
  let full = false
  const isStandIn = (name: TierName): boolean => name === 'memory' || footing === 'stand-ins' || footing === 'composed' || (footing === 'texts' && name === 'indexedDB')
  const areaOf = (name: TierName, tab: number): Storage | undefined =>
    isStandIn(name) ? undefined : name === 'localStorage' ? windows()[0]!.localStorage : name === 'sessionStorage' ? windows()[tab - 1]!.sessionStorage : undefined
  const local = {
    get localStorage() {
      const area = areaOf('localStorage', 1)!
      return full ? refusing(area) : area
    },
  }
  const realTier = (name: TierName, tab: number): Tier => {
    switch (name) {
      case 'localStorage': return localStorageTier({ env: local })
      case 'sessionStorage': return sessionStorageTier({ env: { sessionStorage: areaOf(name, tab) } })
      case 'cookie': return cookieTier({ env: { document, location }, ...(chain[0] === 'cookie' && { maxBytes: 16_384 }) })
      default: return indexedDBTier({ env: { indexedDB: factory, ...channels.env } })
    }
  }
  const damageOf = (name: TierName, tab: number): ((name: string, how: string) => boolean | Promise<boolean>) => {
    const area = areaOf(name, tab)
    if (isStandIn(name)) return standIns.find(name, tab)!.damage
    if (area) return damageArea(area)
    return name === 'cookie' ? damageJar(jar, document, '; Path=/') : async (one, how) => {
          const done = await damageRecord(factory, one, how)
          await channels.forget()
          return done
        }
  }

  return {
    areaOf,
    tierFor: (name, tab) => (isStandIn(name) ? standIns.at(name, tab).make() : realTier(name, tab)),
    idOf: (name, tab) => (name === 'memory' ? '' : name === 'sessionStorage' ? `${name} ${tab}` : name),
    siteOf: () => 'brand',
    placeFor(name, tab, tier) {
      const standIn = isStandIn(name) ? standIns.find(name, tab) : undefined
      // Without a channel, so that it reads what is there.
      const raw = standIn?.raw ?? (name === 'indexedDB' ? indexedDBTier({ env: { indexedDB: factory } }) : tier)
      return placeOf(name, raw, damageOf(name, tab), standIn?.parts)
    },
    cookies: () => document,
    refuse(name, refuses) {
      if (name === 'localStorage') full = refuses
      if (name === 'cookie') jar.refuses = refuses
    },
    evicted() {},
    closeTab(tab) {
      standIns.closeTab(tab)
      opened?.[tab - 1]!.sessionStorage.clear()
    },
    async restart() {
      jar.restart()
      await endSession(standIns.parts())
    },
    hasDatabase: async (name) => (await factory.databases()).some((one) => one.name === name),
    end() {},
  }
}
