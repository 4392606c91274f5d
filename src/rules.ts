import { createAdoption } from './adoption.js'
import { declaredWays } from './declared.js'
import { createGate } from './gate.js'
import { register } from './registry.js'
import { rotate } from './rotation.js'
import type { Rules } from './rule.js'

/**
 * A registry: only its keys exist in a storage that is given it, each with its own rule. Checked at once;
 * throws a TypeError or RangeError that names the key and the field.
 *
 * @example
 * import { createStorage, defineKeys, key, memoryTier } from 'holdfast'
 * const keys = defineKeys({ token: key<string>({ ttl: '1d', tiers: ['memory'] }) })
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [memoryTier()], keys })
 * await storage.set('token', 'abc')
 * await storage.get('token') // => 'abc'
 */
export const defineKeys = <Declared extends Rules>(rules: Declared): Declared => register(rules, { declaredWays, createAdoption, createGate, rotate })
