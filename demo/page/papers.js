// The receipt of the token's last write, and the log of what happened.

import { dateAndTime, lifetimeIn, placeOf, reachIn, reasonFor, timeOfDay, titleOf } from './phrases.js'

const MOST_LINES = 60

const row = (term, text) => {
  const [name, value] = [document.createElement('dt'), document.createElement('dd')]
  name.textContent = term
  value.textContent = text
  return [name, value]
}

/** What is said of one receipt, as pairs of a term and a text. */
function linesOf(receipt) {
  const passed = receipt.passed.map(({ tier, code }) => `${titleOf(tier)}, ${reasonFor(code)}`).join('; ')
  return [
    ['Kept in', titleOf(receipt.tier)],
    ['Also in', receipt.also ? `${receipt.also.map(placeOf).join(', ')}, until the hub is proven` : 'nowhere else'],
    ['Promise', `${lifetimeIn(receipt.lifetime)}, ${reachIn(receipt.reach)}`],
    ['Expires', receipt.expires === undefined ? 'no date of its own' : dateAndTime(receipt.expires)],
    ['Passed', passed || 'none'],
  ]
}

/** @param {() => number} now */
export function openPapers(now) {
  const receipt = document.querySelector('[data-receipt]')
  const log = document.querySelector('[data-log]')
  const blank = { 'Kept in': 'not written on this page yet', 'Also in': '–', Promise: '–', Expires: '–', Passed: '–' }
  receipt.append(...Object.entries(blank).flatMap(([term, text]) => row(term, text)))

  return {
    /** @param {{ tier: string, lifetime: string, reach: string, expires?: number, passed: { tier: string, code: string }[], also?: string[] }} written */
    file(written) {
      receipt.replaceChildren(...linesOf(written).flatMap(([term, text]) => row(term, text)))
    },
    /** Newest last, as a screen reader reads it. @param {string} kind @param {string} text */
    note(kind, text) {
      const line = document.createElement('li')
      const time = document.createElement('time')
      const tag = document.createElement('b')
      time.textContent = timeOfDay(now())
      tag.textContent = kind
      tag.dataset.kind = kind
      line.append(time, ' ', tag, ' ', text)
      log.append(line)
      while (log.children.length > MOST_LINES) log.firstElementChild.remove()
      log.scrollTop = log.scrollHeight
    },
  }
}
