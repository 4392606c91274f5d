import type { StorageError } from 'holdfast'

/** What an act throws or rejects with; an act that succeeds fails the test. */
export const failureOf = async (act: () => unknown): Promise<Error & Partial<StorageError>> => {
  let answer: unknown
  try {
    answer = await act()
  } catch (error) {
    return error as Error
  }
  throw new Error(`it succeeded, with ${JSON.stringify(answer)}`)
}

/** An error of the browser's, as it names itself. */
export const domError = (name: string): Error => Object.assign(new Error(`the browser says ${name}`), { name })
