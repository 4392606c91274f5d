import { createStorage, defineKeys, key, type Consent, type Holdfast } from 'holdfast'
import { all, choice, type Choice, consentKeys, gpc, oneTrust, tcf } from 'holdfast/consent'
import { VENDOR } from './consent-choices.js'
import { page } from './page.js'
import { tiers } from './tiers.js'

/** What runs in a page with consent, as `globalThis.visit`, beside `globalThis.page`. */

/** A key for each place and category: the value says where it is meant to be. */
const rules = {
  ...consentKeys,
  token: key<string>({ tiers: ['indexedDB'], category: 'necessary', purpose: 'Keeps the conversation' }),
  language: key<string>({ tiers: ['cookie'], category: 'necessary', purpose: 'Speaks to the visitor' }),
  heat: key<string>({ tiers: ['indexedDB'], category: 'analytics', purpose: 'Counts clicks' }),
  panel: key<string>({ tiers: ['localStorage'], category: 'analytics', purpose: 'Counts openings' }),
  step: key<string>({ tiers: ['sessionStorage'], ttl: 'tab', category: 'analytics', purpose: 'Counts steps' }),
  visitor: key<string>({ tiers: ['cookie'], category: 'analytics', purpose: 'Counts visits' }),
  advert: key<string>({ tiers: ['localStorage', 'cookie'], category: 'marketing', purpose: 'Shows offers' }),
}
const withHub = {
  ...rules,
  token: key<string>({ tiers: ['hub'], category: 'necessary', purpose: 'Keeps the conversation' }),
  insight: key<string>({ tiers: ['hub', 'localStorage'], category: 'analytics', purpose: 'Counts visits of the brand' }),
}

export type ConsentKey = keyof typeof withHub

type Storage = Holdfast<Record<string, unknown>>

const consents = {
  tcf: () => tcf({ vendor: VENDOR, purposes: { analytics: [1, 8], marketing: [3, 4] } }),
  oneTrust: () => oneTrust({ groups: { analytics: 'C0002', marketing: 'C0004' } }),
  choice: () => choice({}, { storage: () => visit.storage as never }),
  gpc: () => all(choice({ analytics: true, marketing: true }), gpc()),
} satisfies Record<string, () => Consent>

/** A storage whose keys wait for that consent. What happens to them is told in `events`. */
function open(kind: keyof typeof consents, over: 'places' | 'hub' = 'places'): Storage {
  const names = [...(over === 'hub' ? (['hub'] as const) : []), 'indexedDB', 'localStorage', 'sessionStorage', 'cookie'] as const
  const keys = defineKeys(over === 'hub' ? withHub : rules)
  visit.consent = consents[kind]()
  visit.storage = createStorage({ namespace: 'acme-chat', tiers: names.map((name) => tiers[name]()), keys, consent: visit.consent, ttl: '1d' }) as unknown as Storage
  visit.events = []
  for (const event of ['held', 'released', 'purged'] as const) visit.storage.on(event, ({ key }) => visit.events.push(`${event} ${key}`))
  return visit.storage
}

/** Writes those keys, each with a text that can be searched for; answers where the receipts say they are. */
async function fill(...keys: ConsentKey[]): Promise<Record<string, string>> {
  const receipts = await visit.storage!.setMany(keys.map((name) => [name, `text-of-${name}`]))
  return Object.fromEntries([...receipts].map(([name, { held, tier }]) => [name, held ? `held: ${held}` : tier]))
}

/** The keys that this page reads. */
async function reads(...keys: ConsentKey[]): Promise<string[]> {
  return [...(await visit.storage!.getMany(keys)).keys()].sort()
}

async function records(name: string): Promise<[string, string][]> {
  const database = await page.settled(indexedDB.open(name))
  const stores = [...database.objectStoreNames].map(async (store) => {
    const objects = database.transaction(store).objectStore(store)
    const [keys, values] = await Promise.all([page.settled(objects.getAllKeys()), page.settled(objects.getAll())])
    return keys.map((key, index): [string, string] => [`indexedDB ${String(key)}`, JSON.stringify(values[index])])
  })
  const found = await Promise.all(stores)
  database.close()
  return found.flat()
}

/** What this browser really keeps for the page, by place and name, whoever wrote it. */
async function contents(): Promise<Record<string, string>> {
  // WebKit lists databases that were never made, at version 0.
  const databases = (await indexedDB.databases()).filter(({ version }) => version)
  return Object.fromEntries([
    ...Object.entries(page.cookies()).map(([name, text]) => [`cookie ${name}`, text]),
    ...Object.entries(localStorage).map(([name, text]) => [`localStorage ${name}`, String(text)]),
    ...Object.entries(sessionStorage).map(([name, text]) => [`sessionStorage ${name}`, String(text)]),
    ...(await Promise.all(databases.map(({ name }) => records(String(name))))).flat(),
  ])
}

/** The places and names whose text is that of a key, wherever they are. */
async function holds(...keys: ConsentKey[]): Promise<string[]> {
  const texts = keys.map((name) => `text-of-${name}`)
  return Object.entries(await contents()).flatMap(([place, text]) => (texts.some((one) => text.includes(one)) ? place : [])).sort()
}

/** Loads a further script, late, as pages do. */
function load(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement('script'), { src: path, onload: () => resolve(), onerror: () => reject(new Error(`${path} did not load`)) })
    document.head.append(script)
  })
}

/** The CMP's main script comes, and knows or asks the visitor. */
async function arrive(): Promise<void> {
  await load('/cmp.js')
  cmp.begin()
}

/** Waits for what other tabs and frames tell. */
async function until(so: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 10_000; !(await so()); ) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}; told: ${visit.events.join(', ')}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Waits for that many of those events, and for what they began. */
async function told(event: 'held' | 'released' | 'purged', count: number): Promise<string[]> {
  const heard = () => visit.events.filter((one) => one.startsWith(event))
  await until(() => heard().length >= count, `${count} ${event}`)
  await visit.storage!.flush()
  return heard().sort()
}

export const visit = {
  storage: undefined as Storage | undefined,
  consent: undefined as Consent | undefined,
  /** The page's own answers, where it is those that count. */
  answers: () => visit.consent as Choice,
  events: [] as string[],
  open,
  fill,
  reads,
  contents,
  holds,
  load,
  arrive,
  until,
  told,
}

declare global {
  var visit: (typeof import('./consent-page.js'))['visit']
}

globalThis.visit = visit
