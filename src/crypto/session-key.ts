import { cookieTier } from '../tiers/cookie.js'
import { fromText, toText } from './base64.js'
import type { KeyOptions, RingKey } from './key-ring.js'
import { createRings } from './key-ring.js'
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
export const sessionKey = ({ domain = 'host', ...options }: SessionKeyOptions = {}): SealKey => {
  const { env = globalThis } = options
  // No request from another site needs it.
  const tier = cookieTier({ domain, lifetime: 'session', sameSite: 'Strict', env })

  return createRings(options, 'holdfast-key.', (name) => {
    const start = name + '.'
    const load = async (): Promise<RingKey[]> => {
      const names = await tier.names(start)
      const entries = await tier.read(names)
      const keys = names.map(async (each, index) => {
        const entry = entries[index]
        const id = each.slice(start.length)
        const bytes = fromText(entry?.text ?? '')
        // A name that begins like this one may have a dot of its own.
        return bytes.length === 32 && !id.includes('.') ? [{ id, at: entry!.stamp, key: await importAes(env, bytes) }] : []
      })
      return (await Promise.all(keys)).flat()
    }
    const drop = async (keys: readonly RingKey[]) => tier.write(keys.map(({ id, at }) => ({ name: start + id, drop: at })))
    return {
      load,
      drop,
      destroy: async () => drop(await load()),
      async add(id, stamp, unlessAny) {
        const make = async (): Promise<void> => {
          if (unlessAny && (await load())[0]) return
          const [failure] = await tier.write([{ name: start + id, entry: { text: toText(random(env, 32)), stamp, lifetime: 'session' } }])
          if (failure) throw failure
        }
        // Without locks, tabs that begin together make one each: in a cookie of its own, so that none is lost.
        await (env.navigator?.locks?.request(name, make) ?? make())
      },
    }
  })
}
