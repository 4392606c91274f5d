import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isStorageError } from '../../src/errors.js'
import type { CryptoEnv, GivenKey, SealKey } from '../../src/crypto/index.js'
import { aesGcm, passphraseKey } from '../../src/crypto/index.js'
import { rejectionOf, tab } from './tab.js'

const CONTEXT = '["acme-chat","token",1800000000000]'
const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)
const k1: GivenKey = { id: 'k1', key: bytes(1) }
const k2: GivenKey = { id: 'k2', key: bytes(2) }
const damaged = 'seal: does not open'

describe('a sealed text', () => {
  test('opens to the very text, whatever it is', async () => {
    const seal = aesGcm(k1)
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (text, context) => {
        expect(await seal.open(await seal.seal(text, context), context)).toBe(text)
      }),
    )
    for (const text of ['', '\ufeffa mark of the byte order', '\0', 'é中🎉']) expect(await seal.open(await seal.seal(text, CONTEXT), CONTEXT)).toBe(text)
  })

  test('of two million characters opens, too', async () => {
    const seal = aesGcm(k1)
    const text = 'x中'.repeat(1_000_000)
    expect((await seal.open(await seal.seal(text, CONTEXT), CONTEXT)) === text).toBe(true)
  })

  test('begins with its version and key, and takes four characters for three bytes', async () => {
    const sealed = await aesGcm(k1).seal('x'.repeat(1000), CONTEXT)
    expect(sealed).toMatch(/^1k1\.[A-Za-z0-9+/]+=*$/)
    expect(sealed).toHaveLength('1k1.'.length + 4 * Math.ceil((12 + 1000 + 16) / 3))
  })

  test('has a nonce of its own: one text is never sealed alike', async () => {
    const seal = aesGcm(k1)
    const sealed = await Promise.all(Array.from({ length: 500 }, () => seal.seal('abc', CONTEXT)))
    expect(new Set(sealed.map((text) => text.slice(4, 20))).size).toBe(500)
  })

  test('is what any AES-256-GCM makes of it: a server can open it', async () => {
    const [head, body] = (await aesGcm(k1).seal('abc', CONTEXT)).split('.') as [string, string]
    const { createDecipheriv } = await import('node:crypto')
    const all = Buffer.from(body, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', bytes(1), all.subarray(0, 12)).setAAD(Buffer.from(`${head}.${CONTEXT}`)).setAuthTag(all.subarray(-16))
    expect(Buffer.concat([decipher.update(all.subarray(12, -16)), decipher.final()]).toString()).toBe('abc')
  })
})

