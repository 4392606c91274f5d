import type { Env, Lifetime, Reach, Tier } from '../contracts.js'
import { textTier } from './text.js'

/**
 * The shared body of localStorage and sessionStorage. The object is looked up at each operation: it may be absent,
 * null, throwing or without methods (Android WebView, sandboxed frames, Node), and what that throws is `unavailable`.
 */
export const webStorageTier = (name: 'localStorage' | 'sessionStorage', lifetime: Lifetime, reach: Reach, env: Env = globalThis): Tier =>
  textTier(
    name,
    { lifetimes: [lifetime], reach, sync: true },
    (area = env[name]!) => (key) => area.getItem(key),
    (key, text) => (text === null ? env[name]!.removeItem(key) : env[name]!.setItem(key, text)),
    // A key may be gone by now: another tab removes it.
    (area = env[name]!) => Array.from({ length: area.length }, (_, index) => area.key(index) ?? ''),
  )
