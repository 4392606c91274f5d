import 'fake-indexeddb/auto'
import { describe, test } from 'vitest'
import { implementation } from './implementation.js'
import { holdsWithConsent, seed } from './properties.js'

describe(`what a visitor has not allowed reaches no tier, and what is refused goes from all of them, seed ${seed}`, () => {
  test('that stands in', () => holdsWithConsent(implementation, 'consent'), 900_000)
  test('of texts', () => holdsWithConsent(implementation, 'consent over texts'), 900_000)
  test('with a database', () => holdsWithConsent(implementation, 'consent over a database'), 900_000)
})
