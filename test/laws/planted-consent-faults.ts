import type { Patch, PlantedFault } from './planted-faults.js'

/** What must never happen to a visitor who is asked. */

const gated = (find: string, replace: string): Patch => ({ file: 'src/gate.ts', find, replace })
const keyed = (find: string, replace: string): Patch => ({ file: 'src/keyed.ts', find, replace })

const fault = (name: string, ...patches: Patch[]): PlantedFault => ({ name: `consent: ${name}`, patches, footing: 'consent', laws: [12] })

export const CONSENT_FAULTS: readonly PlantedFault[] = [
  fault('a set goes past the gate', keyed('place(way, form, term', 'place(way.held ?? way, form, term')),
  fault('a touch goes past the gate', keyed('const receipt = await place(way, text!, term', 'const receipt = await place(way.held ?? way, text!, term')),
  fault('a read goes past the gate', keyed('defer(act(routeOf(way)))', 'defer(act(way))')),
  fault('keys lists what is not allowed', { file: 'src/namespace.ts', find: 'seen ? seen.route(way) : way', replace: 'way' }),
  fault('what is not known is allowed', gated('consent.allows(category)\n', 'consent.allows(category) !== false\n')),
  fault('a receipt that does not say that the value is held', keyed("return { ...receipt, held: 'consent' }", 'return receipt')),
  fault('what waits is stamped anew when it goes to its place', gated(', { link, entry })', ')')),
  fault('what waits does not go to its place', gated('if (answer && held.has(way)) release(way)', '')),
  fault('what waits goes to its place as often as there are answers', gated('stamp === undefined || !allows', '!allows')),
  fault('what waits when the answer comes in the midst of the write stays there', gated('if (allows(way.category!)) release(way)', '')),
  fault('what older tabs wrote is forgotten when what waits was taken or has expired', gated('await chain.put(way, text, lifetime,', 'text !== null && await chain.put(way, text, lifetime,')),
  fault('nothing goes when it is refused', gated('if (answer === false && before.get(category) !== false) withdraw(way, purge)', '')),
  fault('what waits stays when it is refused', gated('const had = await forget(way)', 'const had = false')),
  fault('what is refused stays in one tier', gated("await chain.put({ ...way, traceless: true }", "await chain.put({ ...way, links: links.slice(0, 1), traceless: true }")),
  fault('one tier is not looked at when it is refused', gated('links.map(async (link)', 'links.slice(0, -1).map(async (link)')),
  fault('a refusal is written wherever it is heard', gated('const left = lefts.includes(true)', 'const left = true'), gated(', traceless: true', '')),
  fault('what a tier held while it was away stays', gated('if (isStorageError(copy)) return true', 'if (isStorageError(copy)) return false')),
  fault('no second look at a tier that was away', gated('    missed = true\n', '')),
  fault('a damaged piece of what is refused stays', gated("entry?.corrupt ? isStorageError(await link.write({ name, drop: 1 / FRACTIONS }))", 'entry?.corrupt ? false')),
  fault('clear waits for what waits for clear', { file: 'src/namespace.ts', find: 'await flush(true)', replace: 'await flush(false)' }),
]
