import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ROOT } from './package/built.js'
import { commandsOf, figuresOf, untoldBudgets, untrueFigures } from './readme/claims.js'
import { BUDGETS, sizeOf } from './size/budgets.js'

describe('README.md', async () => {
  const path = `${ROOT}README.md`
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const budgets = await Promise.all(BUDGETS.map(async (budget) => ({ ...budget, size: await sizeOf(budget) })))

  test('is there', () => {
    expect(existsSync(path)).toBe(true)
  })

  test('shows first how to see the demo, then how to run the tests', () => {
    expect(commandsOf(text).slice(0, 2)).toEqual(['npm ci && npm run demo', 'npm ci && npm test'])
  })

  test('names no size in brotli that is neither a limit nor measured', () => {
    expect(untrueFigures(figuresOf(text), budgets)).toEqual([])
  })

  test('tells the size of each way to use the package, in a line that says brotli', () => {
    expect(untoldBudgets(figuresOf(text), budgets)).toEqual([])
  })
})

describe('a claim of a README', () => {
  const budgets = [{ name: 'small', limit: 2_500, size: 2_312 }, { name: 'large', limit: 5_500, size: 5_104 }]

  test('is a command in a shell block, without prompt or comment', () => {
    const page = '```sh\n# see it\n$ npm ci && npm run demo\nnpm ci && npm test   # all of it\n```\n```js\nnpm()\n```'
    expect(commandsOf(page)).toEqual(['npm ci && npm run demo', 'npm ci && npm test'])
  })

  test.each([
    ['2,500 B brotli', []],
    ['2.3 kB, brotli', []],
    ['5.10 kB (Brotli)', []],
    ['2312 bytes of brotli', []],
    ['2.4 kB brotli', ['2.4 kB']],
    ['2,313 B brotli', ['2,313 B']],
    ['a cookie may have 4,096 bytes', []],
  ])('holds or not: %s', (line, untrue) => {
    expect(untrueFigures(figuresOf(line), budgets)).toEqual(untrue)
  })

  test('is missed where no figure tells of a budget', () => {
    expect(untoldBudgets(figuresOf('at most 2,500 B brotli'), budgets)).toEqual(['large: 5104 B measured, at most 5500 B'])
  })
})
