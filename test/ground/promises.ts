/** A promise that the test settles. */
export const later = (): { promise: Promise<void>; settle: () => void } => {
  let settle = (): void => {}
  const promise = new Promise<void>((resolve) => (settle = resolve))
  return { promise, settle }
}

/** Whether a promise has settled by now, without letting any clock move. */
export const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false
  const note = (): void => void (settled = true)
  promise.then(note, note)
  for (let turn = 0; turn < 200; turn++) await Promise.resolve()
  return settled
}

/** Lets the event loop turn, so that what a fake database has under way can happen; no clock moves. */
export const turns = async (count = 50): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
