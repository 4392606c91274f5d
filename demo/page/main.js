// Wires the brand's chat, the ladder beside it, and what the visitor does to the browser.

import { openAsking } from './asking.js'
import { openChat } from './chat.js'
import { hintFor } from './hints.js'
import { TIERS, TITLES, openStorage } from './kept.js'
import { openLadder } from './ladder.js'
import { openPapers } from './papers.js'
import { brokenIn, mendedIn, placeOf, reasonFor, timeLeft, titleOf } from './phrases.js'
import { openSession } from './session.js'
import { openSwitch } from './switch.js'
import { openWeather } from './weather.js'

const { site } = document.documentElement.dataset
const hubSwitch = openSwitch()
const weather = openWeather(TIERS, hubSwitch)
const { storage, consent, watchHub } = openStorage(weather)
const papers = openPapers(weather.now)

const page = {
  changed() {
    chat.draw()
    void refresh()
  },
  wrote(key, receipt) {
    if (key === 'token') papers.file(receipt)
    void refresh()
  },
  said: papers.note,
  left: () => chat.forgetDraft(),
  cleared: () => asking.remember(),
  opened: () => asking.count(),
  now: weather.now,
  /** What could not be done is said, never thrown into the brand's page. */
  failed(error) {
    papers.note('failed', error.message)
    void refresh()
  },
}

const session = openSession(storage, page)
const chat = openChat(storage, session, page)
const asking = openAsking(storage, consent, page)
const ladder = openLadder(storage, weather, asking, act)

async function refresh(options) {
  try {
    await Promise.all([ladder.draw(options), asking.draw()])
  } catch (error) {
    papers.note('failed', error.message)
  }
  drawKept()
  drawHint()
  drawClock()
}

function write(selector, text) {
  const line = document.querySelector(selector)
  if (line.textContent !== text) line.textContent = text
}

/** One line under the chat, for where the ladder is out of sight. */
function drawKept() {
  const token = ladder.token()
  const left = token?.expires === undefined ? '' : `, ${timeLeft(token.expires - weather.now())}`
  write('[data-kept]', token ? `Kept in ${[token.tier, ...token.also].map(placeOf).join(' and ')}${left}` : 'No session on any rung that answers')
}

function drawHint() {
  write('[data-hint]', hintFor({ site, hub: ladder.hub(), isOn: hubSwitch.isOn(), token: ladder.token(), lost: ladder.isLost(), phase: session.now().phase }))
}

function drawClock() {
  const days = weather.days()
  write('[data-clock]', days === 0 ? 'Clock: on time' : `Clock: ${days === 1 ? '1 day' : `${days} days`} ahead`)
}

/** The weather goes along to the other sites; no token ever does. */
function drawLinks() {
  for (const link of document.querySelectorAll('[data-sister]')) {
    link.search = weather.query()
    if (link.dataset.sister === site) link.setAttribute('aria-current', 'page')
  }
}

const manner = () => document.querySelector('input[name=manner]:checked').value

/** What the buttons of a rung do. */
const VERBS = {
  async break(tier) {
    if (weather.isBroken(tier)) {
      await weather.mend(tier)
      papers.note('mended', mendedIn(tier))
    } else {
      await weather.break(tier, manner())
      papers.note('broken', brokenIn(tier, manner()))
    }
  },
  async fill(tier) {
    if (weather.isFull(tier)) {
      weather.empty(tier)
      papers.note('emptied', `${titleOf(tier)} has room again.`)
    } else {
      weather.fill(tier)
      papers.note('filled', weather.isFull(tier) ? `${titleOf(tier)} is full: what is there can be replaced, nothing new fits.` : `${titleOf(tier)} could not be filled.`)
    }
  },
}

async function act(verb, tier) {
  await VERBS[verb](tier).catch(page.failed)
  await afterWeather()
}

/** The storage finds out by itself, at its next operation; the probe only makes it visible at once. */
async function afterWeather() {
  drawLinks()
  await refresh({ probe: true })
  if (session.now().phase !== 'open') await session.restore()
  await settled()
}

/** What came back is tidied beside its answers: shown when that is done. */
async function settled() {
  await storage.flush()
  await refresh()
}

/** Something has come to its end: the storage finds out at its next read, or when it is asked to sweep. */
async function runOut() {
  await storage.sweep().catch(page.failed)
  await session.restore()
  await refresh()
}

function hear() {
  storage.on('fallback', ({ key, tier, passed }) => {
    const why = passed.map((one) => `${titleOf(one.tier)} (${reasonFor(one.code)})`).join(', ')
    papers.note('fallback', `${TITLES[key]} went past ${why} to ${titleOf(tier)}.`)
  })
  storage.on('recovered', ({ tier }) => {
    papers.note('recovered', `${titleOf(tier)} answers again.`)
    // What came back may be the rung that holds the token.
    void (session.now().phase === 'open' ? settled() : session.restore().then(settled))
  })
  storage.on('expired', ({ key, tier }) => papers.note('expired', `${TITLES[key]} in ${titleOf(tier)} has run out.`))
  storage.on('corrupt', ({ key, tier }) => papers.note('corrupt', `${TITLES[key]} in ${titleOf(tier)} cannot be read.`))
}

function listen() {
  for (const button of document.querySelectorAll('[data-log-out]')) button.addEventListener('click', session.logOut)
  document.querySelector('[data-reload]').addEventListener('click', () => location.reload())
  document.querySelector('[data-next-day]').addEventListener('click', async () => {
    weather.passDay()
    papers.note('clock', 'A day passes.')
    drawLinks()
    await runOut()
  })
  document.querySelector('[data-mend-all]').addEventListener('click', async () => {
    await weather.clearSky().catch(page.failed)
    papers.note('mended', 'Every rung works, none is full, the clock is right.')
    await afterWeather()
  })

  // Another tab may have sent a message while this one was out of sight, or in the back/forward cache.
  const look = () => {
    if (document.visibilityState === 'visible') void Promise.all([hubSwitch.look(), session.restore()]).then(() => refresh())
  }
  document.addEventListener('visibilitychange', look)
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) look()
  })
}

function startClock() {
  setInterval(() => {
    drawKept()
    if (ladder.tick()) void runOut()
    // A rung that was mended is tried again by whoever asks for it.
    else if (ladder.isAwaited()) void refresh()
  }, 1000)
}

hear()
listen()
drawLinks()
void refresh()
// Together, because a rung that hangs keeps each of them waiting.
await Promise.all([hubSwitch.look(), chat.restore(), session.restore()])
await refresh()
startClock()
// The other subdomain may be open beside this page.
watchHub(() => void session.restore().then(() => refresh()))
