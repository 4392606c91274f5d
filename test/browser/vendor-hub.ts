import { cookieTier, indexedDBTier, localStorageTier, memoryTier, sessionStorageTier, type Tier } from 'holdfast'
import { type Hub, serveHub } from 'holdfast/hub/host'
import * as attacks from './hub-attacks.js'

/**
 * The script of the vendor's hub page. `?tiers=` names another chain than the vendor's own, `?allow=` other brands.
 */

const places: Record<string, () => Tier> = {
  indexedDB: () => indexedDBTier(),
  localStorage: () => localStorageTier(),
  sessionStorage: () => sessionStorageTier(),
  cookie: () => cookieTier({ sameSite: 'None', partitioned: true }),
  memory: () => memoryTier(),
}

const problems: string[] = []
window.addEventListener('error', (event) => problems.push(`error: ${event.message}`))
window.addEventListener('unhandledrejection', (event) => problems.push(`unhandled rejection: ${String(event.reason)}`))

const query = new URLSearchParams(location.search)
const named = (query.get('tiers') ?? 'indexedDB,localStorage,sessionStorage,cookie').split(',')
const allow = query.get('allow')?.split(',') ?? ['https://*.brand.test', 'https://brand.test', 'https://other.test']

const hub: Hub = serveHub({ allow, tiers: named.map((name) => places[name]!()) })

/** WebKit lists no databases in a frame of another site, so those that brands make are asked for by name. */
async function databases(): Promise<string[]> {
  const listed = (await indexedDB.databases()).map(({ name }) => String(name))
  return [...new Set([...listed, 'holdfast.brand/test', 'holdfast.other/test'])]
}

/** Everything that the hub's frame keeps, by place, and what it says. */
async function contents(): Promise<Record<string, string>> {
  const kept: Record<string, string> = {}
  for (const [place, storage] of [['localStorage', localStorage], ['sessionStorage', sessionStorage]] as const) {
    for (const [name, value] of Object.entries(storage)) kept[`${place} ${name}`] = String(value)
  }
  for (const cookie of document.cookie.split('; ').filter((each) => each !== '')) kept[`cookie ${cookie.slice(0, cookie.indexOf('='))}`] = cookie
  for (const name of await databases()) Object.assign(kept, await inDatabase(name))
  return kept
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

async function inDatabase(name: string): Promise<Record<string, string>> {
  const request = indexedDB.open(name)
  // It is not there: nothing is made by looking.
  request.onupgradeneeded = () => request.transaction?.abort()
  const database = await settled(request).catch(() => undefined)
  const kept: Record<string, string> = {}
  for (const store of database?.objectStoreNames ?? []) {
    const objects = database!.transaction(store).objectStore(store)
    const [keys, values] = await Promise.all([settled(objects.getAllKeys()), settled(objects.getAll())])
    keys.forEach((key, index) => (kept[`indexedDB ${name} ${String(key)}`] = JSON.stringify(values[index])))
  }
  database?.close()
  return kept
}

async function wipe(): Promise<void> {
  localStorage.clear()
  sessionStorage.clear()
  for (const cookie of document.cookie.split('; ')) document.cookie = `${cookie.split('=')[0]}=; path=/; max-age=0; secure; samesite=none; partitioned`
  for (const name of await databases()) await settled(indexedDB.deleteDatabase(name))
}

/** Messages that reached this window, and messages that its ports sent, from now on. */
const counts = { received: 0, sent: 0 }
const hellos: unknown[] = []
window.addEventListener('message', ({ data }) => {
  counts.received++
  if (hellos.length < 5) hellos.push((data as { holdfast?: unknown } | undefined)?.holdfast)
})
const { postMessage } = MessagePort.prototype
/** The hub's end of the port to the page. */
let port: MessagePort | undefined
MessagePort.prototype.postMessage = function (...given: unknown[]) {
  counts.sent++
  port = this
  return (postMessage as (...given: unknown[]) => void).apply(this, given)
}

/** What the tests ask of the hub's frame. */
export const vendor = { hub, problems, counts, hellos, contents, wipe, attacks, port: () => port! }

declare global {
  var vendor: (typeof import('./vendor-hub.js'))['vendor']
}

globalThis.vendor = vendor
