import type { Change, Entry, Env, Outcome, Reach, Tier } from '../contracts.js'
import { decodeEntry, encodeEntry } from '../entry.js'
import { asTierError, isStorageError, StorageError } from '../errors.js'
import { LONGEST } from '../lifetime.js'
import { turnsOf } from '../turns.js'
import { COOKIE_BYTES } from './cookie-text.js'

/** What `httpCookieTier` takes. */
export interface HttpCookieOptions {
  /** Where the handler of `holdfast/server` answers, on the vendor's or the brand's own server. */
  endpoint: string
  /** `'session'`: whatever is asked, nothing here outlives the browser's session. */
  lifetime?: 'session'
  /** The ms that an operation may take, over the storage's own `deadline`. A request that takes longer is given up. */
  timeout?: number
  env?: Env & { readonly fetch?: typeof fetch; readonly AbortController?: typeof AbortController }
}

/** Goes with every request: no form can send it, and the script of another origin must ask first. */
export const HEADER = 'x-holdfast'

/** Names or changes in one request, or units of a prefix. */
export const ITEMS = 128

/** Units of JSON in one request, unless a single change takes more; the server takes twice that, and the cookies. */
const REQUEST = 32_768

/** Units of a name; what is longer is no name of a cookie here. */
const NAME_LENGTH = COOKIE_BYTES / 2

/** How often a write is repeated where an older one, of another tab, landed after it. */
const ROUNDS = 3

/** The ms after which a request is given up, where nothing else is asked. */
const PATIENCE = 3000

const tier = 'httpCookie'

/** As JSON: an entry as text, or a drop with its `bury`. */
type Wire = readonly [name: string, entry: string] | readonly [name: string, drop: number, bury?: number | undefined]

interface Answer {
  reach?: unknown
  entries?: unknown
  names?: unknown
  outcomes?: unknown
}

interface Settled {
  outcomes: Map<Change, Outcome>
  texts: Map<string, string>
}

/** What is asked until its turn comes. */
interface Batch {
  changes: Change[]
  reads: string[]
  done: Promise<Settled>
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** A lone surrogate has no place in a cookie. */
const fits = (name: string, text = ''): boolean => name.length <= NAME_LENGTH && text.length <= COOKIE_BYTES && !/^$|\p{Cs}/u.test(name) && !/\p{Cs}/u.test(text)

const wired = (change: Change): Wire =>
  'entry' in change ? [change.name, encodeEntry(change.name, change.entry)] : [change.name, Math.min(change.drop, Number.MAX_VALUE), change.bury]

/** In order, each part as much as one request may hold. */
const parts = <Item>(items: readonly Item[]): Item[][] => {
  const all: Item[][] = []
  let room = 0
  for (const item of items) {
    const size = JSON.stringify(item).length
    if (size > room || all[all.length - 1]!.length >= ITEMS) {
      all.push([])
      room = REQUEST
    }
    all[all.length - 1]!.push(item)
    room -= size
  }
  return all
}

/** Whether what was read back shows that the change was kept; `undefined`: an older entry stands, which may have landed after it. */
const isKept = (change: Change, text: string | undefined): boolean | undefined => {
  const standing = decodeEntry(change.name, text)
  if ('drop' in change) return !standing || standing.text === null || standing.stamp > change.drop || undefined
  if (!standing || text === encodeEntry(change.name, change.entry)) return !!standing
  if (standing.stamp < change.entry.stamp) return
  return standing.stamp > change.entry.stamp
}

/**
 * Keeps entries in HttpOnly cookies on a server, which no cap on script-written storage shortens (WebKit's seven
 * days). What one tick asks for is one request, and one request follows the other. Browsers drop third-party
 * cookies without a word, so a second request reads each write back: what did not stay is `refused`.
 *
 * @example
 * import { createStorage, httpCookieTier, memoryTier } from 'holdfast'
 * const env = { fetch: async () => new Response(null, { status: 403 }) } // a server that does not know this page
 * const tiers = [httpCookieTier({ endpoint: 'https://chat.vendor.test/entries', env }), memoryTier()]
 * const receipt = await createStorage({ namespace: 'acme-chat', tiers }).set('token', 'abc')
 * receipt.passed // => [{ tier: 'httpCookie', code: 'refused' }]
 */
export const httpCookieTier = ({ endpoint, lifetime, timeout, env = globalThis }: HttpCookieOptions): Tier => {
  if (!isText(endpoint) || !endpoint) throw new TypeError('endpoint: not a URL')
  if (timeout !== undefined && !(timeout > 0)) throw new RangeError('timeout: not ms above 0')
  /** As the server says; `undefined`: not asked yet. */
  let reach: Reach | undefined
  let waiting: Batch | undefined

  /** Two requests at once would carry the same cookies, and the later answer would undo the earlier. */
  const turn = <T>(act: () => Promise<T>): Promise<T> => turnsOf(env, tier + endpoint).one('', act)

  const send = async (question: object, signal: AbortSignal): Promise<Answer> => {
    const { fetch } = env
    const response = await fetch!(endpoint, {
      method: 'POST',
      body: JSON.stringify(question),
      headers: { 'content-type': 'application/json', [HEADER]: '1' },
      credentials: 'include',
      cache: 'no-store',
      redirect: 'error',
      // Never the page's path. With `no-referrer`, some versions of Firefox leave the origin out, too.
      referrerPolicy: 'strict-origin',
      signal,
    })
    const { status } = response
    if (status !== 200) throw new StorageError(status === 403 ? 'refused' : status === 413 ? 'too-large' : 'unavailable', `${tier}: the server answered ${status}`)
    const text = await response.text()
    try {
      return JSON.parse(text) as Answer
    } catch {
      // No cause: it would repeat the text.
      return {}
    }
  }

  /** Given up after a while: nobody waits behind it for ever, and no cookie of a late answer undoes what came after. */
  const ask = <T>(question: object, parse: (answer: Answer) => T | false | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const fail = (cause: unknown): void => reject(asTierError(cause, tier))
      const quit = new (env.AbortController ?? AbortController)()
      const timer = (env.setTimeout ?? setTimeout)(() => {
        fail(new StorageError('timeout', `${tier}: no answer`))
        quit.abort()
      }, timeout ?? PATIENCE)
      send(question, quit.signal)
        .then((answer) => {
          const parsed = answer && parse(answer)
          if (!parsed) throw new StorageError('unavailable', `${tier}: the answer was not understood`)
          reach = answer.reach === 'site' ? 'site' : 'origin'
          resolve(parsed)
        })
        .catch(fail)
        .finally(() => (env.clearTimeout ?? clearTimeout)(timer as never))
    })

  const look = async (names: readonly string[]): Promise<Map<string, string>> => {
    const texts = new Map<string, string>()
    for (const part of parts([...new Set(names)].filter((name) => fits(name)))) {
      const entries = await ask({ read: part }, ({ entries }) => Array.isArray(entries) && entries.length === part.length && (entries as unknown[]))
      entries.forEach((text, index) => isText(text) && texts.set(part[index]!, text))
    }
    return texts
  }

  /** Answers the changes that moved a cookie. */
  const tell = async (changes: readonly Change[], outcomes: Map<Change, Outcome>): Promise<Change[]> => {
    const moved: Change[] = []
    const left = [...changes]
    for (const part of parts(changes.map(wired))) {
      const told = left.splice(0, part.length)
      const answers = await ask({ write: part, session: !!lifetime }, ({ outcomes }) => Array.isArray(outcomes) && outcomes.length === part.length && (outcomes as unknown[])).catch((error: unknown) => {
        if (isStorageError(error) && error.code === 'too-large') return part.map(() => 'too-large')
        throw error
      })
      told.forEach((change, index) => {
        const answer = answers[index]
        const fine = answer === null || answer === true
        outcomes.set(change, fine ? undefined : typeof answer === 'number' ? answer : new StorageError(answer === 'quota' || answer === 'too-large' ? answer : 'refused', `${tier}: did not take ${change.name}`))
        if (answer === true) moved.push(change)
      })
    }
    return moved
  }

  const run = async ({ changes, reads }: Pick<Batch, 'changes' | 'reads'>): Promise<Settled> => {
    const outcomes = new Map<Change, Outcome>()
    let texts: Map<string, string> | undefined
    let open = changes.filter((change) => {
      const { name, entry } = change as { name: string; entry?: Entry }
      const fine = fits(name, entry?.text ?? '')
      if (!fine && entry) outcomes.set(change, new StorageError('too-large', `${tier}: no cookie can hold ${name}`))
      return fine
    })
    for (let round = 1; open.length; round++) {
      const moved = await tell(open, outcomes)
      if (!moved.length) break
      texts = await look([...moved.map(({ name }) => name), ...reads])
      open = []
      // The last change of a name is what must stand now.
      for (const [name, change] of new Map(moved.map((each) => [each.name, each]))) {
        const kept = isKept(change, texts.get(name))
        if (kept === undefined && round < ROUNDS) open.push(change)
        else if (!kept) for (const each of moved) if (each.name === name) outcomes.set(each, new StorageError('refused', `${tier}: did not keep ${name}`))
      }
    }
    return { outcomes, texts: texts ?? (await look(reads)) }
  }

  const join = (changes: readonly Change[], reads: readonly string[]): Promise<Settled> => {
    if (!waiting) {
      const batch = { changes: [], reads: [] }
      const start = (): Promise<Settled> => {
        waiting = undefined
        return run(batch)
      }
      waiting = { ...batch, done: Promise.resolve().then(() => turn(start)) }
    }
    waiting.changes.push(...changes)
    waiting.reads.push(...reads)
    return waiting.done
  }

  return {
    name: tier,
    get traits() {
      return {
        lifetimes: lifetime ? [lifetime] : (['session', 'device'] as const),
        ...(reach ? { reach } : { reach: 'origin' as const, mayReach: 'site' as const }),
        onWire: true,
        maxBytes: COOKIE_BYTES,
        maxAge: LONGEST,
        ...(timeout && { deadline: timeout }),
      }
    },
    open() {},
    async read(names) {
      const { texts } = await join([], names)
      return names.map((name) => decodeEntry(name, texts.get(name)))
    },
    async write(changes) {
      // Copies: the same change, given twice, has two outcomes.
      const own = changes.map((change) => ({ ...change }))
      const { outcomes } = await join(own, [])
      return own.map((change) => outcomes.get(change))
    },
    names: (prefix) => turn(() => ask({ names: prefix }, ({ names }) => Array.isArray(names) && names.filter((name): name is string => isText(name) && name.startsWith(prefix)))),
    async prove(asked) {
      if (asked === 'site' && !reach) await turn(() => ask({ read: [] }, () => true))
    },
    close() {},
  }
}
