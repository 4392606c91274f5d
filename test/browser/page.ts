import * as holdfast from 'holdfast'
import { hubTier } from 'holdfast/hub'
import { liveperson, tabId } from 'holdfast/presets'
import { tierCases } from 'holdfast/testing'
import * as attacks from './hub-attacks.js'
import { openSequence } from './hub-sequences.js'
import { type TierName, tiers } from './tiers.js'

/**
 * What runs in the page, as `globalThis.page`: the package as it was built, and what a test asks of a page
 * again and again.
 */

const mainChain: TierName[] = ['indexedDB', 'localStorage', 'sessionStorage', 'cookie of the site', 'memory']

type Storage = holdfast.Holdfast<Record<string, unknown>>
type Options = Partial<holdfast.StorageOptions>

// `window.name` outlives a reload, so what went wrong just before one is not lost.
function noteProblem(what: string): void {
  window.name = JSON.stringify([...problems(), what])
}

function problems(): string[] {
  return JSON.parse(window.name || '[]') as string[]
}

window.addEventListener('error', (event) => noteProblem(`error: ${event.message}`))
window.addEventListener('unhandledrejection', (event) => noteProblem(`unhandled rejection: ${String(event.reason)}`))

function takeProblems(): string[] {
  const taken = problems()
  window.name = ''
  return taken
}

/** The storage of the main job, or one with another chain. The page keeps it as `page.storage`. */
function open(chain: TierName[] = mainChain, options: Options = {}): Storage {
  page.storage = holdfast.createStorage({ namespace: 'acme-chat', ttl: '1d', tiers: chain.map((name) => tiers[name]()), ...options, ...(options.keys && { keys: holdfast.defineKeys(options.keys) }) })
  return page.storage
}

/** The same with HttpOnly cookies of a server above that chain. */
function openServer(endpoint: string, chain: TierName[], options: Options = {}): Storage {
  return open([], { tiers: [holdfast.httpCookieTier({ endpoint }), ...chain.map((name) => tiers[name]())], ...options })
}

/** The same with a hub of the vendor's at `path` above that chain. */
function openHub(path: string, chain: TierName[], { timeout, ...options }: Options & { timeout?: number } = {}): Storage {
  const hub = hubTier({ url: `https://chat.vendor.test${path}`, ...(timeout && { timeout }) })
  return open([], { tiers: [hub, ...chain.map((name) => tiers[name]())], ...options })
}

/** How many messages go out of ports from now on. */
function countMessages(): { sent: number } {
  const count = { sent: 0 }
  const { postMessage } = MessagePort.prototype
  MessagePort.prototype.postMessage = function (...given: unknown[]) {
    count.sent++
    return (postMessage as (...given: unknown[]) => void).apply(this, given)
  }
  return count
}

/** This tab's ID, as LivePerson's script would ask for it. */
async function idOfTab(): Promise<string> {
  const { id } = await tabId(holdfast.createStorage(liveperson({ siteId: '123', solution: 'first-party' })))
  return id
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** Deletes a database. Fails where somebody holds on to it, instead of waiting for them for ever. */
function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error)
    // Not `onblocked`: Firefox does not always tell.
    setTimeout(() => reject(new Error(`somebody holds a connection to ${name} and does not give way`)), 5000)
  })
}

async function databases(): Promise<string[]> {
  return (await indexedDB.databases()).map(({ name }) => String(name)).sort()
}

/** The connections that start a transaction from now on, and the mode of each transaction. */
function recordConnections(): { seen: Set<IDBDatabase>; modes: string[] } {
  const seen = new Set<IDBDatabase>()
  const modes: string[] = []
  const { transaction } = IDBDatabase.prototype
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    seen.add(this)
    modes.push(mode ?? 'readonly')
    return transaction.call(this, stores, mode, options)
  }
  return { seen, modes }
}

function cookies(): Record<string, string> {
  const pairs = document.cookie.split('; ').filter((pair) => pair !== '')
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}

/** Removes a cookie wherever a page of this host can have put it. */
function expire(name: string): void {
  const labels = location.hostname.split('.')
  const domains = labels.map((_, index) => `; domain=${labels.slice(index).join('.')}`)
  for (const domain of ['', ...domains]) document.cookie = `${name}=; path=/; max-age=0${domain}`
}

/** Fills localStorage to the last character, as somebody else's script would. */
function fillLocalStorage(): { keys: number; characters: number } {
  for (let size = 1 << 20, key = 0; size >= 1; ) {
    try {
      localStorage.setItem(`foreign-${key}`, 'x'.repeat(size))
      key++
    } catch {
      size = Math.floor(size / 2)
    }
  }
  return foreignInLocalStorage()
}

function foreignInLocalStorage(): { keys: number; characters: number } {
  const foreign = Object.entries(localStorage).filter(([key]) => key.startsWith('foreign-'))
  return { keys: foreign.length, characters: foreign.reduce((sum, [key, value]) => sum + key.length + String(value).length, 0) }
}

/** Everything that is stored for this origin, by place, and nothing about what it says. */
async function traces(): Promise<Record<'databases' | 'localStorage' | 'sessionStorage' | 'cookies', string[]>> {
  return {
    databases: await databases(),
    localStorage: Object.keys(localStorage),
    sessionStorage: Object.keys(sessionStorage),
    cookies: Object.keys(cookies()),
  }
}

/** Empties the origin where the browser allows it: where it does not, there is nothing to empty. */
async function wipe(): Promise<void> {
  const allowed = (act: () => void) => {
    try {
      act()
    } catch {
      // Blocked by the browser's setting.
    }
  }
  allowed(() => localStorage.clear())
  allowed(() => sessionStorage.clear())
  allowed(() => Object.keys(cookies()).forEach(expire))
  for (const name of await databases().catch(() => [])) await deleteDatabase(name)
}

/** Empties the HttpOnly cookies, too, which no script can reach. */
async function forgetHttpCookies(): Promise<void> {
  await Promise.all(['https://chat.vendor.test', 'https://brand.test'].map((server) => fetch(`${server}/forget`, { credentials: 'include', mode: 'no-cors' })))
}

/** One case of the list that every tier keeps, over an empty place. */
async function runCase(name: TierName, title: string): Promise<void> {
  const found = tierCases.find((one) => one.title === title)
  if (!found) throw new Error(`no case is called ${title}`)
  const made: holdfast.Tier[] = []
  await wipe()
  if (name === 'HTTP cookie') await forgetHttpCookies()
  try {
    await found.run(() => {
      // Each memory tier is a place of its own, so a second one over the same place is the first.
      const tier = (name === 'memory' && made[0]) || tiers[name]()
      made.push(tier)
      return tier
    })
  } finally {
    for (const tier of made) await tier.close()
  }
}

export const page = {
  holdfast,
  hubTier,
  openHub,
  openServer,
  openSequence,
  idOfTab,
  attacks,
  countMessages,
  storage: undefined as Storage | undefined,
  open,
  takeProblems,
  settled,
  deleteDatabase,
  databases,
  recordConnections,
  cookies,
  expire,
  fillLocalStorage,
  foreignInLocalStorage,
  traces,
  wipe,
  forgetHttpCookies,
  runCase,
}

declare global {
  var page: (typeof import('./page.js'))['page']
}

globalThis.page = page
