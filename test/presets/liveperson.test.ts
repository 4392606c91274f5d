import { describe, expect, expectTypeOf, test } from 'vitest'
import type { LivePersonSolution } from '../../src/presets/index.js'
import { liveperson } from '../../src/presets/index.js'
import { createStorage } from '../../src/storage.js'
import { attributesOf, pairsOf, recorded } from '../ground/cookies.js'
import { failureOf } from '../ground/failure.js'
import { browser, ENDPOINT, heldIn, hubOver, rulesOf } from './brand.js'

const A = 'https://a.brand.test/'
const B = 'https://b.brand.test/'
const seal = { id: 's', seal: (text: string) => Promise.resolve(text), open: (text: string) => Promise.resolve(text) }

type Visit = ReturnType<typeof browser>
const load = ({ page, clock }: Visit, solution: LivePersonSolution, url = A, tab?: Storage) => {
  const env = page(url, tab)
  return createStorage({ ...liveperson({ siteId: '123', solution, endpoint: ENDPOINT, env }), now: clock.now })
}

describe('what LivePerson keeps', () => {
  const table = (visit: string, cookies = 'cookie') => ({
    'LPSID-123': `${visit}, session, analytics`,
    'lpLastVisit-123': 'localStorage, forever, analytics',
    lpTabId: 'sessionStorage, tab, functional',
    lpPmCalleeDfs: 'sessionStorage, tab, functional',
    'LPCID-123': `${cookies}, session, functional`,
    'LPCKEY-123': `${cookies}, session, functional`,
  })

  /** Where the vendor's server sets cookies, too, they are declared for the documents. */
  const servers = (solution: LivePersonSolution) => solution.includes('third-party') && { LPSessionID: 'session, analytics, LPSessionID at /', LPVisitorID: `${solution === 'third-party' ? 'forever' : 'session'}, analytics, LPVisitorID at /` }

  test.each<[LivePersonSolution, string, 'forever' | 'session', string[]]>([
    ['third-party', 'httpCookie > cookie > sessionStorage', 'forever', ['httpCookie', 'cookie', 'sessionStorage', 'localStorage']],
    ['third-party-session', 'httpCookie > cookie > sessionStorage', 'session', ['httpCookie', 'cookie', 'sessionStorage', 'localStorage']],
    ['first-party-with-third-party-session', 'cookie+httpCookie > sessionStorage', 'forever', ['cookie+httpCookie', 'cookie', 'sessionStorage', 'localStorage']],
    ['first-party', 'cookie > sessionStorage', 'forever', ['cookie', 'sessionStorage', 'localStorage']],
    ['first-party-session', 'cookie > sessionStorage', 'session', ['cookie', 'sessionStorage', 'localStorage']],
  ])('is declared key by key, in the chain of %s', (solution, visit, visitor, tiers) => {
    const options = liveperson({ siteId: '123', solution, endpoint: ENDPOINT, env: {} as never })
    expect(rulesOf(options.keys)).toEqual({ LPVID: `${visit}, ${visitor}, analytics`, ...table(visit), ...servers(solution) })
    expect([options.namespace, options.tiers.map(({ name }) => name)]).toEqual(['', tiers])
    expect(Object.keys(options).sort()).toEqual(['env', 'keys', 'namespace', 'tiers'])
  })

  test('has the keys of SecureStorage, too, where there is a hub for them', () => {
    const options = liveperson({ siteId: '123', solution: 'first-party', hub: hubOver() })
    expect(rulesOf(options.keys)).toMatchObject({ LPVID: 'cookie > sessionStorage, forever, analytics', 'lpMessaging-123': 'hub, 1d, functional', UIConf: 'hub, 1d, functional' })
    expect(options.tiers.map(({ name }) => name)).toContain('hub')
  })

  test('is sealed where it is a token and a seal is given, which is passed on', () => {
    const options = liveperson({ siteId: '123', solution: 'first-party', hub: hubOver(), seal })
    expect(Object.entries(options.keys).filter(([, { secret }]) => secret).map(([name]) => name)).toEqual(['lpMessaging-123'])
    expect(options.seal).toBe(seal)
    expect(liveperson({ siteId: '123', solution: 'first-party' })).not.toHaveProperty('seal')
  })

  test('is typed by the names that the vendor gives', () => {
    const storage = createStorage(liveperson({ siteId: '123', solution: 'first-party' }))
    expectTypeOf(storage.get<'LPVID'>).returns.resolves.toEqualTypeOf<string | undefined>()
    expectTypeOf(storage.get<'lpLastVisit-123'>).returns.resolves.toEqualTypeOf<number | undefined>()
    expectTypeOf(storage.get).parameter(0).toEqualTypeOf<'LPVID' | 'LPSID-123' | 'lpLastVisit-123' | 'lpTabId' | 'lpPmCalleeDfs' | 'LPCID-123' | 'LPCKEY-123'>()
    // An account that is known at run time alone.
    const siteId = '123' as string
    const any = createStorage(liveperson({ siteId, solution: 'first-party', hub: hubOver() }))
    expectTypeOf(any.get<`LPSID-${string}`>).returns.resolves.toEqualTypeOf<string | undefined>()
    expectTypeOf(any.get<`lpMessaging-${string}`>).returns.resolves.toEqualTypeOf<Record<string, unknown> | undefined>()
    expectTypeOf<'elsewhere'>().not.toExtend<Parameters<typeof any.get>[0]>()
    expect([storage, any].map(({ get }) => typeof get)).toEqual(['function', 'function'])
  })
})

