import 'fake-indexeddb/auto'
import { describe, test } from 'vitest'
import { implementation } from './implementation.js'
import { holds, PROPERTIES, seed } from './properties.js'

describe(`laws over texts, seed ${seed}`, () => {
  for (const { law, name } of PROPERTIES) test(`law ${law} holds: ${name}`, () => holds(implementation, 'texts', law), 900_000)
})
