import { describe, expect, test } from 'vitest'
import { inMemory } from 'holdfast/testing'
import type { Choice } from '../../src/consent/index.js'
import { all, choice, consentKeys, gpc, oneTrust, tcf } from '../../src/consent/index.js'
import type { Consent, Tier } from '../../src/contracts.js'
import { key } from '../../src/rule.js'
import { defineKeys } from '../../src/rules.js'
import { createStorage } from '../../src/storage.js'
import { turns } from '../ground/promises.js'
import { cmp, frameIn, page, stub, VENDOR } from './cmp.js'

const keys = defineKeys({
  ...consentKeys,
  token: key<string>({ category: 'necessary' }),
  visits: key<number>({ category: 'analytics' }),
  campaign: key<string>({ category: 'marketing' }),
})

/** A storage over tiers that outlive it, and what stands there in the clear. */
const storageOf = (consent: Consent, tiers: Tier[] = inMemory('localStorage')) => {
  const storage = createStorage({ namespace: 'acme', tiers, keys, consent })
  const stored = async (): Promise<string[]> => {
    await storage.flush()
    const names = await tiers[0]!.names('acme.')
    const entries = await tiers[0]!.read(names)
    return names.filter((_, index) => entries[index]!.text !== null && !names[index]!.endsWith('.')).map((name) => name.slice(5)).sort()
  }
  return { storage, tiers, stored }
}

const WRITES = [['token', 'jwt'], ['visits', 1], ['campaign', 'spring']] as const
const write = (storage: ReturnType<typeof storageOf>['storage']) => storage.setMany(WRITES as never)

describe('a storage that asks', () => {
  test("the IAB's CMP: keeps nothing before the choice, what is granted after it, and nothing of what is withdrawn", async () => {
    const window = page()
    stub(window)
    const { storage, tiers, stored } = storageOf(tcf({ vendor: VENDOR, purposes: { analytics: [1, 8], marketing: [3, 4] }, env: window }))
    await write(storage)
    expect(await stored()).toEqual(['token'])
    const { update } = cmp(window)
    update({ purposes: [1, 3, 4, 8], vendors: [VENDOR] }, 'shown')
    expect(await stored()).toEqual(['token'])
    update({ purposes: [1, 8], vendors: [VENDOR] })
    expect(await stored()).toEqual(['token', 'visits'])
    // What waited for an answer goes with a no; what is written then lives in the page.
    expect([await storage.get('visits'), await storage.get('campaign')]).toEqual([1, undefined])
    expect(await storage.set('campaign', 'summer')).toMatchObject({ tier: 'memory', held: 'consent' })
    expect([await storage.get('campaign'), await stored()]).toEqual(['summer', ['token', 'visits']])
    update({ purposes: [1], vendors: [VENDOR] })
    expect(await stored()).toEqual(['token'])
    expect([await storage.get('token'), await storage.get('visits')]).toEqual(['jwt', undefined])

    // The next visit, whose CMP is late: what was withdrawn does not come back.
    const next = storageOf(tcf({ vendor: VENDOR, purposes: { analytics: [1, 8] }, env: page() }), tiers)
    expect([await next.storage.get('token'), await next.storage.get('visits')]).toEqual(['jwt', undefined])
  })

  test("the IAB's CMP above its frame", async () => {
    const top = page()
    stub(top)
    const { update } = cmp(top)
    const { storage, stored } = storageOf(tcf({ vendor: VENDOR, purposes: { analytics: [8] }, env: frameIn(top) }))
    await write(storage)
    update({ purposes: [1, 8], vendors: [VENDOR] })
    await turns()
    expect(await stored()).toEqual(['token', 'visits'])
    update({ purposes: [1] })
    await turns()
    expect(await stored()).toEqual(['token'])
  })

  test('a CMP where the GDPR does not apply', async () => {
    const window = page()
    stub(window)
    cmp(window).update(null)
    const { storage, stored } = storageOf(tcf({ vendor: VENDOR, purposes: { analytics: [8] }, env: window }))
    await write(storage)
    expect(await stored()).toEqual(['campaign', 'token', 'visits'])
  })

  test('OneTrust', async () => {
    const window = page()
    const tell = (groups: string): void => {
      Object.assign(window, { OnetrustActiveGroups: groups })
      window.dispatchEvent(new window.Event('OneTrustGroupsUpdated'))
    }
    const { storage, stored } = storageOf(oneTrust({ groups: { analytics: 'C0002', marketing: 'C0004' }, env: window }))
    await write(storage)
    expect(await stored()).toEqual(['token'])
    tell(',C0001,C0002,')
    expect([await stored(), await storage.get('campaign')]).toEqual([['token', 'visits'], undefined])
    tell(',C0001,')
    expect(await stored()).toEqual(['token'])
  })

  test('a choice and the browser together', async () => {
    const consent = choice({ analytics: true })
    const { storage, stored } = storageOf(all(consent, gpc({ env: { navigator: { globalPrivacyControl: true } } })))
    await write(storage)
    await consent.update({ marketing: true })
    expect(await stored()).toEqual(['token', 'visits'])
  })
})

describe('a choice that the storage itself remembers', () => {
  const tab = (tiers: Tier[]) => {
    const consent: Choice = choice({}, { storage: () => storage })
    const { storage, stored } = storageOf(consent, tiers)
    return { consent, storage, stored }
  }

  test('gates from the first operation of the next page on', async () => {
    const tiers = inMemory('localStorage')
    const first = tab(tiers)
    await first.consent.update({ analytics: true, marketing: false })
    await write(first.storage)
    expect(await first.stored()).toEqual(['consent', 'token', 'visits'])
    const next = tab(tiers)
    await next.consent.ready
    expect([await next.storage.get('visits'), await next.storage.get('campaign')]).toEqual([1, undefined])
  })

  test('that is withdrawn in one tab is withdrawn in the other, and what waited there is gone', async () => {
    const tiers = inMemory('localStorage')
    const [one, other] = [tab(tiers), tab(tiers)]
    await Promise.all([one.consent.ready, other.consent.ready])
    await one.consent.update({ analytics: true })
    await turns()
    expect(other.consent.allows('analytics')).toBe(true)
    await other.storage.set('visits', 2)
    await one.consent.update({ analytics: false })
    await turns()
    expect(other.consent.allows('analytics')).toBe(false)
    expect([await one.stored(), await other.storage.get('visits'), await one.storage.get('visits')]).toEqual([['consent'], undefined, undefined])
    await Promise.all([one.storage.close(), other.storage.close()])
  })
})
