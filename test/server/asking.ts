import type { Entry } from 'holdfast'
import { encodeEntry } from '../../src/entry.js'

type Handler = (request: Request) => Promise<Response>

export const ORIGIN = 'https://a.brand.test'

/** What the handler's JSON holds. */
export interface Answer {
  reach: string
  outcomes?: unknown[]
  entries?: (string | null)[]
  names?: string[] | false
}

/** A request as `httpCookieTier` makes it, unless told otherwise; `null` leaves a header out. */
export const asked = (question: unknown, headers: Record<string, string | null> = {}, init: RequestInit = {}): Request => {
  const all = { origin: ORIGIN, 'content-type': 'application/json', 'x-holdfast': '1', ...headers }
  const kept = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null)
  const body = typeof question === 'string' ? question : JSON.stringify(question)
  return new Request('https://chat.vendor.test/entries', { method: 'POST', body, headers: kept, ...init })
}

export const ask = async (handler: Handler, question: unknown, headers: Record<string, string | null> = {}): Promise<{ answer: Answer; lines: string[] }> => {
  const response = await handler(asked(question, headers))
  if (response.status !== 200) throw new Error(`status ${response.status}`)
  return { answer: (await response.json()) as Answer, lines: response.headers.getSetCookie() }
}

export const statusOf = async (handler: Handler, request: Request): Promise<number> => (await handler(request)).status

/** An entry of a text, as JSON carries it. */
export const entry = (name: string, text: string | null, stamp: number, more: Partial<Entry> = {}): [name: string, text: string] => [name, encodeEntry(name, { text, stamp, lifetime: 'device', ...more })]

/** A Cookie header of such entries, for texts that need no percent. */
export const cookieOf = (...entries: [name: string, text: string][]): string => entries.map(([name, text]) => `${name}=${text}`).join('; ')
