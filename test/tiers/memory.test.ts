import { describe, expect, test } from 'vitest'
import { createStorage, memoryTier } from 'holdfast'

describe('memory', () => {
  test('is a place of its own with each call, and shared by the storages that are given the same one', async () => {
    const tier = memoryTier()
    const storage = createStorage({ namespace: 'acme-chat', tiers: [tier] })
    await storage.set('token', 'abc')
    expect(await createStorage({ namespace: 'acme-chat', tiers: [tier] }).get('token')).toBe('abc')
    expect(await createStorage({ namespace: 'acme-chat', tiers: [memoryTier()] }).get('token')).toBeUndefined()
  })

  test('promises the page and no more', async () => {
    const storage = createStorage({ namespace: 'acme-chat', tiers: [memoryTier()] })
    expect(await storage.set('token', 'abc')).toEqual({ tier: 'memory', lifetime: 'page', reach: 'page', passed: [] })
    expect(memoryTier()).toMatchObject({ name: 'memory', traits: { lifetimes: ['page'], reach: 'page' } })
  })

  test('hands out no value that a later change of the caller could reach', async () => {
    const storage = createStorage({ namespace: 'acme-chat', tiers: [memoryTier()] })
    await storage.set('state', { open: false })
    const state = (await storage.get('state')) as { open: boolean }
    state.open = true
    expect(await storage.get('state')).toEqual({ open: false })
  })

  test('keeps an entry that the caller changes after the write as it was written', async () => {
    const tier = memoryTier()
    const entry = { text: 'a', stamp: 5, lifetime: 'page' as const }
    await tier.write([{ name: 'chat.a', entry: { ...entry } }])
    expect(await tier.read(['chat.a'])).toEqual([entry])
  })

  test('works where there is no browser at all: on a server, with nothing but memory', async () => {
    const storage = createStorage({ namespace: 'acme-chat', tiers: [memoryTier()], env: {} })
    await storage.set('token', 'abc', { ttl: '1h' })
    expect(await storage.get('token')).toBe('abc')
    expect((await storage.status()).tiers).toEqual([{ name: 'memory', state: 'ready', lifetimes: ['page'], reach: 'page' }])
    await storage.flush()
    await storage.close()
  })
})
