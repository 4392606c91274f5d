// The storage of the chat, as a widget's author would write it, with one thing added: each tier is
// wrapped in `faulty`, so that it can be broken while one watches.

import { cookieTier, createStorage, defineKeys, indexedDBTier, key, localStorageTier, memoryTier, sessionStorageTier } from 'holdfast'
import { choice, consentKeys } from 'holdfast/consent'
import { hubTier } from 'holdfast/hub'
import { faulty } from 'holdfast/testing'
import { VENDOR } from './desk.js'

/** The rungs of the session token, best place first: it shall follow the visitor through the brand's whole site. */
export const RUNGS = ['hub', 'cookie', 'localStorage', 'memory']

/** The tiers of other keys. */
export const OTHERS = ['indexedDB', 'sessionStorage']

export const TIERS = [...RUNGS, ...OTHERS]

/** What the chat keeps, each key for as long as it is needed and no longer. */
export const KEYS = defineKeys({
  token: key({ ttl: '1d', tiers: RUNGS, reach: 'site', category: 'necessary', purpose: 'Keeps the conversation with the desk' }),
  visitor: key({ ttl: '1y', tiers: RUNGS, reach: 'site', category: 'necessary', purpose: 'Lets the desk say welcome back' }),
  panel: key({ ttl: 'session', tiers: ['cookie', 'sessionStorage', 'memory'], category: 'necessary', purpose: 'Remembers whether the chat is open' }),
  questions: key({ ttl: '1w', tiers: ['indexedDB', 'localStorage', 'memory'], category: 'necessary', purpose: 'Saves asking the desk each time' }),
  draft: key({ ttl: 'tab', tiers: ['sessionStorage', 'memory'], category: 'necessary', purpose: 'Keeps a message that is not sent yet' }),
  opens: key({ ttl: '4w', tiers: ['localStorage'], category: 'analytics', purpose: 'Counts how often the chat is opened' }),
  consent: key({ ...consentKeys.consent, tiers: ['cookie', 'localStorage', 'memory'] }),
})

/** How the page names the keys. */
export const TITLES = { token: 'Session token', visitor: 'Visitor', panel: 'Chat window', questions: 'Often asked', draft: 'Draft', opens: 'Count', consent: 'Answer' }

/** The lifetime and the chain of each key, in words. */
export const RULES = {
  token: 'a day from the last message, wherever the whole site can read it',
  visitor: 'a year from the last visit, for the whole site',
  panel: 'until the browser is closed: a cookie without an age',
  questions: 'a week, in a database of this origin',
  draft: 'this tab, and nowhere that outlives it',
  opens: 'how often the chat was opened: four weeks, once analytics are allowed; until then in the memory of this page',
  consent: 'a year, for the whole site: what the visitor said of analytics, yes or no',
}

/** @param {ReturnType<typeof import('./weather.js').openWeather>} weather */
export function openStorage(weather) {
  const hub = hubTier({ url: `${VENDOR}/hub` })
  const tiers = [hub, cookieTier({ domain: 'site' }), localStorageTier(), indexedDBTier(), sessionStorageTier(), memoryTier()]
  const consent = choice({}, { storage: () => storage })
  const storage = createStorage({
    namespace: 'bollard-chat',
    tiers: tiers.map((tier) => faulty(tier, weather.plans[tier.name])),
    keys: KEYS,
    consent,
    now: weather.now,
  })
  return {
    storage,
    consent,
    /** Hears when a page of the other subdomain has changed something in the hub. @param {() => void} heard */
    watchHub: (heard) => hub.watch(heard),
  }
}
