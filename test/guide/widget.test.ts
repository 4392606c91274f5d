import { createStorage, type Holdfast } from 'holdfast'
import { inMemory } from 'holdfast/testing'
import { beforeEach, expect, test } from 'vitest'

let storage: Holdfast<{ token: string }>

beforeEach(() => {
  storage = createStorage({ namespace: 'acme-chat', tiers: inMemory() })
})

test('a visitor who logs out has no token', async () => {
  await storage.set('token', 'abc')
  await storage.remove('token')
  expect(await storage.has('token')).toBe(false)
})
