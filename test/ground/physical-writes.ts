import type { Area, PhysicalName } from '../../src/disclosure/physical.js'
import { encode, physicalNames, WEB } from '../../src/disclosure/physical.js'
import type { Change, Env, Tier } from '../../src/contracts.js'
import type { SealKey } from '../../src/crypto/seal-key.js'
import type { StorageOptions } from '../../src/options.js'
import type { Rules } from '../../src/rule.js'
import { isExternal } from '../../src/rule.js'

/**
 * Every name that holdfast writes in a test must be one that `physicalNames` tells of the storages which that test file
 * has made, or of the names that it asked a tier to write. What is written is seen where it leaves holdfast: at the
 * storage object, at `document.cookie`, in the database.
 */

/** A write that nothing declared. */
export interface Unexplained {
  area: Area
  name: string
  /** Files on the stack, innermost first. */
  by: string[]
}

/** Declared names, each once, found by what they begin with, because laws make thousands. */
const exact = new Map<string, Map<string, PhysicalName>>()
const patterns = new Map<string, PhysicalName>()
const declared = new Set<string>()
const explained = new Set<string>()
const unexplained = new Map<string, Unexplained>()

/** What stands before the pieces of a cookie; a prefix and a server's site are no part of it. */
const baseOf = (area: Area, name: string): string => (area === 'cookie' ? name.replace(/^(?:__Host-|__Secure-)?(?:[^!]*!)?/, '').split('|')[0]! : name)

const declareAll = (once: string, make: () => readonly PhysicalName[]): void => {
  if (declared.has(once)) return
  declared.add(once)
  for (const physical of make()) {
    const { area, name, role } = physical
    const base = role === 'piece' ? name.split('|')[0]! : name
    const like = exact.get(area + base) ?? new Map<string, PhysicalName>()
    if (base.includes('*')) patterns.set(area + name, physical)
    else exact.set(area + base, like.set(name, physical))
  }
}

const isDeclared = (area: Area, name: string): boolean => {
  const fits = (each: PhysicalName): boolean => each.area === area && each.matches(name)
  return [...(exact.get(area + baseOf(area, name))?.values() ?? [])].some(fits) || [...patterns.values()].some(fits)
}