describe('the cookies of a visit', () => {
  const expected: Record<LivePersonSolution, { tier: string; also?: string[]; lifetime: string; brand: string[]; vendor: string[]; returns: boolean }> = {
    'third-party': { tier: 'httpCookie', lifetime: 'device', brand: [], vendor: ['LPVID', 'LPSID-123'], returns: true },
    'third-party-session': { tier: 'httpCookie', lifetime: 'session', brand: [], vendor: ['LPVID', 'LPSID-123'], returns: false },
    'first-party-with-third-party-session': { tier: 'cookie+httpCookie', also: ['httpCookie'], lifetime: 'device', brand: ['LPVID', 'LPSID-123'], vendor: ['LPVID', 'LPSID-123'], returns: true },
    'first-party': { tier: 'cookie', lifetime: 'device', brand: ['LPVID', 'LPSID-123'], vendor: [], returns: true },
    'first-party-session': { tier: 'cookie', lifetime: 'session', brand: ['LPVID', 'LPSID-123'], vendor: [], returns: false },
  }
  const solutions = Object.entries(expected) as [LivePersonSolution, (typeof expected)[LivePersonSolution]][]

  test.each(solutions)('of %s are where its name says, for as long as it says, and on each of the brand\'s subdomains', async (solution, { tier, also, lifetime, brand, vendor, returns }) => {
    const visit = browser()
    const storage = load(visit, solution)
    expect(await storage.set('LPVID', 'visitor-1')).toMatchObject({ tier, lifetime, passed: [], ...(also && { also }) })
    expect(await storage.set('LPSID-123', 'session-1')).toMatchObject({ tier, lifetime: 'session', passed: [] })
    expect(pairsOf(visit.brand.at(A)).map(([name]) => name).sort()).toEqual([...brand].sort())
    expect(pairsOf(visit.vendor.at(ENDPOINT)).map(([name]) => name).sort()).toEqual([...vendor].sort())
    expect(await load(visit, solution, B).getMany(['LPVID', 'LPSID-123'])).toEqual(new Map([['LPVID', 'visitor-1'], ['LPSID-123', 'session-1']]))
    visit.restart()
    expect(await load(visit, solution, B).get('LPVID')).toBe(returns ? 'visitor-1' : undefined)
    expect(await load(visit, solution).get('LPSID-123')).toBeUndefined()
  })

  test.each(solutions)('of %s are gone once they are removed, on each subdomain', async (solution) => {
    const visit = browser()
    await load(visit, solution).set('LPVID', 'visitor-1')
    await load(visit, solution, B).remove('LPVID')
    expect(await load(visit, solution).get('LPVID')).toBeUndefined()
    visit.restart()
    expect(await load(visit, solution, B).get('LPVID')).toBeUndefined()
  })

  test.each<LivePersonSolution>(['third-party', 'third-party-session'])('of %s are first-party cookies of the same kind where the browser drops those of the vendor', async (solution) => {
    const visit = browser()
    visit.vendor.refuses = true
    const lifetime = solution === 'third-party' ? 'device' : 'session'
    expect(await load(visit, solution).set('LPVID', 'visitor-1')).toMatchObject({ tier: 'cookie', lifetime, reach: 'site', passed: [{ tier: 'httpCookie', code: 'refused' }] })
    expect(await load(visit, solution, B).get('LPVID')).toBe('visitor-1')
    visit.restart()
    expect(await load(visit, solution).get('LPVID')).toBe(lifetime === 'device' ? 'visitor-1' : undefined)
  })

  test.each<LivePersonSolution>(['third-party', 'first-party-with-third-party-session'])('of %s outlive the vendor\'s server being away', async (solution) => {
    const visit = browser()
    visit.down = true
    const receipt = await load(visit, solution).set('LPVID', 'visitor-1')
    expect([receipt.tier, receipt.also]).toEqual([solution === 'third-party' ? 'cookie' : 'cookie+httpCookie', undefined])
    visit.down = false
    expect(await load(visit, solution, B).get('LPVID')).toBe('visitor-1')
  })

  test('with third-party duplicates tell one visitor on two domains of one account', async () => {
    const visit = browser()
    await load(visit, 'first-party-with-third-party-session').set('LPVID', 'visitor-1')
    expect(pairsOf(visit.brand.at('https://www.shop.test/'))).toEqual([])
    expect(await load(visit, 'first-party-with-third-party-session', 'https://www.shop.test/').get('LPVID')).toBe('visitor-1')
    visit.restart()
    expect(await load(visit, 'first-party-with-third-party-session', 'https://www.shop.test/').get('LPVID')).toBeUndefined()
    expect(await load(visit, 'first-party-with-third-party-session').get('LPVID')).toBe('visitor-1')
  })

  test('fall back to the tab where no cookie is kept, and each tab is then a visitor of its own', async () => {
    const visit = browser()
    visit.brand.refuses = visit.vendor.refuses = true
    const tab = visit.page(A).sessionStorage!
    expect(await load(visit, 'third-party', A, tab).set('LPVID', 'visitor-1')).toMatchObject({ tier: 'sessionStorage', lifetime: 'tab', reach: 'tab' })
    expect([await load(visit, 'third-party', A, tab).get('LPVID'), await load(visit, 'third-party').get('LPVID')]).toEqual(['visitor-1', undefined])
  })

  test('are for the site, at the root, and Max-Age is there only where they outlive the browser', async () => {
    const visit = browser()
    const { env, writes } = recorded(visit.brand.at(A))
    const storage = createStorage({ ...liveperson({ siteId: '123', solution: 'first-party', env: { ...visit.page(A), ...env } }), now: visit.clock.now })
    await storage.set('LPVID', 'v')
    await storage.set('LPCID-123', 'c')
    const [visitor, token] = ['LPVID=', 'LPCID-123='].map((start) => attributesOf(writes.find((text) => text.startsWith(start))!))
    expect(visitor).toEqual({ path: '/', domain: 'brand.test', samesite: 'Lax', secure: '', 'max-age': '34560000' })
    expect(token).toEqual({ path: '/', domain: 'brand.test', samesite: 'Lax', secure: '' })
  })
})

