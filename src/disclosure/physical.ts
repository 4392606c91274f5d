import type { Rules } from '../rule.js'
import { isExternal } from '../rule.js'
import { NO_NAME } from '../tiers/cookie-text.js'

/** What a browser lists by names: `indexedDB` are the records of holdfast's databases, `database` the names of databases. */
export type Area = 'cookie' | 'localStorage' | 'sessionStorage' | 'indexedDB' | 'database'

/** What a name is there for: a key's value, a piece of a large cookie, what older code left, what others set, or holdfast's own work. */
export type Role = 'value' | 'piece' | 'legacy' | 'external' | 'epoch' | 'probe' | 'mark' | 'seal' | 'database'

/** A name under which a browser may keep something, or a pattern of such names. */
export interface PhysicalName {
  area: Area
  /** As the browser shows it; `*` stands for any text. */
  name: string
  role: Role
  /** The key of the registry. `undefined`: it is no key's. */
  key?: string
  /** A cookie may also bear a prefix (`__Host-`, `__Secure-`), or the site for which a server keeps it apart. */
  matches(name: string): boolean
}

/** As much of a tier as is asked; one that holds each value twice names its two. */
export interface NamedTier {
  readonly name: string
  readonly parts?: readonly NamedTier[]
}

/** What `physicalNames` takes; the options of a storage are taken as they are. */
export interface PhysicalOptions {
  /** The storage's. Default `''`: the names are the keys' own. */
  namespace?: string
  /** The storage's chain, or names of tiers. Default: whatever the keys name, or every tier of a browser. */
  tiers?: readonly (NamedTier | string)[]
  /** Where a tier keeps its entries, by its name, where that does not tell. A tier that nobody knows may keep them anywhere. */
  areas?: Readonly<Record<string, readonly Area[]>>
  /** The `name` that `deviceKey` or `sessionKey` was given for the keys that are secret. Default: the namespace. */
  keyName?: string
  /** On the vendor's page, under a hub: the site whose entries they are (`brand.test`), or `'*'` for every one. */
  site?: string
}

/** Text with gaps: between two parts may stand anything. */
type Parts = readonly string[]

interface Stored {
  role: Role
  key?: string
  parts: Parts
  areas: readonly Area[]
  path?: string | undefined
}

/** Where entries may stand. */
export const WEB: readonly Area[] = ['cookie', 'localStorage', 'sessionStorage', 'indexedDB']

/** By the tier's name. What a hub keeps is on the vendor's domain. */
const KNOWN = new Map<string, readonly Area[]>([
  ['cookie', ['cookie']],
  ['httpCookie', ['cookie']],
  ['localStorage', ['localStorage']],
  ['sessionStorage', ['sessionStorage']],
  ['indexedDB', ['indexedDB']],
  ['memory', []],
  ['hub', []],
])

/** What a server puts before the name of a cookie that it keeps for one site alone. */
const BEFORE_COOKIE = '(?:__Host-|__Secure-)?(?:[^!]*!)?'

const append = (parts: Parts, ...more: Parts): Parts => [...parts.slice(0, -1), parts[parts.length - 1]! + more[0]!, ...more.slice(1)]
/** A name as a cookie has it. No cookie has half of a character. */
export const encode = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd').replace(NO_NAME, encodeURIComponent)
const union = (areas: readonly Area[]): readonly Area[] => [...new Set(areas)]

const named = (area: Area, { role, key }: Pick<Stored, 'role' | 'key'>, parts: Parts, pattern?: RegExp): PhysicalName => {
  const text = parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('[^]*')
  const whole = pattern ?? RegExp(`^${area === 'cookie' ? BEFORE_COOKIE : ''}${text}$`)
  return { area, name: parts.join('*'), role, ...(key !== undefined && { key }), matches: (name) => whole.test(name) }
}

/** A namespace's own, as in src/tiers/indexed-db.ts: the part of a name before its first dot. */
const databaseOf = ([first, rest]: Parts): Parts => {
  const [before, ...after] = first!.split('.')
  return after.length ? ['holdfast.' + before] : rest === undefined ? ['holdfast.'] : ['holdfast.' + first, '']
}

/** What a browser shows of a name, wherever it may stand. */
const shown = ({ parts, areas, path, ...what }: Stored): PhysicalName[] =>
  areas.flatMap((area) => {
    if (area === 'indexedDB') return [named(area, what, parts), named('database', { role: 'database' }, databaseOf(parts))]
    if (area !== 'cookie' || what.role === 'legacy' || what.role === 'external') return [named(area, what, parts)]
    const wire = parts.map(encode)
    // Pieces of another path than the tier's are called by it (src/tiers/cookie-text.ts).
    const bases = what.role !== 'value' ? [] : path ? [wire, append(wire, encode('\0' + path))] : [wire]
    return [named(area, what, wire), ...bases.map((base) => named(area, { ...what, role: 'piece' }, append(base, '|', '|', '')))]
  })

const unique = (names: readonly PhysicalName[]): PhysicalName[] => [...new Map(names.map((each) => [[each.area, each.role, each.key, each.name].join('\n'), each])).values()]

const asTier = (tier: NamedTier | string): NamedTier => (typeof tier === 'string' ? { name: tier } : tier)

