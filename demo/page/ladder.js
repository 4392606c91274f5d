// The ladder: each tier as a rung, and each key on the rung where it lives.

import { OTHERS, RULES, RUNGS, TIERS, TITLES } from './kept.js'
import { counts, makeRung } from './rung.js'

const NAMES = Object.keys(TITLES)

function listKeys() {
  const list = document.querySelector('[data-keys]')
  for (const name of NAMES) {
    const term = document.createElement('dt')
    const rule = document.createElement('dd')
    term.textContent = TITLES[name]
    rule.textContent = RULES[name]
    list.append(term, rule)
  }
}

/**
 * What was last seen on each rung, by key. A rung that is down cannot be read, but what was there may be
 * there still: that is shown too, as out of reach.
 */
function openMemory() {
  const seen = new Map(TIERS.map((tier) => [tier, new Map()]))
  return {
    on: (tier) => seen.get(tier),
    note(name, copies, isDown) {
      const winner = copies.find((one) => one.wins)
      for (const tier of TIERS) {
        const copy = copies.find((one) => one.tier === tier)
        const before = seen.get(tier).get(name)
        const removed = copy?.bytes === 0
        // Of one stamp with the first: not older, but kept beside it on purpose.
        if (copy) seen.get(tier).set(name, { ...copy, removed, also: !copy.wins && !removed && copy.stamp === winner?.stamp })
        else if (before && !before.removed && isDown(tier)) seen.get(tier).set(name, { ...before, lost: true })
        else seen.get(tier).delete(name)
      }
    },
  }
}

/**
 * @param {object} storage
 * @param {ReturnType<typeof import('./weather.js').openWeather>} weather
 * @param {{ waits(key: string): boolean }} asking
 * @param {(verb: string, tier: string) => void} act what a rung's buttons ask for
 */
export function openLadder(storage, weather, asking, act) {
  const rungs = new Map(TIERS.map((tier) => [tier, makeRung(tier, act)]))
  const elementsOf = (tiers) => tiers.map((tier) => rungs.get(tier).element)
  document.querySelector('[data-rungs]').append(...elementsOf(RUNGS))
  document.querySelector('[data-others]').append(...elementsOf(OTHERS))
  listKeys()

  const memory = openMemory()
  let queue = Promise.resolve()
  let waiting
  let hub
  let awaited = false

  function drawRungs(status) {
    awaited = status.tiers.some(({ name, state }) => state === 'down' && !weather.isBroken(name))
    hub = status.tiers.find(({ name }) => name === 'hub')
    for (const one of status.tiers) {
      const sky = { broken: weather.isBroken(one.name), full: weather.isFull(one.name), waits: asking.waits, now: weather.now() }
      rungs.get(one.name).draw(one, memory.on(one.name), sky)
    }
  }

  async function drawOnce(probe) {
    // What is known already is shown first: a rung that hangs keeps the looks waiting.
    drawRungs(await storage.status(probe ? { probe: true } : undefined))
    // Each answer stands alone: a key of which no rung can be read must not hide the others.
    const looks = await Promise.all(NAMES.map((name) => storage.inspect(name).catch(() => ({ copies: [] }))))
    const status = await storage.status()
    const isDown = (tier) => status.tiers.some((one) => one.name === tier && one.state === 'down')
    NAMES.forEach((name, index) => memory.note(name, looks[index].copies, isDown))
    drawRungs(status)
  }

  return {
    /** Draws the ladder as it is now. While one drawing waits for a slow rung, those that are asked for become one. */
    draw({ probe = false } = {}) {
      if (waiting && waiting.probe >= probe) return waiting.drawn
      const mine = { probe, drawn: undefined }
      mine.drawn = queue.then(() => {
        if (waiting === mine) waiting = undefined
        return drawOnce(probe)
      })
      waiting = mine
      queue = mine.drawn.catch(() => undefined)
      return mine.drawn
    },
    /** Moves the countdowns. Answers whether something has run out. */
    tick() {
      const now = weather.now()
      for (const [tier, rung] of rungs) rung.tick(memory.on(tier), now)
      return TIERS.some((tier) => [...memory.on(tier).values()].some((copy) => counts(copy) && copy.expires <= now))
    },
    /** The rung where the token counts, where it is kept beside, and when it ends. */
    token() {
      const copyOn = (tier) => memory.on(tier).get('token')
      const tier = RUNGS.find((one) => copyOn(one) && counts(copyOn(one)))
      return tier && { tier, also: RUNGS.filter((one) => copyOn(one)?.also), expires: copyOn(tier).expires }
    },
    /** The hub has a token, and does not answer. */
    isLost: () => Boolean(memory.on('hub').get('token')?.lost),
    /** A rung is down that nobody has broken, or that was mended since. */
    isAwaited: () => awaited,
    /** The hub, as it was last seen. */
    hub: () => hub,
  }
}
