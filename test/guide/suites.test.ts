import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fromMarkdown } from '../examples/extract.js'

/** The suites that docs/testing.md shows are run as they stand: these files hold them letter for letter. */
test.each(['widget', 'own-tier'])('the suite of %s.test.ts is the one that docs/testing.md shows', (name) => {
  const shown = fromMarkdown('docs/testing.md', readFileSync('docs/testing.md', 'utf8')).filter(({ runs }) => !runs)
  expect(shown).toHaveLength(2)
  expect(shown.map(({ code }) => code.trim())).toContain(readFileSync(`test/guide/${name}.test.ts`, 'utf8').trim())
})
