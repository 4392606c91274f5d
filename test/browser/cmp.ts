import { CmpApi } from '@iabtcf/cmpapi'
import { GVL, TCModel, TCString } from '@iabtcf/core'
import { type ChoiceName, choices, VENDOR } from './consent-choices.js'

/**
 * A CMP's main script, over the IAB's own API and TC strings. As CMPs do, it keeps its string in a cookie, asks the
 * visitor where there is none, and hears of what is chosen in another tab.
 */

const byId = <T>(ids: readonly number[], make: (id: number) => T): Record<string, T> => Object.fromEntries(ids.map((id) => [id, make(id)]))

/** As far as the encoder reads it. */
const list = {
  gvlSpecificationVersion: 3,
  vendorListVersion: 1,
  tcfPolicyVersion: 4,
  lastUpdated: '2026-01-01T00:00:00Z',
  purposes: byId([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], (id) => ({ id, name: `Purpose ${id}` })),
  specialPurposes: {},
  features: {},
  specialFeatures: {},
  stacks: {},
  vendors: byId([VENDOR, 12], (id) => ({ id, name: `Vendor ${id}`, purposes: [1, 3, 4, 8], legIntPurposes: [], flexiblePurposes: [], specialPurposes: [], features: [], specialFeatures: [] })),
}

function encode(name: ChoiceName): string {
  const { purposes, vendors } = choices[name]
  const model = new TCModel(new GVL(list as never))
  model.cmpId = 3
  model.cmpVersion = 1
  model.isServiceSpecific = true
  model.purposeConsents.set(purposes)
  model.vendorConsents.set(vendors)
  return TCString.encode(model)
}

const remembered = (): string => /(?:^|; )euconsent-v2=([^;]*)/.exec(document.cookie)?.[1] ?? ''
const api = new CmpApi(3, 1, true)
const otherTabs = new BroadcastChannel('cmp')
// The string itself: another tab's cookie may come later than its message.
otherTabs.onmessage = ({ data }: MessageEvent<string>) => api.update(data)

/** What the tests do with it. */
export const cmp = {
  /** A returning visitor, or the banner: what it carries is nobody's choice yet. */
  begin: () => (remembered() ? api.update(remembered()) : api.update(encode('everything'), true)),
  /** The visitor chooses, and saves that. */
  choose(name: ChoiceName): void {
    const chosen = encode(name)
    document.cookie = `euconsent-v2=${chosen}; path=/; max-age=86400; secure; samesite=lax`
    api.update(chosen)
    otherTabs.postMessage(chosen)
  },
  /** The visitor is where the GDPR does not apply. */
  notApplicable: () => api.update(null),
}

declare global {
  var cmp: (typeof import('./cmp.js'))['cmp']
}

globalThis.cmp = cmp
