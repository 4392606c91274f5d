#!/usr/bin/env node
// Kills a browser (SIGKILL) again and again in the middle of writes, and looks at what is there when it is back.
// Build first: `npm run build && node bench/crash.mjs [--browser chromium|firefox] [--times 20] [--seed text] [--json file] [--patient] [--minutes 60] [--keep folder]`.
// In parts: several runs with a seed each, of `--minutes 3`, say. `--keep` keeps the profile of each kill that a fault came after.
// `--planted early` acknowledges what is not done yet: faults must be found then.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, exit, stdout } from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { profileOf } from './crash-browser.mjs'
import { judge, recordOf } from './crash-judge.mjs'
import { places, randomOf } from './crash-plan.mjs'
import { startWire } from './crash-wire.mjs'

const { values: options } = parseArgs({
  args: argv.slice(2),
  options: {
    browser: { type: 'string', default: 'chromium' },
    times: { type: 'string', default: '20' },
    seed: { type: 'string', default: Date.now().toString(36) },
    json: { type: 'string' },
    planted: { type: 'string', default: '' },
    /** Each round writes for 9 to 38 seconds: how long is what was acknowledged at risk? */
    patient: { type: 'boolean', default: false },
    /** Begin no kill after so many minutes. */
    minutes: { type: 'string', default: '60' },
    keep: { type: 'string' },
  },
})
const { browser, seed, planted } = options
const times = Number(options.times)
let { keep } = options

/** How long this round writes, in ms: mostly a moment, sometimes long enough for what is written lazily. */
function spanOf(random) {
  const kind = random()
  if (options.patient || kind < 0.02) return 9_000 + random() * 29_000
  if (kind < 0.14) return 2_000 + random() * 7_000
  return 50 + random() * 1_500
}

/** One start of the browser: what it finds, then writes until it is killed. `span` is undefined for the last look. */
async function visit(wire, profile, round, span, atAcknowledgement) {
  let found, fail, started, acknowledged
  const looked = new Promise((resolve, reject) => ([found, fail] = [resolve, reject]))
  const records = Object.fromEntries(Object.keys(places).map((place) => [place, recordOf(seed, round, place)]))
  wire.listen((message, answer) => {
    const now = performance.now()
    if (message.failed) return fail(new Error(message.failed))
    if (message.found) {
      started = () => {
        for (const record of Object.values(records)) record.begin()
        answer('start')
      }
      return found(message)
    }
    records[message.place].hear(message, now)
    if (message.done) answer(message.place)
    else if (message.place.startsWith('indexedDB')) acknowledged?.()
  })
  const one = profile.start(`${wire.url}?${new URLSearchParams({ seed, round, planted })}`)
  const late = setTimeout(() => fail(new Error(`${browser} said nothing in 90 s\n${one.log()}`)), 90_000)
  try {
    const seen = await looked
    if (span === undefined) return { seen }
    started()
    await pause(span)
    // Half of them right at an acknowledgement of IndexedDB: nothing has had time to be written behind it.
    if (atAcknowledgement) await Promise.race([new Promise((resolve) => (acknowledged = resolve)), pause(1000)])
    return { seen, records, killed: performance.now() }
  } finally {
    clearTimeout(late)
    wire.listen(() => {})
    await one.kill()
  }
}

const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
const seconds = (ms) => (ms === undefined ? '-' : (ms / 1000).toFixed(ms < 995 ? 2 : 1))

function tell(totals, kills) {
  console.log(`\n${kills} kills; ages in seconds before the kill\n${'place'.padEnd(38)}acknowledged    lost  share  median age   oldest  kills with loss  faults`)
  for (const [place, { acknowledged, lost, faults, lossy }] of Object.entries(totals)) {
    const ages = [...lost].sort((one, other) => one - other)
    const share = acknowledged ? `${((100 * lost.length) / acknowledged).toFixed(1)}%` : '-'
    console.log(`${place.padEnd(38)}${String(acknowledged).padStart(12)}${String(lost.length).padStart(8)}${share.padStart(7)}${seconds(quantile(ages, 0.5)).padStart(12)}${seconds(ages.at(-1)).padStart(9)}${String(lossy).padStart(17)}${String(faults.length).padStart(8)}`)
  }
}

const bundled = await build({ entryPoints: [new URL('./crash-page.mjs', import.meta.url).pathname], bundle: true, write: false, format: 'iife', target: 'es2021', logLevel: 'error' })
const wire = await startWire(bundled.outputFiles[0].text)
const profile = profileOf(browser)
const random = randomOf(seed)
const totals = Object.fromEntries(Object.keys(places).map((place) => [place, { acknowledged: 0, lost: [], lossy: 0, refused: [], faults: [] }]))
const begun = Date.now()
let kills = 0
let before = {}
let agent = ''
try {
  console.log(`${browser}, ${times} kills, --seed ${seed}${planted && `, planted: ${planted}`}`)
  for (let running, round = 1; ; round++) {
    const last = round > times || Date.now() - begun > Number(options.minutes) * 60_000
    if (keep && round > 1) profile.copy(join(keep, 'last'))
    const next = await visit(wire, profile, round, last ? undefined : spanOf(random), random() < 0.5)
    agent = next.seen.agent
    if (running) {
      kills++
      let lost = 0
      for (const [place, total] of Object.entries(totals)) {
        const verdict = judge(place, running.records[place], before[place], next.seen.found[place], running.killed)
        total.acknowledged += verdict.acknowledged
        total.lost.push(...verdict.lost)
        total.refused.push(...verdict.refused)
        total.lossy += verdict.lost.length > 0 ? 1 : 0
        lost += verdict.lost.length
        for (const fault of verdict.faults) {
          total.faults.push({ ...fault, round: round - 1 })
          console.log(`FAULT in round ${round - 1}: ${JSON.stringify(fault)}`)
        }
      }
      // The first alone: what is lost is missed again and again.
      if (keep && Object.values(totals).some(({ faults }) => faults.length)) {
        renameSync(join(keep, 'last'), join(keep, `${seed}-${round - 1}`))
        profile.copy(join(keep, `${seed}-${round - 1}-next`))
        keep = undefined
      }
      stdout.write(`${kills}/${times} ${Math.round((Date.now() - begun) / 1000)} s, lost ${lost}\n`)
    }
    before = next.seen.found
    if (last) break
    running = next
  }
} finally {
  profile.remove()
  wire.close()
}
tell(totals, kills)
for (const [place, { refused }] of Object.entries(totals)) if (refused.length) console.log(`${place}: ${refused.length} refused, as ${refused[0]}`)
const faults = Object.values(totals).flatMap((total) => total.faults)
console.log(`\n${agent}\n--seed ${seed}\n${faults.length ? `${faults.length} FAULTS` : 'no fault'}`)
if (options.json) writeFileSync(options.json, JSON.stringify({ browser, agent, seed, kills, totals }, undefined, 1))
exit(faults.length ? 1 : 0)
