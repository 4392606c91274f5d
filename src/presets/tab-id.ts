import type { Env } from '../contracts.js'
import type { Holdfast } from '../surface.js'

/** As much of a BroadcastChannel as is used. */
export interface TabChannel {
  onmessage: ((event: { data: unknown }) => void) | null
  postMessage(message: unknown): void
  close(): void
}

/** What `tabId` takes. */
export interface TabIdOptions<Name extends string = string> {
  /** The key that holds the ID, in sessionStorage alone. Default `'lpTabId'`. */
  key?: Name
  /** The ms in which another tab that has the same ID must speak up. Default 200. */
  wait?: number
  env?: Pick<Env, 'crypto' | 'setTimeout' | 'clearTimeout' | 'addEventListener' | 'removeEventListener'> & { readonly BroadcastChannel?: (new (name: string) => TabChannel) | undefined }
}

/** One tab's ID. */
export interface TabId {
  /** Read it when you need it: a page that comes back from the back/forward cache may have got another. */
  readonly id: string
  /** Stops answering for the ID. */
  close(): void
}

const isId = (value: unknown): value is string => /^[\da-f]{32}$/.test(value as string)

/**
 * An ID that a tab keeps when it is reloaded, and shares with no other. Browsers copy sessionStorage into a tab that
 * was duplicated, or opened by `window.open`; so whoever finds an ID asks the other tabs, and makes a new one if an
 * older tab answers. Without BroadcastChannel the copies cannot be told apart. Call it once a page, in its top frame:
 * frames of one tab share the ID. Rejects where the storage does.
 *
 * @example
 * import { createStorage } from 'holdfast'
 * import { liveperson, tabId } from 'holdfast/presets'
 * const storage = createStorage(liveperson({ siteId: '123', solution: 'first-party' }))
 * const { id } = await tabId(storage)
 * id === (await storage.get('lpTabId')) // => true
 */
export const tabId = async <Name extends string = 'lpTabId'>(
  storage: Pick<Holdfast<Record<Name, string>>, 'get' | 'set'>,
  { key = 'lpTabId' as Name, wait = 200, env = globalThis as unknown as NonNullable<TabIdOptions['env']> }: TabIdOptions<Name> = {},
): Promise<TabId> => {
  const mint = (): string => {
    // No secret: where there is no crypto, chance will do.
    const bytes = Uint8Array.from({ length: 16 }, () => Math.random() * 256)
    env.crypto?.getRandomValues(bytes)
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  }
  /** This page, among those that ask. */
  const me = mint()
  let id = ''
  let channel: TabChannel | undefined
  /** While this page asks: ends that, because another has the ID. */
  let lose: (() => void) | undefined
  let closed = false

  const post = (message: object): void => {
    try {
      channel?.postMessage(message)
    } catch {}
  }
  /** Any script of the origin may send anything. */
  const hear = ({ data }: { data: unknown }): void => {
    const { ask, by, held, to } = (data ?? {}) as Record<string, unknown>
    if (held === id && to === me) lose?.()
    if (ask !== id || !isId(by) || by === me) return
    // Of two that ask at once, as after the browser has restored its tabs, the smaller keeps the ID.
    if (lose && by < me) lose()
    else post({ held: id, to: by })
  }
  const open = (): void => {
    try {
      channel = new env.BroadcastChannel!('holdfast.tab.' + key)
      channel.onmessage = hear
    } catch {
      channel = undefined
    }
  }
  const shut = (): void => {
    channel?.close()
    channel = undefined
  }
  /** Makes a new ID if another tab has this one. */
  const claim = (): Promise<void> =>
    new Promise((resolve) => {
      if (!channel) return resolve()
      const end = (): void => {
        lose = undefined
        ;(env.clearTimeout ?? clearTimeout)(timer as never)
        resolve()
      }
      const timer = (env.setTimeout ?? setTimeout)(end, wait)
      lose = () => {
        // At once: what is asked next is not answered for the old one.
        id = mint()
        end()
      }
      post({ ask: id, by: me })
    })
  const settle = async (): Promise<void> => {
    const found = await storage.get(key)
    if (closed) return
    open()
    id = isId(found) ? found : mint()
    if (id === found) await claim()
    if (id !== found) await storage.set(key, id as Record<Name, string>[Name])
  }

  /** A page in the back/forward cache neither answers nor hears; another may take its ID meanwhile. */
  let away = false
  const hide = (): void => {
    away = true
    shut()
  }
  const show = (): void => {
    if (away) settle().catch(() => {})
    away = false
  }
  await settle()
  env.addEventListener?.('pagehide', hide)
  env.addEventListener?.('pageshow', show)
  return {
    get id() {
      return id
    },
    close() {
      closed = true
      shut()
      env.removeEventListener?.('pagehide', hide)
      env.removeEventListener?.('pageshow', show)
    },
  }
}
