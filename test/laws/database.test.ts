import 'fake-indexeddb/auto'
import { describe, test } from 'vitest'
import { implementation } from './implementation.js'
import { holds, PROPERTIES, seed } from './properties.js'

describe(`laws over database, seed ${seed}`, () => {
  for (const { law, name } of PROPERTIES) test(`law ${law} holds: ${name}`, () => holds(implementation, 'database', law), 900_000)
})
