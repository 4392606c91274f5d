import { describe, expect, it } from 'vitest'
import type { Engine, LaunchOptions } from './browser.js'
import { freshHub, type HubGround } from './hub-ground.js'
import { type Sequence, sequences } from './hub-sequences.js'
import { documented, type Observation, writeDown } from './hub-table.js'
import type { hosts } from './sites.js'

/** Debian's Chromium blocks third-party cookies; Chrome as it is sold allows them. */
const browsers: Record<string, [Engine, Omit<LaunchOptions, 'proxy'>?]> = {
  Chromium: ['chromium'],
  'Chromium (third-party cookies)': ['chromium', { preferences: { profile: { cookie_controls_mode: 0 } } }],
  Firefox: ['firefox'],
  WebKit: ['webkit'],
}
const names = Object.keys(browsers)

describe.each(Object.entries(browsers))('%s', (browser, [engine, options]) => {
  const ground = freshHub(engine, options)
  const seen: Observation[] = []

  describe.each(Object.entries(sequences))('%s', (name, sequence) => {
    it('is kept and read as its receipt says, and never by another brand', async () => {
      const observation = await observe(ground, name, sequence, browser)
      seen.push(observation)
      expect(observation.other).toBe('no')
      expect(observation.reload).toBe('yes')
      if (sequence.site || observation.reach === 'site') expect([observation.sibling, observation.back]).toEqual(['yes', 'yes'])
    })
  })

  it('does what docs/hub.md says', () => {
    if (process.env['HOLDFAST_WRITE']) writeDown(seen, Object.keys(sequences), names)
    expect(documented(names).filter((each) => each.engine === browser)).toEqual(seen)
  })
})

/** Written on a., read there after a reload, then on the other brand's page and on b., which writes it anew. */
async function observe({ here }: HubGround, name: string, { path = '/' }: Sequence, engine: string): Promise<Observation> {
  const visit = (host: keyof typeof hosts) => here.tab.goto(here.sites.url(host, path))
  const write = async (text: string) => {
    const { tier, also = [], lifetime, reach } = await here.tab.evaluate(
      (sequence, written) => {
        const { storage, key, value } = page.openSequence(sequence)
        return storage.set(key, value(written))
      },
      name,
      text,
    )
    return { kept: `${tier}${also.map((each) => `, also ${each}`).join('')} (${lifetime})`, reach }
  }
  const read = (text: string) =>
    here.tab.evaluate(
      async (sequence, written) => {
        const { storage, key, value } = page.openSequence(sequence)
        return JSON.stringify(await storage.get(key)) === JSON.stringify(value(written)) ? 'yes' : 'no'
      },
      name,
      text,
    )
  await visit('a')
  const { kept, reach } = await write('first token')
  await here.tab.reload()
  const reload = await read('first token')
  await visit('other')
  const other = await read('first token')
  await visit('b')
  const sibling = await read('first token')
  const { kept: anew } = await write('second token')
  await visit('a')
  return { sequence: name, engine, kept, reach, reload, sibling, other, anew, back: await read('second token') }
}
