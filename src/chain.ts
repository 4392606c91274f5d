import { createFind } from './find.js'
import { createPut } from './put.js'
import type { Ground } from './route.js'

/** Several tiers that look like one. */
export const createChain = (ground: Ground) => ({ ...createFind(ground), put: createPut(ground) })

export type Chain = ReturnType<typeof createChain>
