import { describe, expect, test } from 'vitest'
import { cookieJar, fakeClock } from 'holdfast/testing'

const PAGE = 'https://www.brand.test/shop/cart'

/** A page that writes cookies and tells which it sees. */
const page = (url = PAGE, jar = cookieJar()) => {
  const { document } = jar.at(url)
  return {
    jar,
    write: (...texts: string[]): void => texts.forEach((text) => (document!.cookie = text)),
    sees: (at = url): string => jar.at(at).document!.cookie,
  }
}

describe('a cookie jar', () => {
  test('gives a page its address and its cookies', () => {
    const { location } = cookieJar().at('https://www.brand.test/shop/?a=1#b')
    expect(location).toEqual({ hostname: 'www.brand.test', protocol: 'https:', pathname: '/shop/' })
    const { write, sees } = page()
    write('a=1; Path=/', 'b=2; Path=/', 'a=3; Path=/')
    expect(sees()).toBe('a=3; b=2')
  })

  test.each([
    ['is kept at 4,096 bytes of name and value', `a=${'x'.repeat(4095)}`, true],
    ['is dropped at 4,097', `a=${'x'.repeat(4096)}`, false],
    ['counts UTF-8: kept', `a=${'é'.repeat(2047)}`, true],
    ['counts UTF-8: dropped', `a=${'é'.repeat(2048)}`, false],
    ['does not count its attributes', `a=${'x'.repeat(4095)}; Path=/; SameSite=Lax; Max-Age=100`, true],
  ])('a cookie %s', (_, text, kept) => {
    const { write, sees } = page()
    write(text)
    expect(sees() !== '').toBe(kept)
  })
})

describe('a cookie jar that is given too much', () => {
  test('keeps the old value where the new one is too large', () => {
    const { write, sees } = page()
    write('a=old; Path=/', `a=${'x'.repeat(5000)}; Path=/`)
    expect(sees()).toBe('a=old')
  })

  test('ignores an attribute above 1,024 bytes, so that the cookie lands elsewhere', () => {
    const { write, sees } = page()
    write(`a=1; Path=/${'x'.repeat(1100)}`)
    expect(sees()).toBe('a=1')
    expect(sees('https://www.brand.test/')).toBe('')
  })

  test('evicts the oldest of a domain: of 181 it keeps 150', () => {
    const { write, sees } = page()
    for (let index = 0; index < 180; index++) write(`c${index}=x; Path=/`)
    expect(sees().split('; ')).toHaveLength(180)
    write('c0=rewritten; Path=/')
    expect(sees().split('; ')).toHaveLength(180)
    write('last=x; Path=/')
    const left = sees().split('; ')
    expect(left).toHaveLength(150)
    expect(left.at(-1)).toBe('last=x')
    expect(left).not.toContain('c0=rewritten')
  })
})

describe('the scope of a cookie', () => {
  test.each([
    ['https://www.brand.test/', 'brand.test', true],
    ['https://www.brand.test/', '.brand.test', true],
    ['https://www.brand.test/', 'www.brand.test', true],
    ['https://www.brand.test/', 'test', false],
    ['https://www.brand.test/', 'shop.brand.test', false],
    ['https://www.brand.test/', 'other.test', false],
    ['https://www.brand.test/', 'rand.test', false],
    ['https://www.brand.co.uk/', 'co.uk', false],
    ['https://www.brand.co.uk/', 'brand.co.uk', true],
  ])('at %s takes a cookie for %s: %s', (url, domain, taken) => {
    const { write, sees } = page(url)
    write(`a=1; Path=/; Domain=${domain}`)
    expect(sees() === 'a=1').toBe(taken)
  })

  test("shows a domain's cookie to its subdomains and a host's to nobody else", () => {
    const { write, sees } = page('https://www.brand.test/')
    write('site=1; Path=/; Domain=brand.test', 'host=1; Path=/')
    expect(sees('https://shop.brand.test/')).toBe('site=1')
    expect(sees('https://brand.test/')).toBe('site=1')
    expect(sees('https://www.brand.test/')).toBe('site=1; host=1')
    expect(sees('https://notbrand.test/')).toBe('')
  })

  test.each([
    ['/shop', '/shop', true],
    ['/shop', '/shop/cart', true],
    ['/shop', '/shopping', false],
    ['/shop/', '/shop/cart', true],
    ['/shop/', '/shop', false],
    ['/', '/anything', true],
  ])('shows a cookie for the path %s to %s: %s', (path, at, shown) => {
    const { write, sees } = page(`https://www.brand.test${path}`)
    write(`a=1; Path=${path}`)
    expect(sees(`https://www.brand.test${at}`) === 'a=1').toBe(shown)
  })
})

