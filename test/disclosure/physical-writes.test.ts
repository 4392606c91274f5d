import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import type { Env } from 'holdfast'
import { cookieTier, createStorage, defineKeys, indexedDBTier, key, localStorageTier, sessionStorageTier } from 'holdfast'
import { cookieJar } from 'holdfast/testing'
import { afterEach, describe, expect, test } from 'vitest'
import type { Tier } from '../../src/contracts.js'
import { createLink } from '../../src/link.js'
import { createConnections } from '../../src/tiers/connections.js'
import { house } from '../architecture/house.js'
import { recordsOf } from '../ground/database.js'
import { storageObjects } from '../ground/dom.js'
import { takeUnexplained } from '../ground/physical-writes.js'

const page = (): Env & { indexedDB: IDBFactory; localStorage: Storage } => ({ ...storageObjects(), indexedDB: new IDBFactory(), ...cookieJar().at('https://www.brand.test/') })

/** What holdfast itself does to a tier, of its own accord. */
const byItself = async (tier: Tier, ...names: string[]): Promise<void> => {
  const link = createLink(tier, { now: Date.now, env: globalThis, deadline: 1500, epoch: '' })
  for (const name of names) await link.write({ name, entry: { text: 'x', stamp: 1, lifetime: 'device' } })
}

const found = (): string[] => takeUnexplained().map(({ area, name }) => `${area} ${name}`)

describe('a name that nothing declares', () => {
  afterEach(() => expect(found()).toEqual([]))

  test('is found in each area when holdfast writes it, once', async () => {
    const env = page()
    for (const tier of [localStorageTier({ env }), sessionStorageTier({ env }), cookieTier({ env }), indexedDBTier({ env })]) await byItself(tier, 'planted.stray', 'planted.stray')
    expect(found()).toEqual(['localStorage planted.stray', 'sessionStorage planted.stray', 'cookie planted.stray', 'database holdfast.planted', 'indexedDB planted.stray'])
  })

  test('is found beside a registry: another key, another namespace, a key in an area that is none of its own', async () => {
    const env = page()
    const keys = defineKeys({ token: key<string>({ tiers: ['localStorage'] }) })
    const local = localStorageTier({ env })
    const cookie = cookieTier({ env })
    const storage = createStorage({ namespace: 'brief', keys, tiers: [local, cookie] })
    await storage.set('token', 'x')
    await storage.clear()
    await storage.status({ probe: true })
    expect(found()).toEqual([])
    await byItself(local, 'brief.token', 'brief.hidden', 'briefer.token', 'brief.', 'brief', 'brief.probe-1')
    await byItself(cookie, 'brief.token')
    expect(found()).toEqual(['localStorage brief.hidden', 'localStorage briefer.token', 'localStorage brief', 'cookie brief.token'])
  })

  test('is found where a database is made', async () => {
    const env = page()
    const [use] = createConnections(env)
    await use('holdfast.unheard', async () => {}, true)
    expect(found()).toEqual(['database holdfast.unheard'])
  })

  test('is not what a test writes past holdfast, nor what it asks a tier to write', async () => {
    const env = page()
    env.localStorage.setItem('foreign', 'x')
    env.document!.cookie = 'foreign=x'
    const local = localStorageTier({ env })
    await local.write([{ name: 'mine', entry: { text: 'x', stamp: 1, lifetime: 'device' } }])
    const database = indexedDBTier({ env })
    await database.write([{ name: 'mine.own', entry: { text: 'x', stamp: 1, lifetime: 'device' } }])
    await recordsOf(env.indexedDB, 'holdfast.mine').put('foreign', { raw: 'x' })
    expect(found()).toEqual([])
  })
})

describe('what writes to a browser', () => {
  /** In whatever way there is. */
  const WAYS: readonly RegExp[] = [/\.setItem\(/, /(?:local|session)Storage\w*\[[^\]]*\] = /, /\.cookie = /, /cookieStore\b.*\.set\(/, /createObjectStore\(/, /\bstore\.(?:put|add)\(/, /set-cookie/i, /\bcaches\b/, /\bgetDirectory\(/]

  test('is nothing but what is watched here, and what only removes', () => {
    const codeOf = (text: string): string => text.replace(/^\s*(?:\*|\/[*/]).*$/gm, '')
    const writers = house().filter(({ text }) => WAYS.some((way) => way.test(codeOf(text))))
    expect(writers.map(({ path }) => path)).toEqual([
      'src/crypto/device-key.ts',
      'src/hub/proof.ts',
      'src/legacy.ts',
      'src/server/endpoint.ts',
      'src/tiers/connections.ts',
      'src/tiers/cookie.ts',
      'src/tiers/indexed-db.ts',
      'src/tiers/web-storage.ts',
    ])
  })
})
