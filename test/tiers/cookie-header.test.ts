import { expect, test } from 'vitest'
import { cookieTier } from 'holdfast'
import { cookieJar } from 'holdfast/testing'

test('the header of a cut value carries its checksum, its generation and the count of its pieces', () => {
  const env = cookieJar().at('https://www.brand.test/')
  const entry = { text: 'x'.repeat(9000), stamp: 2048, lifetime: 'device' as const }
  expect(cookieTier({ maxBytes: 16_384, env }).write([{ name: 'chat.token', entry }])).toEqual([undefined])
  const cookies = env.document!.cookie.split('; ')
  const header = cookies.find((cookie) => cookie.startsWith('chat.token='))!
  const [, checksum, generation, count] = /^chat\.token=hf13\.(\w+)\|(\w+)\|(\d+)$/.exec(header)!
  expect([checksum!.length > 4, parseInt(generation!, 32) / 2048, Number(count)]).toEqual([true, 2048, cookies.length - 1])
  expect(cookies.filter((cookie) => cookie.startsWith(`chat.token|${generation}|`))).toHaveLength(Number(count))
})
