import { byCategory } from './providing.js'

/** What a CMP has consent for, as `true` by ID; an in-app one may hand over a bit field. */
type Vector = string | Readonly<Record<number, unknown>> | undefined

/** As far as it is read (CMP API v2, "TCData"). Anything may stand in place of it. */
export interface TcData {
  readonly eventStatus?: unknown
  readonly gdprApplies?: unknown
  readonly listenerId?: unknown
  readonly purpose?: { readonly consents?: Vector }
  readonly vendor?: { readonly consents?: Vector }
  readonly publisher?: { readonly restrictions?: Readonly<Record<number, Readonly<Record<number, unknown>> | undefined>> }
}

const has = (vector: Vector, id: number): boolean => (typeof vector === 'string' ? vector[id - 1] === '1' : vector?.[id] === true)

/** The same for each category, or one for each that has purposes. `undefined`: not known. */
export type Granted = Readonly<Record<string, boolean | undefined>> | boolean | undefined

/** `undefined` where it says nothing yet: `cmpuishown` carries what stood before the visitor chose. */
export const parseTcData = ({ eventStatus, gdprApplies, purpose, vendor: vendors, publisher }: TcData, vendor: number, needs: readonly (readonly [string, readonly number[]])[]): Granted => {
  // Where the GDPR does not apply, nothing else needs to be there, the status included.
  if (!['tcloaded', 'useractioncomplete', gdprApplies ? 'tcloaded' : undefined].includes(eventStatus as string)) return
  if (gdprApplies !== true) return gdprApplies === false || undefined
  // Purpose 1 is storing itself: not to have asked for it (`purposeOneTreatment`) is not to have been allowed it. A
  // publisher may restrict a purpose: 1 asks for consent, 0 forbids it, 2 wants legitimate interest, which stores nothing.
  const granted = (id: number): boolean => has(purpose?.consents, id) && (publisher?.restrictions?.[id]?.[vendor] ?? 1) === 1
  return byCategory(needs.map(([category, ids]) => [category, has(vendors?.consents, vendor) && [1, ...ids].every(granted)]))
}
