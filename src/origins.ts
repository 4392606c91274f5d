/** The parts of an origin as browsers write it; `undefined`: it is written in another way, or is none. */
const parse = (origin: string): URL | undefined => {
  try {
    const url = new URL(origin)
    if (url.origin === origin) return url
  } catch {}
  return
}

/** `https`, or `http` to this machine, which browsers trust as well. */
const isSecure = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && (/(^|\.)localhost$/.test(hostname) || hostname === '127.0.0.1' || hostname === '[::1]'))

/**
 * An allow-list of origins: exact ones (`https://brand.test`), and `https://*.brand.test` for one or more labels
 * before the name, not for the name itself. Answers what tells the site of an allowed origin: what stands after `*.`
 * in the longest pattern that the host is, or is below; else its own host, with the port and a scheme that is not
 * https (`brand.test`, `http://localhost:8080`). An origin that is not allowed has no site. Throws a RangeError that
 * names the pattern.
 */
export const parseOrigins = (allow: readonly string[]): ((origin: string) => string | undefined) => {
  const exact = new Set<string>()
  const wild: URL[] = []
  if (!Array.isArray(allow)) throw new TypeError('allow: not a list of origins')
  allow.forEach((pattern: unknown, index) => {
    const text = typeof pattern === 'string' ? pattern : ''
    const base = text.replace('://*.', '://')
    const url = parse(base)
    // A wildcard over one label is a public suffix (`*.com`); below an IP address there is nothing.
    const fits = url && isSecure(url) && !base.includes('*') && (base === text || (parse(text.replace('*', 'x')) && /^[^.]+\.|^localhost$/.test(url.hostname)))
    if (!fits) throw new RangeError(`allow[${index}]: not like 'https://brand.test' or 'https://*.brand.test'`)
    if (base === text) exact.add(text)
    else wild.push(url)
  })
  wild.sort((one, other) => other.host.length - one.host.length)

  return (origin) => {
    const url = parse(origin)
    if (!url) return
    const isBelow = (base: URL): boolean => base.protocol === url.protocol && base.port === url.port && url.hostname.length > base.hostname.length + 1 && url.hostname.endsWith('.' + base.hostname)
    if (!exact.has(origin) && !wild.some(isBelow)) return
    const site = wild.find((base) => base.origin === origin || isBelow(base)) ?? url
    return site.origin.replace('https://', '')
  }
}
