import type { Env, Holdfast, StorageOptions, Tier } from 'holdfast'
import { createStorage, memoryTier } from 'holdfast'
import type { FakeClock, Faults } from 'holdfast/testing'
import { fakeClock, faulty, inMemory } from 'holdfast/testing'

/** One visitor's browser, all in memory: places that outlive pages, each with a plan of what goes wrong there. */
export interface Visitor {
  clock: FakeClock
  /** What goes wrong, by tier; may be changed at any time. */
  plans: Record<string, Faults>
  /** The place itself, past every fault. */
  place(name: string): Tier
  /** The tiers of one page: new objects over the old places, but for memory, which is the page's own. */
  tiers(): Tier[]
  /** A page that is loaded now, a millisecond after whatever happened before. */
  load(options?: Partial<StorageOptions>): Holdfast<Record<string, unknown>>
}

export const visitor = (...names: string[]): Visitor => {
  const clock = fakeClock()
  const plans: Record<string, Faults> = Object.fromEntries(names.map((name) => [name, {}]))
  const places = new Map(names.map((name) => [name, inMemory(name)[0]!]))
  const tiers = (): Tier[] => names.map((name) => faulty(name === 'memory' ? memoryTier() : places.get(name)!, plans[name]!))
  return {
    clock,
    plans,
    place: (name) => places.get(name)!,
    tiers,
    load(options) {
      clock.jump(1)
      return createStorage({ namespace: 'acme-chat', tiers: options?.tiers ?? tiers(), now: clock.now, env: clock.env, ...options })
    },
  }
}

/** A page's window and document, as far as they tell of the page coming back. */
export const windowOf = (clock: FakeClock) => {
  const listeners: { type: string; heard: (event: unknown) => void }[] = []
  const addEventListener = (type: string, heard: (event: unknown) => void): void => void listeners.push({ type, heard })
  const removeEventListener = (type: string, heard: (event: unknown) => void): void => {
    const index = listeners.findIndex((one) => one.type === type && one.heard === heard)
    if (index >= 0) listeners.splice(index, 1)
  }
  const document = { cookie: '', visibilityState: 'visible' as DocumentVisibilityState, addEventListener, removeEventListener }
  return {
    env: { ...clock.env, addEventListener, removeEventListener, document } as Env,
    fire: (type: string): void => listeners.filter((one) => one.type === type).forEach(({ heard }) => heard({ type: type })),
    show: (visibilityState: DocumentVisibilityState): void => {
      document.visibilityState = visibilityState
      listeners.filter(({ type }) => type === 'visibilitychange').forEach(({ heard }) => heard({ type: 'visibilitychange' }))
    },
    /** The types that somebody listens to. */
    heard: (): string[] => listeners.map(({ type }) => type).sort(),
  }
}
