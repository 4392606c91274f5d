import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CryptoEnv, KeyedSeal } from '../../src/crypto/index.js'
import { aesGcm, deviceKey, sessionKey } from '../../src/crypto/index.js'
import { cookieJar } from '../../src/testing/cookie-jar.js'
import { fakeClock } from '../../src/testing/fake-clock.js'
import { rejectionOf, tab } from './tab.js'

const minute = 60_000
const KEYS = ['token', 'visitor', 'draft']

/** One browser with a place for sealed texts that no tab's end touches. */
const browser = (kind: 'device' | 'session') => {
  const clock = fakeClock()
  const indexedDB = new IDBFactory()
  const jar = cookieJar({ now: clock.now })
  const texts = new Map<string, string>()
  const openTab = (): KeyedSeal => {
    const env: CryptoEnv = tab({ indexedDB, ...(jar.at('https://www.brand.test/') as CryptoEnv), ...clock.env })
    return aesGcm(kind === 'device' ? deviceKey({ now: clock.now, env }) : sessionKey({ now: clock.now, env }))
  }
  const write = async (seal: KeyedSeal, key: string, value: string): Promise<void> => void texts.set(key, await seal.seal(value, key))
  const idOf = (key: string): string => texts.get(key)!.split('.')[0]!
  return { clock, texts, openTab, write, idOf }
}

/** What a storage does to rotate, with a stop after any step, as when the page is closed. */
const rotateAll = async (seal: KeyedSeal, texts: Map<string, string>, steps = Infinity): Promise<void> => {
  if (steps-- <= 0) return
  await seal.rotate!()
  for (const [key, sealed] of texts) {
    if (steps-- <= 0) return
    texts.set(key, await seal.seal(await seal.open(sealed, key), key))
  }
  if (steps-- <= 0) return
  await seal.retire!()
}

describe.each(['device', 'session'] as const)('the rotation of a %s key', (kind) => {
  test('gives each text a new key, and the second one after forgets the first', async () => {
    const { clock, texts, openTab, write, idOf } = browser(kind)
    const seal = openTab()
    for (const key of KEYS) await write(seal, key, key)
    const first = texts.get('token')!
    const ids = [idOf('token')]
    for (let round = 0; round < 3; round++) {
      await clock.advance(10 * minute)
      await rotateAll(seal, texts)
      expect(new Set(KEYS.map(idOf)).size).toBe(1)
      ids.push(idOf('token'))
    }
    expect(new Set(ids).size).toBe(4)
    for (const page of [seal, openTab()]) for (const key of KEYS) expect(await page.open(texts.get(key)!, key)).toBe(key)
    expect((await rejectionOf(openTab().open(first, 'token'))).message).toBe('seal: does not open')
  })

  test('goes on where the clock was set back: the newer key seals', async () => {
    const { clock, texts, openTab, write, idOf } = browser(kind)
    const seal = openTab()
    await write(seal, 'token', 'abc')
    const before = idOf('token')
    clock.jump(-3_600_000)
    await rotateAll(openTab(), texts)
    expect(idOf('token')).not.toBe(before)
    await write(openTab(), 'visitor', 'v')
    expect(idOf('visitor')).toBe(idOf('token'))
  })

  test('that no `rotate` of this page came before forgets nothing', async () => {
    const { clock, texts, openTab, write } = browser(kind)
    const seal = openTab()
    await write(seal, 'token', 'abc')
    await openTab().rotate!()
    await clock.advance(10 * minute)
    await openTab().rotate!()
    await clock.advance(10 * minute)
    await openTab().retire!()
    expect(await openTab().open(texts.get('token')!, 'token')).toBe('abc')
  })

  test('loses nothing of a tab that sealed with the old key while another one rotated and retired it', async () => {
    const { clock, texts, openTab, write } = browser(kind)
    const [seal, other] = [openTab(), openTab()]
    for (const key of KEYS) await write(seal, key, key)
    await clock.advance(10 * minute)
    // The other tab has just looked: for a second it goes by that.
    await write(other, 'token', 'as of then')
    await rotateAll(seal, texts)
    await write(other, 'token', 'late')
    expect(await openTab().open(texts.get('token')!, 'token')).toBe('late')
    await clock.advance(10 * minute)
    await rotateAll(openTab(), texts)
    await rotateAll(openTab(), texts)
    expect(await openTab().open(texts.get('token')!, 'token')).toBe('late')
  })

  test('loses nothing, whichever tabs rotate, write and are closed in whichever order', async () => {
    const step = fc.oneof(
      fc.record({ deed: fc.constant('write' as const), tab: fc.nat(2), key: fc.constantFrom(...KEYS) }),
      fc.record({ deed: fc.constant('rotate' as const), tab: fc.nat(2), steps: fc.nat(6) }),
      fc.record({ deed: fc.constant('close' as const), tab: fc.nat(2) }),
      fc.record({ deed: fc.constant('wait' as const), ms: fc.constantFrom(1, 500, 999, 1001, minute, 2 * minute) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { clock, texts, openTab, write } = browser(kind)
        const tabs = [openTab(), openTab(), openTab()]
        const expected = new Map<string, string>()
        for (const [count, one] of steps.entries()) {
          if (one.deed === 'wait') await clock.advance(one.ms)
          else if (one.deed === 'close') tabs[one.tab] = openTab()
          else if (one.deed === 'rotate') await rotateAll(tabs[one.tab]!, texts, one.steps)
          else {
            await write(tabs[one.tab]!, one.key, `value ${count}`)
            expected.set(one.key, `value ${count}`)
          }
        }
        for (const page of [...tabs, openTab()]) for (const [key, value] of expected) expect(await page.open(texts.get(key)!, key)).toBe(value)
      }),
      { numRuns: 150 },
    )
  })
})
