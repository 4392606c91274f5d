import { cookieTier } from '../tiers/cookie.js'
import { fromText } from './base64.js'
import type { KeyOptions, RingKey } from './key-ring.js'
import { createRing } from './key-ring.js'
import type { SealKey } from './seal-key.js'
import { importAes, random } from './seal-key.js'

/** What `sessionKey` takes. */
export interface SessionKeyOptions extends KeyOptions {
  /** Of the key's cookie, as `cookieTier` takes it: `'site'` where sibling subdomains are to open each other's texts. Default `'host'`. */
  domain?: string
}

/**
 * Keys that are gone when the browser closes: kept in session cookies (`holdfast-key.`, the namespace and an id), so
 * that all tabs have them. The first seal makes one. The cookie travels to the site's servers, and a browser that
 * restores its session restores it, too.
 *
 * @example
 * import { aesGcm, sessionKey } from 'holdfast/crypto'
 * const seal = aesGcm(sessionKey())
 * const sealed = await seal.seal('eyJhbGciOi', 'acme-chat.token')
 * await seal.open(sealed, 'acme-chat.token') // => 'eyJhbGciOi'
 */
export const sessionKey = (options: SessionKeyOptions = {}): SealKey =>
  createRing(options, 'holdfast-key.', (name, env) => {
    // No request from another site needs it.
    const tier = cookieTier({ domain: options.domain!, lifetime: 'session', sameSite: 'Strict', env })
    const start = name + '.'
    const load = async (): Promise<RingKey[]> => {
      const keys: RingKey[] = []
      for (const each of await tier.names(start)) {
        const [entry] = await tier.read([each])
        const bytes = fromText(entry?.text)
        const id = each.slice(start.length)
        // A name that begins like this one goes on for longer than an id.
        if (bytes.length === 32 && !id[4]) keys.push({ id, at: entry!.stamp, key: await importAes(env, bytes) })
      }
      return keys
    }
    return {
      load,
      async add(id, stamp) {
        const [failure] = await tier.write([{ name: start + id, entry: { text: random(env, 32), stamp, lifetime: 'session' } }])
        if (failure) throw failure
      },
      drop: async (keys) => tier.write((keys ?? (await load())).map(({ id, at }) => ({ name: start + id, drop: at }))),
    }
  })