describe('a text does not open', () => {
  const seal = aesGcm([k1, k2])
  const value = 'a token that nobody else may see'

  test('with any character flipped, added, left out, or another in its place', async () => {
    const sealed = await seal.seal(value, CONTEXT)
    const position = fc.nat(sealed.length - 1)
    const forged = fc.oneof(
      fc.tuple(position, fc.string({ minLength: 0, maxLength: 3, unit: 'binary' })).map(([at, text]) => sealed.slice(0, at) + text + sealed.slice(at + 1)),
      fc.tuple(position, fc.constantFrom(...'ABab01+/=-_. \n')).map(([at, text]) => sealed.slice(0, at) + text + sealed.slice(at)),
      fc.tuple(position, fc.nat(127)).map(([at, code]) => sealed.slice(0, at) + String.fromCharCode(code) + sealed.slice(at + 1)),
      position.map((length) => sealed.slice(0, length)),
      position.map((from) => sealed.slice(from)),
      fc.constantFrom(...'=A. \n%').map((text) => sealed + text),
    )
    await fc.assert(
      fc.asyncProperty(forged, async (text) => {
        fc.pre(text !== sealed)
        expect((await rejectionOf(seal.open(text, CONTEXT))).message).toBe(damaged)
      }),
      { numRuns: 1000 },
    )
  })

  test('with each of its characters flipped, one after the other', async () => {
    const sealed = await seal.seal(value, CONTEXT)
    for (let at = 0; at < sealed.length; at++) {
      for (const bit of [1, 2, 4, 8, 16, 32]) {
        const flipped = sealed.slice(0, at) + String.fromCharCode(sealed.charCodeAt(at) ^ bit) + sealed.slice(at + 1)
        expect((await rejectionOf(seal.open(flipped, CONTEXT))).message).toBe(damaged)
      }
    }
  })

  test('in any other context: under another name, or an older one under a newer stamp', async () => {
    const sealed = await seal.seal(value, CONTEXT)
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (context) => {
        fc.pre(context !== CONTEXT)
        expect((await rejectionOf(seal.open(sealed, context))).message).toBe(damaged)
      }),
    )
    for (const context of [CONTEXT.replace('token', 'visitor'), CONTEXT.replace('0]', '1]'), '', `k1.${CONTEXT}`]) {
      expect((await rejectionOf(seal.open(sealed, context))).message).toBe(damaged)
    }
  })

  test('with a key of another id, though it be the same key', async () => {
    const twins = aesGcm([k1, { id: 'k9', key: bytes(1) }])
    const sealed = await twins.seal(value, CONTEXT)
    expect((await rejectionOf(twins.open(sealed.replace('1k1.', '1k9.'), CONTEXT))).message).toBe(damaged)
    expect((await rejectionOf(aesGcm(k2).open(sealed, CONTEXT))).message).toBe(damaged)
    expect((await rejectionOf(aesGcm({ id: 'k1', key: bytes(7) }).open(sealed, CONTEXT))).message).toBe(damaged)
  })

  test('where the bytes are ours and the spelling is not', async () => {
    const sealed = await seal.seal('ab', CONTEXT)
    // 30 bytes make no padding, so take 29 and 28.
    for (const text of ['a', '']) {
      const padded = await seal.seal(text, CONTEXT)
      const last = padded.replace(/=+$/, '')
      const other = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
      const spelled = last.slice(0, -1) + other[(other.indexOf(last.at(-1)!) ^ 1) % 64] + padded.slice(last.length)
      expect(Buffer.from(spelled.slice(4), 'base64').equals(Buffer.from(padded.slice(4), 'base64'))).toBe(true)
      for (const twin of [spelled, last, ` ${padded}`, padded + '\n']) expect((await rejectionOf(seal.open(twin, CONTEXT))).message).toBe(damaged)
    }
    expect((await rejectionOf(seal.open(sealed.replace(/\+/g, '-').replace(/\//g, '_') + '=', CONTEXT))).message).toBe(damaged)
  })

  test('where it is none, and what is said of it does not repeat it', async () => {
    const hostile = ['', '.', '1', '1k1', '1k1.', '1k1..', '1.AAAA', '1k1.AAAA', `1k1.${'A'.repeat(38)}`, '__proto__', '1__proto__.' + 'A'.repeat(40), '1k1.%%%', 'hf11.secret', '🎉'.repeat(50), '1k1.' + 'A'.repeat(1 << 20)]
    for (const text of hostile) {
      const error = await rejectionOf(seal.open(text, CONTEXT))
      expect(error.message).toBe(damaged)
      expect(isStorageError(error)).toBe(false)
    }
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        expect((await rejectionOf(seal.open('1k1.' + text, text))).message).toBe(damaged)
      }),
    )
  })
})

describe('several keys', () => {
  test('open what each of them sealed, and the first seals', async () => {
    const old = await aesGcm(k1).seal('abc', CONTEXT)
    const both = aesGcm([k2, k1])
    expect(await both.open(old, CONTEXT)).toBe('abc')
    expect((await both.seal('abc', CONTEXT)).startsWith('1k2.')).toBe(true)
  })

  test('may be of different kinds, of one passphrase and another too', async () => {
    const env = tab()
    const [before, after] = ['one', 'other'].map((text) => passphraseKey(text, { iterations: 1000, env }))
    const old = await aesGcm(before!).seal('abc', CONTEXT)
    expect(await aesGcm([after!, before!]).open(old, CONTEXT)).toBe('abc')
    expect((await rejectionOf(aesGcm(after!).open(old, CONTEXT))).message).toBe(damaged)
  })

  test('are tried past one that cannot be had, which is told where none of the others opens', async () => {
    const away: SealKey = { current: () => Promise.reject(new Error('away')), find: () => Promise.reject(new Error('away')) }
    const seal = aesGcm([away, k1])
    expect(await seal.open(await aesGcm(k1).seal('abc', CONTEXT), CONTEXT)).toBe('abc')
    expect(await rejectionOf(seal.open(await aesGcm(k2).seal('abc', CONTEXT), CONTEXT))).toMatchObject({ code: 'locked', cause: { message: 'away' } })
    expect(await rejectionOf(seal.seal('abc', CONTEXT))).toMatchObject({ code: 'locked', cause: { message: 'away' } })
  })
})

