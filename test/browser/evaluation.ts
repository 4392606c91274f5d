/** An error that was thrown in a page: its name, message and code are the page's. */
export class PageError extends Error {
  readonly code: string | undefined

  constructor(thrown: Thrown) {
    super(thrown.message)
    this.name = thrown.name
    this.code = thrown.code
    if (thrown.stack) this.stack = `${thrown.name}: ${thrown.message}\n(in the page)\n${thrown.stack}`
  }
}

interface Thrown {
  name: string
  message: string
  code?: string
  stack?: string
}

/**
 * A function and its arguments as one expression for the page. It answers text, because text is the one
 * value that all three protocols carry the same way.
 */
export function expression(run: (...given: never[]) => unknown, given: readonly unknown[]): string {
  return `(async () => {
    try {
      const value = await (${run})(...${JSON.stringify(given)})
      return JSON.stringify({ value })
    } catch (error) {
      const text = (what) => (what === undefined ? undefined : String(what))
      const { name = typeof error, message = error, code, stack } = Object(error)
      return JSON.stringify({ thrown: { name: text(name), message: text(message) ?? '', code: text(code), stack: text(stack) } })
    }
  })()`
}

/** What the expression answered: the value, or the page's error thrown here. */
export function outcome<T>(text: unknown): T {
  if (typeof text !== 'string') throw new Error(`the page answered ${JSON.stringify(text)} instead of text`)
  const answer = JSON.parse(text) as { value?: T; thrown?: Thrown }
  if (answer.thrown) throw new PageError(answer.thrown)
  return answer.value as T
}
