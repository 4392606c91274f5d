import { describe, expect, test } from 'vitest'
import type { CryptoEnv, SessionKeyOptions } from '../../src/crypto/index.js'
import { aesGcm, sessionKey } from '../../src/crypto/index.js'
import { cookieJar } from '../../src/testing/cookie-jar.js'
import { fakeClock } from '../../src/testing/fake-clock.js'
import { attributesOf, pairsOf, recorded } from '../ground/cookies.js'
import { rejectionOf, sharedLocks, tab } from './tab.js'

const CONTEXT = '["acme-chat","token",1]'
const damaged = 'seal: does not open'

const browser = () => {
  const clock = fakeClock()
  const jar = cookieJar({ now: clock.now })
  const locks = sharedLocks()
  const openTab = (url = 'https://www.brand.test/', options: SessionKeyOptions = {}, shared: object = { navigator: locks.navigator }) =>
    aesGcm(sessionKey({ now: clock.now, env: tab({ ...jar.at(url), ...clock.env, ...shared }), ...options }))
  const cookies = (url = 'https://www.brand.test/') => pairsOf(jar.at(url))
  return { clock, jar, locks, openTab, cookies }
}

describe('a session key', () => {
  test('serves all tabs until the browser closes; then its texts do not open, and a new one begins', async () => {
    const { jar, openTab } = browser()
    const sealed = await openTab().seal('abc', CONTEXT)
    expect(await openTab().open(sealed, CONTEXT)).toBe('abc')
    expect(await openTab('https://www.brand.test/deep/page').open(sealed, CONTEXT)).toBe('abc')
    jar.restart()
    expect((await rejectionOf(openTab().open(sealed, CONTEXT))).message).toBe(damaged)
    const next = openTab()
    expect(await next.open(await next.seal('def', CONTEXT), CONTEXT)).toBe('def')
  })

  test('is a cookie without an age, for this site’s requests alone, and only over https where the page is', async () => {
    const { clock, jar } = browser()
    const { env, writes } = recorded(jar.at('https://www.brand.test/'))
    await aesGcm(sessionKey({ now: clock.now, env: tab(env as CryptoEnv) })).within('acme-chat').seal('abc', CONTEXT)
    expect(writes).toHaveLength(1)
    expect(writes[0]).toMatch(/^holdfast-key\.acme-chat\.[^.=]+=hf12\./)
    expect(attributesOf(writes[0]!)).toEqual({ path: '/', samesite: 'Strict', secure: '' })
  })

  test('is not made by opening', async () => {
    const { openTab, cookies } = browser()
    expect((await rejectionOf(openTab().open(await browser().openTab().seal('abc', CONTEXT), CONTEXT))).message).toBe(damaged)
    expect(cookies()).toEqual([])
  })

  test('is one, though ten tabs begin together', async () => {
    const { openTab, cookies, locks } = browser()
    const tabs = Array.from({ length: 10 }, () => openTab())
    const sealed = await Promise.all(tabs.map((seal) => seal.seal('abc', CONTEXT)))
    expect(cookies()).toHaveLength(1)
    expect(new Set(locks.asked)).toEqual(new Set(['holdfast-key.']))
    for (const seal of tabs) for (const text of sealed) expect(await seal.open(text, CONTEXT)).toBe('abc')
  })

  test('may be several where the browser has no locks, and every tab opens what each of them sealed', async () => {
    const { clock, openTab } = browser()
    const tabs = Array.from({ length: 10 }, () => openTab(undefined, undefined, {}))
    const sealed = await Promise.all(tabs.map((seal) => seal.seal('abc', CONTEXT)))
    await clock.advance(1001)
    const later = await Promise.all(tabs.map((seal) => seal.seal('abc', CONTEXT)))
    expect(new Set(later.map((text) => text.split('.')[0])).size).toBe(1)
    for (const seal of tabs) for (const text of [...sealed, ...later]) expect(await seal.open(text, CONTEXT)).toBe('abc')
  })

  test('stays with its host, or serves sibling subdomains where it is told to', async () => {
    const { openTab } = browser()
    const alone = await openTab().seal('abc', CONTEXT)
    expect((await rejectionOf(openTab('https://shop.brand.test/').open(alone, CONTEXT))).message).toBe(damaged)
    const shared = await openTab(undefined, { domain: 'site', name: 'shared' }).seal('abc', CONTEXT)
    expect(await openTab('https://shop.brand.test/', { domain: 'site', name: 'shared' }).open(shared, CONTEXT)).toBe('abc')
    expect((await rejectionOf(openTab('https://other.test/', { domain: 'site', name: 'shared' }).open(shared, CONTEXT))).message).toBe(damaged)
  })

  test('goes with `destroy`, and the keys of other namespaces stay, also of one that begins alike', async () => {
    const { openTab, cookies } = browser()
    const kept = await openTab(undefined, { name: 'a.b' }).seal('abc', CONTEXT)
    const mine = openTab(undefined, { name: 'a' })
    await mine.seal('abc', CONTEXT)
    expect(cookies()).toHaveLength(2)
    await mine.destroy!()
    expect(cookies().map(([name]) => name.slice(0, 17))).toEqual(['holdfast-key.a.b.'])
    expect(await openTab(undefined, { name: 'a.b' }).open(kept, CONTEXT)).toBe('abc')
  })

  test('that somebody else’s cookie pretends to be is none', async () => {
    const { jar, openTab, cookies } = browser()
    const seal = openTab()
    const sealed = await seal.seal('abc', CONTEXT)
    const page = jar.at('https://www.brand.test/').document!
    for (const value of ['', 'abc', 'hf12.0.0...', cookies()[0]![1].replace(/.$/, 'A')]) page.cookie = `holdfast-key..none=${value}; Path=/`
    expect(await openTab().open(sealed, CONTEXT)).toBe('abc')
    expect((await openTab().seal('abc', CONTEXT)).split('.')[0]).toBe(sealed.split('.')[0])
  })
})

describe('without cookies', () => {
  test('that the browser takes, nothing is sealed', async () => {
    const { jar, openTab } = browser()
    jar.refuses = true
    expect(await rejectionOf(openTab().seal('abc', CONTEXT))).toMatchObject({ code: 'locked', cause: { code: 'refused' } })
  })

  test('at all, as on a server, it is `locked`', async () => {
    const { openTab } = browser()
    const sealed = await openTab().seal('abc', CONTEXT)
    const nowhere = aesGcm(sessionKey({ env: tab() }))
    expect(await rejectionOf(nowhere.seal('abc', CONTEXT))).toMatchObject({ code: 'locked' })
    expect(await rejectionOf(nowhere.open(sealed, CONTEXT))).toMatchObject({ code: 'locked' })
  })
})
