import type { TierCase } from './case-ground.js'
import { entryFor, expectEqual, freshPrefix, opened, readOne, writeOne } from './case-ground.js'

/** Each name is a register in which the later stamp wins. */
export const registerCases: readonly TierCase[] = [
  {
    title: 'a name that was never written reads as undefined',
    async run(make) {
      const tier = await opened(make)
      expectEqual(await readOne(tier, freshPrefix() + 'a'), undefined, 'the read')
    },
  },
  {
    title: 'a value reads back with its text, stamp, lifetime, expiry and retention',
    async run(make) {
      const tier = await opened(make)
      const name = freshPrefix() + 'a'
      const entry = entryFor(tier.traits, 'text', 1_800_000_000_000.5, { expires: Date.now() + 3_600_000, retain: Date.now() + 7_200_000 })
      expectEqual(await writeOne(tier, { name, entry }), undefined, 'the outcome')
      expectEqual(await readOne(tier, name), entry, 'the read')
    },
  },
  {
    title: 'a tombstone reads back as a tombstone',
    async run(make) {
      const tier = await opened(make)
      const name = freshPrefix() + 'a'
      const entry = entryFor(tier.traits, null, 7)
      await writeOne(tier, { name, entry })
      expectEqual(await readOne(tier, name), entry, 'the read')
    },
  },
  {
    title: 'each lifetime that the tier promises reads back as it was asked',
    async run(make) {
      const tier = await opened(make)
      for (const lifetime of tier.traits.lifetimes) {
        const name = freshPrefix() + lifetime
        await writeOne(tier, { name, entry: { text: 'x', stamp: 1, lifetime } })
        expectEqual((await readOne(tier, name))?.lifetime, lifetime, 'the lifetime')
      }
    },
  },
  {
    title: 'a later stamp overwrites',
    async run(make) {
      const tier = await opened(make)
      const name = freshPrefix() + 'a'
      await writeOne(tier, { name, entry: entryFor(tier.traits, 'old', 5) })
      expectEqual(await writeOne(tier, { name, entry: entryFor(tier.traits, 'new', 6) }), undefined, 'the outcome')
      expectEqual((await readOne(tier, name))?.text, 'new', 'the text')
    },
  },
  {
    title: 'an older stamp changes nothing and is answered the later one',
    async run(make) {
      const tier = await opened(make)
      const name = freshPrefix() + 'a'
      await writeOne(tier, { name, entry: entryFor(tier.traits, 'new', 6) })
      expectEqual(await writeOne(tier, { name, entry: entryFor(tier.traits, 'old', 5.5) }), 6, 'the outcome')
      expectEqual((await readOne(tier, name))?.text, 'new', 'the text')
    },
  },
  {
    title: 'a tombstone outranks an older value and is not undone by one',
    async run(make) {
      const tier = await opened(make)
      const name = freshPrefix() + 'a'
      await writeOne(tier, { name, entry: entryFor(tier.traits, 'value', 5) })
      await writeOne(tier, { name, entry: entryFor(tier.traits, null, 6) })
      expectEqual(await writeOne(tier, { name, entry: entryFor(tier.traits, 'value', 5) }), 6, 'the outcome')
      expectEqual((await readOne(tier, name))?.text, null, 'the text')
    },
  },
  {
    title: 'a write of the same stamp may be repeated',
    async run(make) {
      const tier = await opened(make)
      const name = freshPrefix() + 'a'
      const entry = entryFor(tier.traits, 'same', 5)
      await writeOne(tier, { name, entry })
      expectEqual(await writeOne(tier, { name, entry }), undefined, 'the outcome')
      expectEqual(await readOne(tier, name), entry, 'the read')
    },
  },
  {
    title: 'a drop forgets what is stamped at or below it',
    async run(make) {
      const tier = await opened(make)
      const name = freshPrefix() + 'a'
      for (const drop of [5, 6, Infinity]) {
        await writeOne(tier, { name, entry: entryFor(tier.traits, 'x', 5) })
        expectEqual(await writeOne(tier, { name, drop }), undefined, 'the outcome')
        expectEqual(await readOne(tier, name), undefined, 'the read')
      }
    },
  },
  {
    title: 'a drop below what stands there changes nothing and is answered its stamp',
    async run(make) {
      const tier = await opened(make)
      const name = freshPrefix() + 'a'
      const entry = entryFor(tier.traits, 'x', 6)
      await writeOne(tier, { name, entry })
      expectEqual(await writeOne(tier, { name, drop: 5 }), 6, 'the outcome')
      expectEqual(await readOne(tier, name), entry, 'the read')
    },
  },
  {
    title: 'a drop of 0 forgets nothing and asks which stamp stands there',
    async run(make) {
      const tier = await opened(make)
      const name = freshPrefix() + 'a'
      expectEqual(await writeOne(tier, { name, drop: 0 }), undefined, 'the outcome where nothing is')
      await writeOne(tier, { name, entry: entryFor(tier.traits, 'x', 6) })
      expectEqual(await writeOne(tier, { name, drop: 0 }), 6, 'the outcome')
      expectEqual((await readOne(tier, name))?.text, 'x', 'the text')
    },
  },
  {
    title: 'two pages over one place see each other, and the later stamp wins',
    skip: ({ reach }) => (reach === 'page' ? 'its entries are of this page' : undefined),
    async run(make) {
      const [one, other] = [await opened(make), await opened(make)]
      const name = freshPrefix() + 'a'
      await Promise.all([writeOne(one, { name, entry: entryFor(one.traits, 'later', 6) }), writeOne(other, { name, entry: entryFor(one.traits, 'older', 5) })])
      for (const tier of [one, other]) expectEqual((await readOne(tier, name))?.text, 'later', 'the text')
    },
  },
]
