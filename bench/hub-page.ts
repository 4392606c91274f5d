import { createStorage, memoryTier } from 'holdfast'
import { hubTier } from 'holdfast/hub'

/**
 * Runs in a page of the brand: round trips to the hub beside bare ones to a frame of the same vendor, in turn, so
 * that whatever slows the machine down slows all of them.
 */

const vendor = 'https://chat.vendor.test'
const name = 'acme-chat.token'

/** So many round trips make one sample: clocks in browsers are coarse, Firefox's tells whole ms. */
const trips = navigator.userAgent.includes('Firefox') ? 200 : 20

async function bareFrame(): Promise<MessagePort> {
  const frame = document.createElement('iframe')
  frame.src = `${vendor}/bare`
  frame.hidden = true
  const loaded = new Promise((resolve) => (frame.onload = resolve))
  document.body.append(frame)
  await loaded
  const { port1, port2 } = new MessageChannel()
  frame.contentWindow!.postMessage('port', vendor, [port2])
  return port1
}

/** What the hub says and is told, by hand: the least that a round trip can cost. */
function pingPong(port: MessagePort): () => Promise<unknown> {
  let done: (answer: unknown) => void
  let id = 0
  port.onmessage = ({ data }) => done(data)
  return () =>
    new Promise((resolve) => {
      done = resolve
      port.postMessage({ id: ++id, ops: [['read', name]] })
    })
}

/** The hub's frame, spoken to by hand: what is left beside the bare one is the hub's. */
async function byHand(address: string): Promise<MessagePort> {
  const frame = document.createElement('iframe')
  frame.src = address
  frame.hidden = true
  document.body.append(frame)
  await new Promise((resolve) => (frame.onload = resolve))
  const nonce = crypto.getRandomValues(new Uint8Array(16)).join('.')
  const welcomed = new Promise<MessagePort>((resolve) =>
    addEventListener('message', ({ data, ports: [port] }) => {
      if (data.holdfast === nonce && port) resolve(port)
    }),
  )
  frame.contentWindow!.postMessage({ holdfast: nonce, speaks: [1, 1] }, vendor)
  return welcomed
}

async function hubs(): Promise<Record<string, () => Promise<unknown>>> {
  const ways: Record<string, () => Promise<unknown>> = {}
  for (const chain of ['memory', 'localStorage', 'indexedDB']) {
    const tier = hubTier({ url: `${vendor}/hub-bench?tiers=${chain}` })
    const storage = createStorage({ namespace: 'acme-chat', tiers: [tier, memoryTier()], ttl: chain === 'memory' ? 'page' : '1d' })
    const receipt = await storage.set('token', 'x'.repeat(200))
    if (receipt.tier !== 'hub') throw new Error(`the hub did not take it: ${JSON.stringify(receipt)}`)
    ways[`hub over ${chain}`] = async () => tier.read([name])
    if (chain === 'localStorage') ways[`storage.get over hub over ${chain}`] = () => storage.get('token')
  }
  const faked = hubTier({ url: `${vendor}/fake` })
  await faked.open()
  return { ...ways, 'hubTier over a hub that does nothing': async () => faked.read([name]) }
}

async function measure(samples: number): Promise<Record<string, number[]>> {
  const ways: Record<string, () => Promise<unknown>> = { bare: pingPong(await bareFrame()), ...(await hubs()) }
  ways['bare client over hub over localStorage'] = pingPong(await byHand(`${vendor}/hub-bench?tiers=localStorage`))
  const times = Object.fromEntries(Object.keys(ways).map((way) => [way, [] as number[]]))
  for (let sample = -5; sample < samples; sample++) {
    const order = Object.entries(ways).sort(() => Math.random() - 0.5)
    for (const [way, trip] of order) {
      const from = performance.now()
      for (let count = 0; count < trips; count++) await trip()
      // The first ones warm up.
      if (sample >= 0) times[way]!.push(((performance.now() - from) * 1000) / trips)
    }
  }
  return times
}

Object.assign(globalThis, { measure })
