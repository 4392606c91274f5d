// What the page says of places, times and sizes.

export const TIER_TITLES = {
  indexedDB: 'IndexedDB',
  localStorage: 'localStorage',
  sessionStorage: 'sessionStorage',
  cookie: 'Cookie',
  memory: 'Memory',
}

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
  timeout: 'did not answer in time',
  lost: 'connection lost',
  refused: 'refused',
  lifetime: 'keeps things longer than asked',
  reach: 'reaches fewer pages than asked',
  secret: 'not a place for secrets',
}

/** @param {string} name */
export const titleOf = (name) => TIER_TITLES[name] ?? name

/** @param {string} lifetime */
export const lifetimeIn = (lifetime) => LIFETIMES[lifetime] ?? lifetime

/** @param {string} reach */
export const reachIn = (reach) => REACHES[reach] ?? reach

/** @param {string} code */
export const reasonFor = (code) => REASONS[code] ?? code

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
