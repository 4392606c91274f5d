import { isStorageError } from '../errors.js'
import type { TierCase } from './case-ground.js'
import { entryFor, expectEqual, freshPrefix, opened, readOne, writeOne } from './case-ground.js'

/** Batches are the contract: one outcome for each change, each on its own. */
export const batchCases: readonly TierCase[] = [
  {
    title: 'a batch answers one outcome for each change, in order',
    async run(make) {
      const tier = await opened(make)
      const prefix = freshPrefix()
      await writeOne(tier, { name: prefix + 'b', entry: entryFor(tier.traits, 'later', 9) })
      const outcomes = await tier.write([
        { name: prefix + 'a', entry: entryFor(tier.traits, '1', 5) },
        { name: prefix + 'b', entry: entryFor(tier.traits, '2', 5) },
        { name: prefix + 'c', drop: 5 },
      ])
      expectEqual([...outcomes], [undefined, 9, undefined], 'the outcomes')
    },
  },
  {
    title: 'changes of one name within a batch follow one another',
    async run(make) {
      const tier = await opened(make)
      const name = freshPrefix() + 'a'
      const outcomes = await tier.write([
        { name, entry: entryFor(tier.traits, '1', 5) },
        { name, entry: entryFor(tier.traits, '2', 7) },
        { name, entry: entryFor(tier.traits, '3', 6) },
        { name, drop: 4 },
      ])
      expectEqual([...outcomes], [undefined, undefined, 7, 7], 'the outcomes')
      expectEqual((await readOne(tier, name))?.text, '2', 'the text')
    },
  },
  {
    title: 'reads answer in the order asked, repeated names included',
    async run(make) {
      const tier = await opened(make)
      const prefix = freshPrefix()
      await tier.write([
        { name: prefix + 'a', entry: entryFor(tier.traits, 'A', 5) },
        { name: prefix + 'b', entry: entryFor(tier.traits, 'B', 5) },
      ])
      const entries = await tier.read([prefix + 'b', prefix + 'none', prefix + 'a', prefix + 'b'])
      expectEqual(entries.map((entry) => entry?.text), ['B', undefined, 'A', 'B'], 'the texts')
    },
  },
  {
    title: 'an empty batch is no work',
    async run(make) {
      const tier = await opened(make)
      expectEqual([...(await tier.read([]))], [], 'the read')
      expectEqual([...(await tier.write([]))], [], 'the write')
    },
  },
  {
    title: 'names lists what begins with the prefix, tombstones included, and nothing that was dropped',
    async run(make) {
      const tier = await opened(make)
      const prefix = freshPrefix()
      await tier.write([
        { name: prefix + 'value', entry: entryFor(tier.traits, 'x', 5) },
        { name: prefix + 'tombstone', entry: entryFor(tier.traits, null, 5) },
        { name: prefix + 'dropped', entry: entryFor(tier.traits, 'x', 5) },
        { name: prefix.slice(0, -1) + 'bot.value', entry: entryFor(tier.traits, 'x', 5) },
        { name: prefix + 'dropped', drop: 5 },
      ])
      expectEqual((await tier.names(prefix)).sort(), [prefix + 'tombstone', prefix + 'value'], 'the names')
    },
  },
  {
    title: 'names with an expiry that has come are told apart, where the tier knows',
    async run(make) {
      const tier = await opened(make)
      const prefix = freshPrefix()
      const now = Date.now()
      const outcomes = await tier.write([
        { name: prefix + 'soon', entry: entryFor(tier.traits, 'x', 5, { expires: now + 60_000 }) },
        { name: prefix + 'late', entry: entryFor(tier.traits, 'x', 5, { expires: now + 600_000 }) },
        { name: prefix + 'never', entry: entryFor(tier.traits, 'x', 5) },
      ])
      expectEqual([...outcomes], [undefined, undefined, undefined], 'the outcomes')
      if (tier.expired) expectEqual(await tier.expired(prefix, now + 60_000), [prefix + 'soon'], 'the expired names')
    },
  },
  {
    title: 'an entry above maxBytes is too large alone: its neighbours are kept, and it is never cut short',
    skip: ({ maxBytes }) => (maxBytes === undefined ? 'it has no limit of its own' : undefined),
    async run(make) {
      const tier = await opened(make)
      const prefix = freshPrefix()
      const outcomes = await tier.write([
        { name: prefix + 'a', entry: entryFor(tier.traits, 'A', 5) },
        { name: prefix + 'large', entry: entryFor(tier.traits, 'x'.repeat(tier.traits.maxBytes!), 5) },
        { name: prefix + 'b', entry: entryFor(tier.traits, 'B', 5) },
      ])
      expectEqual(outcomes.map((outcome) => (isStorageError(outcome) ? outcome.code : outcome)), [undefined, 'too-large', undefined], 'the outcomes')
      const entries = await tier.read([prefix + 'a', prefix + 'large', prefix + 'b'])
      expectEqual(entries.map((entry) => entry?.text), ['A', undefined, 'B'], 'the texts')
    },
  },
  {
    title: 'a tier that says it answers at once gives no promise',
    skip: ({ sync }) => (sync ? undefined : 'it may answer late'),
    async run(make) {
      const tier = await opened(make)
      const name = freshPrefix() + 'a'
      for (const answer of [tier.write([{ name, drop: 1 }]), tier.read([name]), tier.names(name)]) if (!Array.isArray(answer)) throw new Error('it gave a promise')
    },
  },
  {
    title: 'a closed tier may be opened again, and keeps what it kept',
    async run(make) {
      const tier = await opened(make)
      const name = freshPrefix() + 'a'
      await writeOne(tier, { name, entry: entryFor(tier.traits, 'x', 5) })
      await tier.close()
      await tier.open()
      expectEqual((await readOne(tier, name))?.text, 'x', 'the text')
    },
  },
]
