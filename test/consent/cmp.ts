import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { CmpApi } from '@iabtcf/cmpapi'
import type { GVL, TCModel, TCString } from '@iabtcf/core'
import { build } from 'esbuild'
import type { DOMWindow } from 'jsdom'
import { JSDOM } from 'jsdom'

/** The IAB's own stub, CMP API and TC strings, as scripts of a page. */

export const VENDOR = 755

interface Library {
  CmpApi: typeof CmpApi
  GVL: typeof GVL
  TCModel: typeof TCModel
  TCString: typeof TCString
}

/** What the visitor has chosen. */
export interface Chosen {
  purposes?: readonly number[]
  vendors?: readonly number[]
  /** A restriction by the publisher: of a purpose, and 0, 1 or 2. */
  restricts?: readonly [purpose: number, type: 0 | 1 | 2]
  purposeOneTreatment?: boolean
}

/** A CMP in a page: what its script does after the stub. */
export interface Cmp {
  /** A returning visitor, or a choice; `null`: the GDPR does not apply. `shown`: the banner is up, and carries that. */
  update(chosen: Chosen | null, shown?: 'shown'): void
  disable(): void
}

const { resolve } = createRequire(import.meta.url)
const STUB = readFileSync(resolve('@iabtcf/stub'), 'utf8')

const bundled = build({
  stdin: { contents: "export { CmpApi } from '@iabtcf/cmpapi'\nexport { GVL, PurposeRestriction, TCModel, TCString } from '@iabtcf/core'", resolveDir: new URL('.', import.meta.url).pathname },
  bundle: true,
  format: 'iife',
  globalName: 'iab',
  write: false,
  logLevel: 'silent',
})
const SCRIPT = (await bundled).outputFiles[0]!.text

const byId = <T>(count: number, make: (id: number) => T): Record<string, T> => Object.fromEntries(Array.from({ length: count }, (_, index) => [index + 1, make(index + 1)]))

/** As far as the encoder reads it. */
const LIST = {
  gvlSpecificationVersion: 3,
  vendorListVersion: 1,
  tcfPolicyVersion: 4,
  lastUpdated: '2026-01-01T00:00:00Z',
  purposes: byId(11, (id) => ({ id, name: 'Purpose ' + id })),
  specialPurposes: {},
  features: {},
  specialFeatures: {},
  stacks: {},
  vendors: Object.fromEntries(
    [VENDOR, 12].map((id) => [id, { id, name: 'Vendor ' + id, purposes: [1, 3, 4, 8], legIntPurposes: [], flexiblePurposes: [8], specialPurposes: [], features: [], specialFeatures: [] }]),
  ),
}

/** A page of the brand's, without a CMP. */
export const page = (url = 'https://www.brand.test/'): DOMWindow => new JSDOM('<!doctype html><title>brand</title>', { url, runScripts: 'outside-only', pretendToBeVisual: true }).window

/** What a CMP wants in the head of the page. */
export const stub = (window: DOMWindow): void => void window.eval(STUB)

/** The CMP's main script, which the stub waits for. */
export const cmp = (window: DOMWindow): Cmp => {
  window.eval(SCRIPT)
  const { CmpApi, GVL, TCModel, TCString, PurposeRestriction } = window.eval('iab') as Library & { PurposeRestriction: new (purpose: number, type: number) => never }
  const api = new CmpApi(3, 1, true)
  const encode = ({ purposes = [], vendors = [], restricts, purposeOneTreatment = false }: Chosen): string => {
    const model = new TCModel(new GVL(LIST as never))
    model.cmpId = 3
    model.cmpVersion = 1
    model.isServiceSpecific = true
    model.purposeOneTreatment = purposeOneTreatment
    model.purposeConsents.set([...purposes])
    model.vendorConsents.set([...vendors])
    if (restricts) model.publisherRestrictions.add(VENDOR, new PurposeRestriction(...restricts))
    return TCString.encode(model)
  }
  return {
    update: (chosen, shown) => api.update(chosen && encode(chosen), !!shown),
    disable: () => api.disable(),
  }
}

/** A frame in the page. jsdom's messages do not say who sent them; these do, as a browser's: later, and a copy. */
export const frameIn = (above: DOMWindow): DOMWindow => {
  const frame = above.document.createElement('iframe')
  above.document.body.append(frame)
  const below = frame.contentWindow as unknown as DOMWindow
  below.postMessage = poster(below, above)
  above.postMessage = poster(above, below)
  return below
}

/** How `from` posts to a window. */
export const poster = (to: DOMWindow, from: unknown, sent: { data: unknown; origin: string }[] = []): DOMWindow['postMessage'] =>
  ((data: unknown, origin: string) => {
    const copy: unknown = structuredClone(data)
    sent.push({ data: copy, origin })
    setImmediate(() => to.dispatchEvent(Object.assign(new to.Event('message'), { data: copy, source: from })))
  }) as never
