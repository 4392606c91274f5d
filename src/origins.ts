/** Throws a RangeError that names the option. */
export const check = (fine: unknown, option: string, like: string): void => {
  if (!fine) throw new RangeError(`${option}: not like ${like}`)
}

/** As browsers write it: lower case, without a default port, a path or a user. */
const isOrigin = (text: string): boolean => {
  try {
    return new URL(text).origin === text
  } catch {
    return false
  }
}

/** `https`, or `http` to localhost, which browsers trust as well. A wildcard stands over two labels at least: `*.com` would be everybody. */
const PATTERN = /^(https:\/\/|http:\/\/(?=(.+\.)?localhost(:|$)))(\*\.(?=[^.*:]+\.|localhost))?[\w.:[\]-]+$/

/**
 * An allow-list of origins: exact ones (`https://brand.test`), and `https://*.brand.test` for one or more labels
 * before the name, not for the name itself. Answers what tells the site of an allowed origin: what stands after `*.`
 * in the longest pattern that the host is, or is below; else its own host, with the port and a scheme that is not
 * https (`brand.test`, `http://localhost:8080`). An origin that is not allowed has no site. Throws a RangeError that
 * names the pattern.
 */
export const parseOrigins = (allow: readonly string[]): ((origin: string) => string | undefined) => {
  allow.forEach((pattern: string, index) => check(PATTERN.test(pattern) && isOrigin(pattern.replace('*', 'x')), `allow[${index}]`, 'https://*.brand.test'))
  const wild = allow
    .filter((pattern) => pattern.includes('*'))
    .sort((one, other) => other.length - one.length)
    .map((pattern) => pattern.split('*') as [head: string, tail: string])

  return (origin) => {
    if (!isOrigin(origin)) return
    const dotted = origin.replace('://', '://.')
    const covers = ([head, tail]: [string, string]): boolean => dotted.startsWith(head) && dotted.endsWith(tail)
    if (!allow.includes(origin) && !wild.some((each) => covers(each) && dotted !== each.join(''))) return
    const [head, tail] = wild.find(covers) ?? ['', '.' + origin]
    return (head + tail.slice(1)).replace('https://', '')
  }
}
