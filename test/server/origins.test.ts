import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseOrigins } from '../../src/origins.js'

const siteOf = parseOrigins(['https://brand.test', 'https://*.brand.test', 'https://*.shop.brand.test', 'http://*.localhost:8080', 'https://other.test:8443', 'https://*.co.test'])

describe('an allow-list of origins', () => {
  test.each([
    ['a listed origin', 'https://brand.test', 'brand.test'],
    ['one label before the name', 'https://a.brand.test', 'brand.test'],
    ['several labels before the name', 'https://a.b.brand.test', 'brand.test'],
    ['the longest pattern that the host is', 'https://shop.brand.test', 'shop.brand.test'],
    ['the longest pattern that the host is below', 'https://x.shop.brand.test', 'shop.brand.test'],
    ['a port', 'https://other.test:8443', 'other.test:8443'],
    ['http on this machine', 'http://a.localhost:8080', 'http://localhost:8080'],
  ])('knows the site of %s', (_, origin, site) => expect(siteOf(origin)).toBe(site))

  test.each([
    ['the name itself, where only a wildcard is listed', 'https://co.test'],
    ['another scheme', 'http://brand.test'],
    ['another port', 'https://a.brand.test:8443'],
    ['no port, where one is listed', 'https://other.test'],
    ['a name that ends alike', 'https://evilbrand.test'],
    ['a name that begins alike', 'https://brand.test.evil.test'],
    ['the name in a path', 'https://evil.test/.brand.test'],
    ['the name in a query', 'https://evil.test?.brand.test'],
    ['the name in a fragment', 'https://evil.test#.brand.test'],
    ['the name behind a user', 'https://evil.test\\@a.brand.test'],
    ['a user', 'https://user@a.brand.test'],
    ['a trailing slash', 'https://a.brand.test/'],
    ['a trailing dot', 'https://brand.test.'],
    ['upper case', 'https://A.brand.test'],
    ['a default port', 'https://brand.test:443'],
    ['two origins', 'https://a.brand.test, https://b.brand.test'],
    ['a line break', 'https://a.brand.test\n'],
    ['the origin of a sandbox', 'null'],
    ['nothing', ''],
  ])('knows no site of %s', (_, origin) => expect(siteOf(origin)).toBeUndefined())

  test('never takes another host for a brand, whatever stands before its name', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '.', '/', '@', ':', '?', '#', '\\', '%', '-', '*', ' ', '\n', 'é') }), (text) => {
        const origin = `https://${text}brand.test`
        const site = siteOf(origin)
        if (site !== undefined) expect(new URL(origin).hostname).toMatch(/(^|\.)brand\.test$/)
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    'https://brand.test/',
    'https://brand.test:443',
    'https://Brand.test',
    'HTTPS://brand.test',
    'https://é.test',
    'https://user@brand.test',
    'https://a.*.brand.test',
    'https://*.*.brand.test',
    'https://*brand.test',
    'https://*..brand.test',
    'https://*.com',
    'https://*',
    'https://*.10.0.0.1',
    'https://brand.test;script-src *',
    'http://brand.test',
    'http://localhost.evil.test',
    'http://evillocalhost',
    'ftp://brand.test',
    'brand.test',
    '*',
    'null',
    '',
    ' https://brand.test',
    null,
    undefined,
    7,
    {},
  ])('refuses the pattern %j and says where it stands', (pattern) => {
    expect(() => parseOrigins(['https://brand.test', pattern as string])).toThrow(RangeError)
    expect(() => parseOrigins(['https://brand.test', pattern as string])).toThrow('allow[1]')
  })

  test.each(['https://brand.test', 'https://*.brand.test', 'https://localhost', 'https://*.localhost', 'http://localhost:8080', 'http://*.localhost', 'https://brand.test:8443', 'https://xn--9ca.test', 'https://10.0.0.1', 'https://[::1]:8443'])(
    'takes the pattern %s',
    (pattern) => expect(parseOrigins([pattern])(pattern.replace('*', 'x'))).toBeTypeOf('string'),
  )

  test('that is no list is a TypeError', () => {
    expect(() => parseOrigins('https://brand.test' as never)).toThrow(TypeError)
    expect(() => parseOrigins(undefined as never)).toThrow(TypeError)
  })

  test('that is empty allows nobody', () => expect(parseOrigins([])('https://brand.test')).toBeUndefined())
})
