// What an application writes, checked against the published types as an ES module and as CommonJS.
import { createStorage, indexedDBTier, isStorageError, localStorageTier, memoryTier, StorageError } from 'holdfast'
import type { Holdfast, Receipt, Tier } from 'holdfast'
import { tierCases } from 'holdfast/testing'

const tiers: Tier[] = [indexedDBTier(), localStorageTier(), memoryTier()]
const storage: Holdfast<{ token: string }> = createStorage({ namespace: 'acme-chat', tiers, ttl: '1d' })

export async function keep(token: string): Promise<string> {
  const receipt: Receipt = await storage.set('token', token, { ttl: '2w' })
  // @ts-expect-error a receipt says nothing of this
  receipt.nowhere
  return receipt.tier
}

// @ts-expect-error a token is a string
void storage.set('token', 1)

// @ts-expect-error a storage without a namespace is refused
createStorage({ tiers })

export const refused: string = new StorageError('quota', 'full').code
export const guarded = (error: unknown): string | undefined => (isStorageError(error) ? error.code : undefined)
export const cases: number = tierCases.length
