import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Tier } from '../../src/contracts.js'
import type { CollectOptions } from '../../src/disclosure/collect.js'
import { collect } from '../../src/disclosure/collect.js'
import { toHtml } from '../../src/disclosure/html.js'
import { toMarkdown } from '../../src/disclosure/markdown.js'
import type { Row } from '../../src/disclosure/row.js'
import type { LivePersonSolution } from '../../src/presets/index.js'
import { cobrowse, liveperson, livepersonClassic, secureStorage, sprinklr } from '../../src/presets/index.js'
import type { Rules } from '../../src/rule.js'
import { hubOver } from '../presets/brand.js'
import type { Read } from './reading.js'
import { readHtml, readMarkdown } from './reading.js'

/** What a vendor's documents say of one key. `about` and `condition` are what its purpose and its condition must be about. */
interface Fact {
  name: string
  about: string[]
  path?: string
  category?: string
  condition?: string[]
  chain?: string[]
  optInChain?: string[]
  lifetime: string | null
  cookieLifetime?: string
  domain?: 'parent'
  party?: 'first' | 'third'
  httpOnly?: boolean
  server?: boolean
  fallback?: 'none'
  sensitive?: boolean
}

const facts: Record<string, Fact[]> = JSON.parse(readFileSync(new URL('vendor-keys.json', import.meta.url), 'utf8'))

const env = { location: new URL('https://www.brand.test/') }
const seal = { id: 's', seal: (text: string) => Promise.resolve(text), open: (text: string) => Promise.resolve(text) }
const endpoint = 'https://chat.vendor.test/entries'

const rowsOf = (options: CollectOptions & { keys: Rules; tiers: readonly Tier[] }): Row[] => collect(options.keys, options.tiers, options)

/** Names of ours for what the documents describe without a name. */
const NAMES: Record<string, string> = { '(window UI state)': 'windowUIState', '(chat service locations)': 'chatServiceLocations', SecureStorage: 'hub' }
/** IDs that may stand in a name, and the marks that the documents have for them. */
const IDS = { '{siteId}': 'SITE', '{appId}': 'APP', '{userId}': 'USER' }
const nameOf = (name: string): string => Object.entries(IDS).reduce((text, [mark, id]) => text.replace(mark, id), NAMES[name] ?? name)

const TIERS: Record<string, string> = { cookie: 'cookie', localStorage: 'local storage', sessionStorage: 'session storage', hub: 'storage of the provider', memory: 'memory of the page' }
const CATEGORIES: Record<string, string> = { essential: 'Strictly necessary', analytics: 'Analytics', marketing: 'Marketing' }
/** By lifetime: session or permanent, and how long in a place of that kind. */
const TERMS: Record<string, [string, RegExp]> = {
  persistent: ['permanent', /400 days|until it is deleted/i],
  session: ['session', /until the browser is closed/i],
  tab: ['session', /^until the tab is closed$/i],
  forever: ['permanent', /until it is deleted|400 days/i],
  '1d': ['permanent', /^1 day$/],
  '7d': ['permanent', /^7 days$/],
  '1y': ['permanent', /^1 year$/],
  'forever, or by authentication': ['permanent', /until it is deleted.*logged in.*authentication/i],
  'co-browsing session': ['permanent', /^until the co-browsing session ends$/i],
  test: ['permanent', /^until the test is done$/i],
}

/** What a document must say, as far as the vendor's does. */
const told = (fact: Fact, chain: readonly string[] | undefined): Read => {
  const tiers = chain?.map((tier) => TIERS[NAMES[tier] ?? tier]!)
  const where = tiers && tiers.join(', else ')
  const [type, kept] = TERMS[fact.lifetime ?? ''] ?? []
  const path = fact.path && fact.path.replace('{siteId}', 'SITE')
  return {
    Name: nameOf(fact.name),
    Purpose: expect.stringMatching(new RegExp(fact.about.map((word) => `(?=.*${word})`).join(''), 'i')),
    ...(path && { Path: path }),
    ...(fact.category && { Category: CATEGORIES[fact.category]! }),
    ...(where && { 'Where it is kept': where[0]!.toUpperCase() + where.slice(1) }),
    ...(type && { 'Session or permanent': expect.stringMatching(new RegExp(type, 'i')), 'Kept for': expect.stringMatching(kept!) }),
    ...(fact.lifetime === null && fact.server && { 'Kept for': '—' }),
    ...(fact.cookieLifetime && { 'Kept for': 'Local storage: until it is deleted; cookie: until the browser is closed' }),
    ...(fact.domain && { 'Who can read it': expect.stringContaining('his domain with its subdomains') }),
    ...(fact.party && { 'First or third party': expect.stringMatching(new RegExp(fact.party, 'i')) }),
    ...(fact.httpOnly && { HttpOnly: 'Yes', 'Who can read it': 'The provider', 'Sent to the server': 'Yes' }),
    ...(fact.sensitive && { 'Personal data': expect.stringContaining('token') }),
  } as Read
}

const first = liveperson({ siteId: 'SITE', solution: 'first-party', hub: hubOver(), seal, env })
const third = liveperson({ siteId: 'SITE', endpoint, hub: hubOver(), seal, env })
const shared = { sessionStorage: true, hub: hubOver() } as const
const named = { appId: 'APP', userId: 'USER', seal, env } as const

/** The documents of LivePerson name first-party cookies beside third-party ones: what a server sets is from a solution that has it. */
const livepersonRows = [...rowsOf(first), ...rowsOf(third).filter(({ external }) => external)]

