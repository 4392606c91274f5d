// What is done to the browser under the demo: rungs that break, rungs that are full, days that pass.
//
// It lives in the page's address, so it survives a reload without touching any of the storages that are
// being watched, goes along to the other sites, and can be sent to a colleague as a link. The hub alone is
// broken for real: the vendor's server stops answering, for every page.

import { emptyLocalStorage, fillLocalStorage, isLocalStorageFull } from './filler.js'

const DAY = 86_400_000
const MANNERS = ['throws', 'hangs']

/** @param {string} tier */
const refusal = (tier) => new DOMException(`${tier} is switched off in this browser.`, 'SecurityError')

/**
 * @param {readonly string[]} tiers the names of the tiers
 * @param {ReturnType<typeof import('./switch.js').openSwitch>} hub
 * @returns the plans for `faulty`, read again at each operation, and the verbs that change them
 */
export function openWeather(tiers, hub) {
  const asked = new URLSearchParams(location.search)
  const breakable = tiers.filter((tier) => tier !== 'hub')
  const broken = new Map((asked.get('broken') ?? '').split(',').map((part) => part.split(':')).filter(([tier, manner]) => breakable.includes(tier) && MANNERS.includes(manner)))
  const full = new Set((asked.get('full') ?? '').split(',').filter((tier) => tiers.includes(tier) && tier !== 'localStorage'))
  let days = Math.max(0, Math.min(3650, Math.trunc(Number(asked.get('days'))) || 0))

  /** @type {Record<string, { throws?: unknown, hangs?: boolean, quota?: number }>} */
  const plans = Object.fromEntries(tiers.map((tier) => [tier, {}]))

  function apply() {
    for (const tier of tiers) {
      const plan = plans[tier]
      for (const fault of ['throws', 'hangs', 'quota']) delete plan[fault]
      if (broken.get(tier) === 'throws') plan.throws = refusal(tier)
      if (broken.get(tier) === 'hangs') plan.hangs = true
      if (full.has(tier)) plan.quota = 0
    }
  }

  function query() {
    const kept = new URLSearchParams()
    if (broken.size) kept.set('broken', [...broken].map((pair) => pair.join(':')).join(','))
    if (full.size) kept.set('full', [...full].join(','))
    if (days) kept.set('days', String(days))
    // Written by hand because URLSearchParams would make `:` and `,` unreadable.
    return kept.size ? `?${decodeURIComponent(kept.toString())}` : ''
  }

  function change() {
    apply()
    history.replaceState(null, '', location.pathname + query())
  }

  apply()

  return {
    plans,
    /** What the address says of the weather, for links to the other sites. */
    query,
    now: () => Date.now() + days * DAY,
    days: () => days,
    isBroken: (tier) => (tier === 'hub' ? !hub.isOn() : broken.has(tier)),
    isFull: (tier) => (tier === 'localStorage' ? isLocalStorageFull() : full.has(tier)),
    /** @param {string} tier @param {string} manner `throws` or `hangs` */
    async break(tier, manner) {
      if (tier === 'hub') return hub.turn(manner === 'hangs' ? 'silent' : 'off')
      broken.set(tier, manner)
      change()
    },
    async mend(tier) {
      if (tier === 'hub') return hub.turn('on')
      broken.delete(tier)
      change()
    },
    /** localStorage is filled for real, to its last character; the others are told to be full. */
    fill(tier) {
      if (tier === 'localStorage') return fillLocalStorage()
      full.add(tier)
      change()
    },
    empty(tier) {
      if (tier === 'localStorage') return emptyLocalStorage()
      full.delete(tier)
      change()
    },
    passDay() {
      days += 1
      change()
    },
    async clearSky() {
      broken.clear()
      full.clear()
      emptyLocalStorage()
      days = 0
      change()
      await hub.turn('on')
    },
  }
}
