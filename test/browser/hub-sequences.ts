import { cookieTier, createStorage, defineKeys, type Holdfast, key, localStorageTier, memoryTier, type StorageOptions } from 'holdfast'
import { hubTier } from 'holdfast/hub'
import { cobrowse, liveperson, livepersonClassic, type LivePersonSolution, secureStorage, sprinklr } from 'holdfast/presets'

/** One key of one sequence, as a brand sets it up. */
export interface Sequence {
  /** What `createStorage` takes. Made anew for each page, in the page. */
  options: () => StorageOptions
  key: string
  /** What it holds where it is not text. */
  value?: (text: string) => unknown
  /** The path of the pages, where it matters. */
  path?: string
  /** What the sequence is for: one session on all subdomains of the brand. */
  site: boolean
}

const hub = 'https://chat.vendor.test/hub'
const siteId = '123'

const solution = (type: LivePersonSolution, endpoint?: string): Sequence => ({
  options: () => liveperson({ siteId, solution: type, ...(endpoint && { endpoint: `https://chat.vendor.test${endpoint}` }) }) as StorageOptions,
  key: 'LPVID',
  site: true,
})

const chain = (reach: boolean): Sequence => ({
  options: () => ({
    namespace: 'acme-chat',
    tiers: [hubTier({ url: hub }), cookieTier({ domain: 'site' }), localStorageTier(), memoryTier()],
    keys: defineKeys({ token: key<string>({ ttl: '1d', ...(reach && { reach: 'site' }) }) }),
  }),
  key: 'token',
  site: reach,
})

const classic = (id: string): Sequence => ({ options: () => livepersonClassic({ siteId }) as StorageOptions, key: id, path: '/hc/123/chat', site: true })

/** By the name that the table of docs/hub.md gives them. */
export const sequences: Record<string, Sequence> = {
  "hub > cookie > localStorage > memory, `reach: 'site'`": chain(true),
  'the same without `reach`': chain(false),
  '`liveperson`, third-party: LPVID': solution('third-party', '/entries'),
  '`liveperson`, third-party, Partitioned: LPVID': solution('third-party', '/entries-partitioned'),
  '`liveperson`, third-party-session: LPVID': solution('third-party-session', '/entries'),
  '`liveperson`, first-party-with-third-party-session: LPVID': solution('first-party-with-third-party-session', '/entries'),
  '`liveperson`, first-party: LPVID': solution('first-party'),
  '`liveperson`, first-party-session: LPVID': solution('first-party-session'),
  '`liveperson`, each solution: LPCID': { ...solution('first-party'), key: `LPCID-${siteId}` },
  '`secureStorage`: lpMessaging': { options: () => secureStorage({ siteId, hub }) as StorageOptions, key: `lpMessaging-${siteId}`, value: (text) => ({ jwt: text }), site: false },
  '`sprinklr`: spr-chat-token': { options: () => sprinklr({ appId: 'app_1', userId: 'u1' }) as StorageOptions, key: 'spr-chat-token-app_1', site: false },
  '`sprinklr` with the opt-in: spr-chat-token': { options: () => sprinklr({ appId: 'app_1', userId: 'u1', sessionStorage: true, hub }) as StorageOptions, key: 'spr-chat-token-app_1', site: true },
  '`cobrowse`: _cobrowse_device_id': { options: () => cobrowse() as StorageOptions, key: '_cobrowse_device_id', site: false },
  '`livepersonClassic`: LivePersonID': classic('LivePersonID'),
  '`livepersonClassic`: LivePersonID below /hc/123': classic(`LivePersonID /hc/${siteId}`),
}

/** In the page: the storage of a sequence, made anew. */
export function openSequence(name: string): { storage: Holdfast<Record<string, unknown>>; key: string; value: (text: string) => unknown } {
  const { options, key, value = (text) => text } = sequences[name]!
  return { storage: createStorage(options()) as Holdfast<Record<string, unknown>>, key, value }
}
