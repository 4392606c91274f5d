import { tierCases } from 'holdfast/testing'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { engines } from './browser.js'
import { opened } from './opened.js'
import { tierNames, tiers } from './tiers.js'

describe.each(engines)('%s: what every tier keeps to', (engine) => {
  const here = opened(engine)
  const openPage = () => here.tab.goto(here.sites.url('a'))
  beforeAll(openPage)
  // A case that failed may have left something open, which the next one must not meet.
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await openPage()
  })

  describe.each(tierNames)('%s', (name) => {
    const { traits } = tiers[name]()
    const cases = tierCases.filter((one) => one.skip?.(traits) === undefined)

    it('is asked most of the cases', () => {
      expect(cases.length).toBeGreaterThan(tierCases.length / 2)
    })

    for (const { title } of cases) {
      it(title, () => here.tab.evaluate((tier, wanted) => page.runCase(tier, wanted), name, title))
    }
  })
})
