import { domainsOf, scopeOf } from '../tiers/cookie-scope.js'
import type { Page, State } from './protocol.js'
import { isToken } from './protocol.js'

/**
 * Whether siblings of this page see the same partition of a hub. `true`: a page of another host has seen this mark;
 * `false`: they see others, or did; `undefined`: it is not known. With `write` the next page learns of it.
 */
export type Judge = (mark: State['mark'], write?: boolean) => boolean | undefined

/**
 * The hub's partition has a random mark, and a cookie of the brand's whole site says `mark|host|state`: which mark a
 * page of which host has seen last. Where two hosts have seen one mark, they share the partition (H9).
 */
export const createJudge = (page: Page, hub: string): Judge => {
  const name = 'holdfast.hub.' + hub.replace(':', '~')
  const cookies = (): string[] => page.document!.cookie.split('; ')
  /** On the widest domain that the browser accepts. */
  const put = (value: string, age: number): boolean =>
    domainsOf(page as typeof globalThis).some((domain) => {
      const pair = name + '=' + value
      page.document!.cookie = pair + scopeOf('/', domain) + '; SameSite=Lax; Max-Age=' + age + (page.location!.protocol === 'https:' ? '; Secure' : '')
      return age && cookies().includes(pair)
    })

  return (mark, write) => {
    try {
      if (!isToken(mark)) return void (write && put('', 0)) // there is nothing to be told of any more
      const own = page.location!.host
      const [, known, host, state] = cookies().map((cookie) => cookie.split(/[=|]/)).find(([key, value]) => key === name && isToken(value)) ?? []
      const next = !known ? '' : known !== mark ? 'split' : host !== own ? 'proven' : state
      if (write && (known !== mark || next !== state)) put(mark + '|' + own + '|' + next, 34560000)
      return next ? next === 'proven' : undefined
    } catch {} // no cookies here: nothing can be told
    return
  }
}
