import type { Env } from './contracts.js'
import type { Adoption } from './rule.js'

/** Where older code left a value, and in which form. */
export interface LegacyOptions<Value> {
  tier: 'localStorage' | 'sessionStorage' | 'cookie'
  /** Its full name, as it stands there. */
  name: string
  /** The value of the text; what it throws is reported, and the text stays. Default: the text itself. A cookie's is decoded first. */
  decode?: (text: string) => Value
  /** Of a cookie: where it was set. Default: this host, and `/`. */
  domain?: string
  path?: string
  env?: Env
}

/**
 * A value that older code left under its own name, for a rule's `adopt`: read once, written under the rule's name,
 * then removed where it was.
 *
 * @example
 * import { createStorage, defineKeys, key, legacy, localStorageTier } from 'holdfast'
 * localStorage.setItem('oldChatToken', 'abc')
 * const keys = defineKeys({ token: key<string>({ adopt: legacy({ tier: 'localStorage', name: 'oldChatToken' }) }) })
 * const storage = createStorage({ namespace: 'acme-chat', tiers: [localStorageTier()], keys })
 * await storage.get('token') // => 'abc'
 * localStorage.getItem('oldChatToken') // => null
 */
export const legacy = <Value = string>({ tier, name, decode = (text) => text as Value, domain, path = '/', env = globalThis }: LegacyOptions<Value>): Adoption<Value> => {
  const textOfCookie = (): string | undefined => {
    const pair = env.document?.cookie.split('; ').find((one) => one.startsWith(name + '='))?.slice(name.length + 1)
    try {
      return pair && decodeURIComponent(pair)
    } catch {
      // Older code need not have encoded it.
      return pair
    }
  }
  return {
    tier,
    name,
    read() {
      const text = tier === 'cookie' ? textOfCookie() : env[tier]?.getItem(name)
      return text == null ? undefined : decode(text)
    },
    remove() {
      if (tier !== 'cookie') env[tier]?.removeItem(name)
      else if (env.document) env.document.cookie = `${name}=; Max-Age=0; Path=${path}${domain ? '; Domain=' + domain : ''}`
    },
  }
}
