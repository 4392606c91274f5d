import 'fake-indexeddb/auto'
import { describe, test } from 'vitest'
import { implementation } from './implementation.js'
import { holds, PROPERTIES, seed } from './properties.js'

describe(`laws over stand-ins, seed ${seed}`, () => {
  for (const { law, name } of PROPERTIES) test(`law ${law} holds: ${name}`, () => holds(implementation, 'stand-ins', law), 900_000)
})
