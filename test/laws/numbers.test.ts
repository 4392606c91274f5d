import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PLANTED_FAULTS } from './planted-faults.js'
import { CLOCK_RUNS, CONSENT_RUNS, PROPERTIES, RUNS } from './properties.js'

test('docs/laws.md tells how many schedules and planted faults there are', () => {
  const { registers, ...worlds } = RUNS
  const schedules = PROPERTIES.length * Object.values(worlds).reduce((sum, runs) => sum + runs, 0) + registers + CLOCK_RUNS + Object.values(CONSENT_RUNS).reduce((sum, runs) => sum + runs, 0)
  const text = readFileSync(new URL('../../docs/laws.md', import.meta.url), 'utf8')
  expect(text).toContain(`runs ${schedules.toLocaleString('en')} schedules`)
  expect(text).toContain(`in ${PLANTED_FAULTS.length} ways`)
})
