import type { Place, Row } from './row.js'
import { asJson } from './json.js'
import { plain } from './plain.js'

/** One of the domains that a vendor uses, as the specification has it. */
export interface DisclosedDomain {
  /** Without a scheme; `*.vendor.test` for its subdomains. */
  domain: string
  purposes: readonly number[]
  specialPurposes?: readonly number[]
  /** What it is used for, in English. */
  use?: string
}

/** What `toDeviceStorage` takes. Purposes are those of the TCF's Global Vendor List, by their numbers. */
export interface DeviceStorageOptions {
  /** By category. With purpose 1 it is subject to consent, without that it is exempt. Default: none for `necessary`. */
  purposes?: Readonly<Record<string, readonly number[]>>
  /** By category. */
  specialPurposes?: Readonly<Record<string, readonly number[]>>
  /** Where what is the site's own is kept. Default `['*']`: on the sites of many customers. */
  first?: readonly string[]
  /** Where what is the vendor's own is kept. Default: the row's provider, where that is a domain. */
  third?: readonly string[]
  /** Seconds that cookies live whose age the registry does not know, by their stored names. */
  ages?: Readonly<Record<string, number>>
  /** Stored names that keep a visitor's refusal. */
  optOut?: readonly string[]
  /** All domains that the vendor uses, also those that store nothing. Default: none. */
  domains?: readonly DisclosedDomain[]
}

interface Disclosure {
  identifier: string
  type: 'cookie' | 'web'
  maxAgeSeconds: number | null
  cookieRefresh: boolean
  domains: string[]
  purposes: readonly number[]
  specialPurposes?: readonly number[]
  description?: string
  optOut?: true
}

const DOMAIN = /^(?:\*|(?:\*\.)?[a-z\d-]+(?:\.[a-z\d-]+)+)$/i

const own = <Value>(table: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined => new Map(Object.entries(table ?? {})).get(name)

const numbersOf = (numbers: readonly number[], argument: string): readonly number[] => {
  if (!numbers.every((number) => Number.isInteger(number) && number > 0)) throw new RangeError(argument + ': not numbers of the Global Vendor List')
  return numbers
}

const domainsOf = (domains: readonly string[], argument: string): readonly string[] => {
  for (const domain of domains) if (!DOMAIN.test(domain)) throw new RangeError(`${argument}: not a domain like '*.vendor.test': ${domain}`)
  return domains
}

const purposesOf = ({ key, category }: Row, options: DeviceStorageOptions): Pick<Disclosure, 'purposes' | 'specialPurposes'> => {
  if (category === undefined) throw new RangeError(`keys.${key}.category: none, and its purposes follow from it`)
  const purposes = own(options.purposes, category) ?? (category === 'necessary' ? [] : undefined)
  if (!purposes) throw new RangeError('purposes: none for the category ' + category)
  const special = own(options.specialPurposes, category)
  return { purposes: numbersOf(purposes, 'purposes.' + category), ...(special && { specialPurposes: numbersOf(special, 'specialPurposes.' + category) }) }
}

/** A session's cookie has 0, what is no cookie `null`. */
const ageOf = ({ name, key }: Row, { kind, lifetime, ms }: Place, { ages }: DeviceStorageOptions): number | null => {
  if (kind !== 'cookie') return null
  const told = own(ages, name)
  if (told !== undefined && !(Number.isInteger(told) && told >= 0)) throw new RangeError(`ages.${name}: not whole seconds`)
  if (told !== undefined) return told
  if (lifetime && lifetime !== 'device' && lifetime !== 'varies') return 0
  if (ms === undefined) throw new RangeError(`keys.${key}.ttl: not known, and a cookie needs an age; give ages['${name}']`)
  return Math.ceil(ms / 1000)
}

const placeDomains = ({ key }: Row, { party, provider }: Place, { first = ['*'], third }: DeviceStorageOptions): readonly string[] => {
  if (party === 'first') return domainsOf(first, 'first')
  const domains = third ?? (provider !== undefined && DOMAIN.test(provider) ? [provider] : undefined)
  if (!domains) throw new RangeError(`third: not given, and keys.${key} is on a domain of somebody else`)
  return domainsOf(domains, 'third')
}

const disclosuresOf = (row: Row, options: DeviceStorageOptions): Disclosure[] => {
  const identifier = plain(row.name)
  if (/^\**$/.test(identifier)) throw new RangeError(`keys.${row.key}.name: a wildcard alone names nothing`)
  const purpose = plain(row.purpose ?? '')
  const more = { ...purposesOf(row, options), ...(purpose && { description: purpose }), ...(options.optOut?.includes(row.name) && { optOut: true as const }) }
  const found = new Map<string, Disclosure>()
  for (const place of row.places) {
    const { kind: type } = place
    if (type === 'memory') continue
    const maxAgeSeconds = ageOf(row, place, options)
    const domains = placeDomains(row, place, options)
    const same = found.get(type + maxAgeSeconds)
    if (same) same.domains = [...new Set([...same.domains, ...domains])]
    else found.set(type + maxAgeSeconds, { identifier, type, maxAgeSeconds, cookieRefresh: type === 'cookie' && !!row.sliding, domains: [...domains], ...more })
  }
  return [...found.values()]
}

/**
 * The rows as the JSON that a vendor of the IAB's Transparency & Consent Framework publishes (Vendor Device Storage &
 * Operational Disclosures 1.1). One disclosure for each type and age of a key: a cookie, and other storage (`web`). What is
 * in a page's memory is not stored. Give it the rows that are yours. Throws a RangeError that says what the
 * specification asks for and nobody gave.
 *
 * @example
 * import { defineKeys, key } from 'holdfast'
 * import { collect, toDeviceStorage } from 'holdfast/disclosure'
 * const keys = defineKeys({ visitor: key<string>({ ttl: '1y', sliding: true, category: 'analytics', purpose: 'Counts visitors' }) })
 * const text = toDeviceStorage(collect(keys, ['cookie', 'memory']), { purposes: { analytics: [1, 8] } })
 * const { disclosures } = JSON.parse(text)
 * disclosures.length // => 1
 * disclosures[0] // => { identifier: 'visitor', type: 'cookie', maxAgeSeconds: 31536000, cookieRefresh: true, domains: ['*'], purposes: [1, 8], description: 'Counts visitors' }
 */
export const toDeviceStorage = (rows: readonly Row[], options: DeviceStorageOptions = {}): string =>
  asJson({
    disclosures: rows.flatMap((row) => disclosuresOf(row, options)),
    domains: (options.domains ?? []).map(({ domain, purposes, specialPurposes, use }) => ({
      domain: domainsOf([domain], 'domains')[0],
      purposes: numbersOf(purposes, 'domains.purposes'),
      ...(specialPurposes && { specialPurposes: numbersOf(specialPurposes, 'domains.specialPurposes') }),
      ...(use !== undefined && { use }),
    })),
  })
