// One rung: a tier, how it is, and a chip for each key that it holds.

import { TITLES } from './kept.js'
import { lifetimeIn, proofOf, reachIn, reasonFor, sizeOf, timeLeft, titleOf } from './phrases.js'

const NAMES = Object.keys(TITLES)
const STATES = { ready: 'Ready', untried: 'Untried', full: 'Full' }

/** What the buttons do to each tier; the hub's is a switch at the vendor. */
const VERBS = { broken: 'Mend', whole: 'Break' }
const HUB_VERBS = { broken: 'Switch on', whole: 'Switch off' }

/** Writes only what changed, so that nothing flickers and no selection is lost. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text
}

const icon = (element, name) => element.querySelector('use').setAttribute('href', `#icon-${name}`)

const copyOf = (selector) => document.querySelector(selector).content.firstElementChild.cloneNode(true)

/** What is said of a copy. The token itself is never shown: it is a secret, its size is not. */
function whatOf(name, copy, waits) {
  if (copy.lost) return 'out of reach'
  if (waits) return 'waits for consent'
  if (copy.removed) return 'removal mark'
  if (copy.also) return 'also here'
  if (!copy.wins) return 'older copy'
  return name === 'token' ? `JWT, ${sizeOf(copy.bytes)}` : ''
}

/** Whether a read answers this copy: a tombstone wins by answering nothing. */
export const counts = (copy) => copy.wins && !copy.lost && !copy.removed

const leftOf = (copy, now) => (counts(copy) && copy.expires !== undefined ? timeLeft(copy.expires - now) : '')

function promiseOf({ name, lifetimes, reach, bytes }) {
  const promise = `Keeps ${lifetimeIn(lifetimes.at(-1))}, ${name === 'hub' ? "on the vendor's domain" : reachIn(reach)}`
  return `${promise}${name === 'cookie' ? ' · sent with every request' : ''}${bytes ? ` · ${sizeOf(bytes)}` : ''}`
}

function classesOf(name, copy, waits) {
  const older = !copy.wins && !copy.lost && !copy.also
  return ['chip', name === 'token' && 'main', copy.lost && 'lost', older && 'older', copy.also && 'also', waits && 'waits', copy.removed && 'mark'].filter(Boolean).join(' ')
}

/** @param {string} tier @param {(verb: string, tier: string) => void} act what the buttons ask for */
export function makeRung(tier, act) {
  const element = copyOf('template#rung')
  const chips = element.querySelector('.chips')
  const proof = element.querySelector('.proof')
  const buttons = Object.fromEntries([...element.querySelectorAll('button')].map((button) => [button.dataset.act, button]))
  const title = element.querySelector('h3')
  title.id = `rung-${tier}`
  title.textContent = titleOf(tier)
  element.dataset.tier = tier
  chips.setAttribute('aria-label', `Kept in ${titleOf(tier)}`)
  if (tier !== 'hub') proof.remove()
  for (const [verb, button] of Object.entries(buttons)) button.addEventListener('click', () => act(verb, tier))

  /** The button's name begins with what it shows, so that it can be spoken to. */
  function label(button, verb) {
    say(button, verb)
    button.setAttribute('aria-label', `${verb} ${titleOf(tier)}`)
  }

  function drawChip(name, copy, { now, waits }) {
    const held = tier === 'memory' && waits(name)
    const chip = chips.querySelector(`[data-key=${name}]`) ?? copyOf('template#chip')
    chip.dataset.key = name
    chip.className = classesOf(name, copy, held)
    chip.title = copy.removed ? `${TITLES[name]}: removal mark` : ''
    icon(chip, name)
    say(chip.querySelector('b'), TITLES[name])
    say(chip.querySelector('.what'), whatOf(name, copy, held))
    say(chip.querySelector('.left'), held ? '' : leftOf(copy, now))
    return chip
  }

  function drawProof(status) {
    const [name, text] = proofOf(status)
    proof.dataset.proof = name
    icon(proof, name)
    say(proof.querySelector('span'), text)
  }

  return {
    element,
    /**
     * @param {{ name: string, state: string, reason?: string, message?: string, lifetimes: string[], reach: string, mayReach?: string, bytes?: number }} status
     * @param {Map<string, object>} copies by key
     * @param {{ broken: boolean, full: boolean, now: number, waits(key: string): boolean }} sky
     */
    draw(status, copies, sky) {
      const { broken, full } = sky
      const down = status.state === 'down'
      const state = full && !down ? 'full' : status.state
      const token = copies.get('token')
      const verbs = tier === 'hub' ? HUB_VERBS : VERBS
      element.dataset.state = state
      element.classList.toggle('holds', Boolean(token && counts(token)))
      element.classList.toggle('also', Boolean(token?.also))
      icon(element.querySelector('.state'), state)
      say(element.querySelector('.state span'), down ? `Down: ${reasonFor(status.reason)}` : STATES[state])
      say(element.querySelector('.promise'), promiseOf(status))
      if (tier === 'hub') drawProof(status)
      label(buttons.break, broken ? verbs.broken : verbs.whole)
      label(buttons.fill, full ? 'Empty' : 'Fill')
      const wanted = NAMES.filter((name) => copies.has(name)).map((name) => drawChip(name, copies.get(name), sky))
      if (wanted.length !== chips.children.length || wanted.some((chip, index) => chip !== chips.children[index])) chips.replaceChildren(...wanted)
    },
    /** Moves the countdowns. */
    tick(copies, now) {
      for (const [name, copy] of copies) {
        const left = chips.querySelector(`[data-key=${name}]:not(.waits) .left`)
        if (left) say(left, leftOf(copy, now))
      }
    },
  }
}