/** The files whose code is under way, innermost first, without this one. Not as text: to map that to the sources takes ms. */
const callers = (): string[] => {
  const { prepareStackTrace, stackTraceLimit } = Error
  Error.stackTraceLimit = 60
  Error.prepareStackTrace = (_, sites) => sites.flatMap((site) => ((site as unknown as { isAsync?(): boolean }).isAsync?.() ? [] : (site.getFileName() ?? [])))
  const files = new Error('written').stack as unknown as string[]
  Object.assign(Error, { prepareStackTrace, stackTraceLimit })
  return files.filter((file) => /\/(?:src|test)\//.test(file) && !/node_modules|physical-(?:writes|setup)/.test(file))
}

/** Whether a test asked for it, and not holdfast: tiers do as they are told. */
const isTold = (): boolean => !callers().some((file) => /\/src\/(?!tiers\/|testing\/|answer\.ts)/.test(file))

/** Something is written under this name. What a test writes past holdfast is its own business. */
const written = (area: Area, name: string, mayBeTheTests?: boolean): void => {
  const place = area + '\n' + name
  if (explained.has(place)) return
  if (isDeclared(area, name)) return void explained.add(place)
  const by = callers()
  if (mayBeTheTests && !by[0]?.includes('/src/')) return
  if (!unexplained.has(place)) unexplained.set(place, { area, name, by: by.slice(0, 8) })
}

/** What was written and not declared since the last call. */
export const takeUnexplained = (): Unexplained[] => {
  const all = [...unexplained.values()]
  unexplained.clear()
  return all
}

/** Tiers as the factories made them, whose names say where they keep things. */
const plain = new WeakSet<object>()
const asked = new Set<string>()
const signatures = new WeakMap<object, string>()
/** What of a registry decides the names. Laws make one for each schedule, and most are alike. */
const signatureOf = (registry: Rules): string => {
  const known = signatures.get(registry)
  if (known !== undefined) return known
  const signature = JSON.stringify(Object.entries(registry).map(([key, rule]) => [key, rule.name, rule.path, isExternal(rule) ? [rule.tier] : [rule.tiers, rule.secret, rule.adopt?.tier, rule.adopt?.name]]))
  signatures.set(registry, signature)
  return signature
}

/** A storage was made: its registry, and its namespace, say what may be written. */
export const declareStorage = ({ namespace, keys, tiers }: StorageOptions): void => {
  const areas = Object.fromEntries(tiers.flatMap((tier) => (plain.has(tier) ? [] : [[tier.name, WEB]])))
  declareAll(['storage', namespace, keys ? signatureOf(keys) : '', ...tiers.map(({ name }) => name + (name in areas))].join('\n'), () => physicalNames(keys, { namespace, tiers, areas }))
}

/** A hub serves a site: what pages of it ask for is theirs. */
export const declareSite = (site: string): void => declareAll('site\n' + site, () => physicalNames(undefined, { site }))

const declareKeyName = (keyName: string): void => declareAll('key\n' + keyName, () => physicalNames({}, { keyName }))

/** Keys that seal have a place by their name, or by that of each namespace. */
export const watchKey = (key: SealKey, name = ''): SealKey => {
  declareKeyName(name)
  const { within } = key
  return within ? { ...key, within: (namespace) => watchKey(within(namespace), namespace) } : key
}

/** There is a hub, which leaves its mark on the brand's page. */
export const declareHub = (): void => declareAll('hub', () => physicalNames({}, { tiers: ['hub'] }))

/** A name that is written as it is. Without `tiers` it may be anywhere. */
const declareName = (name: string, tiers: readonly string[] | undefined, path: string | undefined): void =>
  declareAll(['name', name, path, tiers].join('\n'), () => {
    const names = physicalNames({ [name]: { ...(path && { path }), ...(tiers && { tiers }) } })
    // Nobody asked for a probe, but for that of a cookie's domain.
    return names.filter(({ name, role }) => role !== 'probe' || name === 'holdfast.0.*')
  })

const AREAS: ReadonlyMap<string, Area> = new Map(WEB.map((area) => [area, area]))

/** What a test asks a tier to write, by itself, is declared by that. */
const declareAsked = (tier: Tier, changes: readonly Change[], path: string | undefined): void => {
  for (const change of changes) {
    const place = [tier.name, path, change.name].join('\n')
    if (asked.has(place)) continue
    asked.add(place)
    const area = AREAS.get(tier.name)
    if (area && isDeclared(area, area === 'cookie' ? encode(change.name) : change.name)) continue
    if (isTold()) declareName(change.name, tier.name === 'chain' ? undefined : [tier.name], path)
  }
}

/** The tier itself, which from now on tells what it is asked to write. */
export const watchTier = (tier: Tier, path?: string): Tier => {
  if (plain.has(tier)) return tier
  plain.add(tier)
  const { write, at } = tier
  return Object.assign(tier, {
    write(changes: readonly Change[]) {
      declareAsked(tier, changes, path)
      return write(changes)
    },
    ...(at && { at: (path: string) => watchTier(at(path), path) }),
  })
}

const areasOfPages = new WeakMap<Storage, Storage>()

/** A page's storage objects, seen by whoever looks them up here. */
export const watchAreas = (env: Env): Env => {
  const watched = (area: 'localStorage' | 'sessionStorage'): Storage => {
    const found = env[area]
    if (!found) return found!
    const known = areasOfPages.get(found) ?? {
      getItem: (name) => found.getItem(name),
      setItem(name, text) {
        written(area, name)
        found.setItem(name, text)
      },
      removeItem: (name) => found.removeItem(name),
      key: (index) => found.key(index),
      clear: () => found.clear(),
      get length() {
        return found.length
      },
    }
    areasOfPages.set(found, known)
    return known
  }
  return {
    get localStorage() {
      return watched('localStorage')
    },
    get sessionStorage() {
      return watched('sessionStorage')
    },
  }
}

/** A page's cookies, seen by whoever looks them up here. */
export const watchCookies = (env: Env): Env => {
  const document = {
    get cookie() {
      return env.document!.cookie
    },
    set cookie(text: string) {
      if (!text.includes('; Max-Age=0')) written('cookie', text.split('=')[0]!)
      env.document!.cookie = text
    },
  }
  return {
    get document() {
      return env.document && document
    },
    get location() {
      return env.location
    },
  }
}

/** The names that a server writes for the names it is asked to. */
export const serverWrites = (asks: string, wire: string): string => {
  declareName(asks, ['httpCookie'], undefined)
  written('cookie', wire)
  return wire
}

let patched = false

/** What goes into databases of this worker, whoever puts it there. */
export const watchDatabases = (): void => {
  const { IDBObjectStore, IDBDatabase } = globalThis as { IDBObjectStore?: typeof globalThis.IDBObjectStore; IDBDatabase?: typeof globalThis.IDBDatabase }
  if (patched || !IDBObjectStore || !IDBDatabase) return
  patched = true
  const { put } = IDBObjectStore.prototype
  IDBObjectStore.prototype.put = function (value: unknown, key?: IDBValidKey) {
    const { name } = this.transaction.db
    // A record of a ring of keys is called by the key's id.
    if (!name.startsWith('holdfast-keys.')) written('indexedDB', String(key), true)
    return put.call(this, value, key)
  }
  const { createObjectStore } = IDBDatabase.prototype
  IDBDatabase.prototype.createObjectStore = function (...given) {
    written('database', this.name, true)
    return createObjectStore.apply(this, given)
  }
}
