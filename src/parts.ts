import type { createAdoption } from './adoption.js'
import type { declaredWays } from './declared.js'
import type { createGate } from './gate.js'
import type { rotate } from './rotation.js'
import type { Rules } from './rule.js'

/** What only a storage with a registry needs. `defineKeys` brings it, so that who declares no keys downloads nothing of it. */
export interface Parts {
  declaredWays: typeof declaredWays
  createAdoption: typeof createAdoption
  /** With `consent`. */
  createGate?: typeof createGate
  /** With `seal`. */
  rotate?: typeof rotate
}

const known = /* @__PURE__ */ new WeakMap<Rules, Parts>()

export const bring = (rules: Rules, parts: Parts): void => void known.set(rules, parts)

/** `undefined`: it did not go through `defineKeys`, so that nobody checked it. */
export const partsOf = (rules: Rules): Parts | undefined => known.get(rules)