const areasOf = (tier: string, { tiers, areas }: PhysicalOptions): readonly Area[] => {
  const { parts } = tiers?.map(asTier).find(({ name }) => name === tier) ?? {}
  if (areas && Object.keys(areas).includes(tier)) return areas[tier]!
  const both = parts?.map(({ name }) => name) ?? (tier.includes('+') ? tier.split('+') : [])
  // A mirror may have the name of its first.
  return both[0] === undefined ? (KNOWN.get(tier) ?? WEB) : both.flatMap((one) => areasOf(one, one === tier ? {} : { tiers: parts ?? [], areas: areas ?? {} }))
}

/** Where the keys of `deviceKey` and of `sessionKey` are (src/crypto). */
const seals = (keyName: string): PhysicalName[] => {
  const parts = keyName.split('*').map(encode)
  const begun = append(['holdfast-key.'], ...parts)
  return [named('database', { role: 'seal' }, append(['holdfast-keys.'], ...keyName.split('*'))), named('cookie', { role: 'seal' }, append(begun, '.', ''))]
}

/** What others set, and what older code left. A database of theirs is known by its name alone. */
const others = (registry: Rules, options: PhysicalOptions): Stored[] =>
  Object.entries(registry).flatMap(([key, rule]) => {
    const [role, name, areas]: [Role, string | undefined, readonly Area[]] = isExternal(rule)
      ? ['external', rule.name ?? key, KNOWN.get(rule.tier ?? 'cookie') ?? []]
      : ['legacy', rule.adopt?.name, rule.adopt?.tier === undefined ? WEB : areasOf(rule.adopt.tier, options)]
    return name === undefined ? [] : { role, key, parts: isExternal(rule) ? name.split('*') : [name], areas: areas.map((area) => (area === 'indexedDB' ? 'database' : area)) }
  })

/**
 * Every name under which a browser may keep something for these keys, with holdfast's own beside them: the epoch of a
 * namespace, probes, pieces of large cookies, the mark of a hub, databases. Without a registry any key may exist. What
 * a hub keeps stands on the vendor's page alone: there `site` tells whose it is.
 *
 * @example
 * import { defineKeys, external, key } from 'holdfast'
 * import { physicalNames } from 'holdfast/disclosure'
 * const keys = defineKeys({ token: key<string>({ tiers: ['localStorage'] }), stream: external({ name: '_ga_*' }) })
 * const names = physicalNames(keys, { namespace: 'acme-chat' }).map(({ area, name }) => area + ' ' + name)
 * names // => ['localStorage acme-chat.token', 'localStorage acme-chat.', 'localStorage acme-chat.probe-*', 'cookie _ga_*']
 */
export const physicalNames = (registry: Rules | undefined, options: PhysicalOptions = {}): PhysicalName[] => {
  const { namespace = '', tiers, keyName, site } = options
  const begin: Parts = site === undefined ? [''] : site === '*' ? ['', '.'] : [site.replaceAll('.', '/') + '.']
  const start = append(begin, namespace && namespace + '.')
  const rules = Object.entries(registry ?? {}).flatMap(([key, rule]) => (isExternal(rule) ? [] : [{ key, rule }]))
  const chain = tiers?.map((tier) => asTier(tier).name) ?? [...KNOWN.keys()].filter((name) => name !== 'hub')
  const used = tiers || !registry ? chain : rules.flatMap(({ rule }) => rule.tiers ?? chain)
  const areasIn = (names: readonly string[]): readonly Area[] => union(names.flatMap((name) => areasOf(name, options)))
  const areas = areasIn(used)
  const sealed = keyName !== undefined || rules.some(({ rule }) => rule.secret)

  const own: Stored[] = [
    ...(registry ? rules.map(({ key, rule }) => ({ role: 'value' as const, key, parts: append(start, rule.name ?? key), areas: areasIn(rule.tiers ?? chain), path: rule.path })) : [{ role: 'value' as const, parts: append(start, '', ''), areas }]),
    ...(namespace ? [{ role: 'epoch' as const, parts: start, areas }] : []),
    ...(site === undefined ? [] : [{ role: 'mark' as const, parts: begin, areas }]),
    { role: 'probe', parts: append(namespace ? start : append(begin, 'holdfast.'), 'probe-', ''), areas },
  ]
  return unique([
    ...own.flatMap(shown),
    // How far a cookie reaches, a browser tells only of one that is written; it is gone at once.
    ...(areas.includes('cookie') || sealed ? [named('cookie', { role: 'probe' }, ['holdfast.0.', ''], /^holdfast\.\d[\d.e-]*$/)] : []),
    ...(used.includes('hub') && site === undefined ? [named('cookie', { role: 'mark' }, ['holdfast.hub.', ''])] : []),
    ...(sealed ? seals(keyName ?? namespace) : []),
    ...(registry ? others(registry, options).flatMap(shown) : []),
  ])
}

/** The first name that explains what stands there: an exact one before a pattern. */
export const explain = (names: readonly PhysicalName[], area: Area, name: string): PhysicalName | undefined => {
  const fitting = names.filter((each) => each.area === area && each.matches(name))
  return fitting.find((each) => each.name === name) ?? fitting[0]
}
