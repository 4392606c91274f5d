import type { Consent } from '../contracts.js'
import type { ConsentEnv } from './env.js'
import { createProvider } from './providing.js'

/** What `gpc` takes. */
export interface GpcOptions {
  /** What the signal forbids. Default `['marketing']`. */
  categories?: readonly string[]
  env?: ConsentEnv
}

/**
 * Global Privacy Control (w3c.github.io/gpc) as a veto: where the browser says that the visitor's data may not be sold
 * or shared, `marketing` is refused. It grants nothing: put it beside another consent with `all`.
 *
 * @example
 * import { all, choice, gpc } from 'holdfast/consent'
 * const env = { navigator: { globalPrivacyControl: true } } // or leave it out: the browser's own
 * const consent = all(choice({ marketing: true, analytics: true }), gpc({ env }))
 * consent.allows('marketing') // => false
 * consent.allows('analytics') // => true
 */
export const gpc = ({ categories = ['marketing'], env = globalThis }: GpcOptions = {}): Consent =>
  // No event tells of a change: it is asked each time.
  createProvider((category) => !categories.includes(category) || (env.navigator as { globalPrivacyControl?: unknown } | undefined)?.globalPrivacyControl !== true)
