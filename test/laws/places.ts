import { IDBFactory } from 'fake-indexeddb'
import { JSDOM } from 'jsdom'
import type { Change, Entry, Tier } from 'holdfast'
import type { Implementation } from './world.js'
import type { Place } from './recorder.js'
import type { Footing, TierName } from './schedule.js'

/** Made once, because a window takes a tenth of a second; each schedule finds them cleared. */
const windows = [1, 2, 3].map(() => new JSDOM('', { url: 'https://brand.test/' }).window)

const URL_OF_PAGE = 'https://brand.test/'

/** What the origin keeps, for all its tabs, and how a tab or a page gets its own. */
export interface Origin {
  /** `tab` counts from 1; memory is a page's own, so each call makes a new one. */
  tierFor(name: TierName, tab: number): Tier
  /** A new place with nothing known in it. */
  placeFor(name: TierName, tab: number, tier: Tier): Place
  closeTab(tab: number): void
  restart(): Promise<void>
  /** Real cookies and real localStorage then drop what is written, without a word. */
  refuse(name: TierName, refuses: boolean): void
  areaOf(name: TierName, tab: number): Storage | undefined
  cookies(): { cookie: string }
  /** Whether a database of that name exists. */
  hasDatabase(name: string): Promise<boolean>
}

/** A storage object that keeps what it has and takes nothing more. */
const refusing = (area: Storage): Storage => ({
  getItem: (name) => area.getItem(name),
  setItem: () => {},
  removeItem: (name) => area.removeItem(name),
  key: (index) => area.key(index),
  clear: () => {},
  get length() {
    return area.length
  },
})

const CORRUPT: Entry = { text: null, stamp: 0, lifetime: 'page', corrupt: true }

/** A stand-in keeps entries, not text: what was damaged in it is remembered by name. */
const damageable = (tier: Tier): { tier: Tier; damage(name: string): boolean } => {
  const damaged = new Set<string>()
  const forget = (name: string): unknown => tier.write([{ name, drop: Infinity }])
  return {
    damage(name) {
      forget(name)
      damaged.add(name)
      return true
    },
    tier: {
      ...tier,
      read: (names) => {
        const entries = tier.read(names) as readonly (Entry | undefined)[]
        return names.map((name, index) => (damaged.has(name) ? CORRUPT : entries[index]))
      },
      write: (changes: readonly Change[]) => {
        for (const change of changes) if ('entry' in change || change.drop) damaged.delete(change.name)
        return tier.write(changes)
      },
    },
  }
}

/** Another text for the one that stands there; `undefined`: there is nothing to copy or cut. */
const replaced = (how: string, text: string | null, other: string | undefined): string | undefined => {
  switch (how) {
    case 'truncated': return text ? text.slice(0, text.length >> 1) : undefined
    case 'copied': return other
    case 'newer version': return 'hf23.abc.1m2n3.4.5.text'
    case 'foreign': return '{"token":"of_another_library"}'
    default: return 'hf13.zz.9qqq' + (text ?? '').slice(3, 9)
  }
}

const damageArea = (area: Storage) => (name: string, how: string): boolean => {
  const other = ['token', 'visitor', 'secret', 'own'].map((key) => `chat.${key}`).find((one) => one !== name && area.getItem(one))
  const text = replaced(how, area.getItem(name), other && area.getItem(other)!)
  if (text === undefined) return false
  area.setItem(name, text)
  return true
}

const damageCookie = (jar: { cookie: string }) => (name: string, how: string): boolean => {
  const pairs = jar.cookie.split('; ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const)
  const at = pairs.find(([one]) => one === name)
  const other = pairs.find(([one]) => one.startsWith('chat.') && !one.includes('~') && one !== name)
  const text = replaced(how, at?.[1] ?? null, other?.[1])
  if (text === undefined) return false
  jar.cookie = `${name}=${encodeURIComponent(text)}; Path=/; Max-Age=8640000; SameSite=Lax; Secure`
  return true
}

const damageRecord = async (factory: IDBFactory, name: string, how: string): Promise<boolean> => {
  if (!(await factory.databases()).some((one) => one.name === 'holdfast.chat')) return false
  return new Promise((resolve, reject) => {
    const opening = factory.open('holdfast.chat')
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const database = opening.result
      const transaction = database.transaction('entries', 'readwrite')
      const store = transaction.objectStore('entries')
      const reading = store.get(name)
      let done = false
      reading.onsuccess = () => {
        const text = replaced(how, (reading.result as { raw: string } | undefined)?.raw ?? null, undefined)
        if (text === undefined) return
        store.put({ raw: text }, name)
        done = true
      }
      transaction.oncomplete = () => {
        database.close()
        resolve(done)
      }
    }
  })
}

