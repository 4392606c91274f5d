import { row, type Row, type Workload } from './workloads.js'

/** Who runs in which group, and what each group measures. */

export interface Contestant {
  id: string
  title: string
  /** The file in stores/. */
  store: string
  /** Which form of that store. */
  form?: string
  /** The file in hubs/ that the vendor's page runs, with its query. */
  hub?: string
  /** Whether it is the medium by hand: what no library on it can beat. */
  bare?: true
  /** The only workloads in which it means something. */
  only?: readonly Workload[]
  /** Entries that it holds, where that differs from the group. */
  keys?: number
  /** An application's whole code for the cold start, which calls `finish` with the value of `token`. */
  cold?: string
}

export interface Group {
  id: string
  title: string
  /** Whose time is 1. */
  reference: string
  /** Entries `k0` … that the workloads use. */
  keys: number
  contestants: readonly Contestant[]
  rows: readonly Row[]
  /** Where the hub's page is, seen from the brand's. */
  hub?: 'same site' | 'another site'
  note?: string
}

const chain = {
  full: "[indexedDBTier(), localStorageTier(), sessionStorageTier(), cookieTier({ domain: 'site' }), memoryTier()]",
  indexedDB: '[indexedDBTier(), memoryTier()]',
  localStorage: '[localStorageTier()]',
  hub: '[hubTier({ url: HUB, timeout: 20000 }), memoryTier()]',
}

/** The tiers are imported by name, so that a bundler drops what this chain has no use for. */
const ours = (form: keyof typeof chain): string => {
  const tiers = [...new Set(chain[form].match(/\w+Tier/g))]
  const core = tiers.filter((tier) => tier !== 'hubTier')
  return [
    `import { createStorage, ${core.join(', ')} } from 'holdfast'`,
    form === 'hub' ? "import { hubTier } from 'holdfast/hub'" : '',
    `createStorage({ namespace: 'bench', tiers: ${chain[form]}, ttl: '1d', deadline: 20000 }).get('token').then(finish)`,
  ].join('\n')
}

const bareOpen = "const request = indexedDB.open('bench', 1)\nrequest.onsuccess = () => (request.result.transaction('entries').objectStore('entries').get('token').onsuccess = (event) => finish(event.target.result))"

const holdfast: Contestant = { id: 'holdfast', title: '**holdfast**, five tiers', store: 'holdfast', form: 'full', cold: ours('full') }
const holdfastIndexedDB: Contestant = { id: 'holdfast-indexeddb', title: '**holdfast**, IndexedDB and memory', store: 'holdfast', form: 'indexedDB', cold: ours('indexedDB') }
const holdfastLocalStorage: Contestant = { id: 'holdfast-localstorage', title: '**holdfast**, localStorage', store: 'holdfast', form: 'localStorage', cold: ours('localStorage') }

const bareEach: Contestant = { id: 'bare', title: 'bare: a transaction each', store: 'bare-indexed-db', form: 'each', bare: true, cold: bareOpen }
const packed: Contestant = { id: 'bare-packed', title: 'bare: a batch packed in few records', store: 'bare-indexed-db', form: 'packed', bare: true, only: ['concurrent-sets', 'bulk-sets', 'concurrent-gets', 'bulk-gets', 'sweep'] }
/** A transaction that only reads has nothing to commit. */
const commit: Contestant = { id: 'bare-commit', title: 'bare: the same, with commit()', store: 'bare-indexed-db', form: 'commit', bare: true, only: ['awaited-sets', 'concurrent-sets', 'bulk-sets', 'mixed', 'large-value'] }
const tick: Contestant = { id: 'bare-tick', title: 'bare: a transaction for all of a tick', store: 'bare-indexed-db', form: 'tick', bare: true }
const memoryFirst: Contestant = { id: 'bare-memory', title: 'bare: memory first, one getAll', store: 'bare-indexed-db', form: 'memory', bare: true }