describe.each<[string, Row[], Fact[], 'chain' | 'optInChain']>([
  ['LivePerson', livepersonRows, facts.liveperson!, 'chain'],
  ["LivePerson's older cookies", rowsOf(livepersonClassic({ siteId: 'SITE', env })), facts.livepersonClassic!.map((fact) => ({ chain: ['cookie'], ...fact })), 'chain'],
  ['Sprinklr', rowsOf(sprinklr(named)), facts.sprinklr!, 'chain'],
  ['Sprinklr with the opt-in', rowsOf(sprinklr({ ...named, ...shared })), facts.sprinklr!, 'optInChain'],
  ['Cobrowse', rowsOf(cobrowse({ env })), facts.cobrowse!, 'chain'],
])('what %s keeps', (_, rows, expected, chain) => {
  const read = readMarkdown(toMarkdown(rows))
  const page = readHtml(toHtml(rows))
  const found = (fact: Fact, all: Read[]): number => all.findIndex((row) => row.Name === nameOf(fact.name) && (!fact.path || fact.path === '/' || row.Path === fact.path.replace('{siteId}', 'SITE')))

  test.each(expected.map((fact) => [[fact.name, fact.path].filter(Boolean).join(' at '), fact] as const))('has %s in Markdown, fact by fact', (_, fact) => {
    const row = read[found(fact, read)]
    expect(row).toMatchObject(told(fact, fact[chain] ?? fact.chain))
    if (row!['When it is set'] !== undefined) expect(row!['When it is set']).toMatch(new RegExp(fact.condition?.join('.*') ?? '^Always$', 'i'))
  })

  test.each(expected.map((fact) => [[fact.name, fact.path].filter(Boolean).join(' at '), fact] as const))('has %s in HTML, place by place', (_, fact) => {
    const { facts, places } = page[found(fact, page.map((row) => row.facts))]!
    const tiers = (fact[chain] ?? fact.chain)!.map((tier) => TIERS[NAMES[tier] ?? tier]!)
    expect(places.map(({ where }) => where.toLowerCase())).toEqual(tiers)
    const { Purpose, Category } = told(fact, undefined)
    expect(facts).toMatchObject({ Purpose, ...(Category && { Category }) })
    if (fact.party) expect(places.map((place) => place.facts['First or third party'])).toEqual(places.map(() => fact.party + ' party'))
    if (fact.httpOnly) expect(places[0]!.facts.HttpOnly).toBe('yes')
  })

  test('leaves nothing else out, and adds nothing', () => {
    expect(rows.map(({ name }) => name).sort()).toEqual(expected.map(({ name }) => nameOf(name)).sort())
  })

  test('is set by a server where the documents say so, sealed where there is a seal, and has a category and a purpose each', () => {
    const names = (of: (row: Row) => unknown) => rows.filter(of).map(({ name }) => name).sort()
    expect(names(({ external }) => external)).toEqual(expected.filter(({ server }) => server).map(({ name }) => nameOf(name)).sort())
    expect(names(({ secret }) => secret)).toEqual(expected.filter(({ sensitive }) => sensitive).map(({ name }) => nameOf(name)).sort())
    expect(names(({ category, purpose }) => !category || !purpose)).toEqual([])
  })
})

test('of the two LivePersonIDs, the paths and the contents are told', () => {
  const rows = rowsOf(livepersonClassic({ siteId: 'SITE', env })).filter(({ name }) => name === 'LivePersonID')
  expect(rows.map(({ places }) => places[0]!.path)).toEqual(['/', '/hc/SITE'])
})

describe("LivePerson's cookie solution types", () => {
  const visitor = (solution: LivePersonSolution): Row[] => rowsOf(liveperson({ siteId: 'SITE', solution, endpoint, env })).filter(({ name }) => /^LPV/.test(name))
  const placesOf = (solution: LivePersonSolution) => visitor(solution)[0]!.places.map(({ tier, party, httpOnly, lifetime }) => `${tier}, ${party} party${httpOnly ? ', HttpOnly' : ''}, ${lifetime}`)
  const tab = 'sessionStorage, first party, tab'

  test.each<[LivePersonSolution, string[], string | undefined]>([
    ['third-party', ['httpCookie, third party, HttpOnly, device', 'cookie, first party, device', tab], 'device'],
    ['third-party-session', ['httpCookie, third party, HttpOnly, session', 'cookie, first party, session', tab], 'session'],
    ['first-party', ['cookie, first party, device', tab], undefined],
    ['first-party-session', ['cookie, first party, session', tab], undefined],
  ])('under %s the visitor’s ID is where the documents say, and so is the server’s own', (solution, places, server) => {
    expect(placesOf(solution)).toEqual(places)
    expect(visitor(solution).find(({ name }) => name === 'LPVisitorID')?.places[0]!.lifetime).toBe(server)
  })

  test('with a duplicate, both cookies are told, as held at once', () => {
    const [row] = visitor('first-party-with-third-party-session')
    expect(row!.places.map(({ tier, party, also, lifetime }) => [tier, party, also, lifetime])).toEqual([['cookie', 'first', undefined, 'device'], ['httpCookie', 'third', true, 'session'], ['sessionStorage', 'first', undefined, 'tab']])
    expect(readMarkdown(toMarkdown([row!]))[0]!['Where it is kept']).toBe('Cookie and cookie of the provider, else session storage')
  })
})

test('SecureStorage has a namespace of its own, and is forgotten as a whole once unused for a day', () => {
  const options = secureStorage({ siteId: 'SITE', hub: hubOver(), env })
  const row = rowsOf(options).find(({ key }) => key === 'UIConf')!
  expect([row.name, row.idle]).toEqual(['SecureStorage-SITE.UIConf', 86_400_000])
  expect(readMarkdown(toMarkdown([row]))[0]!['Kept for']).toBe('1 day; sooner if unused for 1 day')
})
