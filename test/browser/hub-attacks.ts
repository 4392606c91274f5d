/**
 * Messages that nobody should send: malformed, forged, replayed, huge, in the wrong order. They run in pages and
 * frames; the same seed makes the same messages.
 */

/** What an attacker may know. */
export interface Known {
  /** Nonces that were used, or are in use. */
  nonces: string[]
  /** It sits in the very window that the hub listens to: a proper hello with a nonce of its own would be no attack then. */
  isPage?: boolean
}

/** The nonces that this page makes from now on, as they go into a hello. */
export function stealNonces(heard: (nonce: string) => void): void {
  const { getRandomValues } = Crypto.prototype
  Crypto.prototype.getRandomValues = function <T extends ArrayBufferView | null>(array: T): T {
    heard((getRandomValues.call(this, array as never) as unknown as Uint8Array).join('.'))
    return array
  }
}

type Make = () => unknown

const verbs = ['read', 'write', 'drop', 'names', 'destroy', 'mark', 'watch', 'access', 'clear', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', '', 0, null, {}]

/** A small generator of numbers: attacks are the same in each run. */
function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function deep(levels: number): unknown {
  let inner: unknown = 'deep'
  for (let level = 0; level < levels; level++) inner = level % 2 ? [inner] : { ops: inner }
  return inner
}

/** An object whose own `__proto__` wants to become the prototype of whatever it is merged into. */
const polluting = (more: object): unknown => JSON.parse(`{"__proto__":{"polluted":true,"holdfast":"x","ops":[]},"constructor":{"prototype":{"polluted":true}},${JSON.stringify(more).slice(1)}`)

export function messages(seed: number, { nonces, isPage }: Known): (index: number) => { data: unknown; port: boolean } {
  const below = random(seed)
  const pick = <T>(all: readonly T[]): T => all[below(all.length)]!
  const fresh = () => Array.from({ length: 16 }, () => below(256)).join(isPage ? ',' : '.')
  const odd: Make = () => pick<unknown>([undefined, null, true, 0, -1, 1e308, NaN, Infinity, '', 'x', '__proto__', 'é\ud800', 10n, [], {}, [[]], new Date(NaN), /x/, new Map([['ops', []]]), new Set([1]), new Error('x'), new ArrayBuffer(8), new Array(1000)])
  const nonce: Make = () => pick([fresh, () => pick(nonces), () => pick(nonces) + ' ', () => pick(nonces).replace('.', isPage ? 'x' : ''), () => [pick(nonces)], odd])()
  const speaks: Make = () => pick<unknown>([[1, 1], [2, 1], [0, 99], [NaN, NaN], [], ['1', '1'], { 0: 1, 1: 1 }, 'ab', undefined, null, [1e308, -1e308], [1]])
  /** Nothing that is a proper request: each has one part at least that no client sends. */
  const op: Make = () => {
    const verb = pick(verbs)
    if (verb === 'drop') return [verb, 'acme-chat.token', pick<unknown>([NaN, -1, 'x', null, undefined, {}]), 0]
    if (verb === 'write') return [verb, 'acme-chat.token', pick<unknown>(['', 'hf1', 'hf1.x', 'null', '{}', 'x'.repeat(5000), 5, null, odd()])]
    return [verb, pick<unknown>([5, null, {}, [], undefined, true, new Map()]), odd(), odd()]
  }
  /** Never one that a client has asked under: who holds the port is the page itself, and may answer itself. */
  const id: Make = () => pick<unknown>([below(1e6) + 1e9, -1, 0.5, NaN, '1', null, odd()])
  const makes: Make[] = [
    odd,
    () => ({ holdfast: nonce(), speaks: speaks() }),
    // A hello as it should be, but for one thing: it was used before.
    () => ({ holdfast: pick(nonces), speaks: [1, 1] }),
    () => ({ holdfast: nonce(), version: pick<unknown>([1, 0, 2, '1', NaN]), state: pick<unknown>([{ lifetimes: ['device'], access: true, mark: fresh() }, { lifetimes: 'device' }, odd()]) }),
    () => ({ holdfast: nonce(), refused: pick<unknown>(['origin', 'version', true, odd()]) }),
    () => ({ id: id(), ops: Array.from({ length: below(4) }, op) }),
    () => ({ id: id(), ops: pick<unknown>([odd(), deep(50), 'read', { length: 1e9 }, new Array(20_000).fill(['read', 'x'])]) }),
    () => ({ id: id(), answers: pick<unknown>([odd(), ['x'], [{ code: 'quota' }], [{ code: '__proto__' }]]) }),
    () => ({ heard: pick<unknown>([odd(), [odd(), odd()], 'acme-chat.token', { length: 5 }, deep(20)]) }),
    () => polluting({ holdfast: fresh(), speaks: [1, 1] }),
    () => polluting({ id: 1e9 + below(100), ops: [['__proto__', 'x']] }),
    () => deep(200),
  ]
  return (index) => {
    // Huge ones now and then: what a page can send has no limit but its memory.
    if (index % 2000 === 999) return { data: { id: 1e9, ops: [['write', 'acme-chat.token', 'x'.repeat(6_000_000)]] }, port: false }
    if (index % 2000 === 1999) return { data: { holdfast: 'f'.repeat(2_000_000), speaks: [1, 1] }, port: false }
    return { data: pick(makes)(), port: below(10) === 0 }
  }
}

/** Sends so many by `send`; after each few hundred it waits for `pace`, so that no queue grows for ever. */
export async function attack(count: number, seed: number, known: Known, send: (data: unknown, ports: MessagePort[]) => void, pace: () => Promise<unknown> = pause): Promise<void> {
  const make = messages(seed, known)
  for (let index = 0; index < count; index++) {
    const { data, port } = make(index)
    send(data, port ? [new MessageChannel().port2] : [])
    if (index % 500 === 499) await pace()
  }
}

const pause: () => Promise<unknown> = () => new Promise((resolve) => setTimeout(resolve))

/** Whether an attack has reached a prototype that all objects share. */
export const isPolluted = (): boolean => 'polluted' in {} || 'ops' in {} || 'holdfast' in {}
