import { lookText } from '../../src/disclosure/audit-sight.js'
import type { Kept, Sight } from '../../src/disclosure/audit-sight.js'
import type { PhysicalName } from '../../src/disclosure/physical.js'
import { explain, physicalNames, WEB } from '../../src/disclosure/physical.js'
import { cobrowse, liveperson, livepersonClassic, sprinklr } from '../../src/presets/index.js'
import { memoryTier } from '../../src/tiers/memory.js'

/** Stands where a page has a hub, or a server: what those keep is not the page's. */
const elsewhere = { ...memoryTier(), name: 'hub' }

/** The namespaces in which the pages of the tests keep whatever they like. */
const NAMESPACES = ['acme-chat', 'one', 'two', 'three']

/** A namespace of their own is in the names that the cases for every tier ask a tier to write. */
const CASES: readonly PhysicalName[] = [...WEB, 'database' as const].map((area) => ({ area, name: 'case*', role: 'value', matches: (name) => /^(?:holdfast\.)?case[\da-z]{6,}(?:\.|bot|$)/.test(name) }))

const presets = [
  liveperson({ siteId: '123', endpoint: 'https://chat.vendor.test/entries', hub: elsewhere }),
  livepersonClassic({ siteId: '123' }),
  sprinklr({ appId: 'app_1', userId: 'u1', sessionStorage: true, hub: elsewhere }),
  cobrowse(),
]

/** What the storages of the tests' pages may leave there. */
const declared: readonly PhysicalName[] = [
  ...NAMESPACES.flatMap((namespace) => physicalNames(undefined, { namespace, keyName: namespace })),
  ...presets.flatMap((options) => physicalNames(options.keys, options)),
  // A hub's mark, and keys that seal without a storage.
  ...physicalNames({}, { tiers: ['hub'], keyName: '' }),
  ...CASES,
]

/** Whether it is holdfast's: by its text, by its name, or as a piece of a large cookie. */
const isOurs = ({ area, name, text = '' }: Kept): boolean => text.startsWith('hf1') || name.startsWith('holdfast') || (area === 'cookie' && name.includes('|'))

/** Of these, what is holdfast's and declared by nothing. */
export const undeclaredOf = (kept: readonly Kept[]): string[] => kept.filter((one) => isOurs(one) && !explain(declared, one.area, one.name)).map(({ area, name }) => `${area} ${name}`)

/** The names that holdfast has left in a page, and that nothing declares. `evaluate` takes what has a function's text. */
export const undeclaredIn = async (evaluate: (run: () => Promise<Sight>) => Promise<Sight>): Promise<string[]> => {
  const run = Object.assign(() => Promise.reject<Sight>(new Error('it is its text that runs')), { toString: () => `() => ${lookText(5000)}` })
  return undeclaredOf((await evaluate(run)).kept)
}
