import { beforeEach, describe, expect, it } from 'vitest'
import { type Engine, engines, type Tab } from './browser.js'
import { freshPage, type Opened } from './opened.js'
import { until } from './processes.js'
import { together } from './together.js'
import { createTokenServer, type TokenServer } from './token-server.js'
import { vendorPages } from './vendor-pages.js'

describe.each(engines)('%s: many tabs', (engine) => {
  const server = createTokenServer(vendorPages)
  const here = freshPage(engine, {}, server.pages)
  beforeEach(() => server.reset())

  watching(here)
  watchingCopies(here)
  reading(here)
  counting(here)
  taking(here)
  makingOne(here, server)
  leaving(here)
  goingBack(here, engine)
})

/** The first tab and further ones of the same page, as many as that in all. */
async function tabs(here: Opened, count: number): Promise<Tab[]> {
  const all = [here.tab]
  while (all.length < count) all.push(await here.newTab())
  await Promise.all(all.slice(1).map((tab) => tab.goto(here.sites.url('a'))))
  return all
}

/** What a tab has heard, once that is so much. */
const heardBy = (tab: Tab, count: number) =>
  tab.evaluate(async (expected) => {
    const { heard } = globalThis as unknown as { heard: unknown[] }
    for (const end = performance.now() + 10_000; heard.length < expected && performance.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 5))
    return heard
  }, count)

function watching(here: Opened): void {
  it('hear of each change of a key once, here and elsewhere, with the value that it has by then', async () => {
    const [one, two] = (await tabs(here, 2)) as [Tab, Tab]
    for (const tab of [one, two]) {
      await tab.evaluate(async () => {
        const heard: unknown[] = []
        Object.assign(globalThis, { heard })
        page.open().watch('count', (value, { key, from }) => heard.push([key, value ?? 'gone', from]))
        await page.storage!.flush()
      })
    }
    // Each is waited for, because changes in quick succession may be told as one.
    for (const value of [1, 2, 3]) {
      await one.evaluate((now) => page.storage!.set('count', now), value)
      await heardBy(two, value)
    }
    await two.evaluate(async () => {
      // Of these nobody hears who watches another key, and of the same value nobody does.
      await page.storage!.setMany([['counts', 1], ['coun', 1], ['Count', 1]])
      await page.storage!.set('count', 3)
      await page.storage!.remove('count')
    })
    await heardBy(one, 4)
    await one.evaluate(() => page.storage!.set('count', 'last'))
    const expected = [1, 2, 3].map((value) => ['count', value])
    expect(await heardBy(one, 5)).toEqual([...expected.map((one) => [...one, 'here']), ['count', 'gone', 'elsewhere'], ['count', 'last', 'here']])
    expect(await heardBy(two, 5)).toEqual([...expected.map((one) => [...one, 'elsewhere']), ['count', 'gone', 'here'], ['count', 'last', 'elsewhere']])
  })
}

const COPIES = ['localStorage', 'cookie'] as const

function watchingCopies(here: Opened): void {
  it.each(COPIES)('hear of each change in %s, of which each process has a copy that comes later than the news', async (tier) => {
    const other = (await tabs(here, 2))[1]!
    await other.evaluate(async (name) => {
      const heard: unknown[] = []
      Object.assign(globalThis, { heard })
      page.open([name]).watch('count', (value) => heard.push(value ?? 'gone'))
      await page.storage!.flush()
    }, tier)
    await here.tab.evaluate((name) => void page.open([name]), tier)
    for (let count = 1; count <= 20; count++) {
      await here.tab.evaluate(async (value) => void (await (value % 5 ? page.storage!.set('count', value) : page.storage!.remove('count'))), count)
      expect((await heardBy(other, count)).length).toBe(count)
    }
    const expected = Array.from({ length: 20 }, (_, index) => ((index + 1) % 5 ? index + 1 : 'gone'))
    expect(await heardBy(other, 20)).toEqual(expected)
  })
}

