import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry, Tier } from 'holdfast'
import { cookieJar, tierCases } from 'holdfast/testing'
import type { CookieOptions } from '../../src/tiers/cookie.js'
import { cookieTier } from '../../src/tiers/cookie.js'

const NAME = 'LivePersonID'
const PATH = '/hc/123'
const PAGE = 'https://sales.vendor.test/hc/123/chat'

const entry = (text: string | null, stamp: number, more: Partial<Entry> = {}): Entry => ({ text, stamp, lifetime: 'device', ...more })
const put = (tier: Tier, text: string | null, stamp = 5, more: Partial<Entry> = {}): unknown => (tier.write([{ name: NAME, entry: entry(text, stamp, more) }]) as unknown[])[0]
const drop = (tier: Tier, stamp: number): unknown => (tier.write([{ name: NAME, drop: stamp }]) as unknown[])[0]

/** Any order of writes and drops, from any page, against two plain registers. */
const steps = fc.array(
  fc.record({
    which: fc.constantFrom('root' as const, 'below' as const),
    page: fc.constantFrom('/hc/123', '/hc/123/chat', '/hc/123/', '/'),
    stamp: fc.integer({ min: 1, max: 9 }),
    text: fc.oneof(fc.constantFrom<string | null>(null, '', 'x'), fc.string({ maxLength: 20, unit: 'binary' }), fc.constant('long '.repeat(1200))),
    lifetime: fc.constantFrom('session' as const, 'device' as const),
    drops: fc.boolean(),
  }),
  { maxLength: 30 },
)

describe.each<CookieOptions>([{ maxBytes: 16_384 }, { maxBytes: 16_384, domain: 'site' }])('whatever is done to one name at two paths, with %o', (options) => {
  test('each is a register of its own', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const jar = cookieJar()
        const model: Record<'root' | 'below', Entry | undefined> = { root: undefined, below: undefined }
        for (const { which, page, stamp, text, lifetime, drops } of all) {
          const place = cookieTier({ env: jar.at('https://sales.vendor.test' + page), ...options })
          const tier = which === 'root' ? place : place.at!(PATH)
          if (which === 'below' && page === '/') {
            expect(put(tier, 'x')).toMatchObject({ code: 'unavailable' })
            continue
          }
          const held = model[which]
          const later = held && held.stamp > stamp ? held.stamp : undefined
          const outcome = drops ? drop(tier, stamp) : put(tier, text, stamp, { lifetime })
          expect(outcome).toBe(later)
          if (!later) model[which] = drops ? undefined : entry(text, stamp, { lifetime })
        }
        const { root, below } = { root: cookieTier({ env: jar.at(PAGE), ...options }), below: cookieTier({ env: jar.at(PAGE), ...options }).at!(PATH) }
        expect([root.read([NAME]), below.read([NAME])]).toEqual([[model.root], [model.below]])
        expect([root.names(''), below.names('')]).toEqual([model.root ? [NAME] : [], model.below ? [NAME] : []])
      }),
      { numRuns: 300, seed: 3 },
    )
  })
})

describe.each<[string, string, CookieOptions]>([
  ['a path below', '/shop', {}],
  ['a path below, for the site', '/shop', { domain: 'site' }],
  ['the page itself', '/shop/cart', {}],
  ['the root, of a tier that has a path', '/', { path: '/shop' }],
  ['a path below, cut into several', '/shop', { maxBytes: 16_384 }],
])('%s', (_, path, options) => {
  const env = cookieJar().at('https://www.brand.test/shop/cart')
  // A neighbour of the same names, at another path, must not be noticed.
  const make = (): Tier => cookieTier({ env, ...options }).at!(path)
  const neighbour = cookieTier({ env, ...options })
  for (const { title, skip, run } of tierCases) {
    const reason = skip?.(make().traits)
    test(reason ? `${title} (does not concern it: ${reason})` : title, async () => {
      if (reason) return expect(reason).toBeTruthy()
      await run(() => {
        const tier = make()
        return {
          ...tier,
          write: (changes) => {
            neighbour.write(changes.map(({ name }) => ({ name, entry: entry('neighbour', 1) })))
            return tier.write(changes)
          },
        }
      })
    })
  }
})
