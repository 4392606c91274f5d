import { describe, test } from 'vitest'
import { implementation } from './implementation.js'
import { holds, PROPERTIES, seed } from './properties.js'

describe(`laws over a site with the hub itself, seed ${seed}`, () => {
  for (const { law, name } of PROPERTIES) test(`law ${law} holds: ${name}`, () => holds(implementation, 'hub', law), 900_000)
})
