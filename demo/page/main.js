// Wires the shop's chat, the ladder beside it, and what the visitor does to the browser.

import { openChat } from './chat.js'
import { RUNGS, TITLES, openStorage } from './kept.js'
import { openLadder } from './ladder.js'
import { openPapers } from './papers.js'
import { reasonFor, timeLeft, titleOf } from './phrases.js'
import { openSession } from './session.js'
import { openWeather } from './weather.js'

const weather = openWeather(RUNGS)
const storage = openStorage(weather)
const papers = openPapers(weather.now)

const page = {
  changed() {
    chat.draw()
    void refresh()
  },
  wrote(key, receipt) {
    papers.file(key, receipt)
    void refresh()
  },
  said: papers.note,
  left: () => chat.forgetDraft(),
  now: weather.now,
  /** What could not be done is said, never thrown into the brand's page. */
  failed(error) {
    papers.note('failed', error.message)
    void refresh()
  },
}

const session = openSession(storage, page)
const chat = openChat(storage, session, page)
const ladder = openLadder(storage, weather, act)

async function refresh(options) {
  try {
    await ladder.draw(options)
  } catch (error) {
    papers.note('failed', error.message)
  }
  drawKept()
  drawClock()
}

/** One line under the chat, for where the ladder is out of sight. */
function drawKept() {
  const token = ladder.token()
  const left = token?.expires === undefined ? '' : `, ${timeLeft(token.expires - weather.now())}`
  const line = document.querySelector('[data-kept]')
  const text = token ? `Session kept in ${titleOf(token.tier)}${left}` : 'No session on any rung that answers'
  if (line.textContent !== text) line.textContent = text
}

function drawClock() {
  const days = weather.days()
  const text = days === 0 ? 'Clock: on time' : `Clock: ${days === 1 ? '1 day' : `${days} days`} ahead`
  const line = document.querySelector('[data-clock]')
  if (line.textContent !== text) line.textContent = text
}

const manner = () => document.querySelector('input[name=manner]:checked').value

/** What the buttons of a rung do. */
const VERBS = {
  break(tier) {
    if (weather.isBroken(tier)) {
      weather.mend(tier)
      papers.note('mended', `${titleOf(tier)} works again.`)
    } else {
      weather.break(tier, manner())
      papers.note('broken', `${titleOf(tier)} ${manner() === 'hangs' ? 'never answers' : 'refuses'} from now on.`)
    }
  },
  fill(tier) {
    if (weather.isFull(tier)) {
      weather.empty(tier)
      papers.note('emptied', `${titleOf(tier)} has room again.`)
    } else {
      weather.fill(tier)
      papers.note('filled', weather.isFull(tier) ? `${titleOf(tier)} is full: what is there can be replaced, nothing new fits.` : `${titleOf(tier)} could not be filled.`)
    }
  },
}

function act(verb, tier) {
  VERBS[verb](tier)
  void afterWeather()
}

/** The storage finds out by itself, at its next operation; the probe only makes it visible at once. */
async function afterWeather() {
  await refresh({ probe: true })
  if (session.now().phase !== 'open') await session.restore()
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
    if (session.now().phase !== 'open') void session.restore()
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
    await runOut()
  })
  document.querySelector('[data-mend-all]').addEventListener('click', () => {
    weather.clearSky()
    papers.note('mended', 'Every rung works, none is full, the clock is right.')
    void afterWeather()
  })

  // Another tab may have sent a message while this one was out of sight, or in the back/forward cache.
  const look = () => {
    if (document.visibilityState === 'visible') void session.restore().then(() => refresh())
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
  }, 1000)
}

hear()
listen()
void refresh()
// Together, because a rung that hangs keeps each of them waiting.
await Promise.all([chat.restore(), session.restore()])
await refresh()
startClock()
