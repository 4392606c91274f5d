import type { Tier } from './contracts.js'
import type { Ttl } from './lifetime.js'
import { LONGEST, parseTtl } from './lifetime.js'
import type { Link } from './link.js'
import type { StorageOptions, Way } from './options.js'
import { expect } from './options.js'
import { refinementOf } from './refinement.js'
import type { Rule } from './rule.js'
import { isExternal } from './rule.js'
import { createSealing } from './sealing.js'

/** What is needed with a registry must be able to do this. */
const VERBS = { consent: ['allows', 'watch'], seal: ['seal', 'open'] } as const

/** Throws where a rule does not fit the storage that it is given to. */
const check = (options: StorageOptions): void => {
  const { tiers, keys, consent } = options
  for (const [argument, verbs] of Object.entries(VERBS)) {
    const part = options[argument as keyof typeof VERBS] as Record<string, unknown> | undefined
    for (const verb of part ? verbs : []) if (typeof part![verb] !== 'function') throw new TypeError(`${argument}: without ${verb}`)
  }
  const names = tiers.map(({ name }) => name)
  for (const key in keys) {
    const rule = keys[key]!
    if (isExternal(rule)) continue
    const { tiers: own = names, name, path, category } = rule
    if (!refinementOf(rule)) throw new TypeError(`keys.${key}: not from defineKeys`)
    for (const tier of own) expect(names.includes(tier), `keys.${key}.tiers: no tier ${tier}`)
    if (name && path) for (const tier of tiers) expect(tier.at || !own.includes(tier.name), `keys.${key}.path: none in ${tier.name}`)
    expect(!consent || category, `keys.${key}.category: none, and there is a consent`)
  }
}

/** The way of each declared key. */
export const declaredWays = (options: StorageOptions, start: string, linkOf: (tier: Tier) => Link, seal: StorageOptions['seal']): Way[] => {
  check(options)
  const { keys, tiers, ttl = 'forever' } = options
  const secretOf = createSealing(seal)
  const make = (key: string, rule: Rule): Way => {
    const { name = key, tiers: own, path, reach, secret, ttl: lasting = ttl, sliding, once, category, adopt } = rule
    const everywhere = tiers.map((tier) => linkOf((path && tier.at?.(path)) || tier))
    const term = typeof lasting === 'function' ? undefined : parseTtl(lasting)
    const links = own?.map((tier) => everywhere.find((link) => link.tier.name === tier)!) ?? everywhere
    return {
      key, name: start + name, links, everywhere, life: term?.ms ?? LONGEST, reach, category, adopt, sliding, once,
      secret: secret ? secretOf(start + name, path) : undefined,
      refinement: refinementOf(rule)!,
      term: (value) => term ?? parseTtl((lasting as (value: unknown) => Ttl)(value), `keys.${key}.ttl`),
    }
  }
  return Object.entries(keys!).flatMap(([key, rule]) => (isExternal(rule) ? [] : [make(key, rule)]))
}
