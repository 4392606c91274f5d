// One rung: a tier, how it is, and a chip for each key that it holds.

import { TITLES } from './kept.js'
import { lifetimeIn, reachIn, reasonFor, sizeOf, timeLeft, titleOf } from './phrases.js'

const NAMES = Object.keys(TITLES)
const STATES = { ready: 'Ready', untried: 'Untried', full: 'Full' }

/** Writes only what changed, so that nothing flickers and no selection is lost. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text
}

const icon = (element, name) => element.querySelector('use').setAttribute('href', `#icon-${name}`)

const copyOf = (selector) => document.querySelector(selector).content.firstElementChild.cloneNode(true)

/** What is said of a copy. The token itself is never shown: it is a secret, its size is not. */
function whatOf(name, copy) {
  if (copy.lost) return 'out of reach'
  if (copy.removed) return 'removal mark'
  if (!copy.wins) return 'older copy'
  const size = sizeOf(copy.bytes)
  return name === 'token' ? `JWT, ${size}` : size
}

/** Whether a read answers this copy: a tombstone wins by answering nothing. */
export const counts = (copy) => copy.wins && !copy.lost && !copy.removed

const leftOf = (copy, now) => (copy.lost || copy.removed || copy.expires === undefined ? '' : timeLeft(copy.expires - now))

function promiseOf({ lifetimes, reach, bytes }) {
  const promise = `Keeps ${lifetimeIn(lifetimes.at(-1))}, ${reachIn(reach)}`
  return bytes ? `${promise} · ${sizeOf(bytes)}` : promise
}

/** @param {string} tier @param {(verb: string, tier: string) => void} act what the buttons ask for */
export function makeRung(tier, act) {
  const element = copyOf('template#rung')
  const chips = element.querySelector('.chips')
  const buttons = Object.fromEntries([...element.querySelectorAll('button')].map((button) => [button.dataset.act, button]))
  const title = element.querySelector('h3')
  title.id = `rung-${tier}`
  title.textContent = titleOf(tier)
  element.dataset.tier = tier
  chips.setAttribute('aria-label', `Kept in ${titleOf(tier)}`)
  for (const [verb, button] of Object.entries(buttons)) button.addEventListener('click', () => act(verb, tier))

  /** The button's name begins with what it shows, so that it can be spoken to. */
  function label(button, verb) {
    say(button, verb)
    button.setAttribute('aria-label', `${verb} ${titleOf(tier)}`)
  }

  function drawChip(name, copy, now) {
    const chip = chips.querySelector(`[data-key=${name}]`) ?? copyOf('template#chip')
    chip.dataset.key = name
    chip.className = ['chip', name === 'token' && 'main', copy.lost && 'lost', !copy.wins && !copy.lost && 'older', copy.removed && 'mark'].filter(Boolean).join(' ')
    chip.title = copy.removed ? `${TITLES[name]}: removal mark` : ''
    icon(chip, name)
    say(chip.querySelector('b'), TITLES[name])
    say(chip.querySelector('.what'), whatOf(name, copy))
    say(chip.querySelector('.left'), leftOf(copy, now))
    return chip
  }

  return {
    element,
    /**
     * @param {{ state: string, reason?: string, lifetimes: string[], reach: string, bytes?: number }} status
     * @param {Map<string, object>} copies by key
     * @param {{ broken: boolean, full: boolean, now: number }} sky
     */
    draw(status, copies, { broken, full, now }) {
      const down = status.state === 'down'
      const state = full && !down ? 'full' : status.state
      const token = copies.get('token')
      element.dataset.state = state
      element.classList.toggle('holds', Boolean(token && counts(token)))
      icon(element.querySelector('.state'), state)
      say(element.querySelector('.state span'), down ? `Down: ${reasonFor(status.reason)}` : STATES[state])
      say(element.querySelector('.promise'), promiseOf(status))
      label(buttons.break, broken ? 'Mend' : 'Break')
      label(buttons.fill, full ? 'Empty' : 'Fill')
      const wanted = NAMES.filter((name) => copies.has(name)).map((name) => drawChip(name, copies.get(name), now))
      if (wanted.length !== chips.children.length || wanted.some((chip, index) => chip !== chips.children[index])) chips.replaceChildren(...wanted)
    },
    /** Moves the countdowns. */
    tick(copies, now) {
      for (const [name, copy] of copies) {
        const left = chips.querySelector(`[data-key=${name}] .left`)
        if (left) say(left, leftOf(copy, now))
      }
    },
  }
}
