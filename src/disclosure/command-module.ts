import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Ttl } from '../lifetime.js'
import type { Rules } from '../rule.js'
import type { CollectOptions } from './collect.js'
import { messageOf, refuse, textOf } from './command-terminal.js'
import type { Given, Terminal } from './command-terminal.js'
import type { DeviceStorageOptions } from './device-storage.js'
import type { PhysicalOptions } from './physical.js'
import type { TierFacts } from './places.js'
import type { Words } from './words.js'

/** What a module of keys exports. */
export interface KeysModule {
  keys: Rules
  tiers?: readonly (TierFacts | string)[]
  namespace?: string
  ttl?: Ttl
  idle?: Ttl
  places?: NonNullable<CollectOptions['places']>
  areas?: NonNullable<PhysicalOptions['areas']>
  keyName?: string
  title?: string
  words?: Words
  deviceStorage?: DeviceStorageOptions
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A rule has fields of many kinds; a registry has rules. */
const isRegistry = (value: unknown): value is Rules => isObject(value) && Object.values(value).every(isObject)

/** Options of a storage have a chain or a namespace, which as keys of a registry would be rules. */
const isOptions = (value: unknown): value is Record<string, unknown> => isObject(value) && isRegistry(value['keys']) && (Array.isArray(value['tiers']) || typeof value['namespace'] === 'string' || Object.keys(value).length === 1)

/** Loads a module of keys, whether of ES or CommonJS; with `--namespace` over its own. */
export const loadKeys = async (path: string, given: Given, { cwd }: Terminal): Promise<KeysModule> => {
  const file = resolve(cwd, path)
  if (!existsSync(file)) return refuse(path + ': no such file')
  let module: Record<string, unknown>
  try {
    module = (await import(pathToFileURL(file).href)) as Record<string, unknown>
  } catch (cause) {
    return refuse(`${path}: not loaded: ${messageOf(cause)}`, cause)
  }
  const { default: main, ...named } = module
  // In CommonJS all that is exported is the default; some of it is named as well.
  const options = isOptions(main) ? { ...main, ...named } : named
  const keys = options['keys'] ?? main
  if (!isRegistry(keys)) return refuse(`${path}: exports neither \`keys\` nor a default that is a registry, or the options of a storage`)
  const namespace = textOf(given, 'namespace')
  return { ...options, keys, ...(namespace !== undefined && { namespace }) }
}
