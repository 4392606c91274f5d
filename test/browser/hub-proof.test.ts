import { describe, expect, it } from 'vitest'
import { engines } from './browser.js'
import { freshHub, hubFrame, type HubGround, shares, siteChain, siteKeys } from './hub-ground.js'

describe.each(engines)('%s: a key that asks for the reach of the site', (engine) => {
  const ground = freshHub(engine)

  isKeptTwice(ground)
  if (shares(engine)) isProven(ground)
  else isDisproved(ground)
  isRemoved(ground)
  survivesEviction(ground)
})

/** What a visitor's pages do, one after the other, each with a storage of its own. */
function visitorOf({ here, visit }: HubGround) {
  const open = () => here.tab.evaluate((chain, keys) => void page.open(chain, { keys }), siteChain, siteKeys)
  return {
    on: async (host: 'a' | 'b' | 'brand' | 'other') => {
      await visit(host)
      await open()
    },
    set: (token: string) => here.tab.evaluate((value) => page.storage!.set('token', value), token),
    get: () => here.tab.evaluate(async () => ((await page.storage!.get('token')) as string | undefined) ?? 'nothing'),
    /** The tiers that hold the value once all is settled. */
    places: () =>
      here.tab.evaluate(async () => {
        await page.storage!.flush()
        const { copies } = await page.storage!.inspect('token')
        return copies.filter(({ bytes }) => bytes > 0).map(({ tier }) => tier)
      }),
    /** What is known of the hub. */
    hub: () =>
      here.tab.evaluate(async () => {
        const { reach, mayReach = 'not beyond' } = (await page.storage!.status()).tiers[0]!
        return [reach, mayReach]
      }),
  }
}

function isKeptTwice(ground: HubGround): void {
  const visitor = visitorOf(ground)

  it('is kept in the hub and in the cookie, as long as one host alone has been seen', async () => {
    await visitor.on('a')
    const receipt = await visitor.set('jwt')
    expect(receipt).toEqual({ tier: 'hub', lifetime: 'device', reach: 'site', expires: expect.any(Number), passed: [], also: ['cookie'] })
    expect(await visitor.hub()).toEqual(['origin', 'site'])
    expect(await visitor.places()).toEqual(['hub', 'cookie'])
    await visitor.on('a')
    expect(await visitor.get()).toBe('jwt')
    expect(await visitor.places()).toEqual(['hub', 'cookie'])
  })
}

function isProven(ground: HubGround): void {
  const visitor = visitorOf(ground)

  it('is kept in the hub alone once a sibling has seen the same mark, which its first read tells', async () => {
    await visitor.on('a')
    await visitor.set('jwt')
    await visitor.on('b')
    expect(await visitor.get()).toBe('jwt')
    expect(await visitor.hub()).toEqual(['site', 'not beyond'])
    expect(await visitor.places()).toEqual(['hub'])
    expect(await visitor.set('newer')).toEqual({ tier: 'hub', lifetime: 'device', reach: 'site', expires: expect.any(Number), passed: [] })
    expect(await visitor.places()).toEqual(['hub'])
    for (const host of ['a', 'brand'] as const) {
      await visitor.on(host)
      expect(await visitor.get()).toBe('newer')
      expect(await visitor.hub()).toEqual(['site', 'not beyond'])
    }
    await visitor.on('other')
    expect([await visitor.get(), await visitor.hub()]).toEqual(['nothing', ['origin', 'site']])
  })
}

function isDisproved(ground: HubGround): void {
  const visitor = visitorOf(ground)

  it('is kept in the cookie once a sibling has met another partition, and the receipt says why', async () => {
    await visitor.on('a')
    await visitor.set('jwt')
    await visitor.on('b')
    // The hub is empty here: that is no removal.
    expect(await visitor.get()).toBe('jwt')
    expect(await visitor.set('newer')).toEqual({ tier: 'cookie', lifetime: 'device', reach: 'site', expires: expect.any(Number), passed: [{ tier: 'hub', code: 'reach' }] })
    expect(await visitor.hub()).toEqual(['origin', 'not beyond'])
    await visitor.on('a')
    expect(await visitor.get()).toBe('newer')
    expect(await visitor.set('newest')).toMatchObject({ tier: 'cookie', passed: [{ tier: 'hub', code: 'reach' }] })
    expect(await visitor.places()).toEqual(['cookie'])
    await visitor.on('b')
    expect(await visitor.get()).toBe('newest')
    await visitor.on('other')
    expect(await visitor.get()).toBe('nothing')
  })
}

function isRemoved(ground: HubGround): void {
  const { here } = ground
  const visitor = visitorOf(ground)

  it.each(['remove', 'take', 'clear'] as const)('stays removed on every host after %s on a sibling, whose hub may never have held it', async (verb) => {
    await visitor.on('a')
    await visitor.set('jwt')
    await visitor.on('b')
    await here.tab.evaluate(async (how) => void (how === 'clear' ? await page.storage!.clear() : await page.storage![how]('token')), verb)
    for (const host of ['a', 'b', 'a', 'brand'] as const) {
      await visitor.on(host)
      expect([host, await visitor.get()]).toEqual([host, 'nothing'])
    }
    await visitor.set('again')
    await visitor.on('b')
    expect(await visitor.get()).toBe('again')
  })

  it('is the newest one on every host, whichever wrote it, though each may have a copy of its own', async () => {
    for (const [index, host] of (['a', 'b', 'a', 'brand', 'b'] as const).entries()) {
      await visitor.on(host)
      if (index > 0) expect([host, await visitor.get()]).toEqual([host, `token-${index - 1}`])
      await visitor.set(`token-${index}`)
    }
    await visitor.on('a')
    expect(await visitor.get()).toBe('token-4')
  })
}

function survivesEviction(ground: HubGround): void {
  const { here } = ground
  const visitor = visitorOf(ground)

  it('is not taken for removed where the browser emptied the hub, while the cookie has it', async () => {
    await visitor.on('a')
    await visitor.set('jwt')
    await here.tab.inFrame(hubFrame).evaluate(() => vendor.wipe())
    await visitor.on('a')
    expect(await visitor.get()).toBe('jwt')
    await visitor.on('b')
    expect(await visitor.get()).toBe('jwt')
  })

  it('is not taken for removed where the visitor deleted the cookies, while the hub has it', async () => {
    await visitor.on('a')
    await visitor.set('jwt')
    await here.tab.evaluate(() => Object.keys(page.cookies()).forEach(page.expire))
    await visitor.on('a')
    expect(await visitor.get()).toBe('jwt')
    expect(await visitor.hub()).toEqual(['origin', 'site'])
    expect(await visitor.set('newer')).toMatchObject({ tier: 'hub', also: ['cookie'] })
    await visitor.on('b')
    expect(await visitor.get()).toBe('newer')
  })
}
