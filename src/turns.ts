/** Lets the writes of one key follow one another, in the order in which they were asked for. */
export interface Turns {
  one<T>(name: string, act: () => Promise<T>): Promise<T>
  /** After all that was asked before, and before all that is asked after. What is `urgent` also runs at once, if it has to wait. */
  all<T>(act: () => Promise<T>, urgent?: boolean): Promise<T>
}


const createTurns = (): Turns => {
  const last = new Map<string, Promise<unknown>>()
  let barrier: Promise<unknown> | undefined
  return {
    one(name, act) {
      const before = last.get(name) ?? barrier
      const turn = before ? before.then(act) : act()
      const over = (): void => {
        if (last.get(name) === settled) last.delete(name)
      }
      const settled = turn.then(over, over)
      last.set(name, settled)
      return turn
    },
    all(act, urgent) {
      // The page may be gone before a tier that hangs lets the turn come. It comes all the same.
      if (urgent && (barrier || last.size)) act().catch(() => {})
      const turn = Promise.all([barrier, ...last.values()]).then(act)
      last.clear()
      const over = (): void => {
        if (barrier === settled) barrier = undefined
      }
      const settled = turn.then(over, over)
      barrier = settled
      return turn
    },
  }
}

const known = /* @__PURE__ */ new WeakMap<object, Map<string, Turns>>()

/** The turns of a namespace on one page: storages of the same `env` share them, so that a `take` has one winner. */
export const turnsOf = (env: object, start: string): Turns => {
  const page = known.get(env) ?? new Map<string, Turns>()
  known.set(env, page)
  const turns = page.get(start) ?? createTurns()
  page.set(start, turns)
  return turns
}
