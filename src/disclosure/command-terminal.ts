/** Where a command runs, and where its words go. */
export interface Terminal {
  cwd: string
  out(text: string): void
  complain(text: string): void
}

/** What the options of a command say; `undefined`: not given. */
export type Given = Readonly<Record<string, string | readonly string[] | undefined>>

/** Answers the exit code: 0, or 1 where what was checked does not hold. What it cannot do, it refuses. */
export type Command = (subject: string, given: Given, terminal: Terminal) => Promise<number>

const REFUSAL = 'Refusal'

/** What the caller has to change. */
export const refuse = (message: string, cause?: unknown): never => {
  throw Object.assign(new Error(message, { cause }), { name: REFUSAL })
}

export const isRefusal = (error: unknown): error is Error => (error as Error | undefined)?.name === REFUSAL

/** One option that is a text. */
export const textOf = (given: Given, option: string): string | undefined => given[option] as string | undefined

/** What an option chooses from a table. */
export const choose = <Choice>(given: Given, option: string, choices: ReadonlyMap<string, Choice>, usual: string): Choice => {
  const wanted = textOf(given, option) ?? usual
  return choices.get(wanted) ?? refuse(`--${option} ${wanted}: expected ${[...choices.keys()].join(', ')}`)
}

export const messageOf = (error: unknown): string => String((error as Error | undefined)?.message ?? error)
