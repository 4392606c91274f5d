import type { Reach } from '../contracts.js'

/** The columns of a table, in their order. */
export const COLUMNS = ['name', 'path', 'purpose', 'category', 'type', 'retention', 'where', 'reach', 'onWire', 'party', 'httpOnly', 'condition', 'personalData', 'source', 'provider', 'earlier'] as const

/** One column of a table. */
export type Column = (typeof COLUMNS)[number]

/**
 * Every word that a document has beside the registry's own texts. Replace what you like: `{ ...english, title: 'Our
 * cookies' }`. Words in braces stand for what is put there.
 */
export interface Words {
  /** A BCP 47 tag: the document's language, and that of spans of time. */
  readonly language: string
  /** Default: from left to right. */
  readonly direction?: 'rtl'
  readonly title: string
  /** The sentence under the title. */
  readonly lead: string
  /** The table's caption. */
  readonly caption: string
  /** In place of a table that would be empty. */
  readonly nothing: string
  readonly columns: Readonly<Record<Column, string>>
  /** By the registry's names; a category that is not here is written as it is. */
  readonly categories: Readonly<Record<string, string>>
  /** By the tiers' names; a tier that is not here is written as it is. */
  readonly tiers: Readonly<Record<string, string>>
  /** `{where}` is one place or more, `{fact}` what is true there alone. */
  readonly perPlace: string
  readonly orElse: string
  readonly and: string
  readonly type: Readonly<Record<'session' | 'permanent' | 'varies', string>>
  /** Until when: the ends of the page, the tab and the browser's session, or of none of them. */
  readonly until: Readonly<Record<'page' | 'tab' | 'session' | 'device' | 'varies', string>>
  /** `{until}`, and `{span}` after which it ends in any case. */
  readonly atMost: string
  /** `{retention}` of what each use renews. */
  readonly sliding: string
  /** `{retention}` of what is removed by its use. */
  readonly once: string
  /** `{retention}` of what is forgotten once nothing of it was used for `{span}`. */
  readonly idle: string
  readonly reach: Readonly<Record<Reach, string>>
  /** `{reach}` everywhere, and `{wider}` in some browsers. */
  readonly mayReach: string
  /** `{reach}`, and the one on whose domain it is kept. */
  readonly andProvider: string
  /** Nobody but a third party that sets it. */
  readonly provider: string
  /** Nobody but the site's own server. */
  readonly server: string
  readonly party: Readonly<Record<'first' | 'third', string>>
  readonly yes: string
  readonly no: string
  /** Set without a condition. */
  readonly always: string
  /** No personal data. */
  readonly none: string
  /** Not stated. */
  readonly unknown: string
  /** Translations of the registry's own texts, by the text. */
  readonly texts?: Readonly<Record<string, string>>
}

/** The documents' words in English. */
export const english: Words = {
  language: 'en',
  title: 'Cookies and browser storage',
  lead: 'What this website and the services on it keep in your browser: what for, for how long, and who can read it.',
  caption: 'Cookies and other entries, one in each row',
  nothing: 'Nothing is kept in your browser.',
  columns: {
    name: 'Name',
    path: 'Path',
    purpose: 'Purpose',
    category: 'Category',
    type: 'Session or permanent',
    retention: 'Kept for',
    where: 'Where it is kept',
    reach: 'Who can read it',
    onWire: 'Sent to the server',
    party: 'First or third party',
    httpOnly: 'HttpOnly',
    condition: 'When it is set',
    personalData: 'Personal data',
    source: 'Set by',
    provider: 'Provider',
    earlier: 'Earlier name',
  },
  categories: { necessary: 'Strictly necessary', functional: 'Functional', analytics: 'Analytics', marketing: 'Marketing' },
  tiers: {
    cookie: 'cookie',
    httpCookie: 'cookie of the provider',
    localStorage: 'local storage',
    sessionStorage: 'session storage',
    indexedDB: 'IndexedDB',
    hub: 'storage of the provider',
    memory: 'memory of the page',
  },
  perPlace: '{where}: {fact}',
  orElse: ', else ',
  and: ' and ',
  type: { session: 'session', permanent: 'permanent', varies: 'session or permanent' },
  until: { page: 'until the page is left', tab: 'until the tab is closed', session: 'until the browser is closed', device: 'until it is deleted', varies: 'depends on what is kept' },
  atMost: '{until}, {span} at the most',
  sliding: '{retention}, anew with each use',
  once: '{retention}; removed when it is used',
  idle: '{retention}; sooner if unused for {span}',
  reach: {
    page: 'this page',
    tab: 'this tab',
    origin: 'this address',
    site: 'this domain with its subdomains',
  },
  mayReach: '{reach} (in some browsers {wider})',
  andProvider: '{reach} and the provider',
  provider: 'the provider',
  server: 'the website’s server',
  party: { first: 'first party', third: 'third party' },
  yes: 'yes',
  no: 'no',
  always: 'always',
  none: 'none',
  unknown: '—',
}
