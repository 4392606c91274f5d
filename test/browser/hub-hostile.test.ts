import { describe, expect, it } from 'vitest'
import { engines } from './browser.js'
import { expectCalmFrame, freshHub, hubFrame, type HubGround, siteChain, siteKeys } from './hub-ground.js'

/** 100,000 in each engine, by the way that they take. */
const counts = { 'the page to the hub': 25_000, "another brand's frame to both": 25_000, "a frame of the brand's own to both": 10_000, "the page over the hub's port": 20_000, 'a hub gone bad to the page': 20_000 }

describe.each(engines)('%s: a hub, and the page above it', (engine) => {
  const ground = freshHub(engine)

  fromThePage(ground)
  fromFrames(ground)
  overThePort(ground)
  fromTheHub(ground)
  forgedAnswers(ground)
})

/** A page with a token in the hub and in the cookie, which tells the nonces and the port that it used. */
async function prepare({ here, visit, contents }: HubGround, frame?: string) {
  await visit('a', frame === undefined ? {} : { frame })
  await here.tab.evaluate(
    async (chain, keys) => {
      const nonces: string[] = []
      page.attacks.stealNonces((nonce) => nonces.push(nonce))
      const { postMessage } = MessagePort.prototype
      MessagePort.prototype.postMessage = function (...given: unknown[]) {
        Object.assign(globalThis, { port: this })
        ;(postMessage as (...given: unknown[]) => void).apply(this, given)
      }
      const received = { count: 0 }
      window.addEventListener('message', () => received.count++)
      Object.assign(globalThis, { nonces, received })
      await page.open(chain, { keys: { ...keys, visitor: { reach: 'site' } } }).setMany([['token', 'jwt'], ['visitor', 'v-1']])
    },
    siteChain,
    siteKeys,
  )
  const [received, hellos] = await here.tab.inFrame(hubFrame).evaluate(() => [vendor.counts.received, vendor.hellos] as const)
  const own = await here.tab.evaluate(() => (globalThis as unknown as { received: { count: number } }).received.count)
  const nonces = await here.tab.evaluate(() => (globalThis as unknown as { nonces: string[] }).nonces)
  // The attacker knows what really was said.
  expect(nonces).toEqual(expect.arrayContaining([...new Set(hellos)]))
  return { before: await everything({ here, contents }), nonces, received, own }
}

/** All that is stored, in words. */
async function everything({ here, contents }: Pick<HubGround, 'here' | 'contents'>) {
  return { page: await here.tab.evaluate(async () => ({ ...(await page.traces()), cookie: document.cookie })), hub: await contents() }
}

/** Nothing has changed, nothing has crashed, and the same hub still answers. */
async function expectUnmoved(ground: HubGround, before: Awaited<ReturnType<typeof everything>>): Promise<void> {
  const { here } = ground
  expect(await everything(ground)).toEqual(before)
  const seen = await here.tab.evaluate(async () => {
    const { tiers } = await page.storage!.status()
    return { token: await page.storage!.get('token'), visitor: await page.storage!.get('visitor'), hub: tiers[0]?.state, polluted: page.attacks.isPolluted(), frames: document.querySelectorAll('iframe[title=holdfast]').length }
  })
  expect(seen).toEqual({ token: 'jwt', visitor: 'v-1', hub: 'ready', polluted: false, frames: 1 })
  expect(await here.tab.inFrame(hubFrame).evaluate(() => vendor.attacks.isPolluted())).toBe(false)
  await expectCalmFrame(here.tab)
  expect(await here.tab.evaluate(() => page.storage!.set('token', 'jwt'))).toMatchObject({ tier: 'hub', also: ['cookie'], passed: [] })
}

