import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { Holdfast, Rules } from 'holdfast'
import { createStorage, defineKeys, key, memoryTier } from 'holdfast'
import { failureOf } from './ground/failure.js'

/** Validators as their users write them: each speaks the Standard Schema. */
describe('a schema of', () => {
  const open = (keys: Rules) => createStorage({ namespace: 'chat', tiers: [memoryTier()], keys: defineKeys(keys) }) as unknown as Holdfast<{ state: unknown }>

  test.each([
    ['zod', { state: key({ schema: z.object({ open: z.boolean() }) }) }],
    ['valibot', { state: key({ schema: v.object({ open: v.boolean() }) }) }],
    ['arktype', { state: key({ schema: type({ open: 'boolean' }) }) }],
  ])('%s decides what is written', async (_, keys) => {
    const storage = open(keys)
    await storage.set('state', { open: true })
    expect([await storage.get('state'), (await failureOf(() => storage.set('state', { open: 'yes' }))).message]).toEqual([{ open: true }, 'state: not as its schema says'])
    expect(await storage.get('state')).toEqual({ open: true })
  })

  test('each gives its key the type of what it validates', () => {
    const storage = createStorage({
      namespace: 'chat',
      tiers: [memoryTier()],
      keys: defineKeys({ zod: key({ schema: z.object({ open: z.boolean() }) }), valibot: key({ schema: v.object({ open: v.boolean() }) }), arktype: key({ schema: type({ open: 'boolean' }) }) }),
    })
    expectTypeOf(storage.get('zod')).resolves.toEqualTypeOf<{ open: boolean } | undefined>()
    expectTypeOf(storage.get('valibot')).resolves.toEqualTypeOf<{ open: boolean } | undefined>()
    expectTypeOf(storage.get('arktype')).resolves.toEqualTypeOf<{ open: boolean } | undefined>()
  })
})
