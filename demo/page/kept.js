// The storage of the chat, as a widget's author would write it, with one thing added: each tier is
// wrapped in `faulty`, so that it can be broken while one watches.

import { cookieTier, createStorage, defineKeys, indexedDBTier, key, localStorageTier, memoryTier, sessionStorageTier } from 'holdfast'
import { faulty } from 'holdfast/testing'

/** The rungs, best place first. */
export const RUNGS = ['indexedDB', 'localStorage', 'sessionStorage', 'cookie', 'memory']

/** What the chat keeps, each key for as long as it is needed and no longer. */
export const KEYS = defineKeys({
  token: key({ ttl: '1d', category: 'necessary', purpose: 'Keeps the conversation with the desk' }),
  visitor: key({ ttl: '1y', tiers: ['cookie', 'localStorage', 'memory'], category: 'necessary', purpose: 'Lets the desk say welcome back' }),
  draft: key({ ttl: 'tab', tiers: ['sessionStorage', 'memory'], category: 'necessary', purpose: 'Keeps a message that is not sent yet' }),
  panel: key({ ttl: 'session', tiers: ['cookie', 'sessionStorage', 'memory'], category: 'necessary', purpose: 'Remembers whether the chat is open' }),
})

/** How the page names the keys. */
export const TITLES = { token: 'Session token', visitor: 'Visitor id', draft: 'Draft', panel: 'Chat window' }

/** The lifetime and the chain of each key, in words. */
export const RULES = {
  token: 'one day from the last message, on any rung',
  visitor: 'a year; cookie first, so that sibling subdomains share it',
  draft: 'this tab, and nowhere that outlives it',
  panel: 'until the browser is closed: a cookie without an age',
}

/** @param {ReturnType<typeof import('./weather.js').openWeather>} weather */
export function openStorage(weather) {
  const tiers = [indexedDBTier(), localStorageTier(), sessionStorageTier(), cookieTier({ domain: 'site' }), memoryTier()]
  return createStorage({
    namespace: 'stipe-chat',
    tiers: tiers.map((tier) => faulty(tier, weather.plans[tier.name])),
    keys: KEYS,
    now: weather.now,
  })
}
