import type { Env } from '../contracts.js'

/** Where a cookie is kept: one of a name for each domain and path (RFC 6265 §5.3). No domain: host-only. */
export const scopeOf = (path: string, domain?: string): string => '; Path=' + path + (domain ? '; Domain=' + domain : '')

/** The host and its parents, the widest first; none where a host has no parent (an IP address, `localhost`). */
export const domainsOf = ({ location }: Env): string[] => {
  const { hostname = '' } = location ?? {}
  const labels = (/[a-z]/.test(hostname) ? hostname : '').split('.')
  return labels.map((_, index) => labels.slice(~index).join('.')).slice(1)
}

/** Each scope in which a twin could be seen from this page. */
export const scopesOf = (env: Env, path: string): string[] => {
  let parent = ''
  const paths = new Set(['/', path])
  for (const part of env.location?.pathname.split('/').slice(1) ?? []) paths.add((parent += '/' + part)).add(parent + '/')
  return [...paths].flatMap((each) => ['', ...domainsOf(env)].map((domain) => scopeOf(each, domain)))
}
