import { cookieTier, createStorage, defineKeys, indexedDBTier, key, localStorageTier, memoryTier, sessionStorageTier, type Holdfast, type Rules, type Seal, type StorageOptions, type Tier } from 'holdfast'
import { aesGcm, deviceKey } from 'holdfast/crypto'
import { hubTier } from 'holdfast/hub'
import type { MakeStore, Store } from './store.js'

/** Our own, with all that it does in earnest: stamps, expiries, receipts, the first tier that takes the value. */

const chains: Record<string, (hub: string) => Tier[]> = {
  full: () => [indexedDBTier(), localStorageTier(), sessionStorageTier(), cookieTier({ domain: 'site' }), memoryTier()],
  indexedDB: () => [indexedDBTier(), memoryTier()],
  localStorage: () => [localStorageTier()],
  cookie: () => [cookieTier()],
  memory: () => [memoryTier()],
  hub: (hub) => [hubTier({ url: hub, timeout: 20_000 }), memoryTier()],
  plain: () => [indexedDBTier(), memoryTier()],
  sealed: () => [indexedDBTier(), memoryTier()],
  'plain-local': () => [localStorageTier()],
  'sealed-local': () => [localStorageTier()],
}

/** A sealed value needs a rule that says `secret`; the storage beside it has the same rules without it. */
function registry(secret: boolean): Rules {
  const names = ['token', 'live', ...Array.from({ length: 1000 }, (_, index) => `k${index}`)]
  return defineKeys(Object.fromEntries(names.map((name) => [name, key<string>({ secret, ttl: '1d' })])))
}

const sealed = (): { keys: Rules; seal: Seal } => ({ keys: registry(true), seal: aesGcm(deviceKey()) })

/** A value that went past its first tier was not measured where the row says. */
const tierOf: Record<string, string> = { localStorage: 'localStorage', cookie: 'cookie', memory: 'memory', hub: 'hub', 'plain-local': 'localStorage', 'sealed-local': 'localStorage' }

type Texts = Holdfast<Record<string, string>>

function storeOf(storage: Texts, tier: string, expire: (entries: Parameters<Texts['setMany']>[0]) => ReturnType<Texts['setMany']>): Store {
  const taken = (receipt: { tier: string }): void => {
    if (receipt.tier !== tier) throw new Error(`${tier} did not take it, ${receipt.tier} did`)
  }
  return {
    set: async (name, value) => taken(await storage.set(name, value)),
    get: (name) => storage.get(name),
    setMany: async (entries) => (await storage.setMany(entries)).forEach(taken),
    getMany: (names) => storage.getMany(names),
    keys: () => storage.keys(),
    expire: async (entries) => (await expire(entries)).forEach(taken),
    sweep: () => storage.sweep(),
    settle: () => storage.flush(),
  }
}

export const make: MakeStore = async ({ form, hub }) => {
  let passed = 0
  const options: StorageOptions = {
    namespace: 'bench',
    tiers: chains[form]!(hub),
    ttl: form === 'memory' ? 'page' : '1d',
    // A machine that is busy is slow, and that is what is measured then; a tier that was given up would measure another.
    deadline: 20_000,
    now: () => Date.now() + passed,
    ...(form.startsWith('sealed') && sealed()),
    ...(form.startsWith('plain') && { keys: registry(false) }),
  }
  const storage = createStorage<Record<string, string>>(options)
  let brief: Texts | undefined
  /** Written where every key is short-lived: an entry that ends before its key's own ttl would leave a tombstone. */
  const expire = async (entries: Parameters<Texts['setMany']>[0]): ReturnType<Texts['setMany']> => {
    if (!brief) {
      brief = createStorage<Record<string, string>>({ ...options, ttl: 1 })
      await brief.get('live')
      // The one sweep of its own is over before there is anything to sweep.
      await brief.flush()
    }
    const receipts = await brief.setMany(entries)
    passed += 2
    return receipts
  }
  return storeOf(storage, tierOf[form] ?? 'indexedDB', expire)
}
