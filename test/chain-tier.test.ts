import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import { chainTier } from '../src/chain-tier.js'
import type { Entry, Tier } from '../src/contracts.js'
import { isStorageError, StorageError } from '../src/errors.js'
import { faulty, inMemory } from '../src/testing/index.js'
import { localStorageTier } from '../src/tiers/local-storage.js'

const value = (text: string, stamp: number, more: Partial<Entry> = {}): Entry => ({ text, stamp, lifetime: 'device', ...more })
const gone = new StorageError('unavailable', 'away')

/** A chain of two tiers that outlive the page, each of which a test can take away; later pages see the same places. */
const ground = () => {
  const places = inMemory('indexedDB', 'localStorage')
  const plans = [{}, {}] as { throws?: unknown }[]
  const load = (): Tier => chainTier(places.map((place, index) => faulty(place, plans[index]!)), { now: () => 1000 })
  return { places: places as [Tier, Tier], plans: plans as [{ throws?: unknown }, { throws?: unknown }], load }
}
const textOf = async (tier: Tier, name = 'key'): Promise<string | null | undefined> => (await tier.read([name]))[0]?.text

describe('a chain as a tier', () => {
  test('gives a value to the first tier that takes it, and tells how long it keeps it there', async () => {
    const [first, second] = inMemory('indexedDB', 'sessionStorage') as [Tier, Tier]
    const plan: { throws?: unknown } = {}
    const chain = chainTier([faulty(first, plan), second])
    await chain.write([{ name: 'key', entry: value('one', 1) }])
    expect([await textOf(first), await textOf(second), chain.kept!('key')]).toEqual(['one', undefined, expect.objectContaining({ lifetime: 'device' })])
    plan.throws = gone
    await chain.write([{ name: 'key', entry: value('two', 2) }])
    expect([await textOf(second), chain.kept!('key')]).toEqual(['two', expect.objectContaining({ lifetime: 'tab' })])
  })

  test('answers the newest copy whatever the order of the tiers, and takes the older one away', async () => {
    const { places, load } = ground()
    await places[0].write([{ name: 'key', entry: value('old', 1) }])
    await places[1].write([{ name: 'key', entry: value('new', 2) }])
    const chain = load()
    expect(await textOf(chain)).toBe('new')
    expect(await textOf(places[0])).toBeUndefined()
  })

  test('answers the later stamp that any of its tiers holds, and a read still answers the later value', async () => {
    const { places, load } = ground()
    await places[1].write([{ name: 'key', entry: value('later', 9) }])
    const chain = load()
    expect(await chain.write([{ name: 'key', entry: value('earlier', 5) }])).toEqual([9])
    expect(await chain.write([{ name: 'key', drop: 5 }])).toEqual([9])
    expect(await chain.write([{ name: 'key', drop: 0 }])).toEqual([9])
    expect(await textOf(chain)).toBe('later')
  })

  test.each([
    ['a newer value', { name: 'key', entry: value('new', 2) }, 'new'],
    ['a tombstone', { name: 'key', entry: { text: null, stamp: 2, lifetime: 'device', expires: 2000 } as Entry }, null],
    ['a drop', { name: 'key', drop: 2 }, null],
  ])('%s outranks the copy of a tier that was away, also on a later page', async (_title, change, expected) => {
    const { places, plans, load } = ground()
    await places[0].write([{ name: 'key', entry: value('old', 1) }])
    plans[0].throws = gone
    expect(await load().write([change])).toEqual([undefined])
    delete plans[0].throws
    expect(await textOf(load())).toBe(expected)
    expect(await textOf(places[0])).not.toBe('old')
  })

  test('cannot tell, rather than answers nothing, where no tier can be read; and takes nothing', async () => {
    const { plans, load } = ground()
    plans[0].throws = plans[1].throws = gone
    await expect(Promise.resolve(load().read(['key']))).rejects.toMatchObject({ code: 'unavailable' })
    await expect(Promise.resolve(load().names(''))).rejects.toMatchObject({ code: 'unavailable' })
    for (const change of [{ name: 'key', entry: value('one', 1) }, { name: 'key', entry: { text: null, stamp: 1, lifetime: 'device' } as Entry }, { name: 'key', drop: 1 }])
      expect(isStorageError((await load().write([change]))[0])).toBe(true)
  })

  test('tells of damage where nothing else is to be read, and only then', async () => {
    const { window } = new JSDOM('', { url: 'https://brand.test/' })
    const [second] = inMemory('sessionStorage') as [Tier]
    const chain = chainTier([localStorageTier({ env: { localStorage: window.localStorage } }), second])
    window.localStorage.setItem('key', 'hf10.damaged')
    await second.write([{ name: 'key', entry: value('well', 1, { lifetime: 'tab' }) }])
    expect(await textOf(chain)).toBe('well')
    window.localStorage.removeItem('key')
    await second.write([{ name: 'key', drop: 1 }])
    expect(await chain.read(['key'])).toEqual([undefined])
    window.localStorage.setItem('key', 'hf10.damaged')
    expect((await chain.read(['key']))[0]?.corrupt).toBe(true)
  })

  test('keeps a tombstone in the longest-lived tier that there is', async () => {
    const chain = chainTier(inMemory('sessionStorage', 'memory'))
    const tombstone: Entry = { text: null, stamp: 2, lifetime: 'device', expires: 2000 }
    await chain.write([{ name: 'key', entry: value('one', 1, { lifetime: 'tab' }) }])
    expect(await chain.write([{ name: 'key', entry: tombstone }])).toEqual([undefined])
    expect(await chain.write([{ name: 'key', entry: value('late', 1.5, { lifetime: 'tab' }) }])).toEqual([2])
    expect(await chain.read(['key'])).toEqual([tombstone])
  })

  test('does not say that it has a tombstone which no lasting tier took', async () => {
    const [first, second] = inMemory('indexedDB', 'sessionStorage') as [Tier, Tier]
    const chain = chainTier([faulty(first, { quota: 0 }), second])
    expect((await chain.write([{ name: 'key', entry: { text: null, stamp: 1, lifetime: 'device', expires: 2000 } }]))[0]).toMatchObject({ code: 'quota' })
  })

  test('refuses a value that each of its tiers would keep for too long, and stays well', async () => {
    const { load } = ground()
    const chain = load()
    expect((await chain.write([{ name: 'key', entry: value('one', 1, { lifetime: 'tab' }) }]))[0]).toMatchObject({ code: 'too-large' })
    expect(await chain.write([{ name: 'key', entry: value('one', 1) }])).toEqual([undefined])
  })

  test('of one tier cannot tell where that cannot be read, tells of damage, and does not answer what it was to forget', async () => {
    const { window } = new JSDOM('', { url: 'https://brand.test/' })
    const plan: { throws?: unknown } = {}
    let time = 1000
    const chain = chainTier([faulty(localStorageTier({ env: { localStorage: window.localStorage } }), plan)], { now: () => time })
    window.localStorage.setItem('torn', 'hf10.damaged')
    await chain.write([{ name: 'key', entry: value('one', 1) }])
    expect((await chain.read(['key', 'torn', 'none'])).map((entry) => entry && (entry.corrupt ?? entry.text))).toEqual(['one', true, undefined])
    plan.throws = gone
    expect(isStorageError((await chain.write([{ name: 'key', drop: 1 }]))[0])).toBe(true)
    await expect(Promise.resolve(chain.read(['key']))).rejects.toMatchObject({ code: 'unavailable' })
    delete plan.throws
    time += 2000
    expect(await chain.read(['key'])).toEqual([undefined])
  })
})
