import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Faults } from 'holdfast/testing'
import { fakeClock, faulty, inMemory } from 'holdfast/testing'
import type { Lifetime, Tier } from '../../src/contracts.js'
import { createStorage } from '../../src/storage.js'
import { memoryTier } from '../../src/tiers/memory.js'
import { mirror } from '../../src/tiers/mirror.js'

const KEYS = ['token', 'visitor'] as const

type Step =
  | { do: 'set'; key: string; ttl: 'forever' | 'session' | 60_000 }
  | { do: 'remove' | 'take' | 'get' | 'touch'; key: string }
  | { do: 'clear' | 'sweep' | 'reload' | 'evict' | 'time' | 'heal' }
  | { do: 'fail'; which: 0 | 1; how: 'throws' | 'hangs' | 'aborts' | 'drops' | 'quota' }

const key = fc.constantFrom(...KEYS)
const some = <Do extends Step['do']>(...what: Do[]): fc.Arbitrary<Do> => fc.constantFrom(...what)
const stepsFor = (which: fc.Arbitrary<0 | 1>): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: some('set'), key, ttl: fc.constantFrom('forever' as const, 'session' as const, 60_000 as const) }) },
      { weight: 6, arbitrary: fc.record({ do: some('remove', 'remove', 'take', 'get', 'get', 'get', 'touch'), key }) },
      { weight: 4, arbitrary: fc.record({ do: some('clear', 'sweep', 'reload', 'reload', 'evict', 'time', 'heal', 'heal') }) },
      { weight: 4, arbitrary: fc.record({ do: some('fail'), which, how: fc.constantFrom('throws' as const, 'hangs' as const, 'aborts' as const, 'drops' as const, 'quota' as const) }) },
    ),
    { maxLength: 30 },
  ) as fc.Arbitrary<Step[]>

const FAULTS: Record<(Step & { do: 'fail' })['how'], Faults> = { throws: { throws: new Error('away') }, hangs: { hangs: true }, aborts: { aborts: true }, drops: { drops: 2 }, quota: { quota: 30 } }
const heal = (plan: Faults): void => void Object.keys(plan).forEach((fault) => delete (plan as Record<string, unknown>)[fault])

/** A browser with two places; the mirror's first lives by `lifetimes[0]`, its second by `lifetimes[1]`. */
const browser = (lifetimes: readonly (readonly Lifetime[])[], sync: boolean) => {
  const clock = fakeClock()
  const plans: [Faults, Faults] = [{}, {}]
  const places = lifetimes.map((each): Tier => ({ ...inMemory('cookie')[0]!, traits: { lifetimes: each, reach: 'origin', sync: true } }))
  /** A place that fails as planned, and answers at once all the while. */
  const failing = (index: 0 | 1): Tier => {
    const [place, plan] = [places[index]!, plans[index]]
    const guard = <T>(act: () => T): T => {
      if (Object.keys(plan).length) throw new Error('away')
      return act()
    }
    return sync ? { ...place, read: (names) => guard(() => place.read(names)), write: (changes) => guard(() => place.write(changes)), names: (prefix) => guard(() => place.names(prefix)) } : faulty(place, plan)
  }
  return {
    clock,
    plans,
    evict: (index: 0 | 1) => places[index]!.write((places[index]!.names('') as string[]).map((name) => ({ name, drop: Infinity }))),
    load() {
      clock.jump(1)
      return createStorage<Record<string, string>>({ namespace: 'acme-chat', tiers: [mirror(failing(0), failing(1), { env: clock.env })], now: clock.now, env: clock.env })
    },
    /** Lets time pass until it has settled; never more than a few waits. */
    async finish<T>(work: Promise<T>): Promise<T> {
      let done = false
      const note = (): void => void (done = true)
      work.then(note, note)
      await clock.advance(0)
      for (let turn = 0; turn < 50 && !done; turn++) await clock.advance(clock.next() ?? 1)
      return work
    },
  }
}

const PAIRS: [string, Lifetime[], Lifetime[]][] = [
  ['a lasting one and a lasting one', ['session', 'device'], ['device']],
  ['a lasting one and one of the session', ['session', 'device'], ['session']],
  ['two of the session', ['session'], ['session']],
]

