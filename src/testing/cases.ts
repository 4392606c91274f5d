import { batchCases } from './batch-cases.js'
import type { TierCase } from './case-ground.js'
import { registerCases } from './register-cases.js'
import { textCases } from './text-cases.js'

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