const localforage: Contestant = { id: 'localforage', title: 'localForage', store: 'localforage', cold: "import localforage from 'localforage'\nlocalforage.getItem('token').then(finish)" }
const idbKeyval: Contestant = { id: 'idb-keyval', title: 'idb-keyval', store: 'idb-keyval', cold: "import { get } from 'idb-keyval'\nget('token').then(finish)" }
const idb: Contestant = { id: 'idb', title: 'idb', store: 'idb', cold: "import { openDB } from 'idb'\nopenDB('bench', 1, { upgrade: (made) => void made.createObjectStore('keyval') }).then((database) => database.get('keyval', 'token')).then(finish)" }
const dexie: Contestant = { id: 'dexie', title: 'Dexie', store: 'dexie', cold: "import Dexie from 'dexie'\nconst database = new Dexie('bench')\ndatabase.version(1).stores({ entries: 'key' })\ndatabase.entries.get('token').then((entry) => finish(entry.value))" }
const unstorage: Contestant = { id: 'unstorage', title: 'unstorage, IndexedDB', store: 'unstorage', form: 'indexedDB', cold: "import { createStorage } from 'unstorage'\nimport driver from 'unstorage/drivers/indexedb'\ncreateStorage({ driver: driver({ base: 'bench' }) }).getItem('token').then(finish)" }

/** The libraries over IndexedDB: who is fastest of these is the one to beat. */
export const indexedDBPeers = [localforage, idbKeyval, idb, dexie, unstorage].map(({ id }) => id)

const bareText: Contestant = { id: 'bare', title: 'bare: the text alone', store: 'bare-local-storage', form: 'text', bare: true, cold: "finish(localStorage.getItem('token'))" }
const bareJson: Contestant = { id: 'bare-json', title: 'bare: JSON and expiry', store: 'bare-local-storage', form: 'json', bare: true, cold: "const { value, expires } = JSON.parse(localStorage.getItem('token'))\nfinish(expires > Date.now() ? value : undefined)" }
const store2: Contestant = { id: 'store2', title: 'store2, with its expiry', store: 'store2' }
const lscache: Contestant = { id: 'lscache', title: 'lscache', store: 'lscache', cold: "import lscache from 'lscache'\nlscache.setExpiryMilliseconds(1)\nfinish(lscache.get('token'))" }
const basil: Contestant = { id: 'basil', title: 'basil.js', store: 'basil', form: 'local', cold: "import Basil from 'basil.js'\nfinish(new Basil({ namespace: 'bench', storages: ['local'], expireDays: 1 }).get('token'))" }
const unstorageLocal: Contestant = { id: 'unstorage', title: 'unstorage, localStorage', store: 'unstorage', form: 'localStorage', cold: "import { createStorage } from 'unstorage'\nimport driver from 'unstorage/drivers/localstorage'\ncreateStorage({ driver: driver({ base: 'bench' }) }).getItem('token').then(finish)" }
const segmentLocal: Contestant = { id: 'segment', title: 'UniversalStorage, localStorage', store: 'segment', form: 'localStorage' }

const hubs = [
  { id: 'bare', title: 'bare: a message each', store: 'bare-channel', form: 'each', hub: 'bare', bare: true },
  { id: 'bare-tick', title: 'bare: a message for all of a tick', store: 'bare-channel', form: 'tick', hub: 'bare', bare: true },
  { id: 'cross-storage', title: 'cross-storage', store: 'cross-storage', hub: 'cross-storage', cold: "import { CrossStorageClient } from 'cross-storage'\nconst storage = new CrossStorageClient(HUB)\nstorage.onConnect().then(() => storage.get('token')).then(finish)" },
  { id: 'holdfast-localstorage', title: '**holdfast**, hub over localStorage', store: 'holdfast', form: 'hub', hub: 'holdfast?chain=localStorage', cold: ours('hub') },
  { id: 'holdfast', title: '**holdfast**, hub over four tiers', store: 'holdfast', form: 'hub', hub: 'holdfast', cold: ours('hub') },
] as const satisfies readonly Contestant[]

const all = (rounds: number, sets: number, together: number): Row[] => [
  row('awaited-sets', sets, { rounds }),
  row('concurrent-sets', together, { rounds }),
  row('bulk-sets', together, { rounds }),
  row('hot-gets', sets, { rounds }),
  row('concurrent-gets', together, { rounds }),
  row('bulk-gets', together, { rounds }),
  row('misses', sets, { rounds }),
  row('mixed', sets, { rounds }),
]