describe('the tokens of a conversation', () => {
  test.each<LivePersonSolution>(['third-party', 'first-party-with-third-party-session', 'first-party'])('are cookies of the brand and of nobody else, with %s', async (solution) => {
    const visit = browser()
    for (const key of ['LPCID-123', 'LPCKEY-123'] as const) expect(await load(visit, solution).set(key, 'token')).toMatchObject({ tier: 'cookie', lifetime: 'session' })
    expect([pairsOf(visit.brand.at(A)).length, pairsOf(visit.vendor.at(ENDPOINT))]).toEqual([2, []])
  })

  test('have nowhere else to go: a refused cookie is an error, and no silent loss', async () => {
    const visit = browser()
    visit.brand.refuses = true
    for (const key of ['LPCID-123', 'LPCKEY-123'] as const) expect(await failureOf(() => load(visit, 'first-party').set(key, 'token'))).toMatchObject({ code: 'no-tier', attempts: [{ tier: 'cookie', code: 'refused' }] })
  })
})

test('the last visit, the tab and the frame have one place each', async () => {
  const visit = browser()
  const tab = visit.page(A).sessionStorage!
  const storage = load(visit, 'first-party', A, tab)
  expect(await storage.set('lpLastVisit-123', 1_700_000_000_000)).toMatchObject({ tier: 'localStorage', lifetime: 'device' })
  expect(await storage.set('lpTabId', 'tab-1')).toMatchObject({ tier: 'sessionStorage', lifetime: 'tab' })
  expect(await storage.set('lpPmCalleeDfs', 'x')).toMatchObject({ tier: 'sessionStorage', lifetime: 'tab' })
  visit.restart()
  expect([await load(visit, 'first-party').get('lpLastVisit-123'), await load(visit, 'first-party', A, tab).get('lpTabId'), await load(visit, 'first-party').get('lpTabId')]).toEqual([1_700_000_000_000, 'tab-1', undefined])
})

