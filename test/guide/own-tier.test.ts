import { memoryTier, type Tier } from 'holdfast'
import { tierCases } from 'holdfast/testing'
import { describe, test } from 'vitest'

// Put your own tier here. Each call answers a tier over the same place.
const place = memoryTier()
const make = (): Tier => place

describe('my tier', () => {
  for (const { title, skip, run } of tierCases) {
    if (!skip?.(make().traits)) test(title, () => run(make))
  }
})
