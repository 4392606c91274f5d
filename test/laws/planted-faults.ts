import { CONSENT_FAULTS } from './planted-consent-faults.js'
import type { Ground } from './trials.js'

/** A change of one text in one file; the text must stand there exactly once. */
export interface Patch {
  file: string
  find: string
  replace: string
}

/** A mistake that this package must never make, and the properties that are asked to find it. */
export interface PlantedFault {
  name: string
  patches: readonly Patch[]
  footing: Ground
  /** The laws whose schedules try it most. */
  laws: readonly number[]
}

const finding = (find: string, replace: string): Patch => ({ file: 'src/find.ts', find, replace })
const putting = (find: string, replace: string): Patch => ({ file: 'src/put.ts', find, replace })
const chained = (find: string, replace: string): Patch => ({ file: 'src/chain-tier.ts', find, replace })
const mirrored = (find: string, replace: string): Patch => ({ file: 'src/tiers/mirror.ts', find, replace })

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    name: 'no stamp: every write is as new as every other',
    patches: [{ file: 'src/stamps.ts', find: '      return last\n', replace: '      return 1\n' }],
    footing: 'texts',
    laws: [2, 3],
  },
  {
    name: 'no tombstone: a removal takes away what it reaches, and leaves no word',
    patches: [
      putting("text === null ? !(shared && lasting) && 'lifetime'", "text === null ? 'lifetime'"),
      putting('link.write(guarded ? { name, entry: tombstone(stamp, until) } : drop)', 'link.write(drop)'),
    ],
    footing: 'texts',
    laws: [3],
  },
  {
    name: 'no epoch: clear removes what it can list now',
    patches: [{ file: 'src/namespace.ts', find: 'const outcome = await link.write(change)', replace: "const outcome = (await link.write({ name: change.name, drop: 0 })) as Outcome | void" }],
    footing: 'texts',
    laws: [3, 10],
  },
  {
    name: 'tier order wins, whatever is newer',
    patches: [finding('entry.stamp > newest.entry.stamp ||', 'false ||')],
    footing: 'texts',
    laws: [2, 1],
  },
  {
    name: 'delete before write: the older copies go before the new one stands',
    patches: [putting('const attempts = new Map<Link, Attempt>()\n', 'const attempts = new Map<Link, Attempt>()\n      if (text !== null) await Promise.all(links.map((link) => link.write({ name, drop: stamp })))\n')],
    footing: 'texts',
    laws: [6, 1],
  },
  {
    name: 'a drop without a stamp: what came later goes too',
    patches: [putting('const drop = { name, drop: stamp, bury', 'const drop = { name, drop: Infinity, bury')],
    footing: 'texts',
    laws: [2, 1, 3],
  },
  {
    name: 'no read-back of a cookie: what the browser dropped without a word counts as kept',
    patches: [{ file: 'src/tiers/text.ts', find: 'if (see(name) != text)', replace: "if (see(name) != text && tier !== 'cookie')" }],
    footing: 'texts',
    laws: [6, 1],
  },
  {
    name: 'no read-back of localStorage',
    patches: [{ file: 'src/tiers/text.ts', find: 'if (see(name) != text)', replace: "if (see(name) != text && tier !== 'localStorage')" }],
    footing: 'texts',
    laws: [6, 1],
  },
  {
    name: 'expiry ignored by reads',
    patches: [finding('const late = !dead && entry.expires! <= now()', 'const late = !dead && entry.expires! <= 0')],
    footing: 'stand-ins',
    laws: [4],
  },
  {
    name: 'expired copies left where they are',
    patches: [finding('forget(expired,', 'forget([],')],
    footing: 'stand-ins',
    laws: [4],
  },
  {
    name: 'a session value in a tier that outlives it',
    patches: [{ file: 'src/lifetime.ts', find: 'find((lifetime) => RANK[lifetime] <= RANK[asked])', replace: 'find((lifetime) => RANK[lifetime] >= 0 * RANK[asked])' }],
    footing: 'stand-ins',
    laws: [4],
  },
  {
    name: 'a session cookie with a Max-Age',
    patches: [{ file: 'src/tiers/cookie.ts', find: "lifetime === 'session' ? ''", replace: "lifetime === 'page' ? ''" }],
    footing: 'texts',
    laws: [4],
  },
  {
    name: 'strings retyped: what looks like a number becomes one',
    patches: [{ file: 'src/json.ts', find: 'decode: JSON.parse', replace: "decode: (text) => (/^\"\\d+\"$/.test(text) ? Number(JSON.parse(text)) : JSON.parse(text))" }],
    footing: 'stand-ins',
    laws: [8],
  },
  {
    name: 'a false receipt: the first tier, whichever took the value',
    patches: [putting('receiptOf(route, takers, ', 'receiptOf(route, [{ kept: takers[0]!.kept, link: links[0]! }], ')],
    footing: 'stand-ins',
    laws: [6],
  },
  {
    name: "a tier's plain error let out",
    patches: [{ file: 'src/link.ts', find: 'const failed = (cause: unknown): StorageError => fail(asTierError(cause, tier.name))', replace: 'const failed = (cause: unknown): StorageError => { throw cause }' }],
    footing: 'stand-ins',
    laws: [6],
  },
  {
    name: 'a corrupt copy that throws',
    patches: [{ file: 'src/entry.ts', find: 'return encodeEntry(name, entry) === raw ?', replace: "if (encodeEntry(name, entry) !== raw) throw new Error('corrupt')\n  return encodeEntry(name, entry) === raw ?" }],
    footing: 'texts',
    laws: [7],
  },
  {
    name: 'no deadline: a tier that hangs is waited for',
    patches: [{ file: 'src/link.ts', find: '`)), deadline)', replace: '`)), deadline * 1e6)' }],
    footing: 'stand-ins',
    laws: [9],
  },
  {
    name: 'a tier demoted after one quota error',
    patches: [{ file: 'src/errors.ts', find: "code === 'quota' || code === 'too-large'", replace: "code === 'too-large'" }],
    footing: 'stand-ins',
    laws: [6, 2],
  },
  {
    name: 'a secret in the clear in every tier',
    patches: [putting("clear && spanOf(traits) ? 'secret'", "clear && spanOf(traits) > 3 ? 'secret'"), putting('spanOf(traits) ? sealed! : text', 'text')],
    footing: 'stand-ins',
    laws: [5],
  },
  {
    name: 'a value that does not outlive its expiry as a tombstone',
    patches: [putting('const retain = until > expires! && (guarded', 'const retain = until < 0 * expires! && (guarded')],
    footing: 'stand-ins',
    laws: [3, 4],
  },
  {
    name: 'a checksum that does not cover the name',
    patches: [{ file: 'src/entry.ts', find: "kind + name + '\\n' + body", replace: "kind + '\\n' + body" }],
    footing: 'texts',
    laws: [7],
  },
  {
    name: 'a tab that goes on with what it has read, whatever another one says',
    patches: [{ file: 'src/tiers/peers.ts', find: "=== 'forget') {\n      forget()", replace: "=== 'forget') {" }],
    footing: 'database',
    laws: [1, 2, 3, 4],
  },
  {
    name: 'a read that makes the database',
    patches: [
      { file: 'src/tiers/connections.ts', find: 'if (!create && /', replace: 'if (!create && !name && /' },
      { file: 'src/tiers/connections.ts', find: 'absent = !create\n      if (create)', replace: 'if (create || !absent)' },
    ],
    footing: 'database',
    laws: [10],
  },
  {
    name: 'a removal in the hub alone, though its reach is not proven',
    patches: [putting('if (wide || again) break', 'if (wide || again || text === null) break')],
    footing: 'site',
    laws: [3],
  },
  {
    name: 'a value in the hub alone, though its reach is not proven',
    patches: [putting('if (wide || again) break', 'break')],
    footing: 'site',
    laws: [6, 1],
  },
  {
    name: 'the copy in the cookie given up before the reach of the hub is proven',
    patches: [finding('reach && alive && reachesTo(link.tier.traits.reach, reach)', 'reach && alive')],
    footing: 'site',
    laws: [1],
  },
  {
    name: 'a reach that may be counts as proven',
    patches: [putting('const wide = !reach || reachesTo(traits.reach, reach)', 'const wide = !reach || reachesTo(traits.mayReach ?? traits.reach, reach)')],
    footing: 'site',
    laws: [6, 1],
  },
  {
    name: 'a hub that is known not to reach the site is the place of the value',
    patches: [putting("&& !reachesTo(traits.mayReach, reach) && 'reach')", "&& !reachesTo(traits.mayReach, reach) && tier !== 'hub' && 'reach')")],
    footing: 'site',
    laws: [6],
  },
  {
    name: 'nobody asks the hub how far it reaches',
    patches: [putting('if (tier.prove) await ask(', 'if (tier.prove && text === null) await ask(')],
    footing: 'site',
    laws: [6],
  },
  {
    name: 'a receipt that promises the site for the hub alone',
    patches: [putting('others[others.length - 1]!.link.tier.traits.reach : reach', "others[others.length - 1]!.link.tier.traits.reach : name === 'hub' ? 'site' : reach")],
    footing: 'site',
    laws: [6],
  },
  {
    name: 'a chain as a tier that leaves no word where one of its tiers was not told',
    patches: [chained('errors.length < links.length ? place(name, tombstone(drop, now() + LONGEST))', 'errors.length < links.length ? undefined')],
    footing: 'registers',
    laws: [3],
  },
  {
    name: 'a chain as a tier that takes an older stamp without a word of the later one',
    patches: [chained('return met || undefined\n    } catch', 'return undefined\n    } catch')],
    footing: 'registers',
    laws: [2],
  },
  {
    name: 'a chain as a tier that promises what was asked, and not what the place keeps',
    patches: [chained('kept.set(name, await chain.put({ ...routeOf(name), given }, text, lifetime, expires && expires - at))', 'await chain.put({ ...routeOf(name), given }, text, lifetime, expires && expires - at)\n      kept.set(name, { lifetime })')],
    footing: 'registers',
    laws: [6],
  },
  {
    name: 'a mirror whose removal ignores that the second was not told',
    patches: [mirrored('failure : { name, entry: tombstone(drop, bury || drop + LONGEST) }', 'failure : change')],
    footing: 'registers',
    laws: [3],
  },
  {
    name: 'a mirror that names the second, though it did not take the value',
    patches: [mirrored('if (isValue(change) && outcome === undefined) doubled', 'if (isValue(change)) doubled')],
    footing: 'composed',
    laws: [6],
  },
  {
    name: 'a mirror that reads its first alone',
    patches: [mirrored('newer(ones[index], others[index])', 'ones[index]')],
    footing: 'registers',
    laws: [3, 1],
  },
  {
    name: 'a proof of reach that the page has given itself',
    patches: [{ file: 'src/hub/proof.ts', find: "host !== own ? 'proven' : state", replace: "'proven'" }],
    footing: 'hub',
    laws: [6],
  },
  {
    name: 'a proof of reach from another mark',
    patches: [{ file: 'src/hub/proof.ts', find: "known !== mark ? 'split'", replace: "known !== mark && host === own ? 'split'" }],
    footing: 'hub',
    laws: [6],
  },
  {
    name: 'a hub that keeps the entries of all sites together',
    patches: [{ file: 'src/hub/host/place.ts', find: "const start = site.replaceAll('.', '/') + '.'", replace: "const start = 'site.'" }],
    footing: 'hub',
    laws: [5],
  },
  ...CONSENT_FAULTS,
]
