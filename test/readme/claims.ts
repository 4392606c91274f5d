import { fences } from '../examples/extract.js'

/** What README.md says that can be checked, as pure functions of its text. */

export interface Figure {
  written: string
  bytes: number
  /** How far the truth may be from what is written, given how exactly it is written. */
  tolerance: number
}

/** The commands of its shell blocks, in order. */
export function commandsOf(text: string): string[] {
  return fences(text)
    .filter(({ info }) => /^(sh|bash|shell|console)\b/.test(info))
    .flatMap(({ code }) => code.split('\n'))
    .map((line) => line.replace(/^\s*\$\s/, '').replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** Sizes in lines that speak of brotli: '2,500 B', '2.5 kB', '2500 bytes'. A kB is 1,000 bytes. */
export function figuresOf(text: string): Figure[] {
  return text
    .split('\n')
    .filter((line) => /brotli/i.test(line))
    .flatMap((line) => [...line.matchAll(/(\d[\d,]*(?:\.\d+)?)\s*(kB|KB|B|bytes)\b/g)])
    .map(([written, digits = '', unit = '']) => {
      const scale = /^k/i.test(unit) ? 1_000 : 1
      const decimals = digits.split('.')[1]?.length ?? 0
      return { written, bytes: Math.round(Number(digits.replaceAll(',', '')) * scale), tolerance: scale === 1 ? 0 : (scale / 10 ** decimals) / 2 }
    })
}

/** The figures that are neither a limit nor, as exactly as they are written, a size that was measured. */
export function untrueFigures(figures: Figure[], budgets: readonly { limit: number; size: number }[]): string[] {
  return figures.filter((figure) => !budgets.some((budget) => agrees(figure, budget))).map(({ written }) => written)
}

/** The budgets of which no figure tells. */
export function untoldBudgets<T extends { name: string; limit: number; size: number }>(figures: Figure[], budgets: readonly T[]): string[] {
  return budgets.filter((budget) => !figures.some((figure) => agrees(figure, budget))).map(({ name, limit, size }) => `${name}: ${size} B measured, at most ${limit} B`)
}

function agrees({ bytes, tolerance }: Figure, { limit, size }: { limit: number; size: number }): boolean {
  return bytes === limit || Math.abs(bytes - size) <= tolerance
}
