import { describe, expect, test, vi } from 'vitest'
import type { PassphraseOptions } from '../../src/crypto/index.js'
import { aesGcm, passphraseKey } from '../../src/crypto/index.js'
import { rejectionOf, tab } from './tab.js'

const CONTEXT = '["acme-chat","token",1]'
const damaged = 'seal: does not open'

const openPage = (text = 'correct horse', options: PassphraseOptions = {}) => aesGcm(passphraseKey(text, { iterations: 1000, env: tab(), ...options }))

/** How often keys are derived from now on. */
const derivations = () => vi.spyOn(crypto.subtle, 'deriveKey')

describe('a passphrase', () => {
  test('opens on any page what it sealed on one, and no other opens it', async () => {
    const sealed = await openPage().seal('abc', CONTEXT)
    expect(await openPage().open(sealed, CONTEXT)).toBe('abc')
    expect((await rejectionOf(openPage('correct horsf').open(sealed, CONTEXT))).message).toBe(damaged)
  })

  test('is the same from every keyboard: composed or not', async () => {
    const sealed = await openPage('caf\u00e9').seal('abc', CONTEXT)
    expect(await openPage('cafe\u0301').open(sealed, CONTEXT)).toBe('abc')
  })

  test('goes through PBKDF2 with 600,000 rounds and a random salt of 16 bytes, which stand in the text', async () => {
    const derive = derivations()
    const sealed = await aesGcm(passphraseKey('correct horse')).seal('abc', CONTEXT)
    expect(derive.mock.calls[0]![0]).toMatchObject({ name: 'PBKDF2', hash: 'SHA-256', iterations: 600_000 })
    derive.mockRestore()
    expect(sealed).toMatch(/^1600000-[A-Za-z0-9+/]{22}==\./)
    const { createDecipheriv, pbkdf2Sync } = await import('node:crypto')
    const [head = '', body = ''] = sealed.split('.')
    const key = pbkdf2Sync('correct horse', Buffer.from(head.split('-')[1]!, 'base64'), 600_000, 32, 'sha256')
    const all = Buffer.from(body, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', key, all.subarray(0, 12)).setAAD(Buffer.from(`${head}.${CONTEXT}`)).setAuthTag(all.subarray(-16))
    expect(Buffer.concat([decipher.update(all.subarray(12, -16)), decipher.final()]).toString()).toBe('abc')
  })

  test('is derived once for a page, and pages that read first go on with the salt they found', async () => {
    const first = openPage()
    const sealed = await Promise.all(Array.from({ length: 10 }, () => first.seal('abc', CONTEXT)))
    expect(new Set(sealed.map((text) => text.split('.')[0])).size).toBe(1)
    const derive = derivations()
    const next = openPage()
    await Promise.all(sealed.map((text) => next.open(text, CONTEXT)))
    expect((await next.seal('def', CONTEXT)).split('.')[0]).toBe(sealed[0]!.split('.')[0])
    expect(derive).toHaveBeenCalledTimes(1)
    derive.mockRestore()
  })

  test('goes on with no salt that it did not open a text with, nor with one of fewer rounds', async () => {
    const other = await openPage('other').seal('abc', CONTEXT)
    const weak = await openPage(undefined, { iterations: 10 }).seal('abc', CONTEXT)
    const page = openPage()
    await rejectionOf(page.open(other, CONTEXT))
    expect(await page.open(weak, CONTEXT)).toBe('abc')
    const head = (await page.seal('abc', CONTEXT)).split('.')[0]!
    expect(head.startsWith('11000-')).toBe(true)
    expect(head).not.toBe(other.split('.')[0])
  })

  test('takes a new salt on `rotate`, and opens the texts of before', async () => {
    const page = openPage()
    const before = await page.seal('abc', CONTEXT)
    await page.rotate!()
    expect(await page.open(before, CONTEXT)).toBe('abc')
    const after = await page.seal('abc', CONTEXT)
    expect(after.split('.')[0]).not.toBe(before.split('.')[0])
    expect(await openPage().open(after, CONTEXT)).toBe('abc')
  })
})

describe('a text that is hostile', () => {
  test.each(['4001-', '9007199254740993-', '1e9-', 'Infinity-', '0-', '-1-', 'NaN-', '-', '', '0x10-', ' 5-'])('does not make the page compute for %j rounds', async (rounds) => {
    const derive = derivations()
    const [, salt = '', body = ''] = /-(.*)\.(.*)$/.exec(await openPage().seal('abc', CONTEXT)) ?? []
    derive.mockClear()
    const page = openPage()
    expect((await rejectionOf(page.open(`1${rounds}${salt}.${body}`, CONTEXT))).message).toBe(damaged)
    const asked = derive.mock.calls.map(([algorithm]) => (algorithm as Pbkdf2Params).iterations)
    derive.mockRestore()
    for (const iterations of asked) expect(iterations).toBeLessThanOrEqual(4000)
  })

  test('with up to four times the rounds opens, because the page may have asked for more once', async () => {
    const sealed = await openPage(undefined, { iterations: 4000 }).seal('abc', CONTEXT)
    expect(await openPage().open(sealed, CONTEXT)).toBe('abc')
  })

  test('of another salt each time does not fill the page’s memory, and texts of ours still open', async () => {
    const page = openPage()
    const sealed = await page.seal('abc', CONTEXT)
    for (let index = 0; index < 40; index++) {
      const salt = btoa(String.fromCharCode(...new Uint8Array(16).fill(index)))
      await rejectionOf(page.open(`11-${salt}.${sealed.split('.')[1]}`, CONTEXT))
    }
    expect(await page.open(sealed, CONTEXT)).toBe('abc')
  })
})

test('arguments that are wrong are refused at once, and the passphrase is not repeated', () => {
  for (const text of ['', undefined, null, 5, {}]) expect(() => passphraseKey(text as string)).toThrow(new TypeError('text: no passphrase'))
  for (const iterations of [0, -1, 1.5, NaN, Infinity, 1e7 + 1, '5']) {
    expect(() => passphraseKey('correct horse', { iterations: iterations as number })).toThrow(/^iterations: /)
  }
})
