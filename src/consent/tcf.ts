import type { Consent } from '../contracts.js'
import { check } from '../origins.js'
import type { Cmp } from './cmp-api.js'
import { findCmp } from './cmp-api.js'
import type { ConsentEnv } from './env.js'
import type { Granted } from './tc-data.js'
import { parseTcData } from './tc-data.js'
import { calm, createProvider } from './providing.js'

/** What `tcf` takes. */
export interface TcfOptions {
  /** Your ID in the Global Vendor List. */
  vendor: number
  /** The purposes that each category needs beside purpose 1, by their numbers; `[]` for none. A category that is not here is not known. */
  purposes: Readonly<Record<string, readonly number[]>>
  /** What holds where no CMP has shown up within `deadline`. Default `'wait'`. One that comes later is asked all the same. */
  absent?: 'wait' | 'allow' | 'deny'
  /** How long to look for a CMP, every tenth of a second, in ms. Default 10,000. */
  deadline?: number
  env?: ConsentEnv
}

/** How often it is looked for, in ms. */
const STEP = 100

const isId = (id: unknown): boolean => Number.isInteger(id) && (id as number) > 0

/**
 * Consent as a CMP of the IAB's TCF v2.2 has it, in this window or in one above. A category is granted where purpose 1,
 * each of its own purposes and the vendor have consent, and where the GDPR does not apply. Until the visitor has chosen,
 * now or on an earlier visit, nothing is known. Nothing is touched before it is asked or watched.
 *
 * @example
 * import { tcf } from 'holdfast/consent'
 * const consent = tcf({ vendor: 999, purposes: { analytics: [1, 8] } })
 * consent.allows('analytics') // => undefined
 */
export const tcf = ({ vendor, purposes, absent = 'wait', deadline = 10_000, env = globalThis }: TcfOptions): Consent => {
  const needs = Object.entries(purposes)
  check(isId(vendor), 'vendor', '1')
  for (const [category, ids] of needs) check(Array.isArray(ids) && ids.every(isId), 'purposes.' + category, '[1]')
  check(/^(wait|allow|deny)$/.test(absent), 'absent', 'wait')
  check(deadline > 0, 'deadline', '1')

  let answers: Granted
  let cmp: Cmp | undefined
  /** There once it was looked for in vain. */
  let timer: unknown

  const settle = (next: Granted): void => {
    answers = next
    tell()
  }
  const connect = (): void => {
    if (cmp) return
    cmp = findCmp(env, (data) => {
      const next = parseTcData(data, vendor, needs)
      if (next) settle(next)
    })
    if (!cmp) return
    // What `absent` said is over.
    settle(undefined)
    cmp.begin()
  }
  const look = (left: number): void => {
    calm(connect)
    if (left > 0 && !cmp) timer = (env.setTimeout ?? setTimeout)(() => look(left - STEP), STEP)
    else if (!cmp) settle(absent === 'wait' ? undefined : absent === 'allow')
  }
  const start = (): (() => void) => {
    // Each further question looks once, also when the time is over.
    if (timer) calm(connect)
    else look('parent' in env ? deadline : 0)
    return () => {
      ;(env.clearTimeout ?? clearTimeout)(timer as never)
      calm(() => cmp!.leave())
      timer = cmp = undefined
    }
  }
  const { tell, ...consent } = createProvider(
    (category) => {
      start()
      return typeof answers === 'object' ? answers[category] : answers
    },
    () => answers,
    start,
  )
  return consent
}
