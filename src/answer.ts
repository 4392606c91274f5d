import type { MaybePromise } from './contracts.js'

/** Also of another frame, or of a library. */
export const isPromise = <T>(value: MaybePromise<T>): value is Promise<T> => !!(value as Promise<T> | undefined)?.then

/** What answers at once is gone on with at once. */
export const andThen = <T, U>(answer: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> => (isPromise(answer) ? answer.then(next) : next(answer))

/** What it throws becomes a rejection. */
export const promised = <T>(act: () => Promise<T>): Promise<T> => {
  try {
    return act()
  } catch (cause) {
    return Promise.reject(cause as Error)
  }
}

/** What is to be done at the end of this tick: one turn of the page's own for all that is batched. */
let ending: (() => void)[] = []
const endTick = (): void => {
  const acts = ending
  ending = []
  for (const act of acts) act()
}

/** What one tick asks for travels together. `run` never throws. No promise for each: most of what a tier that answers at once costs is promises. */
export const batched = <Item, Answer>(run: (items: Item[]) => MaybePromise<readonly Answer[]>): ((item: Item, done: (answer: Answer) => void) => void) => {
  let items: Item[] = []
  let waiting: ((answer: Answer) => void)[] = []
  const flush = (): void => {
    const told = waiting
    const asked = items
    items = []
    waiting = []
    andThen(run(asked), (answers) => told.forEach((done, index) => done(answers[index]!)))
  }
  return (item, done) => {
    waiting.push(done)
    if (items.push(item) < 2 && ending.push(flush) < 2) void Promise.resolve().then(endTick)
  }
}
