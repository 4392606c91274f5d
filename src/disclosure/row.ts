import type { Lifetime, Reach } from '../contracts.js'

/** One place in which a key may be kept. */
export interface Place {
  /** The tier's name. */
  tier: string
  /** What a browser calls it; `'memory'` is nothing that is stored. */
  kind: 'cookie' | 'web' | 'memory'
  /** How long it is kept here. `'varies'`: a function decides. `undefined`: not known. */
  lifetime?: Lifetime | 'varies'
  /** The ms after which it ends here at the latest; the end of `lifetime` may come before. */
  ms?: number
  /** Who else can read it. `undefined`: whoever sets it, alone. */
  reach?: Reach
  /** A wider reach that some browsers give. */
  mayReach?: Reach
  /** Whether it travels to a server with each request. */
  onWire: boolean
  /** Whose domain it is on, or who sets it: the site that is visited, or somebody else. */
  party: 'first' | 'third'
  /** No script of a page can read the cookie. `undefined`: not known. */
  httpOnly?: boolean
  /** The domain or the name of whoever has it. */
  provider?: string
  /** The Path of its cookie. */
  path?: string
  /** Held beside the place before it, on purpose, not in its stead. */
  also?: true
}

/** What is to be told of one key: facts, no words. Plain data, which a caller may sort, filter and change. */
export interface Row {
  /** The key, as the registry has it. */
  key: string
  /** The name as it is stored; `*` stands for any text. */
  name: string
  /** A server or a third party sets it. */
  external: boolean
  /** First choice first; each is used where those before it fail, but for what is kept in two places on purpose. */
  places: readonly Place[]
  /** Each use gives it its lifetime anew. */
  sliding?: true
  /** Removed when it is used. */
  once?: true
  /** Encrypted everywhere but in memory. */
  secret?: true
  /** The ms without any use of the storage after which it is forgotten. */
  idle?: number
  /** Where older code left it, until it is taken over. */
  earlier?: { tier?: string; name?: string }
  category?: string
  purpose?: string
  personalData?: string
  condition?: string
  /** In words, over what the places say. */
  retention?: string
  source?: string
}