test("SecureStorage's keys go to the hub", async () => {
  const { clock, page } = browser()
  const hub = hubOver()
  const storage = createStorage({ ...liveperson({ siteId: '123', solution: 'first-party', hub, env: page(A) }), now: clock.now })
  expect(await storage.set('lpMessaging-123', { jwt: 'eyJ' })).toMatchObject({ tier: 'hub', expires: clock.now() + 864e5 })
  expect((await heldIn(hub, 'lpMessaging-123'))?.text).toBe('{"jwt":"eyJ"}')
})

describe('what is wrong is refused at once, and named', () => {
  test.each<[string, object, string]>([
    ['no siteId', { siteId: undefined }, 'TypeError: siteId'],
    ['an empty siteId', { siteId: '' }, 'RangeError: siteId'],
    ['a siteId with a dot', { siteId: 'a.b' }, 'RangeError: siteId'],
    ['a siteId that ends a cookie', { siteId: 'a;Domain=brand.test' }, 'RangeError: siteId'],
    ['a siteId that is long', { siteId: 'x'.repeat(129) }, 'RangeError: siteId'],
    ['an unknown solution', { siteId: '123', solution: 'second-party' }, 'RangeError: solution'],
    ['no endpoint for third-party', { siteId: '123' }, 'TypeError: endpoint'],
    ['no endpoint for third-party-session', { siteId: '123', solution: 'third-party-session' }, 'TypeError: endpoint'],
    ['no endpoint for duplicates', { siteId: '123', solution: 'first-party-with-third-party-session' }, 'TypeError: endpoint'],
    ['a hub that is no address', { siteId: '123', solution: 'first-party', hub: 'no address' }, 'TypeError: hub'],
    ['a hub that is no tier', { siteId: '123', solution: 'first-party', hub: {} }, 'TypeError: hub'],
  ])('%s', async (_, options, told) => {
    expect(String(await failureOf(() => liveperson(options as never)))).toContain(told)
  })
})
