/** What becomes of samples. A ratio is made within one repetition, where both met the same machine. */

export interface Figure {
  median: number
  /** The quartiles: half of all repetitions lie between them. */
  low: number
  high: number
  /** How many repetitions it rests on. */
  samples: number
}

/** By the nearest ranks, between which it is linear. */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) throw new RangeError('no samples')
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]!
  return below + (sorted[Math.ceil(place)]! - below) * (place % 1)
}

export function figureOf(samples: readonly number[]): Figure {
  const sorted = [...samples].sort((one, other) => one - other)
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75), samples: sorted.length }
}

/** How long the one took in units of the other, repetition by repetition. */
export function ratioOf(times: readonly number[], reference: readonly number[]): Figure | undefined {
  const pairs = times.flatMap((time, index) => (reference[index]! > 0 && time > 0 ? [time / reference[index]!] : []))
  return pairs.length === 0 ? undefined : figureOf(pairs)
}

/** Three digits, as many as such a measurement bears. */
export function told(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toPrecision(value < 0.1 ? 2 : 3).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
}

export function toldFigure({ median, low, high, samples }: Figure): string {
  return samples === 1 ? told(median) : `${told(median)} (${told(low)}–${told(high)})`
}
