import type { Seal } from './contracts.js'
import type { Keyed } from './keyed.js'
import type { Way } from './options.js'
import type { Turns } from './turns.js'

/** Seals one value anew; answers whether all that may hold it was reached. */
const again = async ({ find, place, routeOf, now }: Keyed, way: Way): Promise<boolean> => {
  // What has no consent is not touched.
  if (routeOf(way) !== way) return false
  for (;;) {
    const [{ text, newest, copies }] = await find(way)
    if (way.links.some(({ health }) => health.reason)) return false
    // One that does not open by a key of today may by one of yesterday.
    if (text === undefined) return !copies.some(({ entry }) => entry.text !== null)
    const { lifetime, expires } = newest!.entry
    if (await place(way, text, { lifetime, ...(expires && { ms: expires - now() }) }, newest)) return true
  }
}

/** All secrets by a new key. The old ones go only when nothing can need them: wherever it is interrupted, each value still opens. */
export const rotate = async (seal: Seal, keyed: Keyed, turns: Turns, declared: readonly Way[] = []): Promise<void> => {
  await seal.rotate?.()
  const secrets = declared.filter(({ secret }) => secret)
  const done = await Promise.all(secrets.map((way) => turns.one(way.key, () => again(keyed, way)).catch(() => false)))
  if (done.every(Boolean)) await seal.retire?.()
}
