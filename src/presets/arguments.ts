import type { Env, Seal, Tier } from '../contracts.js'
import { hubTier } from '../hub/client.js'
import type { StorageOptions } from '../options.js'
import type { Rules } from '../rule.js'

/** What a preset answers: options for `createStorage`, and nothing more. */
export type Preset<Declared extends Rules> = Omit<StorageOptions, 'keys'> & { keys: Declared; seal?: Seal }

/** What goes into names must be safe in each place: in a cookie's name, in a path, in a namespace. */
export const checkName = (argument: string, text: unknown, allowed = /^[\w-]{1,128}$/): void => {
  if (typeof text !== 'string') throw new TypeError(argument + ': not a string')
  if (!allowed.test(text)) throw new RangeError(argument + ': not 1 to 128 characters that are safe in names')
}

/** The hub as a tier, from the address of its page or as the caller made it. */
export const hubOf = (hub: unknown, env: Env | undefined): Tier => {
  if (typeof (hub as Tier | undefined)?.read === 'function') return hub as Tier
  if (typeof hub === 'string')
    try {
      return hubTier({ url: hub, ...(env && { env }) })
    } catch {}
  throw new TypeError('hub: neither the http(s) address of a hub page nor a tier')
}
