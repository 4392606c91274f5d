import type { Reach, Tier } from '../../src/contracts.js'
import type { Host, TierName } from './schedule.js'
import type { StandIn } from './stand-ins.js'

/** The hubs of a browser, by what it keeps their storage by. */
export interface Hubs {
  /** What a page at that host reaches; a new one for each page. */
  tierFor(partition: string, host: Host): Tier
  /** What is beneath. */
  placeFor(partition: string, host: Host): Pick<StandIn, 'raw' | 'parts' | 'damage'>
  /** As when the browser evicts the vendor's storage: another mark is made. */
  loseMark(partition: string, host: Host): void | Promise<void>
  /** The brand's cookie that carries the mark is gone. */
  loseCookie(host: Host): void
  /** Nothing more is asked of them. */
  end(): void
}

export type Cookies = { cookie: string }

export const ADDRESS: Record<Host, string> = { a: 'a.brand.test', b: 'b.brand.test', other: 'www.other.test' }
export const siteOf = (host: Host): string => ADDRESS[host].split('.').slice(1).join('.')

/** One for each id, made when it is first asked for. */
export const createShelf = <T>(make: () => T): ((id: string) => T) & { clear(id: string): void } => {
  const all = new Map<string, T>()
  const find = (id: string): T => {
    if (!all.has(id)) all.set(id, make())
    return all.get(id)!
  }
  return Object.assign(find, { clear: (id: string) => void all.delete(id) })
}

/** The name of the brand's cookie that carries the mark. */
const MARK = 'hub-mark'

/** What the vendor's frame sees: the storage of one site on top, or of one origin on top (WebKit). */
interface Partition {
  register: StandIn
  mark: string | undefined
}

const markIn = (document: Cookies): string[] | undefined => document.cookie.split('; ').find((pair) => pair.startsWith(MARK + '='))?.slice(MARK.length + 1).split('/')

const putMark = (document: Cookies, host: Host, parts: readonly string[] | undefined): void => {
  document.cookie = `${MARK}=${parts?.join('/') ?? ''}; Domain=${siteOf(host)}; Path=/; Secure; Max-Age=${parts ? 34_560_000 : 0}`
}

/** Whether siblings see this partition: a page of another host has seen its mark, or has seen another one; `undefined`: nobody knows yet. */
const judge = (mark: string, host: Host, document: Cookies): boolean | undefined => {
  const [known, by, state] = markIn(document) ?? []
  if (known === mark && (by !== host || state === 'shared')) {
    putMark(document, host, [mark, by!, 'shared'])
    return true
  }
  if (known === mark) return state === 'split' ? false : undefined
  putMark(document, host, [mark, host, known ? 'split' : ''])
  return known ? false : undefined
}

/** The hub as a page sees it: it knows no more of its reach than has been proven. */
const hubOf = (partition: Partition, host: Host, document: Cookies): Tier => {
  let proven: boolean | undefined
  return {
    ...partition.register.make(),
    name: 'hub',
    get traits() {
      return { lifetimes: partition.register.raw.traits.lifetimes, reach: proven ? ('site' as const) : ('origin' as const), ...(proven === undefined && { mayReach: 'site' as const }) }
    },
    prove(reach: Reach | undefined) {
      if (reach !== 'site' || proven !== undefined) return
      partition.mark ??= Math.random().toString(36).slice(2)
      proven = judge(partition.mark, host, document)
    },
  }
}

/** Hubs that play the rules of the proof without frames and messages. */
export const createStandInHubs = (make: (name: TierName) => StandIn, documentAt: (host: Host) => Cookies): Hubs => {
  const partitions = createShelf((): Partition => ({ register: make('hub'), mark: undefined }))
  return {
    tierFor: (partition, host) => hubOf(partitions(partition), host, documentAt(host)),
    placeFor: (partition) => partitions(partition).register,
    loseMark: (partition) => void (partitions(partition).mark = undefined),
    loseCookie: (host) => putMark(documentAt(host), host, undefined),
    end() {},
  }
}