test.each(PAIRS.flatMap(([name, one, other]) => [true, false].map((sync) => [`${name}, ${sync ? 'at once' : 'by promises'}`, one, other, sync] as const)))(
  'a mirror of %s reads as if the second never failed: what was removed or superseded does not come back',
  async (_, one, other, sync) => {
    await fc.assert(
      fc.asyncProperty(stepsFor(fc.constant(1 as const)), async (steps) => {
        const { clock, plans, evict, load, finish } = browser([one, other], sync)
        const model = new Map<string, { value: string; ends: number }>()
        const alive = (key: string): string | undefined => (model.get(key)?.ends ?? 0) > clock.now() ? model.get(key)!.value : undefined
        let storage = load()
        let count = 0
        for (const step of [...steps, { do: 'heal' } as const, { do: 'reload' } as const, ...KEYS.map((key) => ({ do: 'get' as const, key }))]) {
          clock.jump(1)
          if (step.do === 'set') {
            const value = `value ${count++}`
            const ends = step.ttl === 60_000 ? clock.now() + step.ttl : Infinity
            const receipt = await finish(storage.set(step.key, value, { ttl: step.ttl }))
            expect(receipt.tier).toBe('cookie')
            model.set(step.key, { value, ends })
          } else if (step.do === 'get') expect(await finish(storage.get(step.key))).toBe(alive(step.key))
          else if (step.do === 'take') {
            expect(await finish(storage.take(step.key))).toBe(alive(step.key))
            model.delete(step.key)
          } else if (step.do === 'remove') {
            await finish(storage.remove(step.key))
            model.delete(step.key)
          } else if (step.do === 'touch') {
            const there = alive(step.key)
            expect(!!(await finish(storage.touch(step.key)))).toBe(!!there)
            if (there) model.set(step.key, { value: there, ends: Infinity })
          } else if (step.do === 'clear') {
            await finish(storage.clear())
            model.clear()
          } else if (step.do === 'sweep') await finish(storage.sweep())
          else if (step.do === 'reload') storage = load()
          else if (step.do === 'evict') await evict(1)
          else if (step.do === 'time') await clock.advance(100_000)
          else if (step.do === 'fail') Object.assign(plans[1], FAULTS[step.how])
          else heal(plans[1])
        }
      }),
      { numRuns: 150, seed: 7 },
    )
  },
)

test.each([true, false])('whichever of the two fails, and when: once a removal has resolved, an older value is not read again while the first can be', async (sync) => {
  await fc.assert(
    fc.asyncProperty(stepsFor(fc.constantFrom(0 as const, 1 as const)), async (steps) => {
      const { clock, plans, load, finish } = browser([['session', 'device'], ['device']], sync)
      /** By key: what must not be read, and all that was ever tried since. */
      const gone = new Map<string, Set<string>>()
      const tried = new Map<string, string[]>(KEYS.map((key) => [key, []]))
      const bury = (key: string): void => void (gone.set(key, new Set([...(gone.get(key) ?? []), ...tried.get(key)!])), tried.set(key, []))
      let storage = load()
      let count = 0
      for (const step of [...steps, { do: 'heal' } as const, { do: 'reload' } as const, ...KEYS.map((key) => ({ do: 'get' as const, key }))]) {
        clock.jump(1)
        if (step.do === 'set') {
          const value = `value ${count++}`
          tried.get(step.key)!.push(value)
          await finish(storage.set(step.key, value, { ttl: step.ttl })).catch(() => {})
        } else if (step.do === 'get') {
          const firstFails = Object.keys(plans[0]).length
          const value = await finish(storage.get(step.key)).catch(() => undefined)
          if (!firstFails) expect([...(gone.get(step.key) ?? [])]).not.toContain(value)
        } else if (step.do === 'remove' || step.do === 'take') {
          const removed = step.do === 'remove' ? finish(storage.remove(step.key)) : finish(storage.take(step.key)).then((value) => (value === undefined ? Promise.reject(new Error('nothing')) : undefined))
          await removed.then(() => bury(step.key)).catch(() => {})
        } else if (step.do === 'clear') await finish(storage.clear()).then(() => KEYS.forEach(bury)).catch(() => {})
        else if (step.do === 'sweep' || step.do === 'touch') await finish(storage.sweep()).catch(() => {})
        else if (step.do === 'reload') storage = load()
        else if (step.do === 'time') await clock.advance(40_000)
        else if (step.do === 'fail') Object.assign(plans[step.which], FAULTS[step.how])
        else plans.forEach(heal)
      }
    }),
    { numRuns: 300, seed: 11 },
  )
})

test('a value that two pages removed at once is gone from both, also for a third', async () => {
  const [one, other] = [memoryTier(), memoryTier()]
  const clock = fakeClock()
  const load = () => (clock.jump(1), createStorage({ namespace: 'acme-chat', tiers: [mirror(one, other)], now: clock.now, env: clock.env }))
  await load().set('token', 'abc')
  await Promise.all([load().remove('token'), load().remove('token')])
  expect(await load().get('token')).toBeUndefined()
})
