// What the page does in the crash bench, and what the judge knows that it may have done: both make the same plan from
// the same seed, so nothing has to be told ahead of an operation.

/** How many ms a place rests between two steps, and how long a value may be. Chromium writes its cookies at once when 512 changes wait: slower than that is what visitors' pages are. */
export const places = {
  'indexedDB strict': { keys: 6, most: 60_000, rest: 4, clears: true },
  'indexedDB relaxed': { keys: 6, most: 60_000, rest: 4, clears: true },
  'indexedDB strict, sealed': { keys: 4, most: 6_000, rest: 8 },
  localStorage: { keys: 6, most: 6_000, rest: 10 },
  'localStorage, sealed': { keys: 4, most: 2_000, rest: 20 },
  cookie: { keys: 6, most: 300, rest: 60 },
  'cookie in pieces': { keys: 2, most: 9_000, rest: 120 },
  'indexedDB strict, then localStorage': { keys: 6, most: 2_000, rest: 8, moves: true },
}

/** The numbers of one round's operations begin here. */
export const FIRST = 1_000_000

/** mulberry32, from a text. */
export function randomOf(text) {
  let state = 0x811c9dc5
  for (const character of text) state = Math.imul(state ^ character.codePointAt(0), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const keysOf = (place) => Array.from({ length: places[place].keys }, (_, index) => `key-${index}`)

/**
 * The steps of one place in one round: one to four operations at the same time, each with a key of its own; the next
 * step begins when all of them were acknowledged. `moved`: IndexedDB has no room for this value, so it goes a tier down.
 */
export function* stepsOf(seed, round, place) {
  const random = randomOf(`${seed}/${round}/${place}`)
  const { most, clears, moves } = places[place]
  let number = round * FIRST
  for (;;) {
    if (clears && random() < 0.01) {
      yield [{ number: ++number, kind: 'clear' }]
      continue
    }
    const keys = keysOf(place)
    yield Array.from({ length: Math.min(keys.length, 1 + Math.floor(random() * 4)) }, () => {
      const [key] = keys.splice(Math.floor(random() * keys.length), 1)
      const kind = random() < 0.3 ? 'remove' : 'set'
      // Mostly short, now and then as long as it may be.
      const size = Math.floor(most * random() ** 3)
      return { number: ++number, kind, key, size, moved: !!moves && kind === 'set' && random() < 0.3 }
    })
  }
}

/** A value that tells whether it is whole. */
export function valueOf(number, size) {
  const unit = `${number}.`
  return `${number}:${size}:${unit.repeat(Math.ceil(size / unit.length)).slice(0, size)}`
}

/** The number of a value; `'torn'` where it is not one that `valueOf` made; `null`: absent. */
export function numberOf(value) {
  if (value === undefined) return null
  const [number, size] = String(value).split(':', 2).map(Number)
  return value === valueOf(number, size) ? number : 'torn'
}