/** Until so many messages have reached the hub's frame. */
const hubHasReceived = ({ here }: HubGround, count: number) =>
  here.tab.inFrame(hubFrame).evaluate(async (wanted) => {
    const end = performance.now() + 25_000
    while (vendor.counts.received < wanted && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
    return vendor.counts.received
  }, count)

const pageHasReceived = ({ here }: HubGround, count: number) =>
  here.tab.evaluate(async (wanted) => {
    const { received } = globalThis as unknown as { received: { count: number } }
    const end = performance.now() + 25_000
    while (received.count < wanted && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
    return received.count
  }, count)

function fromThePage(ground: HubGround): void {
  it('bear malformed and replayed messages of the page to the hub', async () => {
    const { before, nonces, received } = await prepare(ground)
    const count = counts['the page to the hub']
    await ground.here.tab.evaluate(
      (many, known) => {
        const { contentWindow } = document.querySelector<HTMLIFrameElement>('iframe[title=holdfast]')!
        return page.attacks.attack(many, 1, known, (data, ports) => contentWindow!.postMessage(data, 'https://chat.vendor.test', ports))
      },
      count,
      { nonces, isPage: true },
    )
    expect(await hubHasReceived(ground, received + count)).toBe(received + count)
    await expectUnmoved(ground, before)
  })
}

function fromFrames(ground: HubGround): void {
  it.each([
    ["another brand's frame to both", 'other'],
    ["a frame of the brand's own to both", 'a'],
  ] as const)('bear forged hellos and welcomes of %s', async (way, host) => {
    const { before, nonces, received, own } = await prepare(ground, ground.here.sites.url(host, '/inner'))
    const half = counts[way] / 2
    await ground.here.tab.inFrame('#frame').evaluate(
      async (many, known) => {
        // The hub's frame is the one beside this one.
        const hub = [...Array(parent.length).keys()].map((index) => parent[index]!).find((each) => each !== window)!
        await page.attacks.attack(many, 2, known, (data, ports) => hub.postMessage(data, '*', ports))
        await page.attacks.attack(many, 3, known, (data, ports) => parent.postMessage(data, '*', ports))
      },
      half,
      { nonces },
    )
    expect(await hubHasReceived(ground, received + half)).toBe(received + half)
    expect(await pageHasReceived(ground, own + half)).toBe(own + half)
    await expectUnmoved(ground, before)
  })
}

function overThePort(ground: HubGround): void {
  it("bear malformed requests over the hub's own port", async () => {
    const { before, nonces } = await prepare(ground)
    await ground.here.tab.evaluate(
      async (many, known) => {
        const { port } = globalThis as unknown as { port: MessagePort }
        const hub = page.hubTier({ url: 'https://chat.vendor.test/hub' })
        // What comes after them is answered after them.
        const pace = async () => hub.read(['acme-chat.token'])
        await page.attacks.attack(many, 4, known, (data, ports) => port.postMessage(data, ports), pace)
      },
      counts["the page over the hub's port"],
      { nonces, isPage: true },
    )
    await expectUnmoved(ground, before)
  })
}

function fromTheHub(ground: HubGround): void {
  it('bear answers that a hub gone bad makes up', async () => {
    const { before, nonces } = await prepare(ground)
    const rounds = 10
    for (let round = 0; round < rounds; round++) {
      await ground.here.tab.inFrame(hubFrame).evaluate(
        (many, seed, known) => vendor.attacks.attack(many, seed, known, (data, ports) => vendor.port().postMessage(data, ports)),
        counts['a hub gone bad to the page'] / rounds,
        5 + round,
        { nonces },
      )
      expect(await ground.here.tab.evaluate(() => page.storage!.get('token'))).toBe('jwt')
    }
    await expectUnmoved(ground, before)
  })
}

function forgedAnswers({ here, visit }: HubGround): void {
  it.each(['other', 'a'] as const)('shake no hands by a welcome that a frame of %s forges, though it knows the nonce', async (host) => {
    await visit('a', { frame: here.sites.url(host, '/inner') })
    await here.tab.evaluate(() => {
      // What no page does: it tells its frame, at once.
      page.attacks.stealNonces((nonce) => document.querySelector<HTMLIFrameElement>('#frame')!.contentWindow!.postMessage({ nonce }, '*'))
    })
    await here.tab.inFrame('#frame').evaluate(() => {
      Object.assign(globalThis, { asked: [], forged: 0 })
      window.addEventListener('message', ({ data }) => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = ({ data: request }) => (globalThis as unknown as { asked: unknown[] }).asked.push(request)
        for (const reply of [{ version: 1, state: { lifetimes: ['device'], access: true } }, { refused: 'origin' }]) {
          parent.postMessage({ holdfast: (data as { nonce: string }).nonce, ...reply }, '*', reply.version ? [port2] : [])
        }
        ;(globalThis as unknown as { forged: number }).forged++
      })
    })
    const seen = await here.tab.evaluate(async () => {
      const { tier, passed } = await page.openHub('/hub-silent', ['memory'], { timeout: 600 }).set('token', 'jwt')
      return { tier, passed }
    })
    expect(seen).toEqual({ tier: 'memory', passed: [{ tier: 'hub', code: 'timeout' }] })
    expect(await here.tab.inFrame('#frame').evaluate(() => ({ forged: (globalThis as unknown as { forged: number }).forged > 0, asked: (globalThis as unknown as { asked: unknown[] }).asked }))).toEqual({ forged: true, asked: [] })
  })

  it('give nothing to another origin that has taken the frame over', async () => {
    await here.tab.evaluate(() => page.openHub('/hub', ['localStorage', 'memory'], { timeout: 600 }).set('token', 'jwt'))
    await here.tab.evaluate(() => {
      const frame = document.querySelector<HTMLIFrameElement>('iframe[title=holdfast]')!
      Object.assign(globalThis, { loaded: new Promise((resolve) => frame.addEventListener('load', resolve)) })
    })
    await here.tab.inFrame(hubFrame).evaluate((address) => void setTimeout(() => (location.href = address)), here.sites.url('evil', '/inner'))
    const seen = await here.tab.evaluate(async () => {
      await (globalThis as unknown as { loaded: Promise<unknown> }).loaded
      const { tier, passed } = await page.storage!.set('token', 'newer')
      return { tier, passed, token: await page.storage!.get('token') }
    })
    expect(seen).toEqual({ tier: 'localStorage', passed: [{ tier: 'hub', code: 'timeout' }], token: 'newer' })
  })
}
