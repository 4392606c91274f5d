/** Malformed requests as bytes, made by a seed: what a scanner, a broken proxy or an attacker sends. */

/** Numbers below 1 that follow from the seed (mulberry32). */
const randomOf = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
}

const ORIGIN = 'https://a.brand.test'
const HEAD = `Host: chat.vendor.test\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/json\r\nX-Holdfast: 1\r\n`

export interface Flood {
  kind: string
  bytes: Uint8Array
}

/** `count` requests, kinds in turn; none of them may be answered 200 or set a cookie. */
export const floodOf = (count: number, seed: number): Flood[] => {
  const random = randomOf(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!
  const noise = (length: number): string => String.fromCharCode(...Array.from({ length }, () => below(256)))
  const word = (length: number): string => Array.from({ length }, () => pick([...'abcXYZ019._-~!|%'])).join('')
  const post = (body: string, head = HEAD, path = '/entries'): string => `POST ${path} HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`

  const kinds: Record<string, () => string> = {
    'random bytes': () => noise(1 + below(400)),
    'random bytes after a good head': () => post(noise(below(400))),
    'broken JSON': () => post('{"write":[["a","hf13.x.1...y"],{"read":["b"]}'.slice(0, below(45))),
    'no such question': () => post(pick(['null', '{"read":7}', '{"read":"a"}', '{"names":{}}', '{"names":7}', '{"write":{}}', '{"write":[[]]}', '{"write":[null]}', '{"write":[["a",null]]}', '{"write":[["a",true]]}', '{"read":[{}]}', '{"read":[[]]}', '{"read":[null]}'])),
    'prototype pollution': () => post(pick(['{"__proto__":{"read":["a"]},"read":{"length":1}}', '{"constructor":{"prototype":{"x":1}},"write":[{"__proto__":["a",1]}]}', '{"read":{"__proto__":["a"]}}', '{"write":[{"__proto__":{"name":"a","drop":1}}]}'])),
    'nested deep': () => post('['.repeat(1000 + below(20_000))),
    'too many': () => post(JSON.stringify({ read: Array(129 + below(1000)).fill(word(3)) })),
    'a body beyond its bound': () => post(' '.repeat(100_001 + below(20_000))),
    'a body that is shorter than it says': () => `POST /entries HTTP/1.1\r\n${HEAD}Content-Length: ${100 + below(1000)}\r\n\r\n{"read":["a`,
    'a body in broken chunks': () => `POST /entries HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n${pick(['zz\r\nabc\r\n', '5\r\nabc\r\n0\r\n\r\n', 'ffffffffffffffff\r\na', '3\r\n{"r\r\n'])}`,
    'two lengths': () => `POST /entries HTTP/1.1\r\n${HEAD}Content-Length: 5\r\nContent-Length: ${below(99)}\r\n\r\n{"read":["a"]}`,
    'a length and chunks': () => `POST /entries HTTP/1.1\r\n${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hub HTTP/1.1\r\n\r\n`,
    'a negative length': () => `POST /entries HTTP/1.1\r\n${HEAD}Content-Length: -${1 + below(99)}\r\n\r\n`,
    'a giant header': () => post('{"read":["a"]}', HEAD + `Cookie: ${'a=' + word(20)}; ${'b'.repeat(17_000 + below(20_000))}\r\n`),
    'thousands of headers': () => post('{"read":["a"]}', HEAD + Array.from({ length: 2500 }, (_, index) => `X-${index}: ${word(3)}\r\n`).join('')),
    'a header split in two': () => post('{"read":["a"]}', `Host: a\r\nOrigin: ${ORIGIN}\r\n Set-Cookie: a=b\r\nX-Holdfast\r\n: 1\r\n`),
    'a split in the origin': () => post('{"read":["a"]}', `Host: a\r\nOrigin: https://a.brand.test%0d%0aSet-Cookie: a=b\r\nContent-Type: application/json\r\nX-Holdfast: 1\r\n`),
    'control characters in a header': () => post('{"read":["a"]}', HEAD + `Cookie: a=${pick(['\0', '\x01', '\x7f', '\n', '\r'])}b\r\n`),
    'a method of its own': () => `${pick(['TRACE', 'CONNECT', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'get', 'BREW', word(5), noise(3)])} ${pick(['/entries', '/hub', '/', '*', word(8)])} HTTP/1.1\r\n${pick([HEAD, 'Host: a\r\n'])}\r\n`,
    'a target that is no path': () => `POST ${pick(['http://[', '//', '/../entries/..', 'entries', '/entries/' + word(6), '/%00', '/%2e%2e/entries%2f', '/' + 'a'.repeat(9000), '?', '#/entries', 'https://evil.test:99999/entries'])} HTTP/1.1\r\n${HEAD}Content-Length: 2\r\n\r\n{}`,
    'a version of its own': () => `POST /entries HTTP/${pick(['9.9', '0.9', '1.', 'x', '2.0'])}\r\n${HEAD}\r\n`,
    'no origin, or a foreign one': () => post('{"read":["a"]}', `Host: a\r\nContent-Type: application/json\r\nX-Holdfast: 1\r\n${pick(['', 'Origin: null\r\n', 'Origin: https://evil.test\r\n', `Origin: ${ORIGIN}\r\nOrigin: https://evil.test\r\n`, 'Origin: https://a.brand.test.evil.test\r\n'])}`),
    'a forged form': () => post(pick(['write=1', '{"write":[["a",1]]}', '--b\r\n\r\n--b--']), `Host: a\r\nOrigin: ${ORIGIN}\r\nContent-Type: ${pick(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=b', 'text/plain'])}\r\n`),
    'no content type': () => post('{"read":["a"]}', `Host: a\r\nOrigin: ${ORIGIN}\r\nX-Holdfast: 1\r\n`),
    'entries that are none of ours': () => post(JSON.stringify({ write: [[word(4), pick(['', 'text', 'hf1', 'hf13.x.1...y', 'hf2' + word(9), noise(9)])]] }).replace(/[^\x20-\x7e]/g, '?')),
  }
  const makers = Object.entries(kinds)
  return Array.from({ length: count }, (_, index) => {
    const [kind, make] = makers[index % makers.length]!
    return { kind, bytes: Buffer.from(make(), 'latin1') }
  })
}
