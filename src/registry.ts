import { parseTtl, reachesTo } from './lifetime.js'
import { expect } from './options.js'
import type { Parts } from './parts.js'
import { bring } from './parts.js'
import { refine } from './refinement.js'
import type { Rule, Rules } from './rule.js'
import { isExternal } from './rule.js'

const FACTS = ['category', 'purpose', 'personalData', 'condition', 'retention', 'source', 'ttl', 'name', 'path']
// Not with FACTS in them: a bundler keeps a spread, also for who declares no keys.
const FIELDS = ['sliding', 'once', 'tiers', 'reach', 'secret', 'version', 'migrate', 'schema', 'adopt']
const EXTERNAL = ['external', 'tier', 'party', 'provider', 'httpOnly']

/** Throws where a rule cannot be kept. */
const check = (rule: Rule, at: string): void => {
  const { ttl, sliding, tiers, reach, path, version, migrate, schema, adopt, name } = rule
  if (ttl !== undefined && typeof ttl !== 'function') parseTtl(ttl, at + '.ttl')
  expect(!sliding || typeof ttl === 'function' || (ttl !== undefined && parseTtl(ttl).ms), at + '.sliding: needs a ttl of its own that ends')
  expect(!tiers || (tiers.length && new Set(tiers).size === tiers.length), at + '.tiers: expected one or more names, each once')
  expect(!reach || reachesTo(reach, 'page'), at + ".reach: not 'page', 'tab', 'origin' or 'site'")
  expect(!path || /^\/[!-:<-~]*$/.test(path), at + ".path: not like '/chat'")
  expect(version === undefined || (Number.isInteger(version) && version > 0), at + '.version: not a whole number above 0')
  expect(!migrate || (version && typeof migrate === 'function'), at + '.migrate: not a function, or without version')
  expect(!schema || typeof schema['~standard']?.validate === 'function', at + '.schema: not a Standard Schema')
  expect(!adopt || (typeof adopt.read === 'function' && typeof adopt.remove === 'function'), at + '.adopt: without read and remove')
  expect(name !== '', at + '.name: empty')
}

/** Checks the rules, and marks them with what a storage of theirs needs. */
export const register = <Declared extends Rules>(rules: Declared, parts: Parts): Declared => {
  const stored = new Set<string>()
  for (const [name, rule] of Object.entries(rules)) {
    const at = 'keys.' + name
    const fields = FACTS.concat(isExternal(rule) ? EXTERNAL : FIELDS)
    for (const field of Object.keys(rule)) if (!fields.includes(field)) throw new TypeError(`${at}: unknown field ${field}`)
    if (rule.ttl !== undefined && isExternal(rule)) parseTtl(rule.ttl, at + '.ttl')
    if (isExternal(rule)) continue
    check(rule, at)
    const place = (rule.name ?? name) + '\n' + (rule.path ?? '')
    expect(!stored.has(place), at + ".name: another key's")
    stored.add(place)
    refine(rule)
  }
  bring(rules, parts)
  return rules
}