/** An origin without anything in it. */
export const createOrigin = (implementation: Implementation, footing: Footing, now: () => number, largeCookies: boolean): Origin => {
  const { inMemory, localStorageTier, sessionStorageTier, cookieTier, indexedDBTier, cookieJar } = implementation
  for (const { localStorage, sessionStorage } of windows) {
    localStorage.clear()
    sessionStorage.clear()
  }
  const jar = cookieJar({ now })
  const { document: page, location } = jar.at(URL_OF_PAGE)
  const document = page!
  const factory = new IDBFactory()
  let full = false
  const standIns = new Map<string, ReturnType<typeof damageable>>()
  const isStandIn = (name: TierName): boolean => name === 'memory' || footing === 'stand-ins' || (footing === 'texts' && name === 'indexedDB')
  const standIn = (name: TierName, tab: number): ReturnType<typeof damageable> => {
    const id = name === 'sessionStorage' ? `${name} ${tab}` : name
    const found = standIns.get(id)
    if (found && name !== 'memory') return found
    const made = damageable(inMemory(name)[0]!)
    standIns.set(id, made)
    return made
  }
  const areaOf = (name: TierName, tab: number): Storage | undefined =>
    isStandIn(name) ? undefined : name === 'localStorage' ? windows[0]!.localStorage : name === 'sessionStorage' ? windows[tab - 1]!.sessionStorage : undefined

  const realTier = (name: TierName, tab: number): Tier => {
    switch (name) {
      case 'localStorage': {
        const area = areaOf(name, tab)!
        return localStorageTier({
          env: {
            get localStorage() {
              return full ? refusing(area) : area
            },
          },
        })
      }
      case 'sessionStorage': return sessionStorageTier({ env: { sessionStorage: areaOf(name, tab) } })
      case 'cookie': return cookieTier({ env: { document, location }, ...(largeCookies && { maxBytes: 16_384 }) })
      default: return indexedDBTier({ env: { indexedDB: factory } })
    }
  }
  const tierFor: Origin['tierFor'] = (name, tab) => (isStandIn(name) ? standIn(name, tab).tier : realTier(name, tab))

  return {
    tierFor,
    areaOf,
    cookies: () => document,
    refuse(name, refuses) {
      if (name === 'localStorage') full = refuses
      if (name === 'cookie') jar.refuses = refuses
    },
    placeFor(name, tab, tier) {
      const area = areaOf(name, tab)
      const beneath = isStandIn(name) ? standIns.get(name === 'sessionStorage' ? `${name} ${tab}` : name)! : undefined
      const damage = beneath ? beneath.damage : area ? damageArea(area) : name === 'cookie' ? (one: string, how: string) => {
              const { refuses } = jar
              jar.refuses = false
              const done = damageCookie(document)(one, how)
              jar.refuses = refuses
              return done
            } : (one: string, how: string) => damageRecord(factory, one, how)
      return { tier: name, shadow: new Map(), foreign: new Set(), raw: name === 'indexedDB' && !beneath ? realTier(name, tab) : tier, damage: async (one, how) => damage(one, how) }
    },
    closeTab(tab) {
      standIns.delete(`sessionStorage ${tab}`)
      windows[tab - 1]!.sessionStorage.clear()
    },
    async restart() {
      jar.restart()
      const cookies = standIns.get('cookie')?.tier
      if (!cookies) return
      const names = await cookies.names('')
      const entries = await cookies.read(names)
      await cookies.write(names.filter((_, index) => entries[index]?.lifetime === 'session').map((name) => ({ name, drop: Infinity })))
    },
    hasDatabase: async (name) => (await factory.databases()).some((one) => one.name === name),
  }
}
