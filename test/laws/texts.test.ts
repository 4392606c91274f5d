import 'fake-indexeddb/auto'
import * as holdfast from 'holdfast'
import * as testing from 'holdfast/testing'
import { describe, test } from 'vitest'
import { holds, PROPERTIES, seed } from './properties.js'

const RUNS = 800

describe(`laws over texts, seed ${seed}`, () => {
  for (const { law, name } of PROPERTIES) test(`law ${law} holds: ${name}`, () => holds({ ...holdfast, ...testing }, 'texts', law, RUNS), 900_000)
})
