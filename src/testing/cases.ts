import type { Tier, Traits } from '../contracts.js'
import { batchCases } from './batch-cases.js'
import { registerCases } from './register-cases.js'
import { textCases } from './text-cases.js'

/** One sentence that every tier must make true. */
export interface TierCase {
  title: string
  /** Why the case does not concern a tier of such traits; `undefined`: it does. */
  skip?(traits: Traits): string | undefined
  /** Throws where the tier breaks it. Each call of `make` answers a tier over the same place; names are the case's own. */
  run(make: () => Tier): Promise<void>
}

/**
 * What every tier must do, as plain data: loop over it in any test runner, or in a page.
 *
 * @example
 * import { memoryTier } from 'holdfast'
 * import { tierCases } from 'holdfast/testing'
 * const tier = memoryTier()
 * for (const { skip, run } of tierCases) if (!skip?.(tier.traits)) await run(() => tier)
 */
export const tierCases: readonly TierCase[] = [...registerCases, ...batchCases, ...textCases]
