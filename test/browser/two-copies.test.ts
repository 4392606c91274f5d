import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { engines } from './browser.js'
import { freshPage } from './opened.js'

const script = readFileSync(new URL('../../dist/holdfast.global.js', import.meta.url), 'utf8')

/** As two widgets bring them: the plain script twice, and the module of the page, over one namespace. */
describe.each(engines)('%s: copies of the package on one page', (engine) => {
  const here = freshPage(engine)

  it.each(['indexedDB', 'localStorage', 'cookie'] as const)('share a namespace in %s without harm', async (place) => {
    const found = await here.tab.evaluate(
      async (text, tier) => {
        const copies = [1, 2].map(() => new Function(`${text}\nreturn holdfast`)() as typeof page.holdfast)
        const all = [...copies, page.holdfast]
        const open = ({ createStorage, indexedDBTier, localStorageTier, cookieTier }: typeof page.holdfast) =>
          createStorage<Record<string, unknown>>({ namespace: 'acme-chat', ttl: '1d', tiers: [{ indexedDB: indexedDBTier, localStorage: localStorageTier, cookie: cookieTier }[tier]()] })
        const storages = all.map(open)
        const read = (key: string) => Promise.all(storages.map((storage) => storage.get(key)))
        const heard: unknown[][] = storages.map(() => [])
        storages.forEach((storage, index) => storage.watch('heard', (value) => heard[index]!.push(value)))
        await Promise.all(storages.map((storage) => storage.flush()))
        const wrong: unknown[] = []
        for (const [index, storage] of storages.entries())
          for (let round = 0; round < 10; round++) {
            await storage.set('token', `${index}.${round}`)
            const seen = await read('token')
            if (seen.some((value) => value !== `${index}.${round}`)) wrong.push(seen)
          }
        await storages[1]!.remove('token')
        const removed = await read('token')
        await Promise.all(storages.flatMap((storage) => Array.from({ length: 20 }, () => storage.update('count', (before) => ((before as number | undefined) ?? 0) + 1))))
        await storages[2]!.set('heard', 'once')
        for (const end = performance.now() + 5000; heard.some((values) => !values.length) && performance.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 5))
        const told = heard.map((values) => [...values])
        await storages[0]!.close()
        const taken = (await Promise.all([1, 2].map((index) => storages[index]!.take('heard')))).filter((value) => value !== undefined)
        return { different: new Set(all.map(({ createStorage }) => createStorage)).size, wrong, removed: removed.filter((value) => value !== undefined), count: await storages[1]!.get('count'), exclusive: (await storages[1]!.status()).exclusive, heard: told, taken }
      },
      script,
      place,
    )
    const { count, exclusive, ...rest } = found
    expect(rest).toEqual({ different: 3, wrong: [], removed: [], heard: [['once'], ['once'], ['once']], taken: ['once'] })
    // Where the status says that only a page of its own is safe, copies may overtake one another: each has its own queue.
    if (exclusive === 'tabs') expect(count).toBe(60)
    expect(exclusive).toBe(place === 'indexedDB' ? 'tabs' : 'page')
  })
})
