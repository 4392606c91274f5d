import type { Change, Consent } from '../../src/contracts.js'
import type { Before, Deed } from './deeds.js'
import type { Answer, Answers, Category, Gated, Key, TierName } from './schedule.js'
import { CATEGORY } from './schedule.js'
import type { Page, World } from './world.js'

/** What a page knows of the visitor's consent, and what it keeps back until there is one. */

export const NOT_KNOWN: Answers = { analytics: 'not known', functional: 'not known' }

/** What a page keeps in memory under one key. */
export interface Holding {
  /** Whether it is known what that is: `deed`, or nothing. */
  known: boolean
  deed: Deed | undefined
  /** The last write or removal that is there alone: what is older must not come back once its category is allowed. */
  mark: Deed | undefined
  /** Whether it goes to its place, in whatever form, once its category is allowed. */
  waits: 'no' | 'yes' | 'maybe'
  /** No stamp that was given by then is above it. */
  bound: number
}

/** A refusal that a page heard of, until it has done what follows. */
export interface Withdrawal {
  key: Key
  title: string
  step: number
  clock: number
  since: number
  began: number
  before: Before
  /** What stands for it in the meantime. */
  deed: Deed
  holding: Holding
}

export interface Asked {
  consent: Consent
  answers: Answers
  /** The answers that it acted upon; none before its first operation, or the first answer that it heard. */
  noted: Partial<Answers>
  /** How often it heard of the consent, and its calls when it began to do what follows. */
  heard: number
  since: number
  /** What follows from that and is not done yet. */
  unsettled: number
  holdings: Map<Key, Holding>
  withdrawals: Withdrawal[]
  /** One more than the texts that had been asked for when a category was lost, while what was under way then may finish. */
  lost: Partial<Record<Gated, number>>
  /** The names under which a value stood when the step began, in a place of this page, or was written since by any. */
  stood: Set<string>
  /** Keys of which it was told, in this step, that they are held; and those that were released and are not noted. */
  held: Key[]
  released: Key[]
  /** What was released last. */
  went: Map<Key, string | undefined>
  breaches: string[]
  tell(category: Gated, answer: Answer): void
}

export const gateOf = (category: Category): Gated | undefined => (category === 'necessary' ? undefined : category)
export const isAllowed = ({ answers }: Asked, key: Key): boolean => {
  const gate = gateOf(CATEGORY[key])
  return !gate || answers[gate] === 'allowed'
}

export const keysOfCategory = (category: Gated): Key[] => (Object.keys(CATEGORY) as Key[]).filter((key) => CATEGORY[key] === category)

const MEANS: Record<Answer, boolean | undefined> = { allowed: true, refused: false, 'not known': undefined }

/** The consent of one page. */
export const askedOn = (told: Answers): Asked => {
  const listeners = new Set<() => void>()
  const asked: Asked = {
    consent: {
      allows: (category) => MEANS[asked.answers[category as Gated] ?? 'not known'],
      watch: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    },
    answers: { ...told }, noted: {}, heard: 0, since: 0, unsettled: 0, holdings: new Map(), withdrawals: [], lost: {}, stood: new Set(), held: [], released: [], went: new Map(), breaches: [],
    tell(category, answer) {
      asked.answers[category] = answer
      for (const listener of listeners) listener()
    },
  }
  return asked
}

export const NOTHING: Holding = { known: true, deed: undefined, mark: undefined, waits: 'no', bound: 0 }
export const holdingOf = ({ holdings }: Asked, key: Key): Holding => holdings.get(key) ?? NOTHING

const hasValue = (page: Page, name: string): boolean =>
  [...page.places.values()].some(({ shadow }) => {
    const entry = shadow.get(name)
    return entry === 'damaged' || (entry && entry.text !== null)
  })

/** Before each step. */
export const noteStanding = ({ pages }: World): void => {
  for (const page of pages) {
    if (!page.asked) continue
    page.asked.held = []
    // What it found before may decide what it does now.
    if (!page.asked.unsettled) page.asked.stood.clear()
    for (const key of Object.keys(CATEGORY)) if (hasValue(page, `chat.${key}`)) page.asked.stood.add(`chat.${key}`)
  }
}

const hasFailed = ({ calls }: Page): boolean => calls.some(({ state, code, stuck, late }) => state === 'failed' || code !== undefined || stuck || late)

/** Judges what a page asks of a tier at the time when it asks: nothing of what is not allowed, and no more words than are needed. */
export const heedOf = (world: World, page: Page, asked: Asked) => (changes: readonly Change[], tier: TierName): void => {
  for (const change of changes) {
    const key = change.name.slice('chat.'.length) as Key
    const gate = gateOf(CATEGORY[key] ?? 'necessary')
    if (!gate || !('entry' in change)) continue
    const { text } = change.entry
    if (text !== null) for (const one of world.pages) one.asked!.stood.add(change.name)
    if (asked.answers[gate] === 'allowed') continue
    // What was asked for while it was allowed may finish.
    const known = asked.unsettled ? (asked.lost[gate] ?? 0) : 0
    if (text === null) {
      // What a cookie may have kept is not known after 400 days.
      const needed = known > 0 || world.elapsed > 3e10 || asked.stood.has(change.name) || hasValue(page, change.name) || hasFailed(page)
      if (!needed) asked.breaches.push(`a tombstone of ${key}, whose ${gate} is ${asked.answers[gate]}, was written to ${tier}, where there was no value`)
      continue
    }
    if (!world.texts.slice(0, known - 1).includes(text)) asked.breaches.push(`${key}, whose ${gate} is ${asked.answers[gate]}, was written to ${tier}`)
  }
}
