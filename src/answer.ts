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
