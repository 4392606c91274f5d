/** A header of a response; a name may come again, as Set-Cookie does. */
export type Headline = [name: string, value: string]

/** What ends a request is thrown as its status; nothing else is said of what came in. */
export const must = (fine: unknown, status = 400): void => {
  if (!fine) throw status
}