const packedLog = (form: 'checked' | 'noticed' | 'leased'): Contestant => ({
  id: `packed-${form}`,
  title: `packed log, reads ${form}`,
  store: 'packed-log',
  form,
  cold: `import { make } from './stores/packed-log.js'\nPromise.resolve(make({ form: '${form}', hub: '' })).then((store) => store.get('token')).then(finish)`,
})

const plain = (form: 'each' | 'ranged'): Contestant => ({ id: `plain-${form}`, title: form === 'each' ? 'plain records, a get each' : 'plain records, one getAll', store: 'plain-records', form })

const bareCall: Contestant = { id: 'bare-call', title: 'bare: AES-GCM alone, and a `Map`', store: 'bare-crypto', form: 'call', bare: true }

const sizes = [10, 1000, 100_000]

const growing = (contestant: Contestant): Contestant[] =>
  sizes.map((keys) => ({ ...contestant, id: `${contestant.id}-${keys}`, title: `${contestant.title}: ${keys.toLocaleString('en')}`, keys }))

export const groups: readonly Group[] = [
  {
    id: 'indexeddb',
    title: 'IndexedDB',
    reference: 'bare',
    keys: 1000,
    contestants: [bareEach, commit, tick, packed, memoryFirst, localforage, idbKeyval, idb, dexie, unstorage, holdfastIndexedDB, holdfast],
    // What holds ten thousand entries comes last: whatever runs after it would run among them.
    rows: [...all(1, 500, 1000), row('keys', 1000, { id: 'keys-1000' }), row('large-value', 5), row('keys', 10_000, { id: 'keys-10000', entries: 10_000 })],
  },
  {
    id: 'localstorage',
    title: 'localStorage',
    reference: 'bare-json',
    keys: 1000,
    contestants: [bareText, bareJson, store2, lscache, basil, unstorageLocal, segmentLocal, holdfastLocalStorage],
    rows: [...all(5, 500, 1000), row('keys', 1000, { id: 'keys-1000', rounds: 5 }), row('large-value', 5), row('keys', 10_000, { id: 'keys-10000', entries: 10_000 })],
  },
  {
    id: 'cookie',
    title: 'Cookies',
    reference: 'bare',
    // Browsers keep no more than some 180 for a site, and servers take no more than 8 or 16 kB of them.
    keys: 20,
    contestants: [
      { id: 'bare', title: 'bare: document.cookie', store: 'bare-cookie', bare: true },
      { id: 'js-cookie', title: 'js-cookie', store: 'js-cookie' },
      { id: 'universal-cookie', title: 'universal-cookie', store: 'universal-cookie' },
      { id: 'basil', title: 'basil.js', store: 'basil', form: 'cookie' },
      { id: 'segment', title: 'UniversalStorage: cookie, localStorage, memory', store: 'segment', form: 'all' },
      { id: 'holdfast', title: '**holdfast**, cookie', store: 'holdfast', form: 'cookie' },
    ],
    rows: [row('awaited-sets', 200), row('hot-gets', 500, { rounds: 2 }), row('concurrent-gets', 1000), row('misses', 500, { rounds: 2 }), row('mixed', 500)],
    note: '20 cookies stand there, some 5 kB with their names.',
  },
  {
    id: 'memory',
    title: 'Memory',
    reference: 'map',
    keys: 1000,
    contestants: [
      { id: 'map', title: 'bare: a Map', store: 'map', bare: true },
      { id: 'holdfast', title: '**holdfast**, memory', store: 'holdfast', form: 'memory' },
    ],
    rows: all(20, 500, 1000),
    note: 'A `Map` holds no stamp, no expiry and no receipt: its figures say what a bare call costs, not what a storage could.',
  },
  {
    id: 'sweep',
    title: 'Sweep',
    reference: 'bare',
    keys: 100,
    contestants: [bareEach, packed, lscache, holdfastLocalStorage, holdfast],
    rows: [row('sweep', 10_000)],
    note: 'Of the libraries, lscache alone has a call that removes what has expired.',
  },
  {
    id: 'cold',
    title: 'Cold start',
    reference: 'bare',
    keys: 20,
    contestants: [bareEach, localforage, idbKeyval, idb, dexie, unstorage, holdfastIndexedDB, holdfast, { ...bareJson, id: 'bare-json', title: 'bare localStorage: JSON and expiry' }, { ...lscache, title: 'lscache (localStorage)' }, holdfastLocalStorage],
    rows: [row('cold-start', 1)],
    note: 'A new page in a new tab: from where its script begins to be parsed to the value of one key, among 20 that stand there.',
  },
  ...(['same site', 'another site'] as const).map(
    (hub): Group => ({
      id: hub === 'same site' ? 'hub-same' : 'hub-other',
      title: `Through the hub, ${hub}`,
      reference: 'bare',
      keys: 100,
      contestants: hubs,
      rows: [row('awaited-sets', 100), row('hot-gets', 100), row('concurrent-gets', 100)],
      hub,
      note: 'The bare ones keep their values in the localStorage of the frame, as cross-storage does.',
    }),
  ),
  {
    id: 'hub-cold',
    title: 'Cold start with a hub, another site',
    reference: 'cross-storage',
    keys: 20,
    contestants: hubs.filter((hub) => 'cold' in hub),
    rows: [row('cold-start', 1)],
    hub: 'another site',
  },
  {
    id: 'sealed',
    title: 'Sealed',
    reference: 'bare',
    keys: 1000,
    contestants: [
      { id: 'bare', title: 'bare: AES-GCM, a transaction each', store: 'bare-crypto', form: 'each', bare: true },
      bareCall,
      { id: 'unsealed', title: '**holdfast**, the same without a seal', store: 'holdfast', form: 'plain' },
      { id: 'holdfast', title: '**holdfast**, sealed with a device key', store: 'holdfast', form: 'sealed' },
    ],
    rows: [row('awaited-sets', 200), row('concurrent-sets', 500), row('hot-gets', 200), row('concurrent-gets', 500)],
    note: 'IndexedDB and memory.',
  },
  {
    id: 'sealed-local',
    title: 'Sealed, in localStorage',
    reference: 'bare-call',
    keys: 1000,
    contestants: [
      bareCall,
      { id: 'unsealed', title: '**holdfast**, the same without a seal', store: 'holdfast', form: 'plain-local' },
      { id: 'holdfast', title: '**holdfast**, sealed with a device key', store: 'holdfast', form: 'sealed-local' },
    ],
    rows: [row('awaited-sets', 200), row('hot-gets', 200)],
  },
  {
    id: 'growth',
    title: 'Growth',
    reference: 'holdfast-10',
    keys: 10,
    // Ours alone is promised to stay flat. Of the peers 10 and 1,000 entries are enough: to fill them with 100,000 takes a minute.
    contestants: [...growing({ ...holdfast, title: '**holdfast**' }), ...[idbKeyval, { ...bareEach, title: 'bare' }].flatMap(({ cold: _, ...peer }) => growing(peer).slice(0, 2))],
    rows: [row('hot-gets', 200), row('awaited-sets', 200), row('cold-start', 1)],
    note: 'Entries in the namespace: 10, 1,000, 100,000.',
  },
]

/** Tried and not built: measured where `--only` asks for it, and once in a smoke run. */
export const explorations: readonly Group[] = [
  {
    id: 'packed',
    title: 'Exploration: a namespace in few records',
    reference: 'bare',
    keys: 1000,
    contestants: [bareEach, packed, memoryFirst, idbKeyval, holdfastIndexedDB, plain('each'), plain('ranged'), packedLog('checked'), packedLog('noticed'), packedLog('leased')],
    rows: [...all(1, 500, 1000), row('keys', 1000, { id: 'keys-1000' }), row('large-value', 5), row('sweep', 10_000), row('cold-start', 1)],
  },
  {
    id: 'packed-growth',
    title: 'Exploration: growth',
    reference: 'packed-noticed-10',
    keys: 10,
    contestants: [...growing(packedLog('noticed')), ...growing(packedLog('checked'))],
    rows: [row('hot-gets', 200), row('awaited-sets', 200), row('cold-start', 1)],
  },
]
