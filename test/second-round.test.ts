import { expect, test } from 'vitest'
import type { Tier } from 'holdfast'
import { createStorage, StorageError } from 'holdfast'
import { inMemory } from 'holdfast/testing'

test('a value that a tier took is not reported as lost where the tier has no room for its second round', async () => {
  const [sessionStorage, localStorage] = inMemory('sessionStorage', 'localStorage')
  let entries = 0
  const first: Tier = {
    ...sessionStorage!,
    write: (changes) => (changes.some((change) => 'entry' in change) && ++entries > 1 ? changes.map(() => new StorageError('quota', 'full')) : sessionStorage!.write(changes)),
  }
  const second: Tier = { ...localStorage!, write: () => { throw new Error('blocked') } }
  const storage = createStorage({ namespace: 'acme-chat', tiers: [first, second] })
  expect(await storage.set('token', 'abc')).toMatchObject({ tier: 'sessionStorage' })
  expect(await storage.get('token')).toBe('abc')
})
