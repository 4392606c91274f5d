import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { inMemory } from 'holdfast/testing'
import type { AnswerStorage, Answers, Choice } from '../../src/consent/index.js'
import { choice, consentKeys } from '../../src/consent/index.js'
import type { Tier } from '../../src/contracts.js'
import { key } from '../../src/rule.js'
import { defineKeys } from '../../src/rules.js'
import { createStorage } from '../../src/storage.js'
import { failureOf } from '../ground/failure.js'
import { isSettled, later } from '../ground/promises.js'

const NAMES = ['necessary', 'functional', 'analytics', 'marketing', 'comfort']
const told = (consent: Choice): unknown[] => NAMES.map((category) => consent.allows(category))

describe('an answer', () => {
  test.each<[string, Answers | undefined, unknown[]]>([
    ['not given: nothing is known but what is necessary', undefined, [true, undefined, undefined, undefined, undefined]],
    ['no to one category: the others were not asked for', { analytics: false }, [true, undefined, false, undefined, undefined]],
    ['yes and no', { functional: true, analytics: false, marketing: true, comfort: false }, [true, true, false, true, false]],
    ['that is undefined: not given', { analytics: undefined }, [true, undefined, undefined, undefined, undefined]],
    ['no to what is necessary: it is never asked for', { necessary: false }, [true, undefined, undefined, undefined, undefined]],
  ])('%s', (_, answers, known) => {
    expect(told(choice(answers))).toEqual(known)
  })

  test('that is updated holds at once, and leaves the others as they are', () => {
    const consent = choice({ analytics: false, functional: true })
    void consent.update({ analytics: true, marketing: false })
    expect(told(consent)).toEqual([true, true, true, false, undefined])
    void consent.update({ functional: undefined })
    expect(consent.allows('functional')).toBe(true)
  })

  test('may be of a category with any name', () => {
    const consent = choice(JSON.parse('{ "__proto__": true, "constructor": false }') as Answers)
    expect([consent.allows('__proto__'), consent.allows('constructor'), consent.allows('toString')]).toEqual([true, false, undefined])
  })

  test.each<[string, unknown]>([['a word', 'yes'], ['a number', 1], ['nothing', null], ['an object', {}]])('is not %s: a RangeError that names it, and nothing of it holds', async (_, wrong) => {
    const answers = { marketing: true, analytics: wrong } as never
    expect(String(await failureOf(() => choice(answers)))).toMatch(/RangeError: answers.analytics/)
    const consent = choice()
    expect(String(await failureOf(() => consent.update(answers)))).toMatch(/RangeError: answers.analytics/)
    expect(consent.allows('marketing')).toBeUndefined()
  })

  test('is told to who watches after it holds, and only where it changed', () => {
    const consent = choice({ analytics: false })
    const heard: unknown[] = []
    const undo = consent.watch(() => heard.push(consent.allows('analytics')))
    void consent.update({ analytics: false })
    void consent.update({ analytics: true })
    undo()
    void consent.update({ analytics: false })
    expect(heard).toEqual([true])
  })

  test('without a storage is not remembered, and says so', async () => {
    const consent = choice({ analytics: true })
    expect(await consent.ready).toBe(false)
    await expect(consent.update({ analytics: false })).resolves.toBeUndefined()
  })
})

/** Storages of one namespace over the same tiers: a page after the other, or beside it. */
const visitor = (tiers: readonly Tier[] = inMemory('localStorage')) => ({
  tiers,
  page: () => createStorage({ namespace: 'acme', tiers, keys: defineKeys(consentKeys) }),
})

/** A storage that hears of changes, as another tab makes them; and that may fail. */
const watched = (stored?: unknown) => {
  const heard = new Set<() => void>()
  const place = {
    stored,
    fails: undefined as Error | undefined,
    writes: [] as unknown[],
    get: vi.fn(() => (place.fails ? Promise.reject(place.fails) : Promise.resolve(place.stored))),
    set(_: string, value: Answers) {
      if (place.fails) return Promise.reject(place.fails)
      place.writes.push(value)
      place.stored = value
      return Promise.resolve()
    },
    watch: (key: string, listener: () => void) => {
      expect(key).toBe('consent')
      heard.add(listener)
      return () => void heard.delete(listener)
    },
    /** Another tab writes. */
    news(value: unknown) {
      place.stored = value
      for (const listener of heard) listener()
    },
    heard,
  }
  return place satisfies AnswerStorage
}
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

