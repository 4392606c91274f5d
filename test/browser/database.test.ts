import { describe, expect, it } from 'vitest'
import { engines } from './browser.js'
import { freshPage, type Opened } from './opened.js'

const database = 'holdfast.acme-chat'
/** What an operation of a tier may take, and what a busy machine may add to it. */
const deadline = 1500
const slack = 1000

describe.each(engines)('%s: the database', (engine) => {
  const here = freshPage(engine)

  describe('that goes away under a running page', () => {
    deleted(here)
    interrupted(here)
  })
  describe('that another tab holds on to', () => {
    held(here)
    released(here)
  })
  describe('that takes a thousand keys', () => thousand(here))
})

function deleted(here: Opened): void {
  it('is made by the first write, not by creating a storage and reading', async () => {
    const seen = await here.tab.evaluate(async () => {
      const storage = page.open()
      const token = (await storage.get('token')) ?? 'nothing'
      const keys = await storage.keys()
      await storage.flush()
      const before = await page.traces()
      await storage.set('token', 'jwt')
      return { token, keys, before, after: await page.databases() }
    })
    expect(seen).toEqual({
      token: 'nothing',
      keys: [],
      before: { databases: [], localStorage: [], sessionStorage: [], cookies: [] },
      after: [database],
    })
  })

  it('is not made by a read in a browser that cannot list its databases either', async () => {
    const seen = await here.tab.evaluate(async () => {
      const list = indexedDB.databases.bind(indexedDB)
      Object.defineProperty(IDBFactory.prototype, 'databases', { value: undefined })
      const storage = page.open()
      const token = (await storage.get('token')) ?? 'nothing'
      await storage.flush()
      // WebKitGTK may list the aborted one as version 0; then there is a name, and no database.
      return { token, databases: (await list()).filter(({ version }) => version !== 0) }
    })
    expect(seen).toEqual({ token: 'nothing', databases: [] })
  })

  it('can be deleted by the page itself, and is made again by the next write', async () => {
    const seen = await here.tab.evaluate(async (name) => {
      const storage = page.open(['indexedDB'])
      await storage.set('token', 'jwt')
      await page.deleteDatabase(name)
      const gone = (await storage.get('token')) ?? 'nothing'
      const databases = await page.databases()
      const receipt = await storage.set('token', 'again')
      return { gone, databases, receipt, token: await storage.get('token') }
    }, database)
    expect(seen).toMatchObject({ gone: 'nothing', databases: [], receipt: { tier: 'indexedDB', passed: [] }, token: 'again' })
  })

  it('can be deleted by another tab, and both go on', async () => {
    await here.tab.evaluate(() => page.open(['indexedDB']).set('token', 'jwt'))
    const second = await here.newTab()
    await second.goto(here.sites.url('a'))
    await second.evaluate((name) => page.deleteDatabase(name), database)
    expect(await here.tab.evaluate(async () => (await page.storage?.get('token')) ?? 'nothing')).toBe('nothing')
    expect(await here.tab.evaluate(() => page.storage?.set('token', 'again'))).toMatchObject({ tier: 'indexedDB', passed: [] })
    expect(await second.evaluate(() => page.open(['indexedDB']).get('token'))).toBe('again')
  })
}

function interrupted(here: Opened): void {
  it('can be deleted again and again while a hundred writes run, and none of them hangs or goes missing unsaid', async () => {
    const seen = await here.tab.evaluate(async (name) => {
      const storage = page.open(['indexedDB', 'localStorage'])
      const writes: Promise<string>[] = []
      for (let turn = 0; turn < 10; turn++) {
        for (let index = 0; index < 10; index++) writes.push(storage.set(`key-${turn}-${index}`, index).then(({ tier }) => tier))
        await page.deleteDatabase(name)
      }
      const tiers = new Set(await Promise.all(writes))
      await storage.set('token', 'last')
      return { tiers: [...tiers], token: await storage.get('token') }
    }, database)
    expect(['indexedDB', 'localStorage']).toEqual(expect.arrayContaining(seen.tiers))
    expect(seen.token).toBe('last')
  })

  it('is opened anew when the connection was closed, and the token is still there', async () => {
    const seen = await here.tab.evaluate(async () => {
      const connections = page.recordConnections()
      const storage = page.open(['indexedDB', 'memory'])
      await storage.set('token', 'jwt')
      for (const connection of connections.seen) connection.close()
      const token = await storage.get('token')
      for (const connection of connections.seen) connection.close()
      const receipt = await storage.set('token', 'next')
      return { closed: connections.seen.size, token, receipt, next: await storage.get('token') }
    })
    expect(seen.closed).toBeGreaterThan(0)
    expect(seen).toMatchObject({ token: 'jwt', receipt: { tier: 'indexedDB', passed: [] }, next: 'next' })
  })
}

