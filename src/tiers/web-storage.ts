import type { Env, Lifetime, Reach, Tier } from '../contracts.js'
import { decodeEntry, encodeEntry, isOurs } from '../entry.js'
import { asTierError, StorageError } from '../errors.js'
import { settle } from '../register.js'

/** The shared body of localStorage and sessionStorage. */
export const webStorageTier = (name: 'localStorage' | 'sessionStorage', lifetime: Lifetime, reach: Reach, env: Env = globalThis): Tier => {
  /** Looked up at each operation: it may be absent, null, throwing or without methods (Android WebView, sandboxed frames, Node). */
  const area = (): Storage => {
    const found = env[name]
    if (typeof found?.getItem !== 'function') throw new StorageError('unavailable', `${name}: not in this browser`)
    return found
  }
  const names = (prefix: string): string[] => {
    const found = area()
    const all: string[] = []
    for (let index = 0; index < found.length; index++) {
      const key = found.key(index)
      if (key?.startsWith(prefix) && isOurs(found.getItem(key) ?? '')) all.push(key)
    }
    return all
  }
  return {
    name,
    traits: { lifetimes: [lifetime], reach, sync: true },
    open() {},
    read(asked) {
      const found = area()
      return asked.map((key) => decodeEntry(key, found.getItem(key)))
    },
    write(changes) {
      const found = area()
      return changes.map((change) => {
        const { name: key } = change
        try {
          const raw = found.getItem(key)
          const next = settle(decodeEntry(key, raw), change)
          if (typeof next === 'number') return next
          if (next) {
            const text = encodeEntry(key, next)
            found.setItem(key, text)
            if (found.getItem(key) !== text) throw new StorageError('refused', `${name}: did not keep ${key}`)
          } else if (next === null && isOurs(raw!)) found.removeItem(key)
          return
        } catch (cause) {
          return asTierError(cause, name)
        }
      })
    },
    names,
    usage: (prefix) => ({ bytes: names(prefix).reduce((sum, key) => sum + key.length + area().getItem(key)!.length, 0) }),
    close() {},
  }
}
