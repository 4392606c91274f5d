import type { Change } from './contracts.js'
import { isStorageError } from './errors.js'
import type { Link } from './link.js'
import { copyOf } from './link.js'

/** How exactly the last use is kept: a 64th of the span, so that reads seldom write. */
const GRAIN = 64

/**
 * Forgets a whole namespace once unused for `span` ms (LivePerson's Storage_expiration). The time of the last
 * use is the text of the epoch's entry, in each tier that holds one; its stamp stays that of the epoch.
 */
export const createIdle = (span: number, epoch: string, links: readonly Link[], now: () => number, clear: () => Promise<void>) => {
  let marked = -Infinity
  let checking: Promise<void> | undefined

  const mark = async (used: number, write?: boolean): Promise<void> => {
    const copies = await Promise.all(links.map((link) => copyOf(link, epoch)))
    const seen = copies.map((copy) => (isStorageError(copy) ? undefined : copy[1]))
    const last = Math.max(0, ...seen.map((entry) => Number(entry?.text ?? 0) || 0))
    if (last && last + span <= used) {
      await clear()
      return mark(used, write)
    }
    await Promise.all(
      links.map((link, index) => {
        const entry = seen[index]
        const change: Change = { name: epoch, entry: { text: String(used), stamp: entry?.stamp ?? 0, lifetime: 'device' } }
        return entry?.text || write ? link.write(change) : undefined
      }),
    )
  }

  /** Before each operation: forgets what is due, then notes the use; a read alone creates no note. */
  return (write?: boolean): Promise<void> | undefined => {
    const used = Math.floor(now())
    if (Math.abs(used - marked) < span / GRAIN) return checking
    marked = used
    return (checking = mark(used, write).finally(() => (checking = undefined)))
  }
}