describe('what is remembered', () => {
  test('is yes and no, for a year, under a necessary key of its own', async () => {
    const { page } = visitor()
    const storage = page()
    const consent = choice({ analytics: false }, { storage })
    await consent.update({ marketing: true })
    expect(await storage.get('consent')).toEqual({ analytics: false, marketing: true })
    const { expires } = (await storage.inspect('consent')).copies[0]!
    expect(expires! - Date.now()).toBeGreaterThan(364 * 864e5)
    expect([consentKeys.consent.category, consentKeys.consent.ttl, typeof consentKeys.consent.purpose]).toEqual(['necessary', '1y', 'string'])

    const next = choice({}, { storage: page() })
    expect(told(next)).toEqual([true, undefined, undefined, undefined, undefined])
    expect(await next.ready).toBe(true)
    expect(told(next)).toEqual([true, undefined, false, true, undefined])
  })

  test('is told to who watches', async () => {
    const consent = choice({}, { storage: watched({ analytics: true }) })
    const heard: unknown[] = []
    consent.watch(() => heard.push(consent.allows('analytics')))
    await consent.ready
    expect(heard).toEqual([true])
  })

  test('gives way to what the caller says now, which is remembered in its place', async () => {
    const place = watched({ analytics: true, marketing: true })
    const consent = choice({ analytics: false }, { storage: place })
    expect(await consent.ready).toBe(true)
    expect([consent.allows('analytics'), consent.allows('marketing')]).toEqual([false, true])
    expect(place.writes).toEqual([{ analytics: false, marketing: true }])
  })

  test('gives way to an update that comes before it was read', async () => {
    const place = watched({ analytics: true })
    const consent = choice({}, { storage: place })
    const done = consent.update({ analytics: false })
    await consent.ready
    expect(consent.allows('analytics')).toBe(false)
    await done
    expect(place.stored).toEqual({ analytics: false })
  })

  test('is read once and not written where nothing is new', async () => {
    const place = watched({ analytics: true })
    const consent = choice({ analytics: true }, { storage: place })
    await consent.ready
    expect([place.get.mock.calls, place.writes]).toEqual([[['consent']], []])
    await consent.update({ analytics: true })
    expect(place.writes).toEqual([])
  })

  test('is under the key that the caller names', async () => {
    const storage = createStorage({ namespace: 'acme', tiers: inMemory('memory'), keys: defineKeys({ answers: key<Answers>({ category: 'necessary' }) }) })
    await choice({}, { storage, key: 'answers' }).update({ analytics: true })
    expect(await storage.get('answers')).toEqual({ analytics: true })
  })

  test('is never the answer to what is necessary', async () => {
    const place = watched({ necessary: false })
    const consent = choice({}, { storage: place })
    await consent.ready
    expect(consent.allows('necessary')).toBe(true)
  })

  test.each<[string, unknown]>([
    ['text', 'analytics'],
    ['a number', 1],
    ['a list', [true]],
    ['nothing', null],
    ['words', { analytics: 'true' }],
    ['numbers', { analytics: 1, marketing: 0 }],
    ['objects', { analytics: { valueOf: () => true } }],
    ['what is not its own', Object.create({ analytics: true })],
    ['a prototype', JSON.parse('{ "__proto__": { "analytics": true } }')],
  ])('is not %s', async (_, stored) => {
    const consent = choice({}, { storage: watched(stored) })
    expect(await consent.ready).toBe(true)
    expect(told(consent)).toEqual([true, undefined, undefined, undefined, undefined])
  })

  test('is what can be read among what cannot, and not more than a hundred answers', async () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => ['category' + index, true]))
    const consent = choice({}, { storage: watched({ analytics: false, marketing: 'yes', ...many }) })
    await consent.ready
    expect([consent.allows('analytics'), consent.allows('marketing'), consent.allows('category90'), consent.allows('category500')]).toEqual([false, undefined, true, undefined])
  })
})

