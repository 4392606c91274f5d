import type { Chain } from './chain.js'
import { isStorageError } from './errors.js'
import type { Emitter } from './events.js'
import type { Term } from './lifetime.js'
import type { Way } from './options.js'
import type { Values } from './values.js'

/** What a key takes over from older code. */
export interface AdoptionGround {
  declared: readonly Way[]
  chain: Chain
  values: Values
  place(way: Way, text: string, term: Term): Promise<unknown>
  emit: Emitter['emit']
}

export const createAdoption = ({ declared, chain, values, place, emit }: AdoptionGround) => {
  /** Keys that may still take over what older code left. */
  const young = new Set(declared.filter(({ adopt }) => adopt))
  return {
    waits: (way: Way): boolean => young.has(way),
    /** What older code left is written, and only then taken away where it was. */
    async adopt(way: Way): Promise<void> {
      if (!young.has(way)) return
      const old = way.adopt!
      try {
        const value = await old.read()
        if (value !== undefined) {
          if (!(await chain.find(way)).copies[0]) await place(way, await values.admit(way, values.encode(way.key, value)), way.term(value))
          await old.remove()
        }
      } catch (cause) {
        // It stays where it is until a tier takes it. One that is not what the rule declares is reported.
        if (isStorageError(cause) && cause.code !== 'unencodable') return
        emit('corrupt', { key: way.key, tier: old.tier ?? 'adopt' })
      }
      young.delete(way)
    },
    /** What was not taken over by now goes where it is. */
    async disown(): Promise<void> {
      for (const way of young) await way.adopt!.remove()
    },
  }
}

export type Adoptions = ReturnType<typeof createAdoption>
