import { expect, test } from 'vitest'
import type { Entry, Env } from 'holdfast'
import { cookieTier } from 'holdfast'
import { cookieJar } from 'holdfast/testing'

const NAME = 'chat.token'
const PAGE = 'https://www.brand.test/shop/cart'

/** A page that counts how often its cookies are looked at: each time may ask another process. */
const page = () => {
  const jar = cookieJar()
  const { document, location } = jar.at(PAGE)
  let looks = 0
  const env: Env = {
    location,
    document: {
      get cookie() {
        looks++
        return document!.cookie
      },
      set cookie(text: string) {
        document!.cookie = text
      },
    },
  }
  /** How many looks something takes. */
  const looksOf = (act: () => unknown): number => {
    looks = 0
    act()
    return looks
  }
  return { document: document!, tier: cookieTier({ env }), looksOf }
}
const entry = (text: string, stamp = 5): Entry => ({ text, stamp, lifetime: 'device' })

test('a read of many names looks at the cookies once, whether they have changed or not', () => {
  const { tier, looksOf } = page()
  tier.write([{ name: NAME, entry: entry('a') }])
  for (let round = 0; round < 2; round++) expect(looksOf(() => expect(tier.read([NAME, 'chat.other', 'chat.'])).toEqual([entry('a'), undefined, undefined]))).toBe(1)
  expect(looksOf(() => tier.names('chat.'))).toBe(1)
})

test('a write looks once before and once after, and so does a removal; a question for what stands there looks no more', () => {
  const { tier, looksOf } = page()
  const epoch = { name: 'chat.', drop: 0 }
  expect(looksOf(() => tier.write([{ name: NAME, entry: entry('a') }, epoch]))).toBe(2)
  expect(looksOf(() => tier.write([{ name: NAME, entry: entry('b', 6) }, epoch]))).toBe(2)
  expect(looksOf(() => expect(tier.write([{ name: NAME, entry: entry('old', 4) }, epoch])).toEqual([6, undefined]))).toBe(1)
  expect(looksOf(() => tier.write([{ name: NAME, drop: 6 }, epoch]))).toBe(2)
  expect(tier.read([NAME])).toEqual([undefined])
})

test('what others change between two reads is seen: another value, damage, a removal, and the same value again', () => {
  const { document, tier } = page()
  const raw = (text: string): string => {
    const other = page()
    other.tier.write([{ name: NAME, entry: entry(text) }])
    return other.document.cookie
  }
  const seen = (cookie: string): unknown => {
    document.cookie = cookie + '; Path=/; Secure'
    return (tier.read([NAME]) as (Entry | undefined)[])[0]
  }
  expect([seen(raw('a')), seen(raw('b'))]).toEqual([entry('a'), entry('b')])
  expect(seen(raw('b').slice(0, -1) + 'c')).toMatchObject({ corrupt: true })
  expect(seen(`${NAME}=; Max-Age=0`)).toBeUndefined()
  expect([seen(raw('b')), seen(raw('b'))]).toEqual([entry('b'), entry('b')])
})
