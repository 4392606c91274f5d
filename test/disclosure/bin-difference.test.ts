import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differenceOf } from '../../src/disclosure/command-difference.js'

const difference = (was: string[], is: string[]): string[] => differenceOf(was.join('\n'), is.join('\n'), 'old', 'new').split('\n').slice(0, -1)
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`)

/** What `patch` does: the old text with the difference put in. */
const patched = (was: readonly string[], shown: readonly string[]): string[] => {
  const text: string[] = []
  let at = 0
  for (const line of shown.slice(2)) {
    const hunk = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(line)
    // As `diff` does, a hunk without old lines names the line after which it stands; here it names that where it stands.
    if (hunk) while (at < Number(hunk[1]) - 1) text.push(was[at++]!)
    else if (line.startsWith('+')) text.push(line.slice(1))
    else {
      if (was[at] !== line.slice(1)) throw new Error(`${line.slice(1)} does not stand there, but ${was[at]}`)
      if (line.startsWith(' ')) text.push(line.slice(1))
      at++
    }
  }
  return [...text, ...was.slice(at)]
}

describe('the difference of two texts', () => {
  test('is nothing where they are the same, but for line ends and what stands after the last line', () => {
    expect(differenceOf('a\nb', 'a\nb\n', 'old', 'new')).toBe('')
    expect(differenceOf('a\r\nb\r\n\r\n', 'a\nb\n', 'old', 'new')).toBe('')
  })

  test('shows each change with three lines around it, and where it stands', () => {
    const was = numbered(20)
    const is = was.flatMap((line) => (line === 'line 5' ? ['line five'] : line === 'line 15' ? [] : line))
    expect(difference(was, is)).toEqual([
      '--- old', '+++ new',
      '@@ -2,7 +2,7 @@', ' line 2', ' line 3', ' line 4', '-line 5', '+line five', ' line 6', ' line 7', ' line 8',
      '@@ -12,7 +12,6 @@', ' line 12', ' line 13', ' line 14', '-line 15', ' line 16', ' line 17', ' line 18',
    ])
  })

  test('joins changes that stand close together, and shows no more than there is', () => {
    expect(difference(['a', 'b', 'c', 'd'], ['A', 'b', 'c', 'D'])).toEqual(['--- old', '+++ new', '@@ -1,4 +1,4 @@', '-a', '+A', ' b', ' c', '-d', '+D'])
    expect(difference([''], ['a'])).toEqual(['--- old', '+++ new', '@@ -1,1 +1,1 @@', '-', '+a'])
  })

  test('makes of the old text the new one, whatever they are', () => {
    const line = fc.constantFrom('a', 'b', 'c', '', ' ', '- d', '+ e', '@@ f')
    const text = fc.array(line, { minLength: 1, maxLength: 30 }).map((lines) => [...lines, 'end'])
    fc.assert(fc.property(text, text, (was, is) => {
      const shown = difference(was, is)
      expect(shown.length ? patched(was, shown) : was).toEqual(is)
    }), { numRuns: 500 })
  })

  test('of texts too long to compare line by line is still told', () => {
    const was = Array.from({ length: 3000 }, (_, index) => `old ${index}`)
    const is = Array.from({ length: 3000 }, (_, index) => `new ${index}`)
    const shown = difference(['same', ...was], ['same', ...is])
    expect(shown.slice(0, 4)).toEqual(['--- old', '+++ new', '@@ -1,3001 +1,3001 @@', ' same'])
    expect(shown).toHaveLength(3 + 1 + 6000)
  })
})
