import { describe, expect, test } from 'vitest'
import { hubTier } from '../../src/hub/client.js'
import type { Hub } from '../../src/hub/host/serve.js'
import { serveHub } from '../../src/hub/host/serve.js'
import { isSettled, turns } from '../ground/promises.js'
import type { HubWindow } from './windows.js'
import { ALLOW, browser, HUB, serve } from './windows.js'

/** A hub whose access to its own cookies the test decides. */
const asked = async (access: Partial<HubWindow['access']> = {}) => {
  const visitor = browser()
  let hub: Hub | undefined
  let window: HubWindow | undefined
  visitor.options.script = (opened) => {
    window = opened
    Object.assign(opened.access, access)
    hub = serve(visitor, opened)
  }
  const page = visitor.page('https://a.brand.test/')
  const tier = hubTier({ url: HUB, env: page.env })
  await tier.open()
  return { visitor, page, tier, hub: hub!, window: window! }
}

describe("the hub's access to its own cookies", () => {
  test('is told with the welcome', async () => {
    expect((await asked()).tier.traits.access).toBe(false)
    expect((await asked({ has: true })).tier.traits.access).toBe(true)
  })

  test('is asked for by a click handler, and told as it is then', async () => {
    const { tier, window } = await asked()
    window.access.request = () => {
      window.access.has = true
      return Promise.resolve()
    }
    expect(await tier.requestAccess()).toBe(true)
    expect(tier.traits.access).toBe(true)
  })

  test('is not had where the browser refuses, without an error', async () => {
    const { tier } = await asked()
    expect(await tier.requestAccess()).toBe(false)
  })

  test('is not waited for where the browser never answers, and all else that was asked is answered', async () => {
    const { tier, visitor } = await asked({ request: () => new Promise(() => {}) })
    const [requesting, reading] = [tier.requestAccess(), Promise.resolve(tier.read(['a']))]
    await turns()
    expect(await isSettled(requesting)).toBe(false)
    await visitor.clock.advance(1000)
    expect([await requesting, await reading]).toEqual([false, [undefined]])
  })

  test('is not waited for where the hub does not answer, nor where there is none', async () => {
    const visitor = browser({ script: () => {} })
    const requesting = hubTier({ url: HUB, timeout: 300, env: visitor.page('https://a.brand.test/').env }).requestAccess()
    await turns()
    await visitor.clock.advance(299)
    expect(await isSettled(requesting)).toBe(false)
    await visitor.clock.advance(1)
    expect(await requesting).toBe(false)
    expect(await hubTier({ url: HUB, env: {} }).requestAccess()).toBe(false)
  })

  test('may show another partition: what was proven of the first is not believed of it', async () => {
    const { tier, visitor, window } = await asked()
    await tier.prove!('site')
    await hubTier({ url: HUB, env: visitor.page('https://b.brand.test/').env }).prove!('site')
    await tier.prove!('site')
    expect(tier.traits.reach).toBe('site')
    const [place] = window.tiers
    window.access.request = async () => {
      window.access.has = true
      await place!.write((await place!.names('')).map((name) => ({ name, drop: Infinity })))
    }
    expect(await tier.requestAccess()).toBe(true)
    expect(tier.traits).toMatchObject({ reach: 'origin', mayReach: 'site' })
    await tier.prove!('site')
    expect([tier.traits.reach, tier.traits.mayReach]).toEqual(['origin', undefined])
    expect(visitor.jar.at('https://a.brand.test/').document!.cookie).toContain('|a.brand.test|split')
  })

  test("can be asked for by the vendor's own frame, within the time that a visitor takes", async () => {
    const { hub, visitor, window } = await asked({ request: () => new Promise(() => {}) })
    const requesting = hub.requestAccess()
    await visitor.clock.advance(29_999)
    expect(await isSettled(requesting)).toBe(false)
    await visitor.clock.advance(1)
    expect(await requesting).toBe(false)
    window.access.request = () => {
      window.access.has = true
      return Promise.resolve()
    }
    expect(await hub.requestAccess(10)).toBe(true)
  })

  test('is not had where the browser knows nothing of it, nor where there is no document', async () => {
    for (const env of [{}, { document: { cookie: '' } }]) {
      const hub = serveHub({ allow: ALLOW, tiers: [], env })
      expect(await hub.requestAccess()).toBe(false)
      hub.close()
    }
  })
})
