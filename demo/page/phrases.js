// What the page says of places, times and sizes.

export const TIER_TITLES = {
  hub: "Vendor's hub",
  indexedDB: 'IndexedDB',
  localStorage: 'localStorage',
  sessionStorage: 'sessionStorage',
  cookie: 'Cookie',
  memory: 'Memory',
}

/** Within a sentence. */
const PLACES = { hub: 'the hub', cookie: 'a cookie', memory: "this page's memory" }

const LIFETIMES = {
  page: 'until the page is left',
  tab: 'until the tab is closed',
  session: 'until the browser is closed',
  device: 'on the device',
}

const REACHES = {
  page: 'for this page',
  tab: 'for this tab',
  origin: 'for this origin',
  site: 'for the whole site',
}

const REASONS = {
  unavailable: 'refused by the browser',
  quota: 'full',
  'too-large': 'too large for it',
  timeout: 'no answer in time',
  lost: 'connection lost',
  refused: 'refused',
  lifetime: 'keeps things longer than asked',
  reach: 'reaches fewer pages than asked',
  secret: 'not a place for secrets',
}

/** @param {string} name */
export const titleOf = (name) => TIER_TITLES[name] ?? name

/** @param {string} name */
export const placeOf = (name) => PLACES[name] ?? titleOf(name)

/** @param {string} lifetime */
export const lifetimeIn = (lifetime) => LIFETIMES[lifetime] ?? lifetime

/** @param {string} reach */
export const reachIn = (reach) => REACHES[reach] ?? reach

/** What is known of how far the hub reaches: an icon's name, and words. @param {{ state: string, reach: string, mayReach?: string }} hub */
export function proofOf({ state, reach, mayReach }) {
  if (state === 'down') return ['unproven', 'How far it reaches cannot be asked now']
  if (reach === 'site') return ['site', 'Proven to reach the whole site']
  if (mayReach === undefined) return ['origin', 'Known to stay on this origin']
  return ['unproven', 'Not proven yet to reach the whole site']
}

/** @param {string} code */
export const reasonFor = (code) => REASONS[code] ?? code

/** @param {string} name @param {string} manner `throws` or `hangs` */
export function brokenIn(name, manner) {
  const hangs = manner === 'hangs'
  if (name === 'hub') return `The vendor's server ${hangs ? 'never answers' : 'refuses'} who asks for the hub. A page can tell by the silence alone.`
  return `${titleOf(name)} ${hangs ? 'never answers' : 'refuses'} from now on.`
}

/** @param {string} name */
export const mendedIn = (name) => (name === 'hub' ? "The vendor's server serves the hub again." : `${titleOf(name)} works again.`)

const pad = (number) => String(number).padStart(2, '0')

/** Time left, in a width that hardly changes while it runs. @param {number} ms */
export function timeLeft(ms) {
  if (ms <= 0) return 'expired'
  const seconds = Math.floor(ms / 1000)
  // A year that has just begun is 365 days, not 364 and a bit.
  const days = Math.round(seconds / 86_400)
  if (days >= 2) return `${days} days left`
  return `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)} left`
}

/** @param {number} bytes */
export function sizeOf(bytes) {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

/** @param {number} at */
export const timeOfDay = (at) => new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** @param {number} at */
export const dateAndTime = (at) =>
  new Date(at).toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })
