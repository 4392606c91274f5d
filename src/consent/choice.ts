import type { Consent } from '../contracts.js'
import { check } from '../origins.js'
import { key } from '../rule.js'
import { byCategory, calm, createProvider } from './providing.js'

/** Yes or no by category. A category that is not named, or is `undefined`, is not answered. */
export interface Answers {
  readonly functional?: boolean | undefined
  readonly analytics?: boolean | undefined
  readonly marketing?: boolean | undefined
  readonly [category: string]: boolean | undefined
}

/** Where answers are remembered: what `createStorage` answers fits. */
export interface AnswerStorage {
  get(key: string): Promise<unknown>
  set(key: string, value: Answers): Promise<unknown>
  /** Hears of changes by other tabs; answers the undo. Without it, other tabs' answers are known after a reload. */
  watch?(key: string, heard: () => void): () => void
}

/** What `choice` takes beside the answers. */
export interface ChoiceOptions {
  /** A function is called after this tick: so it may answer a storage that this very choice is the consent of. */
  storage?: AnswerStorage | (() => AnswerStorage)
  /** The declared key, `necessary`, that keeps the answers. Default `'consent'`, as in `consentKeys`. */
  key?: string
}

/** A consent that the page itself answers. */
export interface Choice extends Consent {
  /** Settles once the remembered answers are known. `false`: they could not be read or written, or there is no storage. Never rejects. */
  readonly ready: Promise<boolean>
  /**
   * Holds at once, for the categories that it names. Rejects with the storage's error where the answer could not be
   * remembered; who ignores that loses nothing but the memory of it. Throws a RangeError for what is neither true nor false.
   */
  update(answers: Answers): Promise<void>
}

/**
 * The key that keeps the answers, for a registry of yours.
 *
 * @example
 * import { defineKeys, key } from 'holdfast'
 * import { consentKeys } from 'holdfast/consent'
 * const keys = defineKeys({ ...consentKeys, draft: key<string>({ category: 'functional', purpose: 'Keeps what was typed' }) })
 * keys.consent.category // => 'necessary'
 */
export const consentKeys = {
  consent: /* @__PURE__ */ key<Answers>({ ttl: '1y', category: 'necessary', purpose: 'Remembers what the visitor allowed' }),
}

/** What storage holds is anybody's text: own properties that are true or false, not too many, and nothing else. */
const parse = (value: unknown): Record<string, boolean> => byCategory(Object.entries(value ?? {}).filter(([, answer]) => typeof answer === 'boolean').slice(0, 99))

/**
 * Consent as the page tells it. What was never answered is `undefined`: not known, so it waits. With a `storage` both
 * yes and no are remembered; what is given here wins over what is remembered, and what another tab hears later over both.
 *
 * @example
 * import { choice } from 'holdfast/consent'
 * const consent = choice({ analytics: false })
 * consent.allows('analytics') // => false
 * consent.allows('functional') // => undefined
 * await consent.update({ analytics: true })
 * consent.allows('analytics') // => true
 */
export const choice = (answers: Answers = {}, { storage, key = 'consent' }: ChoiceOptions = {}): Choice => {
  const known = parse({})
  /** What the page has said and the storage does not know yet. */
  const given = parse({})
  const { tell, ...consent } = createProvider((category) => known[category], () => known)
  let watched: unknown

  const accept = (answers: Answers): void => {
    for (const category in answers) check([true, false, undefined].includes(answers[category]), 'answers.' + category, 'true')
    Object.assign(known, Object.assign(given, parse(answers)))
    tell()
  }
  /** Takes in what is remembered, and has what was given remembered. */
  const meet = async (): Promise<void> => {
    const place = typeof storage === 'function' ? storage() : storage
    if (!place) return
    // News is only a reason to read: what is stored is the newest, also where this page has just written.
    watched ||= calm(() => place.watch?.(key, () => void remember()))
    const stored = parse(await place.get(key))
    Object.assign(known, stored, given)
    tell()
    const own = { ...given }
    const next = { ...stored, ...own }
    if (JSON.stringify(next) !== JSON.stringify(stored)) await place.set(key, next)
    for (const category in own) if (given[category] === own[category]) delete given[category]
  }
  let turn: Promise<unknown> = Promise.resolve()
  const remember = (): Promise<void> => {
    const done = turn.then(meet)
    // So that nobody has to handle it.
    turn = done.catch(() => {})
    return done
  }

  accept(answers)
  const ready = remember().then(() => !!storage, () => false)
  return {
    ...consent,
    ready,
    update(answers) {
      accept(answers)
      return remember()
    },
  }
}
