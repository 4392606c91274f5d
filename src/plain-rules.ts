import { createAdoption } from './adoption.js'
import { declaredWays } from './declared.js'
import { register } from './registry.js'
import type { Rules } from './rule.js'

/** `defineKeys` of the plain script, which has no consent and no seal to give to a storage. */
export const defineKeys = <Declared extends Rules>(rules: Declared): Declared =>
  register(rules, {
    createAdoption,
    declaredWays(options, ...rest) {
      for (const part of ['consent', 'seal'] as const) if (options[part]) throw new TypeError(part + ': not in the plain script')
      return declaredWays(options, ...rest)
    },
  })
