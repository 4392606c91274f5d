import type { Env } from '../contracts.js'

/** Where a cookie is kept: one of a name for each domain and path (RFC 6265 §5.3). No domain: host-only. */
export const scopeOf = (path: string, domain?: string): string => '; Path=' + path + (domain ? '; Domain=' + domain : '')

/** The host and its parents, the widest first; none where a host has no parent (an IP address, `localhost`). */
export const domainsOf = ({ location }: Env): string[] => {
  const { hostname = '' } = location ?? {}
  const labels = (/[a-z]/.test(hostname) ? hostname : '').split('.')
  return labels.map((_, index) => labels.slice(~index).join('.')).slice(1)
}

/** The paths whose cookies this page can see (RFC 6265 §5.1.4); none where that is not known, as in `about:blank`. */
export const pathsOf = ({ location }: Env): string[] => {
  const { pathname = '' } = location ?? {}
  let parent = ''
  const paths = pathname.split('/').slice(1).flatMap((part) => [parent + '/', (parent += '/' + part)])
  return [...new Set(paths)].filter((each) => pathname.startsWith(each))
}

/** Each scope in which a twin could be, at these paths. */
export const scopesOf = (env: Env, paths: readonly string[]): string[] => paths.flatMap((path) => ['', ...domainsOf(env)].map((domain) => scopeOf(path, domain)))
