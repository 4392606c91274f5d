/** Which law of the design was broken, and by what. */
export class LawBroken extends Error {
  readonly law: number

  constructor(law: number, message: string) {
    super(`law ${law} (${LAWS[law] ?? 'a good guest'}) broken: ${message}`)
    this.name = 'LawBroken'
    this.law = law
  }
}

export const LAWS: Record<number, string> = {
  1: 'read your writes',
  2: 'the newest wins',
  3: 'removed stays removed, superseded stays superseded',
  4: 'never longer than asked',
  5: 'never weaker than asked',
  6: 'no silent loss',
  7: 'one bad entry is one bad entry',
  8: 'the same value from any tier',
  9: 'bounded waiting',
  10: 'a good guest',
}

export const demand = (holds: unknown, law: number, message: () => string): void => {
  if (!holds) throw new LawBroken(law, message())
}
