// The ladder: each tier as a rung, and each key on the rung where it lives.

import { KEYS, RULES, RUNGS, TITLES } from './kept.js'
import { lifetimeIn, reachIn, reasonFor, sizeOf, timeLeft, titleOf } from './phrases.js'

const NAMES = Object.keys(TITLES)
const STATES = { ready: 'Ready', untried: 'Untried', down: 'Down', full: 'Full' }

/** Writes only what changed, so that nothing flickers and no selection is lost. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text
}

function icon(element, name) {
  element.querySelector('use').setAttribute('href', `#icon-${name}`)
}

function makeRung(tier, index, act) {
  const rung = document.querySelector('template#rung').content.firstElementChild.cloneNode(true)
  const title = rung.querySelector('h3')
  title.id = `rung-${tier}`
  title.textContent = titleOf(tier)
  rung.dataset.tier = tier
  rung.style.setProperty('--depth', String(index))
  rung.setAttribute('aria-labelledby', title.id)
  rung.querySelector('.chips').setAttribute('aria-label', `Kept in ${titleOf(tier)}`)
  for (const button of rung.querySelectorAll('button')) {
    button.addEventListener('click', () => act(button.dataset.act, tier))
  }
  return rung
}

/** One copy of one key. The token itself is never shown: it is a secret, its size is not. */
function fillChip(chip, name, copy, now) {
  chip.classList.toggle('main', name === 'token')
  chip.classList.toggle('lost', Boolean(copy.lost))
  chip.classList.toggle('older', !copy.wins && !copy.lost)
  icon(chip, name)
  say(chip.querySelector('b'), TITLES[name])
  const size = name === 'token' ? `JWT, ${sizeOf(copy.bytes ?? 0)}` : sizeOf(copy.bytes ?? 0)
  say(chip.querySelector('.what'), copy.removed ? 'removed' : copy.lost ? 'out of reach' : copy.wins ? size : 'older copy')
  tick(chip, copy, now)
}

function tick(chip, copy, now) {
  const left = copy.removed || copy.lost ? '' : copy.expires === undefined ? '' : timeLeft(copy.expires - now)
  say(chip.querySelector('.left'), left)
}

function makeKeyList() {
  const list = document.querySelector('[data-keys]')
  for (const name of NAMES) {
    const term = document.createElement('dt')
    const rule = document.createElement('dd')
    term.textContent = TITLES[name]
    rule.textContent = RULES[name]
    list.append(term, rule)
  }
}

function describe(status) {
  const promise = `Keeps ${lifetimeIn(status.lifetimes.at(-1))}, ${reachIn(status.reach)}`
  return status.bytes ? `${promise} · ${sizeOf(status.bytes)}` : promise
}

/**
 * @param {object} storage
 * @param {ReturnType<typeof import('./weather.js').openWeather>} weather
 * @param {(verb: string, tier: string) => void} act what a rung's buttons ask for
 */
export function openLadder(storage, weather, act) {
  const list = document.querySelector('[data-rungs]')
  const rungs = new Map(RUNGS.map((tier, index) => [tier, makeRung(tier, index, act)]))
  list.append(...rungs.values())
  makeKeyList()

  /** What was last seen on each rung, by key: a rung that is down cannot be read, but what was there may be still. */
  const seen = new Map(RUNGS.map((tier) => [tier, new Map()]))
  let drawing
  let again = false

  function noteCopies(name, copies, down) {
    for (const tier of RUNGS) {
      const copy = copies.find((one) => one.tier === tier)
      if (copy) seen.get(tier).set(name, copy)
      else if (!down.has(tier)) seen.get(tier).delete(name)
      else if (seen.get(tier).has(name)) seen.get(tier).get(name).lost = true
    }
  }

  function drawRung(status) {
    const tier = status.name
    const rung = rungs.get(tier)
    const full = status.state !== 'down' && weather.isFull(tier)
    const state = full ? 'full' : status.state
    rung.dataset.state = state
    icon(rung.querySelector('.state'), state)
    say(rung.querySelector('.state span'), status.state === 'down' ? `Down: ${reasonFor(status.reason?.code ?? status.reason)}` : STATES[state])
    say(rung.querySelector('.promise'), describe(status))
    say(rung.querySelector('[data-act=break]'), weather.isBroken(tier) ? 'Mend' : 'Break')
    say(rung.querySelector('[data-act=fill]'), weather.isFull(tier) ? 'Empty' : 'Fill')
    rung.querySelector('[data-act=break]').setAttribute('aria-label', `${weather.isBroken(tier) ? 'Mend' : 'Break'} ${titleOf(tier)}`)
    rung.querySelector('[data-act=fill]').setAttribute('aria-label', `${weather.isFull(tier) ? 'Empty' : 'Fill'} ${titleOf(tier)}`)
    drawChips(rung, tier)
  }

  function drawChips(rung, tier) {
    const chips = rung.querySelector('.chips')
    const now = weather.now()
    for (const name of NAMES) {
      const copy = seen.get(tier).get(name)
      let chip = chips.querySelector(`[data-key=${name}]`)
      if (!copy) {
        chip?.remove()
        continue
      }
      if (!chip) {
        chip = document.querySelector('template#chip').content.firstElementChild.cloneNode(true)
        chip.dataset.key = name
        chips.append(chip)
      }
      fillChip(chip, name, copy, now)
    }
    const token = seen.get(tier).get('token')
    rung.classList.toggle('holds', Boolean(token?.wins && !token.lost && !token.removed))
  }

  async function drawOnce(probe) {
    // Each answer stands alone: a key of which no rung can be read must not hide the others.
    const [status, ...looks] = await Promise.all([
      storage.status(probe ? { probe: true } : undefined),
      ...NAMES.map((name) => storage.inspect(name).catch(() => ({ copies: [] }))),
    ])
    const down = new Set(status.tiers.filter((tier) => tier.state === 'down').map((tier) => tier.name))
    NAMES.forEach((name, index) => noteCopies(name, looks[index].copies, down))
    for (const tier of status.tiers) drawRung(tier)
  }

  /** Draws the ladder as it is now. While one drawing waits for a slow rung, later ones become one. */
  async function draw({ probe = false } = {}) {
    if (drawing && !probe) {
      again = true
      return drawing
    }
    await drawing
    drawing = drawOnce(probe).finally(() => {
      drawing = undefined
    })
    await drawing
    if (again) {
      again = false
      await draw()
    }
  }

  return {
    draw,
    /** Moves the countdowns. Answers whether something has run out. */
    tick() {
      const now = weather.now()
      let out = false
      for (const [tier, rung] of rungs) {
        for (const [name, copy] of seen.get(tier)) {
          const chip = rung.querySelector(`[data-key=${name}]`)
          if (chip) tick(chip, copy, now)
          if (copy.wins && !copy.lost && copy.expires <= now) out = true
        }
      }
      return out
    },
    /** The rung where the token counts, and when it ends. */
    token() {
      for (const tier of RUNGS) {
        const copy = seen.get(tier).get('token')
        if (copy?.wins && !copy.lost && !copy.removed) return { tier, expires: copy.expires }
      }
      return undefined
    },
  }
}