function reading(here: Opened): void {
  it('read from memory, and nothing that was replaced or removed before they asked', { timeout: 60_000 }, async () => {
    const all = await tabs(here, 3)
    await here.tab.evaluate(() => page.open().set('count', 0))
    const [writer, ...readers] = await together(all, async () => {
      const { transaction } = IDBDatabase.prototype
      let transactions = 0
      IDBDatabase.prototype.transaction = function (...given) {
        transactions++
        return transaction.apply(this, given)
      }
      const writes = page.storage !== undefined
      const storage = page.storage ?? page.open()
      /** A tab that nobody looks at has its timers a second late. */
      const turn = () =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = resolve
          port2.postMessage('')
        })
      /** What was read or written, and when: before a read, after a write. The clock of the system is the same for all tabs. */
      const seen: [count: number, at: number][] = []
      const end = Date.now() + 3000
      for (let count = 1; Date.now() < end; count++) {
        if (writes) {
          await (count % 5 ? storage.set('count', count) : storage.remove('count'))
          seen.push([count, Date.now()])
          for (const next = Date.now() + 10 + (count % 7) * 10; Date.now() < next; ) await turn()
          continue
        }
        const at = Date.now()
        const value = ((await storage.get('count')) as number | undefined) ?? -1
        const [last] = seen.slice(-1)
        if (last?.[0] !== value || last[1] !== at) seen.push([value, at])
        // At times it is at work itself, and then asks at once.
        if (count % 4000 === 0) for (const busy = Date.now() + 20; Date.now() < busy; );
        else if (count % 50 === 0) await turn()
      }
      return { seen, transactions }
    })
    const acknowledged = writer!.seen
    const stale = readers.flatMap(({ seen }) =>
      seen.filter(([value, at]) => {
        // A ms each for the two clocks.
        const [standing] = acknowledged.filter((write) => write[1] < at - 2).slice(-1)
        if (!standing) return false
        const [least] = standing
        // Each fifth is a removal; the next two may be under way.
        return value === -1 ? ![least, least + 1, least + 2].some((count) => count % 5 === 0) : value < least
      }),
    )
    expect(stale).toEqual([])
    expect(acknowledged.length).toBeGreaterThan(10)
    for (const { seen, transactions } of readers) {
      expect(new Set(seen.map(([value]) => value)).size).toBeGreaterThan(5)
      expect(transactions).toBeLessThan(seen.length)
    }
  })
}

function counting(here: Opened): void {
  it('lose no increment of 8 times 500', { timeout: 150_000 }, async () => {
    const all = await tabs(here, 8)
    const last = await together(all, async () => {
      const storage = page.open()
      let count: unknown
      for (let step = 0; step < 500; step++) count = await storage.update('count', (before) => ((before as number | undefined) ?? 0) + 1)
      return count as number
    })
    expect(Math.max(...last)).toBe(4000)
    expect(await here.tab.evaluate(async () => [await page.storage!.get('count'), (await page.storage!.status()).exclusive])).toEqual([4000, 'tabs'])
  })
}

function taking(here: Opened): void {
  it('have one winner, where all take the same', async () => {
    const all = await tabs(here, 5)
    const codes = Array.from({ length: 20 }, (_, index) => `code-${index}`)
    await here.tab.evaluate((names) => page.open().setMany(names.map((name) => [name, `value of ${name}`])), codes)
    const taken = await together(all, async (names: string[]) => {
      const storage = page.open()
      const values = await Promise.all(names.map((name) => storage.take(name)))
      return values.filter((value) => value !== undefined) as string[]
    }, codes)
    expect(taken.flat().sort()).toEqual(codes.map((name) => `value of ${name}`).sort())
    expect(await here.tab.evaluate(() => page.storage!.keys())).toEqual([])
  })
}

