import type { Change, Entry, Tier } from '../../src/contracts.js'

/** What somebody else, a full disk or a newer version of the widget leaves beneath a tier. */

const CORRUPT: Entry = { text: null, stamp: 0, lifetime: 'page', corrupt: true }

export interface Damageable {
  tier: Tier
  damage(name: string): boolean
}

/** A stand-in keeps entries, not text: what was damaged in it is remembered by name. */
export const damageable = (tier: Tier): Damageable => {
  const damaged = new Set<string>()
  const forget = (name: string): unknown => tier.write([{ name, drop: Infinity }])
  return {
    damage(name) {
      forget(name)
      damaged.add(name)
      return true
    },
    tier: {
      ...tier,
      read: (names) => {
        const entries = tier.read(names) as readonly (Entry | undefined)[]
        return names.map((name, index) => (damaged.has(name) ? CORRUPT : entries[index]))
      },
      names: (prefix) => [...new Set([...(tier.names(prefix) as string[]), ...[...damaged].filter((name) => name.startsWith(prefix))])],
      write: (changes: readonly Change[]) => {
        for (const change of changes) if ('entry' in change || change.drop) damaged.delete(change.name)
        return tier.write(changes)
      },
    },
  }
}

/** Another text for the one that stands there; `undefined`: there is nothing to copy or cut. */
const replaced = (how: string, text: string | null, other: string | undefined): string | undefined => {
  switch (how) {
    case 'truncated': return text ? text.slice(0, text.length >> 1) : undefined
    case 'copied': return other
    case 'newer version': return 'hf23.abc.1m2n3.4.5.text'
    case 'foreign': return '{"token":"of_another_library"}'
    default: return 'hf13.zz.9qqq' + (text ?? '').slice(3, 9)
  }
}

export const damageArea = (area: Storage) => (name: string, how: string): boolean => {
  const other = ['token', 'visitor', 'secret', 'own'].map((key) => `chat.${key}`).find((one) => one !== name && area.getItem(one))
  const text = replaced(how, area.getItem(name), other && area.getItem(other)!)
  if (text === undefined) return false
  area.setItem(name, text)
  return true
}

/** `scope` is where the tier keeps its own: elsewhere it would be a twin. */
export const damageCookie = (jar: { cookie: string }, scope: string) => (name: string, how: string): boolean => {
  const pairs = jar.cookie.split('; ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const)
  const at = pairs.find(([one]) => one === name)
  const other = pairs.find(([one]) => one.startsWith('chat.') && !one.includes('|') && one !== name)
  const text = replaced(how, at?.[1] ?? null, other?.[1])
  if (text === undefined) return false
  jar.cookie = `${name}=${encodeURIComponent(text)}${scope}; Max-Age=8640000; SameSite=Lax; Secure`
  return true
}

export const damageRecord = async (factory: IDBFactory, name: string, how: string): Promise<boolean> => {
  if (!(await factory.databases()).some((one) => one.name === 'holdfast.chat')) return false
  return new Promise((resolve, reject) => {
    const opening = factory.open('holdfast.chat')
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const database = opening.result
      const transaction = database.transaction('entries', 'readwrite')
      const store = transaction.objectStore('entries')
      const reading = store.get(name)
      let done = false
      reading.onsuccess = () => {
        const text = replaced(how, (reading.result as { raw: string } | undefined)?.raw ?? null, undefined)
        if (text === undefined) return
        store.put({ raw: text }, name)
        done = true
      }
      transaction.oncomplete = () => {
        database.close()
        resolve(done)
      }
    }
  })
}
