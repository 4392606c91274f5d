import { describe, expect, expectTypeOf, test } from 'vitest'
import type { Faults } from 'holdfast/testing'
import { faulty } from 'holdfast/testing'
import type { Choice } from '../../src/consent/index.js'
import type { Consent } from '../../src/contracts.js'
import type { SprinklrOptions } from '../../src/presets/index.js'
import { sprinklr } from '../../src/presets/index.js'
import { createStorage } from '../../src/storage.js'
import type { Holdfast } from '../../src/surface.js'
import { memoryTier } from '../../src/tiers/memory.js'
import { pairsOf } from '../ground/cookies.js'
import { contentsOf } from '../ground/dom.js'
import { failureOf } from '../ground/failure.js'
import { browser, heldIn, hubOver, rulesOf } from './brand.js'

const A = 'https://a.brand.test/'
const B = 'https://b.brand.test/'
const TOKEN = 'spr-chat-token-app_1'
const seal = { id: 's', seal: (text: string) => Promise.resolve(text), open: (text: string) => Promise.resolve(text) }
const app = { appId: 'app_1', userId: 'u1' } as const

/** A visitor of the brand, and a hub that may fail; each page has a hub tier of its own over the one place. */
const visit = () => {
  const all = browser()
  const kept = memoryTier()
  const plan: Faults = {}
  const load = (url: string, options: Partial<SprinklrOptions<'app_1', 'u1'>> = { sessionStorage: true }) => {
    const env = all.page(url)
    return createStorage({ ...sprinklr({ ...app, hub: faulty(hubOver(kept), plan), env, ...options }), now: all.clock.now })
  }
  return { ...all, kept, plan, load }
}

describe('what Sprinklr keeps', () => {
  const local = 'localStorage, forever, necessary'
  /** Declared for the documents, and set by the vendor's servers alone. */
  const servers = { AWSALB: 'necessary', AWSALBCORS: 'necessary' }

  test("is in the brand's localStorage by default, and nowhere else", () => {
    const options = sprinklr(app)
    expect(rulesOf(options.keys)).toEqual({
      [TOKEN]: local,
      'spr-chat-trigger-hide-u1': local,
      'spr-chat-user-u1': local,
      'spr-chat-state-u1': local,
      ...servers,
      'spr-cobrowse-state': local,
      'spr-chat-analytics-u1': 'localStorage, forever, analytics',
    })
    expect([options.namespace, options.tiers.map(({ name }) => name), Object.keys(options).sort()]).toEqual(['', ['localStorage'], ['keys', 'namespace', 'tiers']])
  })

  test('moves with the opt-in: the token through four places in order, three others to a cookie, two stay', () => {
    const options = sprinklr({ ...app, sessionStorage: true, hub: hubOver() })
    expect(rulesOf(options.keys)).toEqual({
      [TOKEN]: 'hub > cookie > localStorage > memory, forever, necessary, site',
      'spr-chat-trigger-hide-u1': 'cookie, forever, necessary',
      'spr-chat-user-u1': local,
      'spr-chat-state-u1': 'cookie, forever, necessary',
      ...servers,
      'spr-cobrowse-state': 'cookie, forever, necessary',
      'spr-chat-analytics-u1': 'localStorage, forever, analytics',
    })
    expect(options.tiers.map(({ name }) => name)).toEqual(['hub', 'cookie', 'localStorage', 'memory'])
  })

  test('is sealed where it is the token and a seal is given, which is passed on', () => {
    for (const more of [{}, { sessionStorage: true, hub: hubOver() }]) {
      const options = sprinklr({ ...app, ...more, seal })
      expect(Object.entries(options.keys).filter(([, { secret }]) => secret).map(([name]) => name)).toEqual([TOKEN])
      expect(options.seal).toBe(seal)
    }
  })

  test('leaves what only servers set to them', async () => {
    const storage = createStorage(sprinklr(app)) as unknown as Holdfast<Record<string, unknown>>
    for (const act of [() => storage.get('AWSALB'), () => storage.set('AWSALBCORS', 'a')]) expect(await failureOf(act)).toMatchObject({ code: 'unknown-key' })
  })

  test('is typed by the names that the vendor gives', () => {
    const storage = createStorage(sprinklr(app))
    expectTypeOf(storage.get<'spr-chat-token-app_1'>).returns.resolves.toEqualTypeOf<string | undefined>()
    expectTypeOf(storage.get<'spr-chat-trigger-hide-u1'>).returns.resolves.toEqualTypeOf<number | undefined>()
    expectTypeOf<'spr-chat-token-app_2'>().not.toExtend<Parameters<typeof storage.get>[0]>()
    expect(typeof storage.get).toBe('function')
  })

  test.each<[string, object, string]>([
    ['no appId', { userId: 'u' }, 'TypeError: appId'],
    ['an empty userId', { appId: 'a', userId: '' }, 'RangeError: userId'],
    ['a userId that ends a cookie', { appId: 'a', userId: 'u; Path=/x' }, 'RangeError: userId'],
    ['the opt-in without a hub', { appId: 'a', userId: 'u', sessionStorage: true }, 'TypeError: hub'],
    ['the opt-in with no address', { appId: 'a', userId: 'u', sessionStorage: true, hub: 'nowhere' }, 'TypeError: hub'],
  ])('is not made from %s', async (_, options, told) => {
    expect(String(await failureOf(() => sprinklr(options as never)))).toContain(told)
  })
})