/** Begins, on this tab, to get the token or to have it made, and tells how that went. */
const beginToken = (tab: Tab) =>
  tab.evaluate(() => {
    const make = async () => {
      const response = await fetch('/token')
      if (!response.ok) throw new Error('no token')
      return response.text()
    }
    Object.assign(globalThis, { token: page.open().getOrSet('token', make, { ttl: '1d' }).catch((error: unknown) => `rejected: ${(error as Error).message}`) })
  })
const token = (tab: Tab) => tab.evaluate(() => (globalThis as unknown as { token: Promise<string> }).token)

function makingOne(here: Opened, server: TokenServer): void {
  it('that open together with an expired token make one request for a new one', async () => {
    await here.tab.evaluate(async () => {
      await page.open().set('token', 'expired', { ttl: 1 })
      while (await page.storage!.has('token'));
    })
    const all = await tabs(here, 10)
    server.hold()
    await Promise.all(all.map(beginToken))
    await until(() => server.waiting === 1, 20_000, 'the request')
    server.release()
    expect(await Promise.all(all.map(token))).toEqual(Array(10).fill('token-1'))
    // So does a tab that comes later.
    await here.tab.reload()
    await beginToken(here.tab)
    expect(await token(here.tab)).toBe('token-1')
    expect(server.asked).toBe(1)
  })

  it('go on where the tab that made it was closed, and where its request failed', async () => {
    const maker = await here.newTab()
    await maker.goto(here.sites.url('a'))
    const rest = await tabs(here, 3)
    server.hold()
    await beginToken(maker)
    await until(() => server.waiting === 1, 20_000, 'the request of the first')
    await Promise.all(rest.map(beginToken))
    await maker.close()
    await until(() => server.asked === 2 && server.waiting === 1, 20_000, 'the request of the next')
    server.release(503)
    const tokens = await Promise.all(rest.map(token))
    expect(tokens.sort()).toEqual(['rejected: no token', 'token-3', 'token-3'])
    expect(server.asked).toBe(3)
  })
}

/**
 * A tab in front, which goes away and comes back, and another one. The driver of Firefox does not get on with a tab that
 * has been in that cache, and of WebKit's tabs only the first is ever in front.
 */
async function twoTabs(here: Opened, engine: Engine): Promise<[comes: Tab, stays: Tab]> {
  const further = await here.newTab()
  await further.goto(here.sites.url('a'))
  const [comes, stays] = engine === 'webkit' ? [here.tab, further] : [further, here.tab]
  await comes.focus()
  await comes.evaluate(() => window.addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { persisted })))
  return [comes, stays]
}