describe('the rules of a cookie', () => {
  test.each([
    ['__Host-a=1; Path=/; Secure', true],
    ['__Host-a=1; Path=/', false],
    ['__Host-a=1; Secure', false],
    ['__Host-a=1; Path=/shop; Secure', false],
    ['__Host-a=1; Path=/; Secure; Domain=www.brand.test', false],
    ['__host-a=1; Path=/', false],
    ['__Secure-a=1; Path=/; Secure', true],
    ['__Secure-a=1; Path=/', false],
    ['a=1; Path=/; SameSite=None', false],
    ['a=1; Path=/; SameSite=None; Secure', true],
    ['a=1; Path=/; SameSite=Lax', true],
    ['=1; Path=/', false],
    ['a; Path=/', false],
    ['a=\0; Path=/', false],
    ['a=1\n; Path=/', false],
  ])('on https takes %j: %s', (text, taken) => {
    const { write, sees } = page()
    write(text)
    expect(sees() !== '').toBe(taken)
  })

  test('drops Secure cookies on http, hides those of https there, and lets nothing replace them', () => {
    const { jar, write, sees } = page('http://www.brand.test/')
    write('a=1; Path=/; Secure')
    expect(sees()).toBe('')
    page('https://www.brand.test/', jar).write('a=secure; Path=/; Secure')
    expect(sees()).toBe('')
    write('a=plain; Path=/')
    expect(sees('https://www.brand.test/')).toBe('a=secure')
  })

  test('takes Secure cookies on localhost, as browsers do', () => {
    const { write, sees } = page('http://localhost:8080/')
    write('a=1; Path=/; Secure')
    expect(sees()).toBe('a=1')
  })
})

describe('the life of a cookie', () => {
  test('ends a cookie by its Max-Age, at once by 0, and after 400 days at most', async () => {
    const clock = fakeClock()
    const { write, sees } = page(PAGE, cookieJar({ now: clock.now }))
    write('a=1; Path=/; Max-Age=100', 'b=1; Path=/; Max-Age=99999999999', 'c=1; Path=/')
    await clock.advance(99_999)
    expect(sees()).toBe('a=1; b=1; c=1')
    await clock.advance(1)
    expect(sees()).toBe('b=1; c=1')
    await clock.advance(400 * 86_400_000)
    expect(sees()).toBe('c=1')
    write('c=; Path=/; Max-Age=0')
    expect(sees()).toBe('')
  })

  test('shows twins with the longer path first, then the older one, which a rewrite does not change', () => {
    const { write, sees } = page()
    write('a=site; Path=/; Domain=brand.test', 'a=host; Path=/', 'a=cart; Path=/shop/cart', 'a=shop; Path=/shop')
    expect(sees()).toBe('a=cart; a=shop; a=site; a=host')
    write('a=newhost; Path=/', 'a=newsite; Path=/; Domain=brand.test')
    expect(sees()).toBe('a=cart; a=shop; a=newsite; a=newhost')
  })

  test('forgets cookies without a Max-Age when the browser closes, and all of them when the user clears', () => {
    const { jar, write, sees } = page()
    write('session=1; Path=/', 'device=1; Path=/; Max-Age=100')
    jar.restart()
    expect(sees()).toBe('device=1')
    jar.clear()
    expect(sees()).toBe('')
  })

  test('drops every write without a word while it refuses', () => {
    const { jar, write, sees } = page()
    write('a=1; Path=/')
    jar.refuses = true
    write('a=2; Path=/', 'b=1; Path=/', 'a=; Path=/; Max-Age=0')
    expect(sees()).toBe('a=1')
    jar.refuses = false
    write('a=2; Path=/')
    expect(sees()).toBe('a=2')
  })
})
