import { describe, expect, test } from 'vitest'
import type { Env } from 'holdfast'
import { createStorage, localStorageTier, memoryTier, sessionStorageTier } from 'holdfast'
import { fakeClock } from 'holdfast/testing'
import { blocked, contentsOf, storageObjects } from '../ground/dom.js'

/** A page's storage over one storage object, with memory behind it. */
const make = { localStorage: localStorageTier, sessionStorage: sessionStorageTier }
type Name = keyof typeof make
const TTLS = { localStorage: 'forever', sessionStorage: 'tab' } as const

const load = (name: Name, env: Env) => {
  const clock = fakeClock()
  return createStorage<Record<string, unknown>>({ namespace: 'chat', tiers: [make[name]({ env }), memoryTier()], now: clock.now, env: clock.env, ttl: TTLS[name] })
}

/** A storage object that does what the test says, over one that works. */
const odd = (area: Storage, change: Partial<Record<keyof Storage, unknown>>): Storage =>
  new Proxy(area, {
    get: (target, property) => {
      if (property in change) return change[property as keyof Storage]
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })

/** Every verb of a storage goes on with the next tier, for the reason given. */
const falls = async (name: Name, env: Env, code: string): Promise<void> => {
  const storage = load(name, env)
  expect(await storage.get('token')).toBeUndefined()
  expect(await storage.set('token', 'abc')).toMatchObject({ tier: 'memory', passed: [{ tier: name, code }] })
  expect(await storage.get('token')).toBe('abc')
  expect(await storage.keys()).toEqual(['token'])
  await storage.remove('token')
  expect(await storage.get('token')).toBeUndefined()
  await storage.clear()
  await storage.destroy()
}

describe.each<Name>(['localStorage', 'sessionStorage'])('%s', (name) => {
  test.each<[string, () => Env]>([
    ['is absent', () => ({})],
    ['is null, as in an Android WebView', () => ({ [name]: null })],
    ['throws when it is looked at, as where the user blocks it', () => blocked(name)],
    ['has no methods', () => ({ [name]: {} }) as Env],
    ['has methods that throw', () => ({ [name]: odd(storageObjects()[name], { getItem: () => { throw new DOMException('', 'SecurityError') }, setItem: () => { throw new DOMException('', 'SecurityError') } }) })],
  ])('that %s is unavailable, and the next tier takes over', async (_, env) => {
    await falls(name, env(), 'unavailable')
  })

  test('without setItem, as Node has it without a file, lets the next tier take over', async () => {
    await falls(name, { [name]: odd(storageObjects()[name], { setItem: undefined }) }, 'unavailable')
  })

  test('whose setItem silently does nothing is refused', async () => {
    await falls(name, { [name]: odd(storageObjects()[name], { setItem: () => undefined }) }, 'refused')
  })

  test('whose setItem keeps something else is refused', async () => {
    const area = storageObjects()[name]
    await falls(name, { [name]: odd(area, { setItem: (key: string, text: string) => area.setItem(key, text.toUpperCase()) }) }, 'refused')
  })
})

describe.each<Name>(['localStorage', 'sessionStorage'])('%s, shared with the page,', (name) => {
  test.each([['by its name', new DOMException('full', 'QuotaExceededError')], ['as an error of its own class', Object.assign(new Error('full'), { name: 'QuotaExceededError', quota: 5 })]])('that is full says so %s: it concerns one write, and leaves what is there', async (_, error) => {
    const area = storageObjects()[name]
    const setItem = (key: string, text: string): void => {
      if (text.length > 200) throw error
      area.setItem(key, text)
    }
    const storage = load(name, { [name]: odd(area, { setItem }) })
    await storage.set('neighbour', 'x')
    expect(await storage.set('token', 'x'.repeat(200))).toMatchObject({ tier: 'memory', passed: [{ tier: name, code: 'quota' }] })
    expect((await storage.status()).tiers[0]).toMatchObject({ state: 'ready' })
    expect(await storage.set('token', 'short')).toMatchObject({ tier: name, passed: [] })
    expect(await storage.get('neighbour')).toBe('x')
    expect(await storage.get('token')).toBe('short')
  })

  test('that becomes blocked while the page is open is left, and taken again when it answers', async () => {
    const clock = fakeClock()
    const area = storageObjects()[name]
    let open = true
    const env = Object.defineProperty({} as Env, name, {
      get() {
        if (open) return area
        throw new DOMException('', 'SecurityError')
      },
    })
    const storage = createStorage({ namespace: 'chat', tiers: [make[name]({ env }), memoryTier()], now: clock.now, env: clock.env, ttl: TTLS[name] })
    await storage.set('token', 'before')
    open = false
    expect((await storage.set('token', 'while')).tier).toBe('memory')
    open = true
    await clock.advance(1000)
    expect(await storage.get('token')).toBe('while')
    expect((await storage.set('token', 'after')).tier).toBe(name)
  })

  test('is told the bytes of this namespace alone', async () => {
    const env = storageObjects()
    env[name].setItem('chatbot.token', 'x'.repeat(1000))
    env[name].setItem('foreign', 'x'.repeat(1000))
    const storage = load(name, env)
    await storage.set('token', 'abc')
    const { bytes } = (await storage.status()).tiers[0]!
    expect(bytes).toBeGreaterThan('chat.token'.length + 3)
    expect(bytes).toBeLessThan(200)
  })

  test('keeps foreign keys and those of a namespace with the same beginning', async () => {
    const env = storageObjects()
    const foreign = { chat: '1', 'chat-legacy.token': '2', chatbot: '3', 'chatbot.token': '4', 'chat.': 'not ours', 'chat.theme': '"dark"', ach: '', key: 'x', length: '7', getItem: 'y' }
    for (const [key, text] of Object.entries(foreign)) env[name].setItem(key, text)
    const storage = load(name, env)
    await storage.set('token', 'abc')
    expect(await storage.keys()).toEqual(['token'])
    await storage.sweep()
    await storage.flush()
    await storage.destroy()
    expect(contentsOf(env[name])).toEqual(foreign)
  })
})

describe.each<Name>(['localStorage', 'sessionStorage'])('%s, changed by somebody else between two reads,', (name) => {
  test('is read as it is: another value, damage, a removal, and the same value again', async () => {
    const env = storageObjects()
    const tier = make[name]({ env })
    const read = (): unknown => (tier.read(['chat.token']) as unknown[])[0]
    const raws = ['a', 'b'].map((text) => {
      const other = storageObjects()
      void make[name]({ env: other }).write([{ name: 'chat.token', entry: { text, stamp: 5, lifetime: 'device' } }])
      return other[name].getItem('chat.token')!
    })
    const [one, other] = raws as [string, string]
    const seen = (raw: string): unknown => (env[name].setItem('chat.token', raw), read())
    expect([seen(one), seen(one), seen(other)]).toMatchObject([{ text: 'a' }, { text: 'a' }, { text: 'b' }])
    expect(seen(other.slice(0, -1) + 'c')).toMatchObject({ corrupt: true })
    env[name].removeItem('chat.token')
    expect(read()).toBeUndefined()
    expect(seen(other)).toMatchObject({ text: 'b' })
  })

  test('is one call of it for a read', () => {
    const asked: string[] = []
    const area = storageObjects()[name]
    const tier = make[name]({ env: { [name]: odd(area, { getItem: (key: string) => (asked.push(key), area.getItem(key)) }) } })
    void tier.read(['chat.token', 'chat.'])
    expect(asked).toEqual(['chat.token', 'chat.'])
  })
})

describe('sessionStorage', () => {
  test('is of the tab: a value for the device goes there when nothing better is left, and the receipt says so', async () => {
    const storage = createStorage({ namespace: 'chat', tiers: [localStorageTier({ env: blocked('localStorage') }), sessionStorageTier({ env: storageObjects() })] })
    expect(await storage.set('token', 'abc')).toEqual({ tier: 'sessionStorage', lifetime: 'tab', reach: 'tab', passed: [{ tier: 'localStorage', code: 'unavailable' }] })
  })
})

describe('localStorage', () => {
  test('is read by two pages of one origin, and the newer write wins in both', async () => {
    const env = storageObjects()
    const [one, other] = [1, 2].map(() => createStorage({ namespace: 'chat', tiers: [localStorageTier({ env })] }))
    await one!.set('token', 'one')
    expect(await other!.get('token')).toBe('one')
    await other!.set('token', 'other')
    expect(await one!.get('token')).toBe('other')
    await one!.remove('token')
    expect(await other!.get('token')).toBeUndefined()
  })

  test('is looked up late: what the page replaces meanwhile is used', async () => {
    const env: { localStorage?: Storage } = {}
    const storage = createStorage({ namespace: 'chat', tiers: [localStorageTier({ env })] })
    env.localStorage = storageObjects().localStorage
    expect((await storage.set('token', 'abc')).tier).toBe('localStorage')
  })
})
