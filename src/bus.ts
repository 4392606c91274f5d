import type { Bus, Env } from './contracts.js'

export interface Notice {
  name: string
  stamp: number
}

const ignore = (): void => {}

/**
 * Notices between the tabs of one origin: BroadcastChannel, or where there is none the browser's own events of
 * localStorage and of cookies. It is open from the first post or watch; `close` may be followed by another.
 */
export const createBus = (env: Env, start: string): Bus => {
  const queue: Notice[] = []
  const heard = new Set<(notice: Notice) => void>()
  let undo: (() => void) | undefined
  let channel: BroadcastChannel | undefined

  const tell = (name: unknown, stamp: unknown): void => {
    // Whoever else uses the channel may say anything.
    if (typeof name === 'string' && name.startsWith(start) && typeof stamp === 'number') heard.forEach((listener) => listener({ name, stamp }))
  }
  const told = ({ data }: { data?: unknown }): void => {
    if (Array.isArray(data)) for (const one of data) tell((one as Notice | undefined)?.name, (one as Notice | undefined)?.stamp)
  }
  /** `key` is null where somebody emptied the whole area. */
  const stored = (event: unknown): void => tell((event as { key?: unknown }).key ?? start, 0)
  const changed = (event: unknown): void => {
    const { changed = [], deleted = [] } = event as Record<string, readonly { name?: unknown }[]>
    for (const { name } of [...changed, ...deleted]) tell(name, 0)
  }
  const open = (): void => {
    if (undo) return
    try {
      channel = new env.BroadcastChannel!('holdfast.' + start)
      channel.addEventListener('message', told)
      // In Node it would keep the process alive.
      ;(channel as unknown as { unref?(): void }).unref?.()
      undo = () => channel!.close()
    } catch {
      channel = undefined
      const { cookieStore } = env
      env.addEventListener?.('storage', stored)
      cookieStore?.addEventListener('change', changed)
      undo = () => {
        env.removeEventListener?.('storage', stored)
        cookieStore?.removeEventListener('change', changed)
      }
    }
  }
  const flush = (): void => {
    const notices = queue.splice(0)
    try {
      open()
      channel?.postMessage(notices)
    } catch {
      // A frame that is on its way out.
    }
  }
  return {
    /** What one tick tells travels together. */
    post(notice) {
      if (queue.push({ name: notice.name, stamp: notice.stamp }) < 2) void Promise.resolve().then(flush)
    },
    watch(listener) {
      try {
        open()
      } catch {
        return ignore
      }
      heard.add(listener)
      return () => void heard.delete(listener)
    },
    close() {
      undo?.()
      undo = channel = undefined
    },
  }
}