describe('the token, with the opt-in', () => {
  test('is in the hub and in the cookie until the hub is known to reach the site, and a sibling subdomain reads it', async () => {
    const { load, brand, kept } = visit()
    expect(await load(A).set(TOKEN, 'jwt')).toMatchObject({ tier: 'hub', also: ['cookie'], reach: 'site', passed: [] })
    expect([(await heldIn(kept, TOKEN))?.text, pairsOf(brand.at(B)).map(([name]) => name)]).toEqual(['"jwt"', [TOKEN]])
    expect(await load(B).get(TOKEN)).toBe('jwt')
    await load(B).remove(TOKEN)
    expect(await load(A).get(TOKEN)).toBeUndefined()
  })

  test.each<[string, (parts: ReturnType<typeof visit>) => void, string, boolean]>([
    ['the brand\'s cookie where the hub throws', ({ plan }) => (plan.throws = new Error('blocked')), 'cookie', true],
    ['the brand\'s localStorage where cookies are refused, too: then not on a sibling', ({ plan, brand }) => ((plan.throws = new Error('blocked')), (brand.refuses = true)), 'localStorage', false],
  ])('is in %s', async (_, fail, tier, shared) => {
    const parts = visit()
    fail(parts)
    expect((await parts.load(A).set(TOKEN, 'jwt')).tier).toBe(tier)
    expect([await parts.load(A).get(TOKEN), await parts.load(B).get(TOKEN)]).toEqual(['jwt', shared ? 'jwt' : undefined])
  })

  test('is in memory where nothing else takes it, and gone with the page', async () => {
    const { load, plan, brand, page, clock } = visit()
    plan.throws = new Error('blocked')
    brand.refuses = true
    const env = { ...page(A), localStorage: null }
    const storage = createStorage({ ...sprinklr({ ...app, sessionStorage: true, hub: faulty(hubOver(), plan), env }), now: clock.now })
    const receipt = await storage.set(TOKEN, 'jwt')
    expect([receipt.tier, receipt.passed.map(({ tier }) => tier)]).toEqual(['memory', ['hub', 'cookie', 'localStorage']])
    expect([await storage.get(TOKEN), await load(A).get(TOKEN)]).toEqual(['jwt', undefined])
  })
})

test('by default another subdomain does not see the token, and nothing is on the wire', async () => {
  const { load, brand } = visit()
  expect(await load(A, {}).set(TOKEN, 'jwt')).toMatchObject({ tier: 'localStorage', lifetime: 'device', reach: 'origin' })
  expect([await load(A, {}).get(TOKEN), await load(B, {}).get(TOKEN), pairsOf(brand.at(A))]).toEqual(['jwt', undefined, []])
})

test('the widget\'s state follows the visitor across subdomains with the opt-in alone', async () => {
  const { load } = visit()
  await load(A).set('spr-chat-state-u1', 'open')
  await load(A).set('spr-chat-user-u1', { sound: false })
  expect([await load(B).get('spr-chat-state-u1'), await load(B).get('spr-chat-user-u1')]).toEqual(['open', undefined])
})

describe('consent', () => {
  const ANALYTICS = 'spr-chat-analytics-u1'

  /** A page of the brand's with those flags, and what its localStorage holds. */
  const visit = (flags: { ANALYTICS?: boolean } | undefined) => {
    const env = browser().page(A)
    const options = sprinklr({ ...app, env, cookieConsent: flags })
    return { options, storage: createStorage(options), names: () => Object.keys(contentsOf(env.localStorage!)).filter((name) => name.startsWith('spr-')).sort() }
  }

  test('is not managed without the flag: every token is stored at once', async () => {
    const { options, storage, names } = visit(undefined)
    expect('consent' in options).toBe(false)
    await storage.set(ANALYTICS, { opened: 1 })
    await storage.set(TOKEN, 'jwt')
    expect(names()).toEqual([ANALYTICS, TOKEN])
  })

  test.each<[string, { ANALYTICS?: boolean }, string[]]>([
    ['refused', { ANALYTICS: false }, [TOKEN]],
    ['refused where the flag says nothing, as with the vendor', {}, [TOKEN]],
    ['granted', { ANALYTICS: true }, [ANALYTICS, TOKEN]],
  ])('that is %s decides about analytics alone', async (_, flags, stored) => {
    const { storage, names } = visit(flags)
    await storage.set(ANALYTICS, { opened: 1 })
    await storage.set(TOKEN, 'jwt')
    expect([names(), await storage.get(ANALYTICS)]).toEqual([stored, { opened: 1 }])
  })

  test('that changes is told by update, and what was stored goes', async () => {
    const { options, storage, names } = visit({ ANALYTICS: false })
    const consent = options.consent as Choice
    await storage.set(TOKEN, 'jwt')
    await storage.set(ANALYTICS, { opened: 1 })
    await consent.update({ analytics: true })
    await storage.flush()
    expect(names()).toEqual([ANALYTICS, TOKEN])
    await consent.update({ analytics: false })
    await storage.flush()
    expect([await storage.get(ANALYTICS), await storage.get(TOKEN)]).toEqual([undefined, 'jwt'])
  })

  test('is on the answer where the flag was given, by its type, too', () => {
    expectTypeOf(sprinklr({ ...app, cookieConsent: { ANALYTICS: true } }).consent).toExtend<Choice>()
    expectTypeOf(sprinklr(app).consent).not.toExtend<Consent>()
    expect(sprinklr({ ...app, cookieConsent: { ANALYTICS: true } }).consent.allows('analytics')).toBe(true)
  })

  test.each(['yes', 1, null])('is not a flag that is neither true nor false: %s', async (flag) => {
    expect(String(await failureOf(() => sprinklr({ ...app, cookieConsent: { ANALYTICS: flag as never } })))).toContain('TypeError: cookieConsent.ANALYTICS')
  })
})
