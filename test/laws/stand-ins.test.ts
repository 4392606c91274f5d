import 'fake-indexeddb/auto'
import * as holdfast from 'holdfast'
import * as testing from 'holdfast/testing'
import { describe, test } from 'vitest'
import { holds, PROPERTIES, seed } from './properties.js'

const RUNS = 1000

describe(`laws over stand-ins, seed ${seed}`, () => {
  for (const { law, name } of PROPERTIES) test(`law ${law} holds: ${name}`, () => holds({ ...holdfast, ...testing }, 'stand-ins', law, RUNS), 900_000)
})