describe('another tab', () => {
  test('is heard: its newer answer holds here, also where this page has given one', async () => {
    const place = watched()
    const consent = choice({ analytics: true }, { storage: place })
    await consent.ready
    const heard: unknown[] = []
    consent.watch(() => heard.push(consent.allows('analytics')))
    place.news({ analytics: false, comfort: true })
    await settled()
    expect([heard, told(consent)]).toEqual([[false], [true, undefined, false, undefined, true]])
    expect(place.heard.size).toBe(1)
  })

  test('does not undo an update that is under way here', async () => {
    const place = watched({ analytics: true })
    const consent = choice({}, { storage: place })
    await consent.ready
    const done = consent.update({ analytics: false })
    place.news({ analytics: true, marketing: true })
    await done
    await settled()
    expect([consent.allows('analytics'), place.stored]).toEqual([false, { analytics: false, marketing: true }])
  })

  test('that clears the storage takes no answer away here, and is not undone', async () => {
    const place = watched({ analytics: true })
    const consent = choice({}, { storage: place })
    await consent.ready
    place.news(undefined)
    await settled()
    expect([consent.allows('analytics'), place.writes]).toEqual([true, []])
  })

  test('whose news cannot be read changes nothing, and rejects nowhere', async () => {
    const place = watched({ analytics: true })
    const consent = choice({}, { storage: place })
    await consent.ready
    place.fails = new Error('gone')
    place.news({ analytics: false })
    await settled()
    expect(consent.allows('analytics')).toBe(true)
  })

  test('is not heard where the storage cannot tell', async () => {
    const { watch: _, ...place } = watched({ analytics: true })
    const consent = choice({}, { storage: place })
    expect([await consent.ready, consent.allows('analytics')]).toEqual([true, true])
    const throwing = { ...place, watch: (): never => { throw new Error('closed') } }
    expect(await choice({}, { storage: throwing }).ready).toBe(true)
  })
})

describe('a storage that fails', () => {
  test('leaves the answers as the page gave them, and says so', async () => {
    const place = watched({ marketing: true })
    place.fails = new Error('no tier')
    const consent = choice({ analytics: true }, { storage: place })
    expect(await consent.ready).toBe(false)
    expect(await failureOf(() => consent.update({ analytics: false }))).toBe(place.fails)
    expect([consent.allows('analytics'), consent.allows('marketing')]).toEqual([false, undefined])
  })

  test('is given what it missed by the next update', async () => {
    const place = watched({ marketing: true })
    place.fails = new Error('no tier')
    const consent = choice({ analytics: true }, { storage: place })
    await consent.ready
    place.fails = undefined
    await consent.update({ functional: false })
    expect(place.stored).toEqual({ analytics: true, functional: false, marketing: true })
    expect(consent.allows('marketing')).toBe(true)
  })

  test('rejects nowhere that nobody asked', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const place = watched()
    place.fails = new Error('no tier')
    const consent = choice({ analytics: true }, { storage: place })
    void consent.update({ analytics: false })
    const missing = choice({}, { storage: () => { throw new Error('not made yet') } })
    expect([await consent.ready, await missing.ready]).toEqual([false, false])
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  test('that throws where it should reject is no different', async () => {
    const place = { get: (): never => { throw new Error('broken') }, set: (): never => { throw new Error('broken') } }
    const consent = choice({ analytics: true }, { storage: place })
    expect([await consent.ready, consent.allows('analytics')]).toEqual([false, true])
  })

  test('that hangs keeps nobody from the answers', async () => {
    const { promise, settle } = later()
    const consent = choice({ analytics: true }, { storage: { get: () => promise, set: () => promise } })
    const done = consent.update({ analytics: false })
    expect([consent.allows('analytics'), await isSettled(done), await isSettled(consent.ready)]).toEqual([false, false, false])
    settle()
    await done
  })
})

test('the storage may be one that the choice itself is the consent of', async () => {
  const tiers = inMemory('localStorage')
  const keys = defineKeys({ ...consentKeys, visits: key<number>({ category: 'analytics' }) })
  const page = () => {
    const consent: Choice = choice({}, { storage: () => storage })
    const storage = createStorage({ namespace: 'acme', tiers, keys })
    return { consent, storage }
  }
  const { consent } = page()
  await consent.update({ analytics: true })
  const next = page().consent
  expect([await next.ready, next.allows('analytics')]).toEqual([true, true])
})

test('the types are those of the answers', () => {
  expectTypeOf(choice).parameter(0).toEqualTypeOf<Answers | undefined>()
  expectTypeOf(choice().ready).toEqualTypeOf<Promise<boolean>>()
  expectTypeOf<{ analytics: 'yes' }>().not.toExtend<Answers>()
  expect(typeof choice().update).toBe('function')
})