function goingBack(here: Opened, engine: Engine): void {
  it('that come back out of the back/forward cache know of a logout, though they watched and used locks', async () => {
    const [tab, other] = await twoTabs(here, engine)
    await tab.evaluate(async () => {
      const storage = page.open()
      const heard: unknown[] = []
      Object.assign(globalThis, { heard })
      await storage.set('token', 'jwt')
      storage.watch('token', (value, { from }) => heard.push([value ?? 'gone', from]))
      await storage.update('visits', (visits) => ((visits as number | undefined) ?? 0) + 1)
      await storage.getOrSet('name', () => 'visitor')
      await storage.flush()
    })
    await tab.goto(here.sites.url('a', '/next'))
    await other.evaluate(async () => {
      await page.open().remove('token')
      await page.storage!.update('visits', (visits) => (visits as number) + 1)
    })
    await tab.back()
    const seen = await tab.evaluate(async () => {
      const { heard, persisted } = globalThis as unknown as { heard: unknown[]; persisted?: boolean }
      const token = (await page.storage!.get('token')) ?? 'nothing'
      await page.storage!.flush()
      return { persisted, token, visits: await page.storage!.get('visits'), heard }
    })
    expect(seen).toEqual({ persisted: true, token: 'nothing', visits: 2, heard: [['gone', 'elsewhere']] })
    // It hears again.
    await other.evaluate(() => page.storage!.set('token', 'new'))
    expect(await heardBy(tab, 2)).toEqual([['gone', 'elsewhere'], ['new', 'elsewhere']])
  })

  // Firefox decides before `pagehide`, where the locks are given back.
  const kept = engine !== 'firefox'
  it(`${kept ? 'are kept in that cache, and' : 'are not kept in that cache, but still'} keep nobody waiting, when they leave with a lock`, async () => {
    const [tab] = await twoTabs(here, engine)
    await tab.evaluate(async () => {
      const storage = page.open()
      await storage.set('known', 1)
      let finish = (): void => undefined
      const over = new Promise<void>((resolve) => (finish = resolve))
      const updates: { begun: Promise<void>; updated: Promise<unknown> }[] = ['known', 'fresh'].map((key) => {
        let begin: () => void
        const begun = new Promise<void>((resolve) => (begin = resolve))
        const updated = storage.update(key, async (before) => {
          begin()
          await over
          return ((before as number | undefined) ?? 0) + 1
        })
        return { begun, updated }
      })
      const token = new Promise<void>((begin) => {
        updates.push({ begun: Promise.resolve(), updated: storage.getOrSet('token', async () => (begin(), await over, 'from before the logout')) })
      })
      Object.assign(globalThis, { finish, updates })
      await Promise.all([token, ...updates.map(({ begun }) => begun)])
    })
    await tab.goto(here.sites.url('a', '/next'))
    expect(await tab.evaluate(() => Promise.all(['known', 'fresh'].map((key) => page.open().update(key, () => 5))))).toEqual([5, 5])
    await tab.evaluate(() => page.storage!.remove('token'))
    await tab.back()
    // One that is not kept is loaded again.
    await until(() => tab.evaluate(() => 'page' in globalThis), 20_000, 'the page')
    const seen = await tab.evaluate(async () => {
      const { finish, updates = [], persisted } = globalThis as unknown as { finish?(): void; updates?: { updated: Promise<unknown> }[]; persisted?: boolean }
      finish?.()
      const updated = await Promise.all(updates.map((one) => one.updated))
      return { persisted: !!persisted, updated, values: [...(await page.open().getMany(['known', 'fresh', 'token']))] }
    })
    // What was written meanwhile is what the next value is made of, and what was removed stays so.
    const value = kept ? 6 : 5
    expect(seen).toEqual({ persisted: kept, updated: kept ? [6, 6, 'from before the logout'] : [], values: [['known', value], ['fresh', value]] })
  })
}

function leaving(here: Opened): void {
  it.each(['at the top', 'beneath a hub that does not answer'])('keep what they write as they go, with IndexedDB %s', async (where) => {
    const tab = await here.newTab()
    await tab.goto(here.sites.url('a'))
    await tab.evaluate(async (beneath) => {
      const chain = ['indexedDB', 'localStorage', 'memory'] as const
      await page.open([...chain]).set('draft', 'before')
      const storage = beneath ? page.openHub('/hub-silent', [...chain]) : page.storage!
      void storage.get('draft')
      window.addEventListener('pagehide', () => void storage.set('draft', 'as it went'))
    }, where !== 'at the top')
    await tab.reload()
    const seen = await tab.evaluate(async () => {
      const storage = page.open()
      const from = (await storage.inspect('draft')).copies.find(({ wins }) => wins)?.tier
      const draft = await storage.get('draft')
      await storage.flush()
      const { copies } = await storage.inspect('draft')
      return { from, draft, to: copies.map(({ tier }) => tier), left: Object.keys(localStorage) }
    })
    // A read has taken it to its place.
    expect(seen).toEqual({ from: 'localStorage', draft: 'as it went', to: ['indexedDB'], left: [] })
    await tab.reload()
    expect(await tab.evaluate(() => page.open().get('draft'))).toBe('as it went')
  })
}
