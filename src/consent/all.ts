import type { Consent } from '../contracts.js'
import { check } from '../origins.js'
import { calm, createProvider } from './providing.js'

/**
 * Several consents as one: all must allow. One refusal refuses; else one that does not know yet makes it wait.
 * A listener hears of a change of each, also where that does not change what they say together.
 *
 * @example
 * import { all, choice } from 'holdfast/consent'
 * const banner = choice({ analytics: true })
 * const settings = choice()
 * const consent = all(banner, settings)
 * consent.allows('analytics') // => undefined
 * await settings.update({ analytics: true })
 * consent.allows('analytics') // => true
 */
export const all = (...consents: readonly Consent[]): Consent => {
  // None would allow everything.
  check(consents[0] && consents.every((consent) => consent?.allows), 'consents', 'choice()')
  return {
    ...createProvider((category) => {
      const answers = consents.map((consent) => calm(() => consent.allows(category)))
      return !answers.includes(false) && (answers.every((answer) => answer === true) || undefined)
    }),
    watch(heard) {
      const undo = consents.map((consent) => consent.watch(heard))
      return () => undo.forEach((leave) => leave())
    },
  }
}
