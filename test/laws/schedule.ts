/**
 * A schedule is what a visitor, a browser and a widget do to one origin, or to the hosts of a site: plain data, so that it can be made at
 * random, shrunk, printed and run against any build.
 */

export type TierName = 'hub' | 'indexedDB' | 'localStorage' | 'sessionStorage' | 'cookie' | 'memory'

export const KEYS = ['token', 'visitor', 'secret', 'own'] as const
export type Key = (typeof KEYS)[number]

/** Who must allow it: the visitor is asked for all but what is necessary. */
export type Category = 'necessary' | Gated
export const GATED = ['analytics', 'functional'] as const
export type Gated = (typeof GATED)[number]

export const CATEGORY: Record<Key, Category> = { token: 'necessary', visitor: 'analytics', secret: 'analytics', own: 'functional' }

export type Answer = 'allowed' | 'refused' | 'not known'
export type Answers = Record<Gated, Answer>

/** What the visitor says of one category, or of each, as one tab hears it, or all at once. */
export interface Answering {
  do: 'answer'
  tab: number | 'all'
  categories: Gated[]
  answer: Answer
  /** Nothing else happens until the pages have done what follows from it. */
  settled: boolean
}

export type Lasting = 'page' | 'tab' | 'session' | 'forever' | number

/** What is stored; the number of its step makes it unique. */
export type Wanted = { kind: 'word' | 'digits' | 'number' | 'odd' | 'large' } | { kind: 'json'; json: unknown }

export type Operation =
  | { do: 'set'; tab: number; key: Key; value: Wanted; ttl?: Lasting }
  | { do: 'setMany'; tab: number; entries: { key: Key; value: Wanted }[]; ttl?: Lasting }
  | { do: 'touch'; tab: number; key: Key; ttl?: Lasting }
  | { do: 'get' | 'has' | 'remove' | 'take'; tab: number; key: Key }
  | { do: 'getMany'; tab: number; keys: Key[] }
  | { do: 'clear' | 'sweep' | 'keys'; tab: number }

export type Fault =
  | { kind: 'throws'; name: 'SecurityError' | 'UnknownError' | 'QuotaExceededError' }
  /** `refuses`: the browser drops what is written, without a word, beneath the tier. */
  | { kind: 'hangs' | 'late' | 'aborts' | 'ignores' | 'refuses' }
  | { kind: 'drops'; times: number }
  | { kind: 'quota'; room: number }

export type Damage = 'truncated' | 'random' | 'newer version' | 'foreign' | 'copied'

export type Step =
  | Operation
  | { do: 'both'; one: Operation; other: Operation }
  /** The page goes while the operation runs: after that many turns of the microtask queue. */
  | { do: 'reload'; tab: number; during?: Operation; turns: number }
  | Answering
  /** The answer comes while the operation runs: after that many turns of the microtask queue. */
  | { do: 'amid'; operation: Operation; answering: Answering; turns: number }
  | { do: 'close tab'; tab: number }
  | { do: 'restart browser' }
  | { do: 'wait'; seconds: number }
  | { do: 'set clock'; seconds: number }
  | { do: 'fault'; tab: number | 'all'; tier: TierName; fault: Fault }
  | { do: 'heal'; tier: TierName }
  | { do: 'evict'; tab: number; tier: TierName }
  | { do: 'damage'; tab: number; tier: TierName; key: Key; how: Damage }
  /** The browser forgets how far the hub was found to reach: what the hub, or the brand's cookie, has of it. */
  | { do: 'lose mark'; tab: number; tier: 'hub' | 'cookie' }
  /** What lies beneath a tier fails, for all tabs: the second of a mirror, or the vendor's storage beneath the hub; `undefined`: it is well again. */
  | { do: 'fail beneath'; fault: Fault | undefined }

/**
 * What the tiers stand on: stand-ins in memory, of which one may be composed of two; real text tiers; real text tiers
 * and a real IndexedDB tier; several hosts with a stand-in for
 * a hub, and with the hub itself.
 */
export type Footing = 'stand-ins' | 'composed' | 'texts' | 'database' | 'site' | 'hub'

export type Host = 'a' | 'b' | 'other'

export interface Siting {
  /** Where each tab is: at one of a site's two hosts, or at another site. */
  hosts: Host[]
  /** Whether the browser keeps what the vendor stores in a frame apart by host (WebKit), and not by site. */
  split: boolean
  /** The keys that ask for the reach of the site. */
  wide: Key[]
  /** How many places the vendor's own chain has. */
  vendor: 1 | 2
}

/** A visitor who is asked: keys have categories. */
export interface Consenting {
  /** What the pages know when the first of them are loaded. */
  first: Answers
  /** A page that is loaded knows what its tab heard last; otherwise it has to wait for it. */
  remembered: boolean
  /** What is refused everywhere at the end. */
  last: Gated[]
}

/** One tier of the chain is two: a chain, with so much room in its first, or a mirror, with so much in its second. */
export interface Composition {
  tier: TierName
  as: 'chain' | 'mirror'
  room: number | undefined
  /** The second keeps all it has for the session. */
  brief: boolean
}

export interface Schedule {
  footing: Footing
  chain: TierName[]
  /** Tiers that answer at once, as real localStorage does; the others may answer late. */
  sync: TierName[]
  /** Declared keys: `secret` is one, `own` has this chain. `undefined`: any key, no rules. */
  registry: { own: TierName[]; tokenTtl: Lasting } | undefined
  ttl: Lasting
  tabs: number
  siting?: Siting
  consenting?: Consenting
  composed?: Composition | undefined
  /** The chance in the run, so that it can be had again. */
  salt: number
  steps: Step[]
}

