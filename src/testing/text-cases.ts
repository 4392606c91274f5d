import type { TierCase } from './case-ground.js'
import { entryFor, expectEqual, freshPrefix, opened } from './case-ground.js'

const ODD = ['__proto__', 'constructor', 'hasOwnProperty', 'a;b', 'a=b', 'a,b', 'a"b', 'a\\b', 'a b', ' a', 'a ', 'a\0b', 'a\r\nb', 'a\tb', '100%', '%41', 'A', 'é中', '🪸', '.', '..', '~', 'length', 'key']

const LONG = 'x'.repeat(2000)

/** Names and texts are kept as they are, whatever they hold. */
export const textCases: readonly TierCase[] = [
  {
    title: 'odd names are kept apart and read back',
    async run(make) {
      const tier = await opened(make)
      const prefix = freshPrefix()
      const names = ODD.map((odd) => prefix + odd)
      const outcomes = await tier.write(names.map((name, index) => ({ name, entry: entryFor(tier.traits, String(index), 5) })))
      expectEqual([...outcomes], names.map(() => undefined), 'the outcomes')
      const entries = await tier.read(names)
      expectEqual(entries.map((entry) => entry?.text), names.map((_, index) => String(index)), 'the texts')
      expectEqual((await tier.names(prefix)).sort(), [...names].sort(), 'the names')
    },
  },
  {
    title: 'odd texts read back unit for unit',
    async run(make) {
      const tier = await opened(make)
      const prefix = freshPrefix()
      const texts = [...ODD, '', '1234567890123456', 'null', '{"a":[1,"é"]}', 'hf1', 'hf13.x.1...y', 'hfc.1.2.3', LONG]
      const names = texts.map((_, index) => prefix + index)
      await tier.write(names.map((name, index) => ({ name, entry: entryFor(tier.traits, texts[index]!, 5) })))
      expectEqual((await tier.read(names)).map((entry) => entry?.text), texts, 'the texts')
    },
  },
  {
    title: 'a long name is kept whole, or refused alone',
    async run(make) {
      const tier = await opened(make)
      const prefix = freshPrefix()
      const long = prefix + 'n'.repeat(10_000)
      const [outcome, neighbour] = await tier.write([
        { name: long, entry: entryFor(tier.traits, 'x', 5) },
        { name: prefix + 'a', entry: entryFor(tier.traits, 'A', 5) },
      ])
      const [entry, other] = await tier.read([long, prefix + 'a'])
      expectEqual([neighbour, other?.text], [undefined, 'A'], 'the neighbour')
      expectEqual(entry?.text, outcome === undefined ? 'x' : undefined, 'the text')
    },
  },
]
