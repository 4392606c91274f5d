import type { Place, Row } from './row.js'
import { lookUp, plain } from './plain.js'
import type { Column, Words } from './words.js'
import { COLUMNS } from './words.js'

/** Columns that stand in every table; the others only where a row has something to say. */
const STANDING: readonly Column[] = ['name', 'purpose', 'category', 'type', 'retention', 'where', 'reach', 'onWire', 'party', 'httpOnly', 'personalData']

/** 365 days are a year, as in a ttl. */
const UNITS = [['year', 31_536e6], ['day', 864e5], ['hour', 36e5], ['minute', 6e4], ['second', 1e3]] as const

const fill = (template: string, parts: Readonly<Record<string, string>>): string => template.replace(/\{(\w+)\}/g, (brace, name: string) => lookUp(parts, name) ?? brace)

/** As at the beginning of a sentence. */
export const capitalized = (text: string, { language }: Words): string => text.replace(/^\p{L}/u, (letter) => letter.toLocaleUpperCase(language))

/** `'1 day'`, in the largest unit that leaves no rest. */
export const spanOf = (ms: number, { language }: Words): string => {
  const [unit, length] = UNITS.find(([, each]) => ms % each === 0) ?? UNITS[4]
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(ms / length)
}

/** A tier by its name in words. */
export const tierOf = ({ tier }: Place, words: Words): string => lookUp(words.tiers, tier) ?? plain(tier)

/** One word where all places agree; otherwise each with its places. */
const perPlace = ({ places }: Row, words: Words, factOf: (place: Place) => string | undefined): string | undefined => {
  const told = new Map<string, string[]>()
  for (const place of places) {
    const fact = factOf(place)
    if (fact !== undefined) told.set(fact, [...(told.get(fact) ?? []), tierOf(place, words)])
  }
  const [only] = told.keys()
  if (told.size < 2) return only
  return [...told].map(([fact, tiers]) => fill(words.perPlace, { where: tiers.join(', '), fact })).join('; ')
}

/** Whether what is kept there is for a session. */
export const typeOf = ({ lifetime }: Place, { type }: Words): string | undefined => lifetime && (lifetime === 'varies' ? type.varies : lifetime === 'device' ? type.permanent : type.session)

const untilOf = ({ lifetime, ms }: Place, words: Words): string | undefined => {
  if (!lifetime) return undefined
  const until = words.until[lifetime]
  if (ms === undefined) return until
  const span = spanOf(ms, words)
  return lifetime === 'device' ? span : fill(words.atMost, { until, span })
}

/** Who can read what is kept in one place. */
export const readersOf = ({ reach, mayReach, party }: Place, words: Words): string => {
  if (!reach) return party === 'third' ? words.provider : words.server
  const near = words.reach[reach]
  const readers = mayReach && mayReach !== reach ? fill(words.mayReach, { reach: near, wider: words.reach[mayReach] }) : near
  return party === 'third' ? fill(words.andProvider, { reach: readers }) : readers
}

/** One of the registry's own texts, translated where the words have it. */
const textOf = (text: string | undefined, { texts = {} }: Words): string | undefined => (text === undefined ? undefined : plain(lookUp(texts, text) ?? text) || undefined)

/** How long it is kept in one place, or in each. */
export const retentionOf = (row: Row, words: Words, place?: Place): string | undefined => {
  let retention = textOf(row.retention, words) ?? (place ? untilOf(place, words) : perPlace(row, words, (each) => untilOf(each, words)))
  if (!retention) return undefined
  if (row.sliding) retention = fill(words.sliding, { retention })
  if (row.idle) retention = fill(words.idle, { retention, span: spanOf(row.idle, words) })
  return row.once ? fill(words.once, { retention }) : retention
}

const chainOf = ({ places }: Row, words: Words): string | undefined =>
  places.map((place, index) => (index ? (place.also ? words.and : words.orElse) : '') + tierOf(place, words)).join('') || undefined

const earlierOf = ({ earlier }: Row, words: Words): string | undefined => {
  if (!earlier) return undefined
  const { name, tier } = earlier
  return [name && plain(name), tier && (lookUp(words.tiers, tier) ?? plain(tier))].filter(Boolean).join(', ') || undefined
}

/** What a table says of a row, column by column; `undefined`: nothing. */
export type Told = Record<Column, string | undefined>

const tell = (row: Row, words: Words): Told => {
  // A page's memory is nobody's cookie, and no request carries it.
  const stored = (tellPlace: (place: Place) => string | undefined): string | undefined => perPlace(row, words, (place) => (place.kind === 'memory' ? undefined : tellPlace(place)))
  const yesOrNo = (fact: boolean): string => (fact ? words.yes : words.no)
  const told: Told = {
    name: plain(row.name),
    path: perPlace(row, words, ({ path }) => path && plain(path)),
    purpose: textOf(row.purpose, words),
    category: row.category === undefined ? undefined : (lookUp(words.categories, row.category) ?? textOf(row.category, words)),
    type: perPlace(row, words, (place) => typeOf(place, words)),
    retention: retentionOf(row, words),
    where: chainOf(row, words),
    reach: perPlace(row, words, (place) => readersOf(place, words)),
    onWire: stored(({ onWire }) => yesOrNo(onWire)),
    party: stored(({ party }) => words.party[party]),
    httpOnly: stored(({ httpOnly }) => (httpOnly === undefined ? undefined : yesOrNo(httpOnly))),
    condition: textOf(row.condition, words),
    personalData: textOf(row.personalData, words),
    source: textOf(row.source, words),
    provider: perPlace(row, words, ({ provider }) => textOf(provider, words)),
    earlier: earlierOf(row, words),
  }
  // The registry's own texts, and names, are written as they are.
  for (const column of ['type', 'retention', 'where', 'reach', 'onWire', 'party', 'httpOnly'] as const) if (told[column]) told[column] = capitalized(told[column], words)
  return told
}

/** What stands where a row says nothing. */
export const blank = (column: Column, words: Words): string => capitalized(column === 'condition' ? words.always : column === 'personalData' ? words.none : words.unknown, words)

/** Every row in words, and the columns that they need. */
export const tellAll = (rows: readonly Row[], words: Words): { told: Told[]; columns: Column[] } => {
  try {
    Intl.getCanonicalLocales(words.language)
  } catch (cause) {
    throw new RangeError("words.language: not a language tag like 'en'", { cause })
  }
  const told = rows.map((row) => tell(row, words))
  return { told, columns: COLUMNS.filter((column) => STANDING.includes(column) || told.some((row) => row[column] !== undefined)) }
}
