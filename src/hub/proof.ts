import { domainsOf, scopeOf } from '../tiers/cookie-scope.js'
import type { Page } from './protocol.js'
import { isHex } from './protocol.js'

/** Settles whether siblings of this page see the same partition of a hub. */
export interface Proof {
  /**
   * `true`: a page of another host has seen this mark; `false`: they see other ones, or did; `undefined`: it is not
   * known yet. With `write` the next page learns of it.
   */
  judge(mark: string | undefined, write?: boolean): boolean | undefined
  /** Takes the mark out of the brand's cookies. */
  forget(): void
}

/**
 * The hub's partition has a random mark, and a cookie of the brand's whole site says `mark|host|state`: which mark a
 * page of which host has seen last. Where two hosts have seen one mark, they share the partition (H9).
 */
export const createProof = (page: Page, hub: string): Proof => {
  const name = 'holdfast.hub.' + hub.replace(/[^\w.-]/g, '~')
  const cookies = (): string[] => page.document!.cookie.split('; ')
  /** On the widest domain that the browser accepts. */
  const put = (value: string, age: number): boolean =>
    domainsOf(page as typeof globalThis).some((domain) => {
      const pair = name + '=' + value
      page.document!.cookie = `${pair}${scopeOf('/', domain)}; SameSite=Lax; Max-Age=${age}${page.location!.protocol === 'https:' ? '; Secure' : ''}`
      return age && cookies().includes(pair)
    })

  return {
    judge(mark, write) {
      try {
        if (!mark) return
        const own = page.location!.host
        const note = (state: string): unknown => write && put(mark + '|' + own + '|' + state, 34_560_000)
        const [, known, host, state] = cookies().map((cookie) => cookie.split(/[=|]/)).find((parts) => parts[0] === name && isHex(parts[1]) && parts[3] !== undefined) ?? []
        if (!known) note('')
        else if (known !== mark) {
          note('split')
          return false
        } else if (state === 'proven' || host !== own) {
          if (state !== 'proven') note('proven')
          return true
        } else if (state) return false
      } catch {} // no cookies here: nothing can be told
      return
    },
    forget: () => void put('', 0),
  }
}
