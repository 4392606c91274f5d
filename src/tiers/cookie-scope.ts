import type { Env } from '../contracts.js'

/** Where a cookie is kept: one of a name for each domain and path (RFC 6265 §5.3). */
export interface Scope {
  /** `undefined`: host-only. */
  domain: string | undefined
  path: string
}

/** The host and its parents, the widest first; none where a host has no parent (an IP address, `localhost`). */
const domainsOf = (hostname: string): string[] => {
  const labels = /[^.\d]/.test(hostname) && !hostname.includes(':') ? hostname.split('.') : []
  return labels.slice(1).map((_, index) => labels.slice(-index - 2).join('.'))
}

/** Each scope in which a twin could be seen from this page. */
export const scopesOf = ({ location }: Env, path: string): Scope[] => {
  const parts = (location?.pathname ?? '/').split('/').slice(1)
  const paths = parts.flatMap((_, index) => {
    const parent = '/' + parts.slice(0, index + 1).join('/')
    return [parent, parent + '/']
  })
  const domains = [undefined, ...domainsOf(location?.hostname ?? '')]
  return [...new Set(['/', path, ...paths])].flatMap((each) => domains.map((domain) => ({ domain, path: each })))
}

/** The widest parent domain that the browser accepts: asked once, by a cookie that is gone at once. */
export const findSite = ({ location }: Env, jar: { cookie: string }, attributes: string): string | undefined => {
  const probe = `holdfast-site-${Math.random().toString(36).slice(2)}=1`
  return domainsOf(location?.hostname ?? '').find((domain) => {
    const scope = `; Path=/; Domain=${domain}${attributes}`
    jar.cookie = probe + scope
    const accepted = jar.cookie.includes(probe)
    jar.cookie = probe + scope + '; Max-Age=0'
    return accepted
  })
}

/** Whether the host has a parent domain at all. */
export const hasSite = ({ location }: Env): boolean => domainsOf(location?.hostname ?? '').length > 0