function held(here: Opened): void {
  it('with a higher version: the next tier takes the token at once', async () => {
    const second = await here.newTab()
    await second.goto(here.sites.url('a'))
    await second.evaluate(async (name) => void (await page.settled(indexedDB.open(name, 2))), database)
    const seen = await here.tab.evaluate(async () => {
      const start = performance.now()
      const receipt = await page.open().set('token', 'jwt')
      return { receipt, token: await page.storage?.get('token'), took: performance.now() - start }
    })
    expect(seen.receipt).toMatchObject({ tier: 'localStorage', passed: [{ tier: 'indexedDB', code: 'unavailable' }] })
    expect(seen.token).toBe('jwt')
    expect(seen.took).toBeLessThan(deadline)
  })

  it('with an upgrade that never ends: the page waits for one deadline, once, and the next tier takes the token', async () => {
    const second = await here.newTab()
    await second.goto(here.sites.url('a'))
    await second.evaluate(async (name) => {
      // The first connection never gives way, so the upgrade waits for it, and all who come later wait for the upgrade.
      await page.settled(indexedDB.open(name, 1))
      await new Promise((resolve) => (indexedDB.open(name, 2).onblocked = resolve))
    }, database)
    const seen = await here.tab.evaluate(async () => {
      const took: number[] = []
      const timed = async <T>(run: () => Promise<T>): Promise<T> => {
        const start = performance.now()
        const answer = await run()
        took.push(performance.now() - start)
        return answer
      }
      const receipt = await timed(() => page.open().set('token', 'jwt'))
      const tokens = [await timed(async () => page.storage?.get('token')), await timed(async () => page.storage?.get('token'))]
      return { receipt, tokens, took }
    })
    expect(seen.receipt).toMatchObject({ tier: 'localStorage', passed: [{ tier: 'indexedDB', code: 'timeout' }] })
    expect(seen.tokens).toEqual(['jwt', 'jwt'])
    expect(seen.took.reduce((sum, one) => sum + one)).toBeLessThan(deadline + slack)
  })
}

function released(here: Opened): void {
  it('and lets go: the newer value is what both tabs read', async () => {
    // Closed, because Firefox tells nobody that an upgrade is blocked when one of two connections gives way late.
    await here.tab.evaluate(async () => {
      await page.open(['indexedDB']).set('token', 'older')
      await page.storage?.close()
    })
    const second = await here.newTab()
    await second.goto(here.sites.url('a'))
    await second.evaluate(async (name) => {
      const connection = await page.settled(indexedDB.open(name))
      Object.assign(globalThis, { connection })
      const upgrade = indexedDB.open(name, 2)
      upgrade.onupgradeneeded = () => upgrade.transaction?.abort()
      await new Promise((resolve) => (upgrade.onblocked = resolve))
    }, database)
    expect(await here.tab.evaluate(() => page.open().set('token', 'newer'))).toMatchObject({ tier: 'localStorage' })
    await second.evaluate(() => (globalThis as unknown as { connection: IDBDatabase }).connection.close())
    const read = () => page.open().get('token')
    expect(await second.evaluate(read)).toBe('newer')
    await here.tab.reload()
    expect(await here.tab.evaluate(read)).toBe('newer')
  })
}

function thousand(here: Opened): void {
  it('are written in one transaction and read back, every one', async () => {
    const seen = await here.tab.evaluate(async () => {
      const storage = page.open()
      await storage.set('first', 'opens the database')
      await storage.flush()
      const { modes } = page.recordConnections()
      const keys = Array.from({ length: 1000 }, (_, index) => `key-${index}`)
      const receipts = await Promise.all(keys.map((key, index) => storage.set(key, index)))
      const writing = modes.filter((mode) => mode === 'readwrite').length
      modes.length = 0
      const values = await Promise.all(keys.map((key) => storage.get(key)))
      return {
        writing,
        tiers: [...new Set(receipts.map(({ tier }) => tier))],
        reading: [...modes],
        wrong: values.filter((value, index) => value !== index).length,
      }
    })
    expect(seen).toEqual({ writing: 1, tiers: ['indexedDB'], reading: ['readonly'], wrong: 0 })
  })
}
