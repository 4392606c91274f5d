import type { Before, Dealing, Deed } from './deeds.js'
import type { Page } from './world.js'

/** What is known of an operation that changes something, once it has settled or its page is gone. */
export interface Change {
  title: string
  page: Page
  key: string | undefined
  start: number
  end: number
  clock: number
  dealings: Dealing[]
  /** No other operation ran beside it. */
  alone: boolean
  before: Before
  /** The writes of the value that a take or a touch read. */
  based?: readonly Deed[] | undefined
  /** A removal that each tab makes in its own places: it leaves no word where all of them answered. */
  traceless?: boolean
  /** What it rejected with; `'gone'`: its page went before it settled. */
  error: unknown
}