export const lastingText = (ttl: Lasting | undefined): string => (ttl === undefined ? '' : ` ttl ${typeof ttl === 'number' ? `${ttl / 1000} s` : ttl}`)

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text)

/** The value of a step, made unique by the step's number. */
export const valueFor = (wanted: Wanted, number: number): unknown => {
  switch (wanted.kind) {
    case 'word': return `v${number}`
    case 'digits': return String(1234567890123456 + number)
    case 'number': return 1234567890 + number + 0.5
    case 'odd': return `${number} é🪸;,="\\%41 \0\n`
    case 'large': return `${number} ${'x'.repeat(4200)}`
    case 'json': return [number, wanted.json]
  }
}

const shown = (wanted: Wanted, number: number): string => shorten(JSON.stringify(valueFor(wanted, number)))

const operationText = (operation: Operation, number: number): string => {
  const start = `tab${operation.tab}: ${operation.do}`
  switch (operation.do) {
    case 'set': return `${start} ${operation.key} ${shown(operation.value, number)}${lastingText(operation.ttl)}`
    case 'setMany': return `${start} ${operation.entries.map(({ key, value }, index) => `${key} ${shown(value, number + index / 10)}`).join(', ')}${lastingText(operation.ttl)}`
    case 'touch': return `${start} ${operation.key}${lastingText(operation.ttl)}`
    case 'getMany': return `${start} ${operation.keys.join(', ')}`
    case 'clear': case 'sweep': case 'keys': return start
    default: return `${start} ${operation.key}`
  }
}

const faultText = (fault: Fault): string => {
  switch (fault.kind) {
    case 'throws': return `throws ${fault.name}`
    case 'drops': return `loses its connection for ${fault.times} operations`
    case 'quota': return `has room for ${fault.room}`
    default: return fault.kind === 'late' ? 'answers late, once healed' : fault.kind
  }
}

const answeringText = ({ tab, categories, answer, settled }: Answering): string => `${tab === 'all' ? 'all tabs hear' : `tab${tab} hears`} that ${categories.join(', and then that ')} is ${answer}${settled ? ', and settle' : ''}`

const consentingText = ({ first, remembered, last }: Consenting): string =>
  `; ${GATED.map((category) => `${category} ${first[category]}`).join(', ')}, ${remembered ? 'and a page that is loaded knows' : 'and no page that is loaded knows'}; visitor and secret are analytics, own is functional; at the end ${last.join(' and ')} is refused`

const stepText = (step: Step, number: number): string => {
  switch (step.do) {
    case 'both': return `${operationText(step.one, number)}  ||  ${operationText(step.other, number + 0.5)}`
    case 'reload': return `tab${step.tab}: reload${step.during ? `, ${step.turns} turns into: ${operationText(step.during, number)}` : ''}`
    case 'answer': return answeringText(step)
    case 'amid': return `${operationText(step.operation, number)}, and ${step.turns} turns into it ${answeringText(step.answering)}`
    case 'close tab': return `tab${step.tab}: close, and open a new one`
    case 'wait': return `${step.seconds} s pass`
    case 'set clock': return `the clock is set by ${step.seconds} s`
    case 'fault': return `${step.tier} of ${step.tab === 'all' ? 'all tabs' : `tab${step.tab}`} ${faultText(step.fault)}`
    case 'heal': return `${step.tier} is well again`
    case 'evict': return `the browser evicts ${step.tier}${step.tier === 'sessionStorage' ? ` of tab${step.tab}` : ''}`
    case 'damage': return `${step.key} in ${step.tier}${step.tier === 'sessionStorage' ? ` of tab${step.tab}` : ''} is replaced: ${step.how}`
    case 'lose mark': return `the ${step.tier} of tab${step.tab} loses the mark of the hub`
    case 'fail beneath': return `what lies beneath ${step.fault ? faultText(step.fault) : 'is well again'}`
    case 'restart browser': return step.do
    default: return operationText(step, number)
  }
}

const sitingText = ({ hosts, split, wide, vendor }: Siting): string => ` at ${hosts.join(', ')}; the hub is ${split ? 'split by host' : 'one for the site'}, over ${vendor === 1 ? 'one place' : 'two places'}; ${wide.join(', ') || 'no key'} for the site`

const compositionText = ({ tier, as, room, brief }: Composition): string => `; ${tier} is a ${as} of two${brief ? ', one for the session' : ''}${room === undefined ? '' : `, one with room for ${room}`}`

/** A schedule as a list that a person can follow. */
export const describeSchedule = ({ footing, chain, sync, registry, ttl, tabs, siting, consenting, composed, steps }: Schedule): string =>
  [
    `${tabs} tabs over ${footing}${siting ? sitingText(siting) : ''}; chain ${chain.join(' > ')} (at once: ${sync.join(', ') || 'none'});${lastingText(ttl)}${registry ? `; keys: token${lastingText(registry.tokenTtl)}, visitor, secret, own in ${registry.own.join(' > ')}` : ''}${composed ? compositionText(composed) : ''}${consenting ? consentingText(consenting) : ''}`,
    ...steps.map((step, index) => `${String(index + 1).padStart(3)}. ${stepText(step, index + 1)}`),
  ].join('\n')