describe('where nothing can be sealed', () => {
  const sealed = aesGcm(k1).seal('abc', CONTEXT)
  const throwing = Object.defineProperty({}, 'crypto', {
    get() {
      throw new DOMException('Denied.', 'SecurityError')
    },
  }) as CryptoEnv

  test.each<[string, CryptoEnv]>([
    ['no crypto', {}],
    ['no crypto.subtle, as on plain http', { crypto: { getRandomValues: (array) => array } }],
    ['a crypto that throws', throwing],
    ['a null crypto', { crypto: null as never }],
  ])('there is %s: both calls reject with `locked`', async (_, env) => {
    const keys = [k1, { id: 'k3', key: await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']) }, passphraseKey('abc', { env })]
    for (const key of keys) {
      const seal = aesGcm(key, { env })
      expect(await rejectionOf(seal.seal('abc', CONTEXT))).toMatchObject({ name: 'StorageError', code: 'locked' })
      expect(await rejectionOf(seal.open(await sealed, CONTEXT))).toMatchObject({ name: 'StorageError', code: 'locked' })
    }
  })

  test('crypto is looked up late: a seal made before it is there works once it is', async () => {
    const env: { crypto?: unknown } = {}
    const seal = aesGcm(k1, { env: env as CryptoEnv })
    expect(await rejectionOf(seal.seal('abc', CONTEXT))).toMatchObject({ code: 'locked' })
    env.crypto = crypto
    expect(await seal.open(await seal.seal('abc', CONTEXT), CONTEXT)).toBe('abc')
  })

  test('a key that may not seal is `locked`, and may still open', async () => {
    const may = async (use: KeyUsage): Promise<GivenKey> => ({ id: 'k1', key: await crypto.subtle.importKey('raw', new Uint8Array(32).fill(1), 'AES-GCM', false, [use]) })
    expect(await rejectionOf(aesGcm(await may('decrypt')).seal('abc', CONTEXT))).toMatchObject({ code: 'locked' })
    expect(await aesGcm(await may('decrypt')).open(await sealed, CONTEXT)).toBe('abc')
  })
})

describe('what this page has opened', () => {
  const opening = (key: number) => {
    const decrypted = vi.spyOn(crypto.subtle, 'decrypt')
    return { seal: aesGcm({ id: 'k', key: bytes(key) }), decrypts: () => decrypted.mock.calls.length }
  }
  afterEach(() => vi.restoreAllMocks())

  test('is not opened again', async () => {
    const { seal, decrypts } = opening(11)
    const sealed = await seal.seal('abc', CONTEXT)
    for (let round = 0; round < 5; round++) expect(await seal.open(sealed, CONTEXT)).toBe('abc')
    expect(decrypts()).toBe(1)
  })

  test('is not taken for what it would be elsewhere, or by another key', async () => {
    const { seal } = opening(12)
    const sealed = await seal.seal('abc', '1')
    expect(await seal.open(sealed, '1')).toBe('abc')
    for (const [text, context] of [[sealed, '2'], [sealed, ''], ['1' + sealed, ''], [sealed.slice(1), '11']] as const) expect((await rejectionOf(seal.open(text, context))).message).toBe(damaged)
    expect((await rejectionOf(aesGcm({ id: 'k', key: bytes(13) }).open(sealed, '1'))).message).toBe(damaged)
  })

  test('is not kept without end, nor where it is long', async () => {
    const { seal, decrypts } = opening(14)
    const sealed = await Promise.all(Array.from({ length: 1001 }, (_, index) => seal.seal(`value ${index}`, CONTEXT)))
    for (const text of sealed) await seal.open(text, CONTEXT)
    expect(decrypts()).toBe(1001)
    expect(await seal.open(sealed[0]!, CONTEXT)).toBe('value 0')
    expect(decrypts()).toBe(1002)
    const long = await seal.seal('x'.repeat(4096), CONTEXT)
    for (let round = 0; round < 2; round++) await seal.open(long, CONTEXT)
    expect(decrypts()).toBe(1004)
  })
})

describe("a caller's key", () => {
  test('is refused at once where it is none, and the argument named', async () => {
    const given = (id: unknown, key: unknown): GivenKey => ({ id, key }) as GivenKey
    for (const none of [[], undefined, null, 'a passphrase', [undefined], {}]) expect(() => aesGcm(none as never)).toThrow(/^keys\.id: not like k1$/)
    for (const id of ['', 'a.b', 'a b', 'é', 'x'.repeat(65), undefined, 1]) expect(() => aesGcm(given(id, bytes(1)))).toThrow(/^keys\.id: /)
    for (const key of [new Uint8Array(16), new Uint8Array(33), 'secret secret secret secret 1234', undefined, null, {}]) expect(() => aesGcm(given('k1', key))).toThrow(/^keys\.key: not of 256 bits$/)
    const short = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt', 'decrypt'])
    expect(() => aesGcm(given('k1', short))).toThrow(TypeError)
  })

  test('is imported once, however often it seals and opens', async () => {
    const imported = vi.spyOn(crypto.subtle, 'importKey')
    const seal = aesGcm(k1)
    for (let index = 0; index < 10; index++) await seal.open(await seal.seal('abc', CONTEXT), CONTEXT)
    expect(imported).toHaveBeenCalledTimes(1)
    imported.mockRestore()
  })

  test('is kept as it was given, whatever becomes of its bytes', async () => {
    const key = bytes(5)
    const seal = aesGcm({ id: 'k5', key })
    key.fill(0)
    expect(await aesGcm({ id: 'k5', key: bytes(5) }).open(await seal.seal('abc', CONTEXT), CONTEXT)).toBe('abc')
  })
})
