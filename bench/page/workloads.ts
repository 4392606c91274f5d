import type { Store } from '../stores/store.js'
import type { Work } from '../workloads.js'
import { textOf, token } from './tokens.js'

/** What a sample is made of: a part that is timed, and a check that it did what it should. */
interface Task {
  /** Comes before the clock starts. */
  prepare?(): unknown
  run(): unknown
  check(): void | Promise<void>
}

type Pair = readonly [key: string, value: string]

const large = textOf(256 * 1024)

/** A library may answer a map, values, or values in objects. */
function valuesOf(answer: unknown): unknown[] {
  const list = answer instanceof Map ? [...answer.values()] : (answer as unknown[])
  return list.map((item) => (item !== null && typeof item === 'object' ? (item as { value: unknown }).value : item))
}

export function createWorkloads(store: Store, keysHeld: number) {
  /** What was written last, by key. */
  const held = new Map<string, string>()
  let round = 0

  /** Spread over all that is held, each one once before one comes again: a prime has no divisor in common with a round number. */
  const nameOf = (index: number): string => `k${(index * 7919) % keysHeld}`
  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => nameOf(index))
  const pairs = (count: number): Pair[] => {
    round++
    return names(count).map((name, index) => [name, token(index, round)])
  }
  const note = (written: readonly Pair[]): void => written.forEach(([key, value]) => held.set(key, value))
  const expect = (key: string, got: unknown): void => {
    const wanted = held.get(key)
    if (got !== wanted) throw new Error(`${key} holds ${String(got).slice(0, 20)} …, not ${String(wanted).slice(0, 20)} …`)
  }
  const expectAll = (keys: readonly string[], answers: readonly unknown[]): void => {
    if (answers.length !== keys.length) throw new Error(`${answers.length} answers to ${keys.length} questions`)
    keys.forEach((key, index) => expect(key, answers[index]))
  }

  /** One after the other; a library that answers at once is not waited for. */
  const inTurn = store.sync
    ? <Item>(items: readonly Item[], act: (item: Item) => unknown): unknown[] => items.map(act)
    : async <Item>(items: readonly Item[], act: (item: Item) => unknown): Promise<unknown[]> => {
        const answers: unknown[] = []
        for (const item of items) answers.push(await act(item))
        return answers
      }
  const together = store.sync ? inTurn : <Item>(items: readonly Item[], act: (item: Item) => unknown): Promise<unknown[]> => Promise.all(items.map(act))
  const put = ([key, value]: Pair): unknown => store.set(key, value)

  const writing = (count: number, write: (written: Pair[]) => unknown): Task => {
    const written = pairs(count)
    return {
      run: () => write(written),
      async check() {
        note(written)
        for (const index of [0, count >> 1, count - 1]) expect(nameOf(index), await store.get(nameOf(index)))
      },
    }
  }
  const reading = (keys: string[], read: (keys: string[]) => unknown): Task => {
    let answers: unknown[] = []
    return {
      async run() {
        answers = (await read(keys)) as unknown[]
      },
      check: () => expectAll(keys, valuesOf(answers)),
    }
  }

  const tasks: Record<Work, (count: number) => Task> = {
    'awaited-sets': (count) => writing(count, (written) => inTurn(written, put)),
    'concurrent-sets': (count) => writing(count, (written) => together(written, put)),
    'bulk-sets': (count) => writing(count, (written) => store.setMany!(written)),
    'hot-gets'(count) {
      const task = reading(names(count), (keys) => inTurn(keys, store.get))
      // A key is hot that this page has just read; it is so for everybody.
      return { ...task, prepare: task.run }
    },
    'concurrent-gets': (count) => reading(names(count), (keys) => together(keys, store.get)),
    'bulk-gets': (count) => reading(names(count), (keys) => store.getMany!(keys)),
    misses: (count) => reading(Array.from({ length: count }, (_, index) => `absent${index}`), async (keys) => (await inTurn(keys, store.get)).map((answer) => answer ?? undefined)),
    mixed(count) {
      const steps = pairs(count).map((pair, index) => ({ pair, writes: index % 10 === 9 }))
      let answers: unknown[] = []
      return {
        async run() {
          answers = await inTurn(steps, ({ pair, writes }) => (writes ? put(pair) : store.get(pair[0])))
        },
        check() {
          // The keys that are written are not read here.
          steps.forEach(({ pair, writes }, index) => writes || expect(pair[0], answers[index]))
          note(steps.filter(({ writes }) => writes).map(({ pair }) => pair))
        },
      }
    },
    'large-value'(count) {
      round++
      const written = Array.from({ length: count }, (_, index) => [`large${index % 4}`, `${round}.${index}.${large}`] as const)
      const both = store.sync
        ? (pair: Pair): unknown => (put(pair), store.get(pair[0]))
        : async (pair: Pair): Promise<unknown> => {
            await put(pair)
            return store.get(pair[0])
          }
      let answers: unknown[] = []
      return {
        async run() {
          answers = await inTurn(written, both)
        },
        check: () =>
          written.forEach(([key, value], index) => {
            held.set(key, value)
            expect(key, answers[index])
          }),
      }
    },
    keys(count) {
      let listed: unknown
      return {
        async run() {
          listed = await store.keys!()
        },
        check() {
          if ((listed as unknown[]).length < count) throw new Error(`${(listed as unknown[]).length} keys of ${count}`)
        },
      }
    },
    sweep(count) {
      let swept: unknown
      return {
        async run() {
          swept = await store.sweep!()
        },
        async check() {
          if (typeof swept === 'number' && swept !== count) throw new Error(`swept ${swept} of ${count}`)
          if ((await store.get('s0')) ?? undefined) throw new Error('what has expired is still there')
          expect('live', await store.get('live'))
        },
      }
    },
  }

  return {
    tasks,
    /** Stores entries `from` … `to`, in what the library has for many. */
    async fill(from: number, to: number): Promise<void> {
      const written = Array.from({ length: to - from }, (_, index) => [`k${from + index}`, token(from + index)] as const)
      if (store.setMany) await store.setMany(written)
      else await together(written, put)
      note(written)
    },
    async put(key: string, value: string): Promise<void> {
      await store.set(key, value)
      held.set(key, value)
    },
    expire: (from: number, to: number): unknown => store.expire!(Array.from({ length: to - from }, (_, index) => [`s${from + index}`, token(from + index)] as const)),
  }
}
