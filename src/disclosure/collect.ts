import type { Ttl } from '../lifetime.js'
import { parseTtl, reachesTo } from '../lifetime.js'
import type { External, Facts, Rule, Rules } from '../rule.js'
import { isExternal } from '../rule.js'
import type { PlaceFacts, TierFacts } from './places.js'
import { groundsOf, placeOf, placeOfExternal, present } from './places.js'
import type { Place, Row } from './row.js'

/** What `collect` takes beside the registry and the tiers; the options of a storage are taken as they are. */
export interface CollectOptions {
  /** The storage's: names are stored as `namespace.key`. Default `''`: as they are. */
  namespace?: string
  /** The storage's: how long a value lives whose rule does not say so. Default `'forever'`. */
  ttl?: Ttl
  /** The storage's: everything is forgotten once unused for this long. */
  idle?: Ttl
  /** What is true of a tier here, by its name: `{ hub: { provider: 'chat.vendor.test' } }`. */
  places?: Readonly<Record<string, PlaceFacts>>
}

type Look = ReturnType<typeof groundsOf>

const factsOf = ({ category, purpose, personalData, condition, retention, source }: Facts) => ({ category, purpose, personalData, condition, retention, source })

const rowOf = (key: string, rule: Rule, look: Look, chain: readonly string[], { namespace, ttl = 'forever', idle }: CollectOptions): Row => {
  const { name = key, path, reach, sliding, once, secret, adopt, ttl: own = ttl } = rule
  const at = 'keys.' + key
  const term = typeof own === 'function' ? 'varies' : parseTtl(own, at + '.ttl')
  const grounds = (rule.tiers ?? chain).flatMap((tier) => {
    const found = look(tier)
    if (!found) throw new RangeError(`${at}.tiers: no tier ${tier}; give it among the tiers`)
    return found
  })
  if (!grounds.length) throw new RangeError(`tiers: none, and ${at} has no chain of its own`)
  const reaches = (place: Place): boolean => !reach || reachesTo(place.reach, reach) || reachesTo(place.mayReach, reach)
  const places = grounds.flatMap((ground) => placeOf(ground, term) ?? []).map((place) => (path && place.kind === 'cookie' ? { ...place, path } : place))
  return present({
    key,
    name: namespace ? namespace + '.' + name : name,
    external: false,
    // Where a reach is asked for, what is narrower comes last.
    places: [...places.filter(reaches), ...places.filter((place) => !reaches(place))],
    sliding: sliding || undefined,
    once: once || undefined,
    secret: secret || undefined,
    idle: idle && parseTtl(idle, 'idle').ms,
    earlier: adopt && present({ tier: adopt.tier, name: adopt.name }),
    ...factsOf(rule),
  }) as Row
}

const externalRowOf = (key: string, rule: External, look: Look): Row => {
  const { name = key, tier = 'cookie', ttl, party, provider, httpOnly, path } = rule
  const [ground] = look(tier) ?? []
  if (!ground) throw new RangeError(`keys.${key}.tier: no tier ${tier}; give it among the tiers`)
  const term = ttl === undefined ? undefined : parseTtl(ttl, `keys.${key}.ttl`)
  // What the tiers of a storage are says nothing of what others set, but for the place's kind.
  const known = { path, ...(ground.kind === 'cookie' && { httpOnly }), ...present({ party, provider }) }
  const place = placeOfExternal({ ...ground, ...known } as typeof ground, term)
  return present({ key, name, external: true, places: [place], ...factsOf(rule) }) as Row
}

/**
 * What a site's owner must publish of a registry: a row of facts for each key, in the registry's order. `tiers` are
 * those of the storage, or names of tiers of this package. A tier that would keep a key for longer than asked is left out, as the
 * storage passes it over. Throws a RangeError that names the key where a tier is not known.
 *
 * @example
 * import { cookieTier, defineKeys, key, localStorageTier } from 'holdfast'
 * import { collect } from 'holdfast/disclosure'
 * const keys = defineKeys({ token: key<string>({ ttl: '1d', category: 'necessary', purpose: 'Keeps the conversation' }) })
 * const [row] = collect(keys, [localStorageTier(), cookieTier()], { namespace: 'acme-chat' })
 * row!.name // => 'acme-chat.token'
 * row!.places.map(({ tier, onWire }) => [tier, onWire]) // => [['localStorage', false], ['cookie', true]]
 */
export const collect = (registry: Rules, tiers: readonly (TierFacts | string)[], options: CollectOptions = {}): Row[] => {
  const chain = tiers.map((tier) => (typeof tier === 'string' ? tier : tier.name))
  const look = groundsOf(tiers, options.places)
  const others = groundsOf([], options.places)
  return Object.entries(registry).map(([key, rule]) => (isExternal(rule) ? externalRowOf(key, rule, (tier) => others(tier) ?? look(tier)) : rowOf(key, rule, look, chain, options)))
}
