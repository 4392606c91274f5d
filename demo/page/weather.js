// What is done to the browser under the demo: rungs that break, rungs that are full, days that pass.
//
// It lives in the page's address, so it survives a reload without touching any of the storages that are
// being watched, and a state can be sent to a colleague as a link.

import { fillLocalStorage, isLocalStorageFull, emptyLocalStorage } from './filler.js'

const DAY = 86_400_000
const MANNERS = ['throws', 'hangs']

/** @param {string} tier */
const refusal = (tier) => new DOMException(`${tier} is switched off in this browser.`, 'SecurityError')

/**
 * @param {readonly string[]} tiers the names of the rungs
 * @returns the plans for `faulty`, read again at each operation, and the verbs that change them
 */
export function openWeather(tiers) {
  const asked = new URLSearchParams(location.search)
  const broken = new Map((asked.get('broken') ?? '').split(',').map((part) => part.split(':')).filter(([tier, manner]) => tiers.includes(tier) && MANNERS.includes(manner)))
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

  function change() {
    apply()
    const kept = new URLSearchParams()
    if (broken.size) kept.set('broken', [...broken].map((pair) => pair.join(':')).join(','))
    if (full.size) kept.set('full', [...full].join(','))
    if (days) kept.set('days', String(days))
    // Written by hand because URLSearchParams would make `:` and `,` unreadable.
    history.replaceState(null, '', `${location.pathname}${kept.size ? `?${decodeURIComponent(kept.toString())}` : ''}`)
  }

  apply()

  return {
    plans,
    now: () => Date.now() + days * DAY,
    days: () => days,
    isBroken: (tier) => broken.has(tier),
    isFull: (tier) => (tier === 'localStorage' ? isLocalStorageFull() : full.has(tier)),
    /** @param {string} tier @param {string} manner `throws` or `hangs` */
    break(tier, manner) {
      broken.set(tier, manner)
      change()
    },
    mend(tier) {
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
    clearSky() {
      broken.clear()
      full.clear()
      emptyLocalStorage()
      days = 0
      change()
    },
  }
}
