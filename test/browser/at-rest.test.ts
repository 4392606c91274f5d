import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Kind, Written } from './at-rest-page.js'
import { atRestPages, filesWith, filesWithKeyOf, profileOf, type Profile } from './at-rest-profile.js'
import { startSites, type Sites } from './sites.js'

const places = ['indexedDB', 'localStorage', 'cookie', 'sessionStorage'] as const
type Place = (typeof places)[number]
type Each<T> = Record<Place, T>

/** Where an unsealed token is found once the browser is closed. Chromium encrypts cookies, and Firefox forgets a closed tab's session storage. */
const inTheClear: Record<Profile['engine'], Each<RegExp | undefined>> = {
  chromium: { indexedDB: /^Default\/IndexedDB\//, localStorage: /^Default\/Local Storage\//, cookie: undefined, sessionStorage: /^Default\/Session Storage\// },
  firefox: { indexedDB: /^storage\/default\/.*\/idb\//, localStorage: /^storage\/default\/.*\/ls\//, cookie: /^cookies\.sqlite/, sessionStorage: undefined },
}

const limit = 240_000

async function each<T>(act: (place: Place) => T | Promise<T>): Promise<Each<T>> {
  const answers: Partial<Each<T>> = {}
  for (const place of places) answers[place] = await act(place)
  return answers as Each<T>
}

describe.each(['chromium', 'firefox'] as const)('%s: the profile folder after the browser was closed', (engine) => {
  let sites: Sites
  beforeAll(async () => void (sites = await startSites(atRestPages)))
  afterAll(() => sites.close())

  /** Writes a token of its own to each place, closes the browser, and answers what the folder and a new browser make of it. */
  const dump = async (kind: Kind | null, restores = false) => {
    const profile = profileOf(engine, sites.proxy, restores)
    const url = sites.url('a', '/at-rest')
    try {
      const tokens = await each(() => randomBytes(48).toString('base64url'))
      const writing = await profile.visit(url)
      const written: Each<Written> = await each((place) => writing.evaluate((...given) => atRest.write(...given), place, tokens[place], kind))
      const cookies = await writing.evaluate(() => document.cookie)
      await writing.close()
      const found = filesWith(profile, tokens)
      const keys = kind === 'device' ? filesWithKeyOf(profile, written.localStorage) : []
      const sessionKey = /holdfast-key\.acme-chat\..*?\.\.\.([^;]*)/.exec(cookies)?.[1]
      const keyFiles = sessionKey ? filesWith(profile, { sessionKey }).sessionKey : []
      const reading = await profile.visit(url)
      const read = await each((place) => reading.evaluate((...given) => atRest.read(...given), place, kind))
      await reading.close()
      return { tokens, found, keys, keyFiles, read }
    } finally {
      profile.remove()
    }
  }
  const nowhere: Each<string[]> = { indexedDB: [], localStorage: [], cookie: [], sessionStorage: [] }

  it('holds a token in the clear where nothing seals it, and the search finds it', async () => {
    const { tokens, found, read } = await dump(null)
    for (const place of places) {
      const where = inTheClear[engine][place]
      expect([place, found[place]]).toEqual([place, where ? expect.arrayContaining([expect.stringMatching(where)]) : []])
    }
    expect(read).toEqual({ ...tokens, sessionStorage: 'absent' })
  }, limit)

  it('does not hold a token that a device key seals; but it holds the key, for who has the whole folder', async () => {
    const { tokens, found, keys, read } = await dump('device')
    expect(found).toEqual(nowhere)
    expect(keys).toHaveLength(1)
    expect(read).toEqual({ ...tokens, sessionStorage: 'absent' })
  }, limit)

  it('does not hold a token that a passphrase seals, and opens it again with that', async () => {
    const { tokens, found, read } = await dump('passphrase')
    expect(found).toEqual(nowhere)
    expect(read).toEqual({ ...tokens, sessionStorage: 'absent' })
  }, limit)

  it('does not hold a token that a session key seals, and no page of the next session opens it', async () => {
    const { found, keyFiles, read } = await dump('session')
    expect(found).toEqual(nowhere)
    expect(read).toEqual({ indexedDB: 'corrupt', localStorage: 'corrupt', cookie: 'corrupt', sessionStorage: 'absent' })
    // Firefox keeps the session cookies of the last session, so that the visitor may bring it back.
    expect(keyFiles).toEqual(engine === 'firefox' ? ['sessionstore.jsonlz4'] : [])
  }, limit)

  it('brings the session key back where the visitor lets the browser restore its session', async () => {
    const { tokens, found, read } = await dump('session', true)
    expect(found).toEqual(nowhere)
    expect(read).toEqual({ ...tokens, sessionStorage: 'absent' })
  }, limit)
})
